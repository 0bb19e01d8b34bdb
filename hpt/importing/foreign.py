"""The search of another tool as plain data, whichever tool that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Constant:
    """One value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some values."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """A number from `low` to `high`, both included. log: whether its logarithm is drawn evenly. step: between values, None for none."""

    low: float
    high: float
    log: bool = False
    step: float | None = None


Search = Constant | Choice | Interval


@dataclass(frozen=True, slots=True)
class Parameter:
    """A hyperparameter: its name as steps from the outside in, `("optimizer", "lr")`, and what is tried."""

    steps: tuple[str, ...]
    search: Search

    @property
    def name(self) -> str:
        """As messages have it."""
        return ".".join(self.steps)


@dataclass(frozen=True, slots=True)
class Refused:
    """What is not taken over, and why."""

    name: str
    reason: str


@dataclass(slots=True)
class Foreign:
    """A search as another tool has it.

    kind: what the file holds, in words. name: of the search, None where it has none. metric: what it optimises, None where that has no
    name. direction: minimize or maximize, None where it does not say. target: the value at which it ends. sampler, pruner: as they are
    written here. refused, notices: what was not taken over, and what was decided, so far.
    """

    kind: str
    name: str | None = None
    metric: str | None = None
    direction: str | None = None
    target: float | None = None
    sampler: str | None = None
    pruner: dict[str, Any] | None = None
    trials: int | None = None
    parameters: list[Parameter] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def refuse(self, name: str, reason: str) -> None:
        """Says that `name` is not taken over."""
        self.refused.append(Refused(name, reason))
