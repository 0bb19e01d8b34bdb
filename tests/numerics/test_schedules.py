"""Schedules: closed forms, warm-up, and laws that hold for each row. Their references: `test_trajectories.py`."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest

from hpt.numerics.schedules import SCHEDULES, factors, rates

TOTAL, PER_EPOCH = 40, 8
DONE = np.arange(TOTAL, dtype=np.float64)


def course(**schedule: object) -> np.ndarray:
    return factors(schedule, DONE, TOTAL, PER_EPOCH)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_takes_the_hyperparameters_of_its_row(name: str) -> None:
    parameters = inspect.signature(SCHEDULES[name].function).parameters.values()
    keywords = {p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}
    assert keywords == {h.name for h in SCHEDULES[name].hyperparameters} - {"warmup"}


@pytest.mark.parametrize("warmup", [0.0, 0.1, 0.99])
@pytest.mark.parametrize("name", SCHEDULES)
def test_factors_lie_between_0_and_1_and_do_not_depend_on_how_they_are_asked_for(name: str, warmup: float) -> None:
    whole = course(type=name, warmup=warmup)
    assert whole.shape == DONE.shape
    assert (whole >= 0).all()
    assert (whole <= 1).all()
    parts = [
        factors({"type": name, "warmup": warmup}, part, TOTAL, PER_EPOCH) for part in (DONE[:13], DONE[13:14], DONE[14:])
    ]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize("name", SCHEDULES)
def test_runs_of_a_single_update_and_updates_after_the_last_are_finite(name: str) -> None:
    for total in (1, 2):
        assert np.isfinite(factors({"type": name}, np.arange(5.0), total, 1)).all()


@pytest.mark.parametrize("name", SCHEDULES)
def test_warm_up_rises_by_equal_steps_inside_the_total_and_then_hands_over(name: str) -> None:
    found = course(type=name, warmup=0.25)
    np.testing.assert_allclose(found[:10], np.arange(1, 11) / 11, rtol=1e-12)
    np.testing.assert_array_equal(found[10:], factors({"type": name}, DONE[:30], 30, PER_EPOCH))


def test_units() -> None:
    np.testing.assert_allclose(course(type="exponential", rate=0.9, per="update")[[0, 1, 8]], [1, 0.9, 0.9**8], rtol=1e-12)
    np.testing.assert_allclose(
        course(type="exponential", rate=0.9, per="epoch")[[0, 7, 8, 16]], [1, 1, 0.9, 0.81], rtol=1e-12
    )
    np.testing.assert_allclose(
        course(type="step", every=2, factor=0.5)[[0, 15, 16, 31, 32]], [1, 1, 0.5, 0.5, 0.25], rtol=1e-12
    )
    np.testing.assert_allclose(course(type="inverse_time", rate=0.5, per="update")[[0, 2]], [1, 0.5], rtol=1e-12)
    np.testing.assert_allclose(course(type="inverse_time", rate=0.5, per="epoch")[[7, 16]], [1, 0.5], rtol=1e-12)


def test_polynomial_and_cosine_halfway() -> None:
    assert course(type="polynomial", power=2.0, min_ratio=0.2)[20] == pytest.approx(0.2 + 0.8 * 0.25, rel=1e-12)
    assert course(type="cosine", min_ratio=0.2)[20] == pytest.approx(0.6, rel=1e-12)
    assert course(type="cosine", min_ratio=0.0)[10] == pytest.approx((1 + math.cos(math.pi / 4)) / 2, rel=1e-12)


@pytest.mark.parametrize("name", ["cosine", "polynomial", "one_cycle"])
def test_the_end_is_where_it_stays(name: str) -> None:
    after = factors({"type": name}, np.array([TOTAL, TOTAL + 1.0, 3.0 * TOTAL]), TOTAL, PER_EPOCH)
    np.testing.assert_allclose(after, SCHEDULES[name].defaults().get("end_ratio", 0.0), atol=1e-15)


def test_one_cycle_peaks_at_the_share_that_it_rises_in() -> None:
    found = course(type="one_cycle", rise=0.5, start_ratio=0.1, end_ratio=0.01)
    assert found.argmax() == 19
    assert found[[0, 19, 39]] == pytest.approx([0.1, 1, 0.01], rel=1e-12)


def test_the_rate_is_learning_rate_times_schedule_times_decay() -> None:
    found = rates(0.5, 0.9, {"type": "step", "every": 1, "factor": 0.1}, DONE, TOTAL, PER_EPOCH)
    np.testing.assert_allclose(found[[0, 1, 8]], [0.5, 0.45, 0.5 * 0.1 * 0.9**8], rtol=1e-12)


def test_none_is_the_rate_as_given() -> None:
    np.testing.assert_array_equal(rates(0.5, 1.0, None, DONE, TOTAL, PER_EPOCH), 0.5)
    np.testing.assert_array_equal(factors(None, DONE, TOTAL, PER_EPOCH), course(type="constant"))
