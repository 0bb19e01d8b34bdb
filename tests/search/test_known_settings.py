"""Settings that a study is told to try first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hpt.configuration.config import Config, read
from hpt.foundation.errors import InputError
from hpt.search.known_settings import first_coordinates
from hpt.search.sampling import Sampling

SPACE = """
data: wine
model: {hidden: {values: [[16], [32, 16]]}}
optimizer:
  choose:
    adam: {learning_rate: {min: 1e-5, max: 1e-1, scale: log}, betas: [{min: 0.8, max: 0.99, scale: reverse_log}, 0.999]}
    sgd: {learning_rate: {min: 1e-5, max: 1e-1, scale: log}, momentum: 0.9}
training: {batch_size: {min: 16, max: 64, step: 16}}
"""


def config(folder: Path, first: str, space: str = SPACE, sampler: str = "tpe") -> Config:
    (folder / "c.yaml").write_text(f"{space}study: {{trials: 9, sampler: {sampler}, first: {first}}}\n")
    return read(folder / "c.yaml", mode="tune")


@pytest.mark.parametrize(
    ("first", "parameters"),
    [
        (
            "[{optimizer.adam.learning_rate: 1e-2, model.hidden: [32, 16], training.batch_size: 48}]",
            {"optimizer": "adam", "optimizer.adam.learning_rate": 0.01, "model.hidden": (32, 16), "training.batch_size": 48},
        ),
        (
            "[{optimizer: {sgd: {learning_rate: 0.05, momentum: 0.9}}, training: {batch_size: 32.0}}]",
            {"optimizer": "sgd", "optimizer.sgd.learning_rate": 0.05, "model.hidden": (16,), "training.batch_size": 32},
        ),
        ("[{optimizer: Adam, optimizer.adam.betas: [0.9, 0.999]}]", {"optimizer": "adam", "optimizer.adam.betas.0": 0.9}),
        ("[{optimizer: sgd, training.epochs: 20}]", {"optimizer": "sgd", "optimizer.sgd.learning_rate": 1e-3}),
    ],
)
def test_a_setting_is_what_was_written(tmp_path: Path, first: str, parameters: dict[str, Any]) -> None:
    found = config(tmp_path, first)
    (coordinates,) = first_coordinates(found)
    tried = found.space.parameters(coordinates)
    for path, value in parameters.items():
        assert tried[path] == (pytest.approx(value) if isinstance(value, float) else value)
    assert set(coordinates) == set(found.space.distributions(coordinates))


@pytest.mark.parametrize(
    ("first", "path", "text"),
    [
        ("[{optimizer: sgd, learning_rate: 0.1}]", "0.learning_rate", "Did you mean optimizer.sgd.learning_rate?"),
        ("[{optimizer.sgd.learning_rate: 0.5}]", "0.optimizer.sgd.learning_rate", "expected a number from 1e-5 to 0.1"),
        (
            "[{optimizer.sgd.momentum: 0.5}]",
            "0.optimizer.sgd.momentum",
            "expected 0.9, the constant of this file, found 0.5",
        ),
        ("[{optimizer: adagrad}]", "0.optimizer", "expected one of adam, sgd, found adagrad"),
        ("[{training.batch_size: 32}]", "0.optimizer", "found none"),
        ("[{optimizer: sgd, training.batch_size: 40}]", "0.training.batch_size", "in steps of 16"),
        ("[{optimizer: sgd, training.batch_size: 32.5}]", "0.training.batch_size", "expected an integer from 16 to 64"),
        ("[{optimizer: sgd, model.hidden: [17]}]", "0.model.hidden", "expected one of [16], [32, 16], found [17]"),
        ("[{optimizer.sgd.learning_rate: text}]", "0.optimizer.sgd.learning_rate", "found text"),
        (f"[{', '.join(['{optimizer: sgd}'] * 10)}]", "", "expected no more than study.trials (9), found 10"),
    ],
)
def test_what_is_no_setting_of_the_space_is_refused(tmp_path: Path, first: str, path: str, text: str) -> None:
    with pytest.raises(InputError) as refused:
        first_coordinates(config(tmp_path, first))
    message = str(refused.value)
    assert f"c.yaml:9: study.first{f'.{path}' if path else ''}: " in message
    assert text in message


def test_a_grid_has_an_order_of_its_own(tmp_path: Path) -> None:
    space = "data: wine\noptimizer: {name: adam, learning_rate: {values: [0.1, 0.01]}}\n"
    with pytest.raises(InputError, match="sampler: grid"):
        first_coordinates(config(tmp_path, "[{optimizer.learning_rate: 0.1}]", space, "grid"))


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_known_settings_come_first_and_the_others_from_the_sampler(tmp_path: Path, sampler: str) -> None:
    found = config(
        tmp_path, "[{optimizer: sgd}, {optimizer: adam}, {optimizer: sgd, model.hidden: [32, 16]}]", sampler=sampler
    )
    first = first_coordinates(found)
    told, alone = (Sampling(found.space, sampler, "minimize", 3, 9, first=known) for known in (first, ()))
    begun, other = told.generation(0, 5), alone.generation(0, 5)
    assert begun[:3] == first
    assert begun[3:] == other[3:]
