"""What decides asks, what trains answers: requests, outcomes, and the two calls between them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hpt.numerics.types import Floats
from hpt.training.result import TrainingResult
from hpt.training.settings import Member


class State(Protocol):
    """A trial that was begun and has not ended. Only the evaluator that gave it can go on from it."""

    @property
    def epoch(self) -> int:
        """Epochs trained."""
        ...

    def history(self) -> Mapping[str, tuple[float, ...]]:
        """A value an epoch of each metric that is measured every epoch."""
        ...

    def weights(self) -> Mapping[str, Floats]:
        """Its weights so far, by name; empty where the evaluator has none to show."""
        ...

    def error(self) -> float | None:
        """As in `TrainingResult`, after the last epoch."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """A trial to be taken further.

    member: the trial's number, settings and random streams. data: the key of the data that it trains on.
    state: where it was begun before. ends: whether it ends at the epoch asked for even where epochs are left; its result then
    has the reason `interrupted`.
    timed: requests that differ in it are trained apart, so that the CPU seconds of each group can be told.
    weighted: whether its weights are likely to be wanted, whatever others come to: they are sent where they are small.
    """

    member: Member
    data: Hashable = None
    state: State | None = None
    ends: bool = False
    timed: Hashable = None
    weighted: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a trial could not be trained."""

    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request: a result where the trial ended, a state to go on from where it did not, or a failure.

    seconds: the trial's share of the CPU seconds that it was trained in.
    """

    trial: int
    came_to: TrainingResult | State | Failure
    seconds: float = 0.0


class Evaluator(Protocol):
    """Takes trials to an epoch. Pure in what it returns: same requests, same outcomes, in any process, in any company."""

    def evaluate(self, requests: Sequence[Request], until: int) -> Iterator[Outcome]:
        """One outcome a request, in the order in which they come about; trials have different numbers.

        Ends early, without the rest, where the user asked to stop.
        """
        ...

    def close(self) -> None:
        """Ends what was started for it."""
        ...


def stopped(trial: int, state: State, epoch: int = -1) -> TrainingResult:
    """The result of a trial that is dropped where `state` is: the metrics of the epoch at the index `epoch`, no weights."""
    history = state.history()
    return TrainingResult(
        trial=trial,
        epochs=state.epoch,
        reason="pruned",
        criterion=None,
        history=history,
        metrics={name: values[epoch] for name, values in history.items() if name != "learning_rate"},
        weights={},
        error=state.error(),
    )
