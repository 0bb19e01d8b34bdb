"""Folds: each row that does not test validates once, by class, by group, or after what it is trained on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpt.data.arrangement import Arrangement
from hpt.data.drawing import Drawing, Parts
from hpt.data.load import load
from hpt.data.options import DATA
from hpt.data.prepare import prepare
from hpt.data.targets import Target
from hpt.foundation.errors import InputError

OPTIONS = {row.name: row.default for row in DATA}


def drawing(rows: int, folds: int, classes: np.ndarray | None = None, arranged: Arrangement | None = None) -> Drawing:
    target = Target("regression", None, np.zeros(rows))
    if classes is not None:
        target = Target("classification", tuple(range(int(classes.max()) + 1)), classes)
    return Drawing(rows, target, arranged, validation=0.2, test=0.2, folds=folds, entropy=(5,))


def arranged(kind: Any, codes: np.ndarray) -> Arrangement:
    values, codes = np.unique(codes, return_inverse=True)
    return Arrangement(kind, "column", codes, values)


def all_folds(drawn: Drawing) -> list[Parts]:
    found = [drawn.parts(fold) for fold in range(drawn.folds)]
    tests = {tuple(parts[2].tolist()) for parts in found}
    assert tests == {tuple(drawn.parts("share")[2].tolist())} == {tuple(drawn.parts("none")[2].tolist())}
    return found


@settings(max_examples=60)
@given(st.lists(st.integers(5, 30), min_size=1, max_size=5), st.integers(2, 6))
def test_each_row_validates_once_and_folds_follow_the_classes(counts: list[int], folds: int) -> None:
    classes = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    found = all_folds(drawing(len(classes), folds, classes if len(counts) > 1 else None)) if len(classes) > 7 else []
    for train, validation, test in found:
        assert sorted(np.concatenate([train, validation, test]).tolist()) == list(range(len(classes)))
    held = [np.bincount(classes[validation], minlength=len(counts)) for _, validation, _ in found]
    if held:
        assert sum(len(validation) for _, validation, _ in found) == len(classes) - len(found[0][2])
        assert np.ptp([each.sum() for each in held]) <= 1
        assert np.ptp(held, axis=0).max() <= 1


def test_no_group_stands_on_two_sides_of_a_fold() -> None:
    groups = np.random.default_rng(1).permutation(np.repeat(np.arange(30), 4))
    validated = []
    for train, validation, test in all_folds(drawing(120, 4, arranged=arranged("group", groups))):
        sides = [set(groups[part].tolist()) for part in (train, validation, test)]
        assert sum(map(len, sides)) == 30
        validated += validation.tolist()
        assert len(validation) == 24
    assert len(validated) == len(set(validated)) == 96


def test_an_order_trains_on_ever_more_of_the_past() -> None:
    at = np.random.default_rng(1).permutation(120)
    found = all_folds(drawing(120, 5, arranged=arranged("order", at)))
    assert [sorted(at[validation].tolist()) for _, validation, _ in found] == [
        list(range(16 * (i + 1), 16 * (i + 2))) for i in range(5)
    ]
    assert [sorted(at[train].tolist()) for train, _, _ in found] == [list(range(16 * (i + 1))) for i in range(5)]


def test_all_but_the_test_rows_train_where_none_validate() -> None:
    train, validation, test = drawing(50, 5).parts("none")
    assert (len(train), len(validation), len(test)) == (40, 0, 10)


def test_one_fold_is_a_plain_split() -> None:
    plain, folded = (drawing(50, folds).parts("share") for folds in (1, 4))
    assert all(np.array_equal(a, b) for a, b in zip(plain, folded, strict=True))


def test_folds_have_splits_of_their_own_by_the_seed() -> None:
    first = drawing(60, 4)
    assert not np.array_equal(first.parts(0)[1], replace(first, entropy=(6,)).parts(0)[1])


@pytest.mark.parametrize(
    ("drawn", "message"),
    [
        (drawing(6, 6), r"^data.folds: expected at most 5, the rows that do not test, found 6"),
        (
            drawing(40, 4, arranged=arranged("group", np.repeat([0, 1, 2, 3], 10))),
            r"expected at most 3, the groups by 'column'",
        ),
        (
            drawing(40, 4, arranged=arranged("order", np.repeat([0, 1, 2, 3], 10))),
            r"expected at most 2, the different values",
        ),
    ],
)
def test_too_many_folds_are_refused(drawn: Drawing, message: str) -> None:
    with pytest.raises(InputError, match=message):
        drawn.parts(0)


def test_each_fold_is_scaled_by_its_own_training_rows(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(5, 3, 50)
    (tmp_path / "some.csv").write_text("x,y\n" + "".join(f"{v:.6f},{v * 2:.6f}\n" for v in x))
    options = OPTIONS | {"source": "some.csv", "folds": 5}
    table = load(options, tmp_path).source
    folds = [prepare(table, options, (0,), validating=fold) for fold in range(5)]
    assert len({float(dataset.input_mean[0]) for dataset in folds}) == 5
    for dataset in folds:
        assert dataset.train.inputs.mean() == pytest.approx(0, abs=1e-12)
        assert dataset.train.inputs.std() == pytest.approx(1)
    whole = prepare(table, options, (0,), validating="none")
    assert whole.validation is None
    assert (len(whole.train.inputs), whole.train.inputs.std()) == (40, pytest.approx(1))


def test_rows_of_a_validation_file_train_too_where_none_validate(tmp_path: Path) -> None:
    (tmp_path / "some.csv").write_text("x,y\n" + "".join(f"{v},{v * 2}.5\n" for v in range(20)))
    (tmp_path / "other.csv").write_text("x,y\n" + "".join(f"{v},{v * 2}.5\n" for v in range(20, 25)))
    options = OPTIONS | {"source": "some.csv", "validation_source": "other.csv", "standardize": False}
    tables = load(options, tmp_path)
    whole = prepare(tables.source, options, (0,), validation_table=tables.validation, validating="none")
    assert whole.validation is None
    assert whole.test is not None
    assert sorted([*whole.train.inputs[:, 0], *whole.test.inputs[:, 0]]) == list(range(25))
    assert whole.train.inputs[-5:, 0].tolist() == list(range(20, 25))
