"""What a configuration leaves open and the data decide: how many folds, and how many networks are kept."""

from __future__ import annotations

from dataclasses import replace

from hpt.configuration.config import Config
from hpt.data.drawing import Validating, fold_count
from hpt.data.load import Tables
from hpt.foundation.errors import InputError
from hpt.study.folds import Folds
from hpt.training.objectives import OBJECTIVES

FEW_ROWS = 200
"""Below so many rows one validation part says too little to rank trials by."""
FEW_ROWS_ALONE = 2000
"""The same for a data file without a configuration: folds then take seconds, and all rows that do not test train what is kept."""
FOLDS = 5
NETWORKS = 5
"""What chance made of one network is then a fifth of its weight; docs/real-tables.md has what that is worth."""


def settled(config: Config, tables: Tables) -> tuple[Config, tuple[str, ...]]:
    """`config` with numbers in the places of `auto`, as `tables` have it; and what is said of them."""
    folded, of_folds = _with_settled_folds(config, tables)
    found, of_networks = _with_settled_networks(folded)
    return found, (*of_folds, *of_networks)


def unsettled(config: Config) -> Config:
    """`config` where nothing is decided for the user: no folds and one network in the places of `auto`."""
    found = _with_folds(config, None) if config.data["folds"] == "auto" else config
    return _with_networks(found, 1) if found.study["networks"] == "auto" else found


def _with_settled_folds(config: Config, tables: Tables) -> tuple[Config, tuple[str, ...]]:
    """Few rows get folds, unless the configuration chooses the rows that validate; as many as they allow where that is less than usual."""
    if config.data["folds"] != "auto":
        return config, ()
    rows, few = tables.source.rows, FEW_ROWS_ALONE if config.data_alone else FEW_ROWS
    chosen = config.data["split"] == "fixed" or tables.validation is not None or "data.validation" in config.locations
    for count in () if chosen or rows >= few else range(FOLDS, 1, -1):
        folded = _with_folds(config, count)
        try:
            _try(Folds(folded, tables), count)
        except InputError:
            continue
        said = f"folds: {count}, as {rows} rows are fewer than {few}: a trial is its mean over them (data.folds)"
        return folded, (said,)
    return _with_folds(config, None), ()


def _with_settled_networks(config: Config) -> tuple[Config, tuple[str, ...]]:
    """Several are kept where a trial has folds, unless a goal beside the objective asks what one network is."""
    study = config.study
    if study["networks"] != "auto":
        return config, ()
    if not config.data_alone or fold_count(config.data) == 1 or study["constraints"] or OBJECTIVES in study:
        return _with_networks(config, 1), ()
    said = f"networks: {NETWORKS} of the winner's setting are kept, each from its own initialisation; \
their outputs are averaged (study.networks)"
    return _with_networks(config, NETWORKS), (said,)


def _with_folds(config: Config, folds: Validating | None) -> Config:
    return replace(config, data={**config.data, "folds": folds})


def _with_networks(config: Config, networks: int) -> Config:
    return replace(config, study={**config.study, "networks": networks})


def _try(folds: Folds, count: int) -> None:
    """Raises InputError where one of the folds cannot be made."""
    for fold in range(count):
        folds(fold)
