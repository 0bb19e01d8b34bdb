"""`hpt cluster-keys`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpt.cli.cluster import require_extra


def command(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write them.")]) -> None:
    """Make the certificates of a cluster: whoever holds them may use it."""
    require_extra()
    from hpt.cluster.keys import write_keys
    from hpt.terminal.stderr import tell

    write_keys(folder)
    tell(f"Keys in {folder}: copy the whole folder to each machine, and to nobody else. Next: hpt scheduler {folder}/s.json")
