"""What a study tells whoever watches it. Watchers show; they never change what happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from hpt.evaluate.baselines import Baselines
from hpt.study.leaderboard import Leaderboard


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to run, known before the first trial.

    population: the trials of a generation, None where it grows. typical: the parameters of a trial of each branch, by dotted path.
    objectives: where there are several.
    """

    run: str
    folder: str
    trials: int
    population: int | None
    epochs: int
    jobs: int
    rungs: tuple[int, ...]
    typical: tuple[Mapping[str, Any], ...]
    data: str
    notices: tuple[str, ...] = ()
    baselines: Baselines = field(default_factory=dict)
    objectives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a generation stands: `training` of its trials have reached `epoch`, `ended` have ended (pruned, diverged, complete)."""

    generation: int
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


class Noted:
    """A watcher that passes on what it is told, and keeps the warnings and notices."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self.warnings: list[str] = []
        self.notices: tuple[str, ...] = ()

    def began(self, plan: Plan, leaderboard: Leaderboard) -> None:
        self.notices = plan.notices
        self._watcher.began(plan, leaderboard)

    def moved(self, progress: Progress) -> None:
        self._watcher.moved(progress)

    def recorded(self, progress: Progress, leaderboard: Leaderboard) -> None:
        self._watcher.recorded(progress, leaderboard)

    def warned(self, message: str) -> None:
        self.warnings.append(message)
        self._watcher.warned(message)

    def close(self) -> None:
        self._watcher.close()
