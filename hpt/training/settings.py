"""What one trial trains with: constants only, every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Settings:
    """The constants of one trial. The mappings are read, never changed.

    model: `type` and the hyperparameters of that row of `MODELS`.
    optimizer: `name` and the hyperparameters of that row of `OPTIMIZERS`.
    training: every row of `TRAINING`; `schedule` and `loss` are mappings with their `type`, or None: no schedule, the task's own
        loss; `stop` is a mapping of the criteria in force.
    Lists are tuples; `none` is None.
    """

    model: Mapping[str, Any]
    optimizer: Mapping[str, Any]
    training: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """One trial as a stack sees it: its settings and the entropy of its random streams.

    `initial` seeds initialisation and dropout, `order` the order of the training rows. Members with equal `order` share one
    gather of each batch.
    """

    trial: int
    settings: Settings
    initial: tuple[int, ...]
    order: tuple[int, ...]
