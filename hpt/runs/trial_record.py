"""The record of one trial: a line of `trials.jsonl`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["completed", "pruned", "diverged", "failed"]
STATES: tuple[State, ...] = ("completed", "pruned", "diverged", "failed")


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """One line of `trials.jsonl`.

    generation: its number from 0; `of`: how many trials that generation has.
    value: the objective after the last epoch trained, None where it is not finite.
    parameters: what was searched, as the user reads it, by dotted path; `optimizer` is the branch.
    coordinates: the same in the sampler's own coordinates (1 - x where the scale is reverse_log, an index for a list).
    metrics, history: as in `TrainingResult`, non-finite numbers as None.
    """

    trial: int
    generation: int
    of: int
    state: State
    epochs: int
    reason: str
    criterion: str | None
    value: float | None
    parameters: Mapping[str, Any]
    coordinates: Mapping[str, Any]
    metrics: Mapping[str, float | None]
    history: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
