"""An evaluator of trials that are trained more than once: on each fold of the data, from several initialisations."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hpt.evaluate.protocol import Evaluator, Failure, Outcome, Request, State
from hpt.numerics.types import Floats
from hpt.training.result import TrainingResult
from hpt.training.settings import Member

Copy = TrainingResult | State
"""One training of a trial: where it stands, or its result, with which it waits for the others."""

Curves = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class RepeatedState:
    """The copies of a trial, of which one at least goes on; none has diverged. metric: the objective."""

    copies: tuple[Copy, ...]
    metric: str

    @property
    def epoch(self) -> int:
        return max(_epochs(copy) for copy in self.copies)

    def history(self) -> Curves:
        return _mean_curves(self.copies, self.epoch)

    def weights(self) -> Mapping[str, Floats]:
        return {}

    def error(self) -> float | None:
        return standard_error([_curves(copy)[self.metric][-1] for copy in self.copies])


class Repeated:
    """An `Evaluator` that takes a trial to be its copies, one for each of `keys`, all trained by `evaluator` in one call.

    keys: the data on which each copy trains. A trial's numbers are the means over its copies; it has diverged where one has; a copy that
    ended before the others counts with its last numbers. The first copy has the trial's own random stream, the others each another.
    metric: the objective, measured every epoch or at the end.
    """

    def __init__(self, evaluator: Evaluator, keys: Sequence[Hashable], metric: str) -> None:
        self._evaluator = evaluator
        self._keys = tuple(keys)
        self._metric = metric

    def evaluate(self, requests: Sequence[Request], until: int) -> Iterator[Outcome]:
        """As `Evaluator.evaluate`. Raises TypeError for a state of another evaluator."""
        copies: dict[int, list[Copy | Failure | None]] = {}
        seconds = dict.fromkeys((request.member.trial for request in requests), 0.0)
        asked: list[Request] = []
        for request in requests:
            trial, before = request.member.trial, self._before(request)
            copies[trial] = [copy if isinstance(copy, TrainingResult) else None for copy in before]
            asked += [
                replace(
                    request, member=self._member(request.member, index), data=self._keys[index], state=copy, weighted=False
                )
                for index, copy in enumerate(before)
                if not isinstance(copy, TrainingResult)
            ]
        for outcome in self._evaluator.evaluate(asked, until):
            trial, index = divmod(outcome.trial, len(self._keys))
            came_to = outcome.came_to
            # No copy is the trial, so none of their weights are its own.
            copies[trial][index] = replace(came_to, weights={}) if isinstance(came_to, TrainingResult) else came_to
            seconds[trial] += outcome.seconds
            known = [copy for copy in copies[trial] if copy is not None]
            if len(known) == len(self._keys):
                yield Outcome(trial, self._together(trial, known), seconds[trial])

    def close(self) -> None:
        """Closes the evaluator of the copies."""
        self._evaluator.close()

    def _before(self, request: Request) -> Sequence[Copy | None]:
        if request.state is None:
            return [None] * len(self._keys)
        if not isinstance(request.state, RepeatedState):
            raise TypeError(f"trial {request.member.trial} was begun by another evaluator")
        return request.state.copies

    def _member(self, member: Member, index: int) -> Member:
        initial = (*member.initial, index) if index else member.initial
        return replace(member, trial=member.trial * len(self._keys) + index, initial=initial)

    def _together(self, trial: int, copies: Sequence[Copy | Failure]) -> TrainingResult | RepeatedState | Failure:
        """What came of a trial, of whose copies each has come to something."""
        failure = next((copy for copy in copies if isinstance(copy, Failure)), None)
        if failure is not None:
            return failure
        whole = tuple(copy for copy in copies if not isinstance(copy, Failure))
        ended = [copy for copy in whole if isinstance(copy, TrainingResult)]
        diverged = min((copy for copy in ended if copy.reason == "diverged"), key=_epochs, default=None)
        if diverged is not None:
            # What the others came to must not depend on how far they happened to be trained meanwhile.
            return replace(diverged, trial=trial, history=_mean_curves(whole, diverged.epochs))
        if len(ended) < len(whole):
            return RepeatedState(whole, self._metric)
        last = max(ended, key=_epochs)
        names = [name for name in last.metrics if all(name in copy.metrics for copy in ended)]
        return TrainingResult(
            trial=trial,
            epochs=last.epochs,
            reason=last.reason,
            criterion=last.criterion,
            history=_mean_curves(ended, last.epochs),
            metrics={name: mean([copy.metrics[name] for copy in ended]) for name in names},
            weights={},
            error=standard_error([copy.metrics[self._metric] for copy in ended]),
        )


def mean(values: Sequence[float]) -> float:
    """The mean, not finite where a value is not."""
    return sum(values) / len(values)


def standard_error(values: Sequence[float]) -> float | None:
    """That of the mean of `values`, from their standard deviation with divisor n - 1; None for one value, or one that is not finite."""
    if len(values) < 2 or not all(map(math.isfinite, values)):
        return None
    centre = mean(values)
    return math.sqrt(sum((value - centre) ** 2 for value in values) / (len(values) - 1) / len(values))


def _epochs(copy: Copy) -> int:
    return copy.epochs if isinstance(copy, TrainingResult) else copy.epoch


def _curves(copy: Copy) -> Curves:
    return copy.history if isinstance(copy, TrainingResult) else copy.history()


def _mean_curves(copies: Sequence[Copy], epochs: int) -> Curves:
    """The means of the first `epochs` epochs; a copy that ended before stays where it was."""
    curves = [_curves(copy) for copy in copies]
    return {
        name: tuple(mean([of[name][min(epoch, len(of[name]) - 1)] for of in curves]) for epoch in range(epochs))
        for name in curves[0]
        if all(name in of for of in curves)
    }
