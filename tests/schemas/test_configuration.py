"""The JSON Schema takes what the reader takes, and refuses the mistakes that can be seen in one key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from hpt.configuration.config import read
from hpt.schemas.configuration import configuration_schema

CONFIGS = Path(__file__).parent.parent.parent / "configs"
VALIDATOR = Draft202012Validator(configuration_schema())


def loaded(text: str) -> Any:
    # PyYAML reads 1e-4 as text; with a point and a sign it reads a number.
    return yaml.safe_load(text.replace("1e-", "1.0e-"))


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(configuration_schema())


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.name)
def test_it_takes_every_config_as_written_and_resolved(path: Path) -> None:
    VALIDATOR.validate(loaded(path.read_text(encoding="utf-8")))
    mode = "train" if path.name == "line.yaml" else "tune"
    VALIDATOR.validate(read(path, mode=mode).resolved())


@pytest.mark.parametrize(
    "text",
    [
        "{data: digits}",
        "{data: digits, optimizer: adm}",
        "{data: digits, optimizer: adam, modle: mlp}",
        "{data: digits, optimizer: {name: adam, lr: 0.1}}",
        "{data: digits, optimizer: {choose: {adam: {momentum: 0.9}}}}",
        "{data: digits, optimizer: {choose: [adam, sgdd]}}",
        "{data: digits, optimizer: {choose: {adam: , sgd: default}}}",
        "{data: digits, optimizer: {values: [adam, sgd]}}",
        "{data: digits, optimizer: {name: adam, betas: {values: [[0.9]]}}}",
        "{data: digits, optimizer: {name: sgd, momentum: {min: 0.5, max: 1.0}}}",
        "{data: digits, optimizer: adam, training: {values: [{epochs: 2}]}}",
        "{data: digits, optimizer: adam, training: {stop: early}}",
        "{data: digits, optimizer: adam, training: {epochs: 0}}",
        "{data: digits, optimizer: adam, training: {epochs: {values: [1, 2]}}}",
        "{data: digits, optimizer: {name: adam, betas: [0.9]}}",
        "{data: digits, optimizer: {name: adam, learning_rate: {min: 0.1}}}",
        "{data: digits, optimizer: adam, model: {type: linear, hidden: [3]}}",
    ],
)
def test_it_refuses(text: str) -> None:
    assert list(VALIDATOR.iter_errors(loaded(text)))


@pytest.mark.parametrize(
    "text",
    [
        "{data: digits, optimizer: {choose: {plain: {name: adam, bias_correction: false}, adam: default}}}",
        "{data: {source: a.csv, target: y}, optimizer: {name: sgd, learning_rate: {min: 1e-4, max: 1, scale: log}}}",
        "{data: iris, optimizer: adam, model: {hidden: {values: [[4], [8, 4]]}}, training: {batch_size: full, clip_norm: none}}",
        "{data: iris, optimizer: adam, training: {schedule: none}}",
        "{data: iris, optimizer: adam, training: {schedule: {values: [none, cosine, {type: step, every: 3}]}}}",
        "{data: iris, optimizer: {name: adam, betas: [{min: 0.5, max: 0.9}, {values: [0.99, 0.999]}]}}",
        "{data: iris, optimizer: {name: adam, betas: {values: [[0.9, 0.99], [0.5, 0.9]]}}}",
        "{data: iris, optimizer: adam, model: linear, training: {schedule: cosine}, study: {pruner: {type: halving, eta: 4}}}",
    ],
)
def test_it_takes(text: str) -> None:
    VALIDATOR.validate(loaded(text))
