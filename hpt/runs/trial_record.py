"""The record of one trial: a line of `trials.jsonl`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from hpt.runs.fields import AtLeast, Such

State = Literal["completed", "pruned", "diverged", "failed"]
STATES: tuple[State, ...] = ("completed", "pruned", "diverged", "failed")


def _of_one_length(history: Mapping[str, tuple[float | None, ...]]) -> bool:
    return len({len(series) for series in history.values()}) <= 1


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """One line of `trials.jsonl`. Each field is declared here alone: `hpt.runs.fields` reads and writes it, the docs list it.

    A field that a later version adds has a default, which lines without it are read with.
    """

    trial: Annotated[int, "its number, from 0; the line is the next one"]
    generation: Annotated[int, "the number of its generation, from 0"]
    of: Annotated[int, AtLeast(1), "how many trials that generation has"]
    state: Annotated[State, "how it ended"]
    epochs: Annotated[int, "epochs trained"]
    reason: Annotated[str, "why it ended"]
    criterion: Annotated[str | None, "the stopping criterion that was met"]
    value: Annotated[
        float | None,
        "the objective after the last epoch trained, or at the epoch that is kept (`training.checkpoint`), null where it is not finite",
    ]
    parameters: Annotated[
        Mapping[str, Any], "what was searched, as a user reads it, by dotted path; `optimizer` is the branch"
    ]
    coordinates: Annotated[
        Mapping[str, Any], "the same in the sampler's coordinates: 1 - x where the scale is reverse_log, an index for a list"
    ]
    metrics: Annotated[Mapping[str, float | None], "every metric at the end, null where it is not finite"]
    history: Annotated[
        Mapping[str, tuple[float | None, ...]],
        Such("as many values of each metric", _of_one_length),
        "a value an epoch of each metric that is measured every epoch",
    ] = field(default_factory=dict)
    phase: Annotated[
        str,
        Such("search or refit", ("search", "refit").__contains__),
        "`refit` where a setting was trained again with a fresh initialisation",
    ] = "search"
    setting: Annotated[int | None, "the trial that had the setting before; null in the search"] = None
    forecast: Annotated[
        float | None,
        "the objective that a model of the search expected of the setting, before it was trained again; null in the search",
    ] = None
    values: Annotated[
        tuple[float | None, ...], "the values of several objectives, in their order; empty where there is one"
    ] = ()
    value_error: Annotated[
        float | None, "the standard error of `value` over folds and initialisations, null where the trial was trained once"
    ] = None
    constraints: Annotated[
        Mapping[str, float | None],
        "how far the trial is beyond each of `study.constraints`, as a share of its limit: above 0 it is violated; null where that was"
        " not measured; of a trial that was not trained only those that it violates",
    ] = field(default_factory=dict)

    @property
    def violates(self) -> tuple[str, ...]:
        """The constraints that it does not keep."""
        if not self.constraints:
            return ()
        return tuple(text for text, excess in self.constraints.items() if excess is None or excess > 0)

    @property
    def excesses(self) -> dict[str, float]:
        """How far it is beyond each constraint; what was not measured is missed by all of its limit."""
        return {text: 1.0 if excess is None else excess for text, excess in self.constraints.items()}

    @property
    def violation(self) -> float:
        """How far it is beyond all constraints together."""
        return sum(max(excess, 0.0) for excess in self.excesses.values())

    @property
    def eligible(self) -> bool:
        """Whether it may win: it was completed, and keeps all constraints."""
        return self.state == "completed" and not self.violates
