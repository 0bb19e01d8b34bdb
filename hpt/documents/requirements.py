"""What documents say of the requirements of a gate."""

from __future__ import annotations

from collections.abc import Sequence

from hpt.analysis.requirements import Verdict
from hpt.documents.fields import Requirement


def requirements_list(verdicts: Sequence[Verdict]) -> list[Requirement]:
    """What `--json` says of them."""
    return [{"requirement": str(v.requirement), "value": v.value, "met": v.met} for v in verdicts]
