"""The folds of a study: the problem of each, prepared where it is trained on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import lru_cache

from hpt.configuration.config import Config
from hpt.data.load import Tables
from hpt.study.preparing import split_problem
from hpt.training.problem import Problem


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Folds:
    """A problem for each fold, by its number from 0: the tables go to a worker once, a fold is prepared there when it is needed.

    curves: as in `split_problem`. digest: of the configuration, of what the tables were read from, and of `curves`.
    """

    config: Config
    tables: Tables
    curves: tuple[str, ...] = ()
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        told = [self.config.resolved(), self.curves, *(table.digest for table in self.tables if table is not None)]
        object.__setattr__(self, "digest", hashlib.blake2b(json.dumps(told).encode(), digest_size=20).hexdigest())

    def __call__(self, key: Hashable) -> Problem:
        if not isinstance(key, int):
            raise TypeError(f"{key!r} is no fold")
        return _fold(self, key)


@lru_cache(maxsize=32)
def _fold(folds: Folds, fold: int) -> Problem:
    return split_problem(folds.config, folds.tables, (folds.config.seed,), curves=folds.curves, validating=fold)
