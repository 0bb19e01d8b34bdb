"""Seeded, stratified splits."""

from __future__ import annotations

from math import floor

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hpt.data.split import split
from hpt.foundation.errors import InputError

shares = st.sampled_from([0.0, 0.05, 0.1, 0.2, 0.25, 0.3, 0.45])


@settings(max_examples=200)
@given(st.lists(st.integers(3, 40), min_size=2, max_size=8), shares, shares, st.integers(0, 2**32))
def test_parts_cover_the_rows_once_and_follow_the_classes(
    counts: list[int], validation: float, test: float, seed: int
) -> None:
    codes = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    n = len(codes)
    sizes = [max(1, floor(n * share + 0.5)) if share else 0 for share in (validation, test)]
    assume(n - sum(sizes) >= len(counts))
    train, *held_out = split(n, codes, validation, test, (seed,))
    assert sorted(np.concatenate([train, *held_out]).tolist()) == list(range(n))
    assert [len(part) for part in held_out] == sizes
    assert all(np.all(np.diff(part) > 0) for part in (train, *held_out))
    assert set(codes[train]) == set(range(len(counts)))
    for part, share in zip(held_out, (validation, test), strict=True):
        for code, count in enumerate(counts):
            assert int((codes[part] == code).sum()) >= floor(count * share)


def test_balanced_classes_stay_balanced() -> None:
    codes = np.tile(np.arange(3), 50)
    for part, expected in zip(split(150, codes, 0.2, 0.2, (1,)), (30, 10, 10), strict=True):
        assert np.bincount(codes[part]).tolist() == [expected] * 3


def test_a_class_never_gives_away_its_last_training_row() -> None:
    codes = np.repeat([0, 1, 2], 3)
    train, validation, test = split(9, codes, 0.45, 0.2, (0,))
    assert codes[train].tolist() == [0, 1, 2]
    assert (len(validation), len(test)) == (4, 2)


@settings(max_examples=100)
@given(st.integers(3, 200), shares, shares, st.integers(0, 1000))
def test_without_classes(n: int, validation: float, test: float, seed: int) -> None:
    sizes = [max(1, floor(n * share + 0.5)) if share else 0 for share in (validation, test)]
    assume(sum(sizes) < n)
    train, *held_out = split(n, None, validation, test, (seed,))
    assert sorted(np.concatenate([train, *held_out]).tolist()) == list(range(n))
    assert [len(part) for part in held_out] == sizes


def test_the_seed_decides() -> None:
    first, again, other = (split(100, None, 0.2, 0.2, entropy) for entropy in ((7, 1), (7, 1), (7, 2)))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_each_row_is_held_out_equally_often() -> None:
    codes = np.repeat([0, 1], [10, 30])
    held = np.zeros(40)
    for seed in range(1000):
        held[split(40, codes, 0.2, 0.0, (seed,))[1]] += 1
    assert held.sum() == 8000
    assert np.abs(held - 200).max() < 5 * np.sqrt(1000 * 0.2 * 0.8)


def test_a_small_class_is_refused_with_the_counts() -> None:
    codes = np.repeat([0, 1, 2], [20, 2, 30])
    with pytest.raises(InputError, match=r"class 'b' has 2 rows.*needs 3.*'a' 20, 'b' 2, 'c' 30"):
        split(52, codes, 0.2, 0.2, (0,), ("a", "b", "c"))
    assert 1 in codes[split(52, codes, 0.2, 0.0, (0,))[0]]


@pytest.mark.parametrize(("names", "amounts"), [(("2", "-1"), True), (("cat", "dog"), False)])
def test_only_numbers_may_be_amounts(names: tuple[str, str], amounts: bool) -> None:
    with pytest.raises(InputError) as caught:
        split(22, np.repeat([0, 1], [20, 2]), 0.2, 0.2, (0,), names)
    assert ("data.task: regression" in str(caught.value)) == amounts


@pytest.mark.parametrize(
    ("n", "codes", "validation", "test"),
    [(2, None, 0.2, 0.2), (1, None, 0.5, 0.0), (10, None, 0.5, 0.5), (9, np.repeat([0, 1, 2], 3), 0.4, 0.4)],
)
def test_too_few_rows_are_refused(n: int, codes: np.ndarray | None, validation: float, test: float) -> None:
    with pytest.raises(InputError, match="data"):
        split(n, codes, validation, test, (0,))
