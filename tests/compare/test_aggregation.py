"""Scores across tasks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hpt.compare.aggregation import across_tasks, interquartile_mean, normalised


def test_normalised_puts_the_baseline_at_zero_and_the_best_at_one() -> None:
    scores = normalised([[1.0, 2.0, 3.0], [6.0, 10.0, 4.0]], baseline=10.0)
    assert scores.tolist() == [[9 / 8, 1.0, 7 / 8], [0.5, 0.0, 0.75]]


def test_normalised_wants_someone_to_beat_the_constant() -> None:
    with pytest.raises(ValueError, match="constant predictor"):
        normalised([[10.0, 10.0], [10.0, 10.0]], baseline=10.0)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=20))
def test_interquartile_mean_is_scipys_trimmed_mean(scores: list[float]) -> None:
    assert interquartile_mean(scores) == pytest.approx(stats.trim_mean(scores, 0.25), abs=1e-12)


def test_bands_are_seeded_and_hold_the_estimate() -> None:
    rng = np.random.default_rng(0)
    tasks = [rng.normal(0.8, 0.1, size=(2, studies)) for studies in (12, 8)]
    found = across_tasks(tasks, seed=1)
    assert found.value == pytest.approx(stats.trim_mean(np.concatenate(tasks, axis=1), 0.25, axis=1))
    assert (found.low < found.value).all()
    assert (found.value < found.high).all()
    assert found.low.tolist() == across_tasks(tasks, seed=1).low.tolist()
    assert np.diag(found.difference_high).tolist() == [0, 0]


def test_studies_are_resampled_for_all_optimizers_at_once() -> None:
    # One optimizer is ahead by .1 in every study, while the studies differ by far more.
    base = np.random.default_rng(0).normal(size=20)
    found = across_tasks([np.stack([base + 0.1, base])], seed=0)
    assert found.difference_low[0, 1] == pytest.approx(0.1)
    assert found.difference_high[0, 1] == pytest.approx(0.1)
    assert found.high[0] - found.low[0] > 0.5


def test_each_task_keeps_its_number_of_studies() -> None:
    # Without strata the share of the first task would vary, and the mean with it.
    found = across_tasks([np.zeros((2, 8)), np.ones((2, 8))], seed=0)
    assert (found.low.tolist(), found.high.tolist()) == ([0.5, 0.5], [0.5, 0.5])
