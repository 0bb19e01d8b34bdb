"""Splits that keep groups whole, or that put the past before the future."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hpt.data.arranged_splits import cuts, whole_groups
from hpt.data.arrangement import Arrangement
from hpt.data.dataset import Dataset
from hpt.data.drawing import Drawing, Parts
from hpt.data.load import load
from hpt.data.options import DATA
from hpt.data.prepare import prepare
from hpt.data.targets import Target
from hpt.foundation.errors import InputError

OPTIONS = {row.name: row.default for row in DATA}


def drawing(codes: np.ndarray, kind: Any = "group", classes: np.ndarray | None = None, **changes: Any) -> Drawing:
    values, codes = np.unique(codes, return_inverse=True)
    arranged = Arrangement(kind, "column", codes, values)
    if classes is None:
        target = Target("regression", None, np.zeros(len(codes)))
    else:
        target = Target("classification", tuple(range(int(classes.max()) + 1)), classes)
    return Drawing(len(codes), target, arranged, **{"validation": 0.2, "test": 0.2, "folds": 1, "entropy": (3,)} | changes)


def assert_whole(parts: Parts, rows: int) -> None:
    assert sorted(np.concatenate(parts).tolist()) == list(range(rows))
    assert all(np.all(np.diff(part) > 0) for part in parts)


@settings(max_examples=100)
@given(st.lists(st.integers(1, 12), min_size=3, max_size=40), st.integers(0, 1000))
def test_no_group_stands_on_two_sides(sizes: list[int], seed: int) -> None:
    groups = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    parts = drawing(groups, entropy=(seed,)).parts("share")
    assert_whole(parts, len(groups))
    held = [set(groups[part].tolist()) for part in parts]
    assert all(held)
    assert sum(map(len, held)) == len(sizes)


def test_groups_of_equal_size_follow_shares_and_classes() -> None:
    groups = np.repeat(np.arange(50), 4)
    classes = np.repeat(np.arange(50) % 5 == 0, 4).astype(np.int64)
    for part, share in zip(drawing(groups, classes=classes).parts("share"), (0.6, 0.2, 0.2), strict=True):
        assert len(part) == 200 * share
        assert classes[part].mean() == 0.2


def test_the_seed_decides_which_groups() -> None:
    groups = np.repeat(np.arange(30), 3)
    first, again, other = (drawing(groups, entropy=entropy).parts("share") for entropy in ((1,), (1,), (2,)))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_training_has_each_class_that_few_groups_have() -> None:
    groups = np.repeat(np.arange(20), 3)
    classes = np.repeat(np.arange(20) == 7, 3).astype(np.int64)
    for seed in range(20):
        train, validation, test = drawing(groups, classes=classes, entropy=(seed,)).parts("share")
        assert 7 in groups[train]
        assert len(validation) == len(test) == 12


def test_too_few_groups_are_refused() -> None:
    with pytest.raises(InputError, match=r"^data.group: 'column' has 2 groups.* needs 3\."):
        drawing(np.array([0, 0, 0, 1, 1, 1])).parts("share")
    with pytest.raises(InputError, match=r"^data.group: the 3 groups .* none is left for validation and test"):
        drawing(np.array([0, 0, 1, 1, 2, 2]), classes=np.array([0, 0, 1, 1, 2, 2])).parts("share")


@settings(max_examples=100)
@given(st.lists(st.integers(0, 30), min_size=3, max_size=80))
def test_the_past_trains_and_the_future_is_held_out(places: list[int]) -> None:
    assume(len(set(places)) > 2)
    at = np.array(places)
    train, validation, test = drawing(at, "order").parts("share")
    assert_whole((train, validation, test), len(at))
    assert at[train].max() < at[validation].min()
    assert at[validation].max() < at[test].min()


def test_an_order_without_ties_has_the_sizes_of_a_random_split() -> None:
    at = np.random.default_rng(0).permutation(53)
    assert [len(part) for part in drawing(at, "order").parts("share")] == [31, 11, 11]
    train, validation, test = drawing(at, "order", test=0.0).parts("share")
    assert (len(train), len(validation), len(test)) == (42, 11, 0)


def test_an_order_of_two_values_is_refused() -> None:
    with pytest.raises(InputError, match=r"^data.order: 'column' has 2 different values.* needs 3\."):
        drawing(np.array([0, 0, 0, 1, 1, 1]), "order").parts("share")


@pytest.mark.parametrize(
    ("places", "wanted", "found"),
    [
        ([0, 1, 2, 3, 4, 5], [2, 4], [2, 4]),
        ([0, 0, 0, 0, 1, 1], [2], [4]),
        ([0, 0, 1, 1, 1, 1], [3, 5], None),
        ([0, 0, 0, 0, 1, 2], [1, 2], [4, 5]),
        ([0, 1, 2, 2, 2, 2], [4, 5], [1, 2]),
    ],
)
def test_cuts_lie_between_different_places(places: list[int], wanted: list[int], found: list[int] | None) -> None:
    assert cuts(np.array(places), wanted) == found


def test_parts_are_filled_where_groups_are_few() -> None:
    part = whole_groups(np.array([0, 0, 0, 0, 1, 2]), None, (0.98, 0.01, 0.01), "groups", (0,), first_has_all=True)
    assert len(set(part.tolist())) == 3


def loaded(folder: Path, content: str, others: dict[str, str] | None = None, **options: Any) -> Dataset:
    (folder / "some.csv").write_text(content)
    for name, text in (others or {}).items():
        (folder / f"{name}.csv").write_text(text)
        options[f"{name}_source"] = f"{name}.csv"
    chosen = OPTIONS | {"source": "some.csv", "split": "fixed" if "test" in (others or {}) else "random"} | options
    tables = load(chosen, folder)
    return prepare(tables.source, chosen, (0,), tables.test, tables.validation)


def table(rows: list[str], header: str = "who,when,a,y") -> str:
    return "\n".join([header, *rows]) + "\n"


ROWS = [f"p{i // 4:02},2024-{1 + i // 28:02}-{1 + i % 28:02},{i},{i * 0.5}" for i in range(80)]


def test_the_column_of_the_groups_is_no_input_whether_dropped_or_not(tmp_path: Path) -> None:
    for drop in (("when",), ("when", "who")):
        dataset = loaded(tmp_path, table(ROWS), group="who", drop=drop, standardize=False)
        assert dataset.input_names == ("a",)
        assert any("20 groups by 'who'" in notice for notice in dataset.notices)
        assert dataset.validation is not None
        sides = [set((part.inputs[:, 0] // 4).tolist()) for part in (dataset.train, dataset.validation, dataset.test)]
        assert sum(map(len, sides)) == 20


@pytest.mark.parametrize("order", ["a", "when"])
def test_an_order_by_number_or_date(tmp_path: Path, order: str) -> None:
    shuffled = [ROWS[i] for i in np.random.default_rng(1).permutation(80)]
    dataset = loaded(tmp_path, table(shuffled), order=order, drop=("when", "who"), standardize=False)
    a = [sorted(part.inputs[:, 0].tolist()) for part in (dataset.train, dataset.validation, dataset.test)]
    assert a == [list(range(48)), list(range(48, 64)), list(range(64, 80))]


def test_groups_follow_the_rows_that_are_kept(tmp_path: Path) -> None:
    gaps = [row.replace(f",{i},", ",,") if i % 4 == 0 else row for i, row in enumerate(ROWS)]
    dataset = loaded(tmp_path, table(gaps), group="who", drop=("when",), missing="drop", standardize=False)
    sides = [set((part.inputs[:, 0] // 4).tolist()) for part in (dataset.train, dataset.validation, dataset.test)]
    assert sum(map(len, sides)) == 20


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"group": "whom"}, "data.group: expected a column of some.csv, found 'whom'. Nearest: 'who'."),
        ({"group": "y"}, "data.group: expected a column beside the target, found 'y'"),
        ({"order": "who"}, "some.csv:2: column 'who': expected numbers or dates, as data.order names it, found 'p00'."),
        ({"group": "who", "order": "a"}, "data.order: expected none beside data.group, found both."),
    ],
)
def test_columns_that_arrange_nothing_are_refused(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        loaded(tmp_path, table(ROWS), **options)
    assert caught.value.complaints[0].startswith(message)


def test_a_row_without_a_group_is_refused(tmp_path: Path) -> None:
    gap = [*ROWS[:5], ROWS[5].replace("p01", ""), *ROWS[6:]]
    with pytest.raises(InputError, match=r"^some.csv:7: column 'who': expected a value"):
        loaded(tmp_path, table(gap), group="who", drop=("when",))


def test_validation_rows_of_a_file_of_their_own(tmp_path: Path) -> None:
    others = {"validation": table(ROWS[70:75]), "test": table(ROWS[75:])}
    options: dict[str, Any] = {"drop": ("when", "who"), "standardize": False}
    dataset = loaded(tmp_path, table(ROWS[:70]), others, **options)
    assert dataset.validation is not None
    assert dataset.test is not None
    assert dataset.train.inputs[:, 0].tolist() == list(range(70))
    assert dataset.validation.inputs[:, 0].tolist() == list(range(70, 75))
    assert dataset.test.inputs[:, 0].tolist() == list(range(75, 80))
    del others["test"]
    drawn = loaded(tmp_path, table(ROWS[:70]), others, **options)
    assert drawn.test is not None
    assert (len(drawn.train.inputs), len(drawn.test.inputs)) == (56, 14)
    assert drawn.digest != loaded(tmp_path, table(ROWS[:70]), **options).digest


def test_a_group_in_two_files_is_refused(tmp_path: Path) -> None:
    validation = {"validation": table(ROWS[68:])}
    assert loaded(tmp_path, table(ROWS[:68]), validation, group="who", drop=("when",)).validation is not None
    with pytest.raises(InputError, match=r"^data.validation_source: expected no group .*'p17' in validation.csv"):
        loaded(tmp_path, table(ROWS[:70]), validation, group="who", drop=("when",))
