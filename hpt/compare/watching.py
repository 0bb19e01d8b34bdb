"""The progress events of a comparison. Watchers display them and have no influence on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Outline:
    """The plan of a comparison, known before the first study.

    scores: of each study recorded in an earlier process, the score in `metric` by optimizer. runs: the number in one study. margin:
    differences in `metric` below it do not matter.
    """

    run: str
    folder: str
    optimizers: tuple[str, ...]
    studies: int
    scores: tuple[Mapping[str, float], ...]
    trials: int
    runs: int
    seeds: int
    epochs: int
    jobs: int
    metric: str
    margin: float
    data: str
    notices: tuple[str, ...] = ()

    @property
    def done(self) -> int:
        """The studies recorded in an earlier process."""
        return len(self.scores)


@dataclass(frozen=True, slots=True)
class Stage:
    """The progress of the studies that run now, `first` to `last`, counted from 0.

    step: the step of the protocol they are in. trained: by optimizer, how many runs of that step have ended; of: how many it has.
    """

    first: int
    last: int
    step: str
    trained: Mapping[str, int]
    of: Mapping[str, int]


class Watcher(Protocol):
    """Receives the events of a comparison: `began` once, then `moved` and `recorded` any number of times, then `close`.

    `recorded` is told, once a study, what each optimizer scored in it.
    """

    def began(self, outline: Outline) -> None: ...

    def moved(self, stage: Stage) -> None: ...

    def recorded(self, scores: Mapping[str, float]) -> None: ...

    def warned(self, message: str) -> None: ...

    def close(self) -> None: ...
