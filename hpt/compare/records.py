"""What a comparison records: a line for each run, a study at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from hpt.configuration.space import BRANCH
from hpt.runs.folder import Kind
from hpt.runs.trial_record import TrialRecord

Phase = Literal["constant", "search", "rerun", "test", "default"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord(TrialRecord):
    """One line of a comparison's `trials.jsonl`; its `generation` is the study, `of` how many lines a study has.

    phase: `constant` is the constant predictor, the first line of a study; `search` a setting drawn; `rerun` a promising
        one again; `test` the selected one with a fresh run, scored on the test rows; `default` the selected one with its
        optimizer's defaults, scored there too.
    run: the run index, from which initialisation and data order come.
    setting: the trial of the search whose setting this is; None for `constant` and `default`.
    seconds: CPU seconds, its share of those of its stack.
    """

    phase: Phase
    run: int
    setting: int | None
    seconds: float

    @property
    def branch(self) -> str:
        """The optimizer's branch; empty for the constant predictor."""
        return str(self.parameters.get(BRANCH, ""))


COMPARE_RUNS = Kind(
    "compare",
    RunRecord,
    ("compare", "studies"),
    lambda records: len(studies_of(records)),
    (
        "compare.studies",
        "study.timeout",
        "study.memory",
        "study.trials",
        "study.population",
        "study.sampler",
        "study.pruner",
        "name",
    ),
)


def studies_of(records: Iterable[RunRecord]) -> tuple[tuple[RunRecord, ...], ...]:
    """The records of each study, which stand one study after the other."""
    found: dict[int, list[RunRecord]] = {}
    for record in records:
        found.setdefault(record.generation, []).append(record)
    return tuple(tuple(study) for study in found.values())
