"""The folds of a study: how many there are, and the problem of each, prepared where it is trained on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from hpt.configuration.config import Config
from hpt.data.drawing import Validating
from hpt.data.load import Tables
from hpt.foundation.errors import InputError
from hpt.study.preparing import split_problem
from hpt.training.problem import Problem

FEW_ROWS = 200
"""Below so many rows one validation part says too little to rank trials by."""
FEW_ROWS_ALONE = 2000
"""The same for a data file without a configuration: folds then take seconds, and all rows that do not test train what is kept."""
FOLDS = 5


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


def settled(config: Config, tables: Tables) -> tuple[Config, tuple[str, ...]]:
    """`config` with a number of folds, or none, in the place of `auto`; and what is said of it.

    Few rows get folds, unless the configuration chooses the rows that validate; as many as they allow where that is less than usual.
    """
    if config.data["folds"] != "auto":
        return config, ()
    rows, few = tables.source.rows, FEW_ROWS_ALONE if config.data_alone else FEW_ROWS
    chosen = config.data["split"] == "fixed" or tables.validation is not None or "data.validation" in config.locations
    for count in () if chosen or rows >= few else range(FOLDS, 1, -1):
        folded = with_folds(config, count)
        try:
            _all(Folds(folded, tables), count)
        except InputError:
            continue
        said = f"folds: {count}, as {rows} rows are fewer than {few}: a trial is its mean over them (data.folds)"
        return folded, (said,)
    return with_folds(config, None), ()


def with_folds(config: Config, folds: Validating | None) -> Config:
    """`config` with so many folds."""
    return replace(config, data={**config.data, "folds": folds})


def _all(folds: Folds, count: int) -> list[Problem]:
    return [folds(fold) for fold in range(count)]
