"""Initialisations: variance, limits, names that mean the same."""

from __future__ import annotations

import numpy as np
import pytest

from hpt.numerics.initializers import INITIALIZERS

IN, OUT = 60, 90
VARIANCE = {"he": 2 / IN, "glorot": 2 / (IN + OUT), "lecun": 1 / IN}


def draw(name: str, seed: int = 0) -> np.ndarray:
    return INITIALIZERS[name].function(np.random.default_rng(seed), IN, OUT)


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name != "zeros"])
def test_weights_have_the_variance_they_promise(name: str) -> None:
    weights = np.array([draw(name, seed) for seed in range(20)])
    expected = VARIANCE[name.partition("_")[0]]
    assert weights.shape == (20, OUT, IN)
    assert weights.var() == pytest.approx(expected, rel=0.02)
    assert abs(weights.mean()) < 4 * np.sqrt(expected / weights.size)
    uniform = name.endswith("uniform") or name == "glorot"
    reach = np.sqrt(3 * expected) if uniform else 2 * np.sqrt(expected) / 0.87962566
    assert 0.99 * reach < np.abs(weights).max() <= reach


def test_zeros() -> None:
    assert not draw("zeros").any()


@pytest.mark.parametrize(("short", "long"), [("he", "he_normal"), ("glorot", "glorot_uniform"), ("lecun", "lecun_normal")])
def test_short_names_are_those_of_keras(short: str, long: str) -> None:
    np.testing.assert_array_equal(draw(short), draw(long))
