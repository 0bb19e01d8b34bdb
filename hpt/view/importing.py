"""What `hpt import` says of the configuration that it wrote."""

from __future__ import annotations

import shlex
from pathlib import Path

from hpt.importing.imported import Imported
from hpt.view.page import Command, Facts, Page


def imported_page(made: Imported, out: Path) -> Page:
    """Where it lies, and the next command."""
    left = len(made.refused)
    facts = [str(out), f"from {made.kind}", f"{left} key{'' if left == 1 else 's'} not taken over"]
    path = shlex.quote(str(out))
    check = f"hpt check {path}, then hpt tune {path}"
    after = "" if "data" in made.configuration else "write its data, then "
    return Page([[Facts(facts, "strong")], [Command(f"Next: {after}{check}")]])
