"""Settings that a space has are taken as they were recorded; any other is refused by line and field."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpt.compare.random_search import random_settings
from hpt.configuration import config as configuration
from hpt.configuration.space import SearchSpace
from hpt.foundation.errors import InputError
from hpt.runs.recorded_settings import check_prior, check_settings
from hpt.runs.records import decode, encode
from hpt.runs.trial_record import TrialRecord

SPACE = """
data: iris
model:
  hidden: {values: [[8], [{min: 4, max: 16}, 4], [8, 8]]}
  activation: {values: [relu, tanh]}
  dropout: {min: 0, max: 0.5, step: 0.1}
optimizer:
  choose:
    sgd: {learning_rate: {min: 1e-4, max: 1, scale: log}, momentum: {min: 0.5, max: 0.99, scale: reverse_log}}
    adam: {learning_rate: 0.01, betas: [0.9, {min: 0.9, max: 0.999}], weight_decay: {values: [0, 1e-3]}}
    gd: default
training: {batch_size: {min: 8, max: 64, step: 8}, clip_norm: {values: [null, 1.0]}}
"""
SETTING: dict[str, Any] = {
    "optimizer": "sgd",
    "model.hidden": 1,
    "model.hidden.1.0": 5,
    "model.activation": "tanh",
    "model.dropout": 0.30000000000000004,
    "optimizer.sgd.learning_rate": 0.1,
    "optimizer.sgd.momentum": 0.25,
    "training.batch_size": 16,
    "training.clip_norm": None,
}


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> SearchSpace:
    path = tmp_path_factory.mktemp("space") / "some.yaml"
    path.write_text(SPACE)
    return configuration.read(path, mode="tune").space


def record(space: SearchSpace, coordinates: dict[str, Any], trial: int = 0) -> TrialRecord:
    """The record of a trial, as it comes out of a file."""
    parameters = space.parameters(coordinates)
    made = TrialRecord(trial, 0, 1, "completed", 1, "epochs", None, 0.5, parameters, coordinates, {"train_loss": 0.5})
    return decode(encode(made).encode(), TrialRecord)


@pytest.mark.parametrize("label", ["sgd", "adam", "gd"])
def test_whatever_is_drawn_is_taken_as_it_was_recorded(space: SearchSpace, label: str) -> None:
    drawn = random_settings(space, label, 200, 7, 0)
    check_settings(Path("t"), space, [record(space, coordinates, trial) for trial, coordinates in enumerate(drawn)])
    alone = space.only((label,))
    unnamed = [{name: value for name, value in one.items() if name != "optimizer"} for one in drawn]
    check_settings(Path("t"), alone, [record(alone, coordinates, trial) for trial, coordinates in enumerate(unnamed)])
    check_prior(Path("t"), space, drawn)


def test_another_rounding_is_no_change(space: SearchSpace) -> None:
    made = record(space, SETTING)
    rounded = {**made.parameters, "optimizer.sgd.momentum": float(np.nextafter(0.75, 1))}
    assert made.parameters["optimizer.sgd.momentum"] == 0.75
    check_settings(Path("t"), space, [replace(made, parameters=rounded)])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("optimizer", "lion"),
        ("optimizer", ["sgd"]),
        ("optimizer", None),
        ("optimizer.sgd.learning_rate", "x"),
        ("optimizer.sgd.learning_rate", 2.0),
        ("optimizer.sgd.learning_rate", 0.0),
        ("optimizer.sgd.learning_rate", True),
        ("optimizer.sgd.learning_rate", None),
        ("optimizer.sgd.momentum", 0.75),
        ("model.hidden", 3),
        ("model.hidden", 1.0),
        ("model.hidden", [5, 4]),
        ("model.hidden.1.0", 4.5),
        ("model.activation", "gelu"),
        ("model.dropout", 0.35),
        ("training.batch_size", 0),
        ("training.batch_size", 12),
        ("training.clip_norm", 1),
        ("training.epochs", 3),
    ],
)
def test_a_coordinate_that_the_space_has_not_is_refused(space: SearchSpace, name: str, value: Any) -> None:
    good = record(space, SETTING)
    wrong = replace(good, trial=1, coordinates={**good.coordinates, name: value})
    found = json.dumps(value).replace("[", r"\[")
    with pytest.raises(InputError, match=rf"^t:2: coordinates\.{name}: expected .+, found {found}"):
        check_settings(Path("t"), space, [wrong, good])
    with pytest.raises(InputError, match=rf"^r: prior\.1\.{name}: expected .+, found {found}"):
        check_prior(Path("r"), space, [good.coordinates, wrong.coordinates])


@pytest.mark.parametrize("name", SETTING)
def test_a_coordinate_or_parameter_that_is_missing_is_refused(space: SearchSpace, name: str) -> None:
    good = record(space, SETTING)
    wrong = replace(good, coordinates={key: value for key, value in good.coordinates.items() if key != name})
    with pytest.raises(InputError, match=rf"^t:1: coordinates\.{name}: expected .+, found (nothing|null)"):
        check_settings(Path("t"), space, [wrong])
    if name in good.parameters:
        wrong = replace(good, parameters={key: value for key, value in good.parameters.items() if key != name})
        with pytest.raises(InputError, match=rf"^t:1: parameters\.{name}: expected .+, found nothing"):
            check_settings(Path("t"), space, [wrong])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("optimizer", "adam"),
        ("optimizer.sgd.learning_rate", 0.2),
        ("optimizer.sgd.learning_rate", "0.1"),
        ("model.hidden", [8]),
        ("model.hidden", [5]),
        ("model.hidden", [5, "4"]),
        ("training.batch_size", 16.0),
        ("training.clip_norm", 1.0),
        ("training.epochs", 3),
    ],
)
def test_a_parameter_that_is_not_that_of_the_coordinates_is_refused(space: SearchSpace, name: str, value: Any) -> None:
    good = record(space, SETTING)
    wrong = replace(good, parameters={**good.parameters, name: value})
    with pytest.raises(InputError, match=rf"^t:1: parameters\.{name}: expected .+, found "):
        check_settings(Path("t"), space, [wrong])
