"""The record of one run of a comparison: a line of its `trials.jsonl`, which grows by whole studies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from hpt.configuration.space import BRANCH
from hpt.numerics.metrics import PARTS
from hpt.numerics.types import Task
from hpt.runs.fields import Such
from hpt.runs.run_metadata import METRIC
from hpt.runs.trial_record import TrialRecord

Phase = Literal["constant", "search", "rerun", "test", "default"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord(TrialRecord):
    """One line of a comparison's `trials.jsonl`.

    A study takes the place of a generation: `generation` is the number of the study from 0, `of` the lines that each study has.
    Phases: `constant` is the baseline, the first line of a study: the best prediction that is the same for every row. `search` is a
    random setting; `rerun` is a promising one, trained again; `test` is the selected one, trained again and scored on the test
    rows; `default` is the selected one with its optimizer's hyperparameters at their defaults, scored on the test rows too.
    """

    phase: Annotated[Phase, "the step of its study"]
    run: Annotated[int, "the run index, which determines initialisation and data order"]
    setting: Annotated[int | None, "the `search` trial with the same setting; null for `constant` and `default`"]
    seconds: Annotated[float, "the CPU seconds of its stack, divided by the runs in the stack"]

    @property
    def branch(self) -> str:
        """The optimizer's branch; empty for the baseline."""
        return str(self.parameters.get(BRANCH, ""))


def _every_part(rows: Mapping[str, int]) -> bool:
    return set(rows) == set(PARTS)


@dataclass(frozen=True, slots=True)
class SetupRecord:
    """What `run.json` keeps of how a comparison measures, under `terms`, so that it can be shown without its data."""

    metric: Annotated[str, METRIC, "the one that ranks"]
    margin: Annotated[float, "differences below this do not matter"]
    data: Annotated[str, "the name of the data"]
    task: Annotated[Task, "what is predicted"]
    rows: Annotated[Mapping[str, int], Such(f"a number for each of {', '.join(PARTS)}", _every_part), "rows of each part"]


def studies_of(records: Iterable[RunRecord]) -> tuple[tuple[RunRecord, ...], ...]:
    """The records of each study, in the order of the studies."""
    found: dict[int, list[RunRecord]] = {}
    for record in records:
        found.setdefault(record.generation, []).append(record)
    return tuple(tuple(study) for study in found.values())
