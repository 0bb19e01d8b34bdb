"""The split of each study, prepared where it is trained on."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from hpt.configuration.config import Config
from hpt.data.tables import Table
from hpt.study.preparing import split_problem
from hpt.training.problem import Problem


class Key(NamedTuple):
    """A study's split; `test` opens its test rows."""

    study: int
    test: bool


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Splits:
    """The source of a comparison's problems: the tables go to a worker once, each split is drawn there when it is needed."""

    config: Config
    tables: tuple[Table, Table | None]

    def __call__(self, key: Hashable) -> Problem:
        study, test = key if isinstance(key, Key) else (None, False)
        if study is None:
            raise TypeError(f"{key!r} names no study")
        problem = _split(self, study)
        return replace(problem, at_end=(*problem.at_end, "test")) if test else problem


@lru_cache(maxsize=32)
def _split(splits: Splits, study: int) -> Problem:
    return split_problem(splits.config, splits.tables, (splits.config.seed, study))
