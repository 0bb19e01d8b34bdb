"""What a comparison tells whoever watches it. Watchers show; they never change what happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Outline:
    """What is about to run, known before the first study.

    done: studies recorded before. runs: of one study. margin: the difference in `metric` that counts as none.
    """

    run: str
    folder: str
    optimizers: tuple[str, ...]
    studies: int
    done: int
    trials: int
    runs: int
    seeds: int
    epochs: int
    jobs: int
    metric: str
    margin: float
    data: str
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the studies in hand stand, `first` to `last`, counted from 0.

    step: what they are busy with. trained: by optimizer, how many of the step's runs have ended; of: how many there are.
    """

    first: int
    last: int
    step: str
    trained: Mapping[str, int]
    of: Mapping[str, int]


class Watcher(Protocol):
    """Told of a comparison's course: `began`, then `moved` and `recorded` as often as need be, then `close`."""

    def began(self, outline: Outline) -> None: ...

    def moved(self, stage: Stage) -> None: ...

    def recorded(self, studies: int) -> None: ...

    def warned(self, message: str) -> None: ...

    def close(self) -> None: ...
