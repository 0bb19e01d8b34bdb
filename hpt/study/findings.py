"""What a study found beside its leaderboard, as `run.json` keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from hpt.evaluate.baselines import Baselines
from hpt.runs.run_metadata import RunMetadata


@dataclass(frozen=True, slots=True)
class Findings:
    """What is shown with a leaderboard, at the end of a study and whenever its run is shown again.

    baselines: as in `hpt.evaluate.baselines`. test: what the winner is worth on the test rows, None where they were not opened.
    warnings, notices: all that was said of what may be wrong, and of what was decided. objectives: all of them, where there are
    several. matters: as `what_matters` in `hpt.study.selection` says. columns: as `ColumnInfo.document` has them.
    networks: how many are kept of the winner's setting.
    """

    baselines: Baselines
    test: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    matters: str | None = None
    columns: tuple[Mapping[str, Any], ...] = ()
    networks: int = 1

    @classmethod
    def of(cls, metadata: RunMetadata) -> Findings:
        """What `run.json` holds of it."""
        return cls(**{field.name: getattr(metadata, field.name) for field in fields(cls)})

    def metadata(self) -> dict[str, Any]:
        """What `of` reads."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
