"""Each rule against PyTorch, optax or Keras, from the fixtures of `make_fixtures.py`."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from hpt.numerics.optimizers import OPTIMIZERS
from hpt.numerics.schedules import SCHEDULES, factors
from tests.numerics.stepping import path

FOLDER = Path(__file__).with_name("fixtures")


def fixture(name: str) -> tuple[dict, dict[str, np.ndarray]]:
    with np.load(FOLDER / f"{name}.npz") as stored:
        arrays = dict(stored)
    return json.loads(str(arrays.pop("description"))), arrays


TRAJECTORIES, ARRAYS = fixture("trajectories")
RATES, FACTORS = fixture("schedules")


def matches_trajectory(index: int) -> None:
    """Asserts that case `index` agrees to 1e-12 of the largest value that its coordinate ever takes."""
    case, expected = TRAJECTORIES["cases"][index], ARRAYS["paths"][index]
    taken = path(case["optimizer"], case["settings"], ARRAYS["gradients"], ARRAYS["start"])
    found = taken[[update - 1 for update in TRAJECTORIES["kept"]]]
    size = np.maximum(np.abs(taken).max(axis=0), np.abs(ARRAYS["start"]))
    np.testing.assert_array_less(np.abs(found - expected) / size, 1e-12)


@pytest.mark.parametrize(
    "index", range(len(TRAJECTORIES["cases"])), ids=lambda i: f"{TRAJECTORIES['cases'][i]['optimizer']}-{i}"
)
def test_a_rule_follows_its_reference(index: int) -> None:
    matches_trajectory(index)


def test_every_optimizer_has_two_trajectories() -> None:
    counted = Counter(case["optimizer"] for case in TRAJECTORIES["cases"])
    assert [name for name in OPTIMIZERS if counted[name] < 2] == []


@pytest.mark.parametrize("index", range(len(RATES["cases"])), ids=lambda i: f"{RATES['cases'][i]['schedule']['type']}-{i}")
def test_a_schedule_follows_its_reference(index: int) -> None:
    case = RATES["cases"][index]
    done = np.arange(case["total"], dtype=np.float64)
    found = factors(case["schedule"], done, case["total"], case["per_epoch"])
    np.testing.assert_allclose(found, FACTORS["factors"][index], rtol=1e-12, atol=1e-15)


def test_every_schedule_has_a_reference() -> None:
    assert set(SCHEDULES) - {case["schedule"]["type"] for case in RATES["cases"]} == {"constant"}
