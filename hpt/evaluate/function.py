"""An evaluator around a plain Python function."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hpt.evaluate.protocol import Failure, Outcome, Request
from hpt.numerics.types import Floats
from hpt.training.result import Reason, TrainingResult
from hpt.training.settings import Member

Function = Callable[[Member, int], float]
"""The objective of a trial after so many epochs, counted from 1. Pure: what it gives depends on nothing else."""


@dataclass(frozen=True, slots=True)
class FunctionState:
    """The values so far, one an epoch."""

    metric: str
    values: tuple[float, ...]

    @property
    def epoch(self) -> int:
        return len(self.values)

    def history(self) -> Mapping[str, tuple[float, ...]]:
        return {self.metric: self.values}

    def weights(self) -> Mapping[str, Floats]:
        return {}

    def error(self) -> float | None:
        return None


class FunctionEvaluator:
    """An `Evaluator` that asks `function` for the value of `metric`, trial by trial and epoch by epoch.

    A value that is not finite ends a trial as diverged; an exception of the function is the trial's failure.
    """

    def __init__(self, function: Function, metric: str) -> None:
        self._function = function
        self._metric = metric

    def evaluate(self, requests: Sequence[Request], until: int) -> Iterator[Outcome]:
        """As `Evaluator.evaluate`. Raises TypeError for a state of another evaluator."""
        for request in requests:
            yield Outcome(request.member.trial, self._taken(request, until))

    def close(self) -> None:
        """Does nothing: there is nothing to end."""

    def _taken(self, request: Request, until: int) -> TrainingResult | FunctionState | Failure:
        state = request.state or FunctionState(self._metric, ())
        if not isinstance(state, FunctionState):
            raise TypeError(f"trial {request.member.trial} was begun by another evaluator")
        epochs = int(request.member.settings.training["epochs"])
        values = list(state.values)
        while len(values) < min(until, epochs):
            try:
                values.append(float(self._function(request.member, len(values) + 1)))
            except Exception as error:  # noqa: BLE001  a user's function may raise anything; that trial has failed
                return Failure(f"{type(error).__name__}: {error}")
            if not math.isfinite(values[-1]):
                return self._result(request.member, values, "diverged")
        if len(values) >= epochs:
            return self._result(request.member, values, "epochs")
        return (
            self._result(request.member, values, "interrupted")
            if request.ends
            else FunctionState(self._metric, tuple(values))
        )

    def _result(self, member: Member, values: Sequence[float], reason: Reason) -> TrainingResult:
        return TrainingResult(
            member.trial, len(values), reason, None, {self._metric: tuple(values)}, {self._metric: values[-1]}, {}
        )
