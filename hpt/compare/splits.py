"""The split of each study, prepared where it is trained on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from hpt.configuration.config import Config
from hpt.data.load import Tables
from hpt.study.preparing import split_problem
from hpt.training.problem import Problem


class Key(NamedTuple):
    """A study's split; `test` opens its test rows."""

    study: int
    test: bool


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Splits:
    """A comparison's problems: the tables go to a worker once, each split is drawn there when it is needed.

    digest: of the configuration and of what the tables were read from.
    """

    config: Config
    tables: Tables
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        told = [self.config.resolved(), *(table.digest for table in self.tables if table is not None)]
        object.__setattr__(self, "digest", hashlib.blake2b(json.dumps(told).encode(), digest_size=20).hexdigest())

    def __call__(self, key: Hashable) -> Problem:
        study, test = key if isinstance(key, Key) else (None, False)
        if study is None:
            raise TypeError(f"{key!r} names no study")
        problem = _split(self, study)
        return replace(problem, at_end=(*problem.at_end, "test")) if test else problem


@lru_cache(maxsize=32)
def _split(splits: Splits, study: int) -> Problem:
    return split_problem(splits.config, splits.tables, (splits.config.seed, study))
