"""What a study tells whoever watches it. Watchers show; they never change what happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hpt.study.leaderboard import Leaderboard


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to run, known before the first trial. `searched` holds the dotted paths in the order of the space."""

    run: str
    folder: str
    trials: int
    population: int
    epochs: int
    jobs: int
    rungs: tuple[int, ...]
    searched: tuple[str, ...]
    data: str
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a generation stands: `training` of its trials have reached `epoch`, `ended` have ended (pruned, diverged, complete)."""

    generation: int
    generations: int
    training: int
    ended: int
    epoch: int


class Watcher(Protocol):
    """Told of a study's course, in this order: `began`, then `moved` and `recorded` as often as need be, then `close`."""

    def began(self, plan: Plan, leaderboard: Leaderboard) -> None: ...

    def moved(self, progress: Progress) -> None: ...

    def recorded(self, progress: Progress, leaderboard: Leaderboard) -> None: ...

    def warned(self, message: str) -> None: ...

    def close(self) -> None: ...
