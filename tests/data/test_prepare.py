"""From tables to data sets, beside scikit-learn's pipelines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from hpt.data.dataset import Dataset
from hpt.data.load import load
from hpt.data.options import DATA
from hpt.data.prepare import prepare
from hpt.data.split import split
from hpt.foundation.errors import InputError

OPTIONS = {row.name: row.default for row in DATA}
HERE = Path(__file__).parent
Prepare = Callable[..., Dataset]


@pytest.fixture
def prepared(tmp_path: Path) -> Prepare:
    """`prepare` on the text of a CSV file."""

    def run(content: str, test_content: str | None = None, **options: Any) -> Dataset:
        (tmp_path / "some.csv").write_text(content)
        chosen = OPTIONS | {"source": "some.csv"} | options
        if test_content is not None:
            (tmp_path / "other.csv").write_text(test_content)
            chosen |= {"split": "fixed", "test_source": "other.csv"}
        tables = load(chosen, tmp_path)
        return prepare(tables.source, chosen, (3,), tables.test)

    return run


def rows(values: list[str], header: str = "a,y") -> str:
    return "\n".join([header, *values]) + "\n"


def penguins(**options: Any) -> Dataset:
    chosen = OPTIONS | {"source": "penguins_raw.csv", "target": "Species", "drop": ("Individual ID",)} | options
    return prepare(load(chosen, HERE)[0], chosen, (0,))


def test_a_real_file_is_refused_with_row_and_column_before_it_trains() -> None:
    with pytest.raises(InputError) as caught:
        penguins()
    assert caught.value.complaints[0] == (
        "penguins_raw.csv:5: column 'Culmen Length (mm)': missing cell. So is 1 more of the column."
        " What stands for nothing: 'NA'. Set data.missing to mean or drop, or data.drop: [Culmen Length (mm)]."
    )
    dataset = penguins(missing="mean")
    assert dataset.classes is not None
    assert [name.split()[0] for name in dataset.classes] == ["Adelie", "Chinstrap", "Gentoo"]
    assert "Stage=Adult, 1 Egg Stage" in dataset.input_names
    assert dataset.validation is not None
    assert dataset.validation.inputs.shape == (69, len(dataset.input_names))
    assert np.isfinite(dataset.train.inputs).all()


def test_a_real_column_of_ids_is_left_out_by_name() -> None:
    dataset = penguins(missing="mean", drop=())
    assert not any(name.startswith("Individual ID") for name in dataset.input_names)
    assert any("column 'Individual ID': text" in warning and "left out" in warning for warning in dataset.warnings)


def test_inputs_are_those_of_scikit_learn(prepared: Prepare) -> None:
    draw = np.random.default_rng(5)
    numbers = draw.normal(40.0, 9.0, size=(60, 2))
    numbers[draw.random(numbers.shape) < 0.1] = np.nan
    colours = draw.choice(["red", "green", "blue"], size=60)
    targets = draw.normal(1000.0, 50.0, size=60)
    lines = [f"{a},{c},{b},{t}" for (a, b), c, t in zip(numbers.tolist(), colours, targets.tolist(), strict=True)]
    dataset = prepared(rows(lines, "a,colour,b,y"), missing="mean", standardize_target=True)

    train, *held_out = split(60, None, 0.2, 0.2, (3,))
    imputer, scaler = SimpleImputer().fit(numbers[train]), StandardScaler()
    scaler.fit(imputer.transform(numbers[train]))
    one_hot = OneHotEncoder(sparse_output=False).fit(colours[train, None])
    target = StandardScaler().fit(targets[train, None])
    for part, chosen in zip((dataset.train, dataset.validation, dataset.test), (train, *held_out), strict=True):
        assert part is not None
        scaled = scaler.transform(imputer.transform(numbers[chosen]))
        expected = np.hstack([scaled[:, :1], one_hot.transform(colours[chosen, None]), scaled[:, 1:]])
        np.testing.assert_allclose(part.inputs, expected, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(part.targets, target.transform(targets[chosen, None])[:, 0], rtol=1e-12, atol=1e-12)
    assert dataset.input_names == ("a", "colour=blue", "colour=green", "colour=red", "b")
    np.testing.assert_allclose(dataset.input_mean, [scaler.mean_[0], 0, 0, 0, scaler.mean_[1]])
    np.testing.assert_allclose(dataset.input_sd, [scaler.scale_[0], 1, 1, 1, scaler.scale_[1]])
    np.testing.assert_allclose([dataset.target_mean, dataset.target_sd], [target.mean_[0], target.scale_[0]])


def test_without_standardize_numbers_stay_as_they_are(prepared: Prepare) -> None:
    dataset = prepared(rows([f"{i},{i / 7}" for i in range(10)]), standardize=False, validation=0.0, test=0.0)
    assert dataset.train.inputs[:, 0].tolist() == list(range(10))
    assert (dataset.validation, dataset.test) == (None, None)
    assert (dataset.input_mean.tolist(), dataset.input_sd.tolist()) == ([0.0], [1.0])


@pytest.mark.parametrize(
    ("targets", "task", "names"),
    [
        (["yes", "no"], "classification", ("no", "yes")),
        (["True", "False"], "classification", ("False", "True")),
        (["1", "-1"], "classification", ("-1", "1")),
        (["10", "9.0", "2"], "classification", ("2", "9", "10")),
        ([str(i) for i in range(20)], "classification", tuple(map(str, range(20)))),
        ([str(i) for i in range(21)], "regression", None),
        (["0.5", "1", "2"], "regression", None),
    ],
)
def test_the_task_is_inferred_and_said(prepared: Prepare, targets: list[str], task: str, names: Any) -> None:
    dataset = prepared(rows([f"{i},{target}" for i, target in enumerate(targets * 5)]))
    assert (dataset.task, dataset.classes) == (task, names)
    assert any(notice.startswith(f"task: {task}") and "inferred" in notice for notice in dataset.notices)


def test_codes_point_at_the_classes(prepared: Prepare) -> None:
    dataset = prepared(rows([f"{i},{'ba'[i % 2]}" for i in range(10)]), standardize=False, validation=0.0, test=0.0)
    assert dataset.train.targets.tolist() == [1, 0] * 5
    assert dataset.train.targets.dtype == np.int64


def test_the_task_can_be_said(prepared: Prepare) -> None:
    integers = rows([f"{i},{i % 4}" for i in range(20)])
    dataset = prepared(integers, task="regression")
    assert dataset.classes is None
    assert dataset.train.targets.dtype == np.float64
    halves = prepared(rows([f"{i},{i % 2 / 2}" for i in range(20)]), task="classification")
    assert halves.classes == ("0", "0.5")


def test_bool_classes_of_an_archive(tmp_path: Path) -> None:
    np.savez(tmp_path / "some.npz", x=np.arange(10.0)[:, None], y=np.arange(10) % 2 == 0)
    options = OPTIONS | {"source": "some.npz"}
    dataset = prepare(load(options, tmp_path)[0], options, (0,))
    assert dataset.classes == ("false", "true")


@pytest.mark.parametrize(("drop", "shapes"), [((), ((2, 3),)), (("x.4",), ((5,),))])
def test_inputs_keep_the_shape_of_the_archive_while_they_are_whole(tmp_path: Path, drop: Any, shapes: Any) -> None:
    random = np.random.default_rng(0)
    np.savez(tmp_path / "some.npz", x=random.normal(size=(40, 2, 3)), y=random.normal(size=40))
    chosen = OPTIONS | {"source": "some.npz", "drop": drop}
    dataset = prepare(load(chosen, tmp_path)[0], chosen, (3,))
    assert dataset.shapes == shapes
    assert dataset.train.inputs.shape[1] == np.prod(shapes)


@pytest.mark.parametrize("missing", ["mean", "drop"])
def test_infinities_count_as_missing(tmp_path: Path, missing: str) -> None:
    x = np.arange(12.0)[:, None]
    x[4] = np.inf
    np.savez(tmp_path / "some.npz", x=x, y=np.arange(12) / 7)
    options = OPTIONS | {"source": "some.npz", "validation": 0.0, "test": 0.0}
    table = load(options, tmp_path).source
    with pytest.raises(InputError, match=r"some\.npz: row index 4: column 'x\.0': found inf"):
        prepare(table, options, (0,))
    dataset = prepare(table, options | {"missing": missing}, (0,))
    assert len(dataset.train.inputs) == (12 if missing == "mean" else 11)
    assert dataset.input_mean.tolist() == [pytest.approx((66 - 4) / 11)]


def test_a_missing_text_is_no_category(prepared: Prepare) -> None:
    cells = [f"{'NA' if i == 2 else 'uv'[i % 2]},{i / 7}" for i in range(10)]
    dataset = prepared(rows(cells), missing="mean", validation=0.0, test=0.0)
    assert dataset.input_names == ("a=u", "a=v")
    assert dataset.train.inputs.sum(axis=1).tolist() == [1, 1, 0, *[1] * 7]


def test_dropped_rows_keep_their_line_numbers(prepared: Prepare) -> None:
    cells = [f"{'' if i == 0 else i},{i / 7 if i != 5 else 'NA'}" for i in range(10)]
    with pytest.raises(InputError, match=r"some\.csv:7: target 'y': missing.*data\.missing: drop"):
        prepared(rows(cells), missing="error")
    assert any(
        "8 of 10 rows kept; 1 row without a target" in notice for notice in prepared(rows(cells), missing="drop").notices
    )
    filled = prepared(rows(cells), missing="mean", validation=0.0, test=0.0)
    assert "missing: mean: some.csv: 9 of 10 rows kept; 1 row without a target." in filled.notices
    assert sorted(filled.train.targets.ravel() * filled.target_sd + filled.target_mean) == pytest.approx(
        [i / 7 for i in range(10) if i != 5]
    )
    cells = [f"{'' if i == 0 else i},{'x' if i < 6 else 'z'}" for i in range(10)]
    with pytest.raises(InputError, match=r"other\.csv:4: target 'y': 'w' is no class"):
        prepared(rows(cells), rows([",x", "1,x", "2,w"]), missing="drop")
    dataset = prepared(rows(cells), missing="drop")
    assert any("9 of 10 rows" in notice for notice in dataset.notices)


def test_a_constant_column_has_sd_one_and_a_warning(prepared: Prepare) -> None:
    dataset = prepared(rows([f"0.1,{i},{i / 7},only" for i in range(30)], "a,b,y,c"), target="y")
    assert dataset.input_sd[0] == 1.0
    assert dataset.train.inputs[:, 0].tolist() == [0.0] * 18
    assert dataset.warnings == ("some.csv: constant in the training rows, so sd 1: 'a', 'c'.",)


def test_an_unseen_category_is_all_zeros_with_a_warning(prepared: Prepare) -> None:
    source = rows([f"{'uv'[i % 2]},{i / 7}" for i in range(10)])
    dataset = prepared(source, rows(["u,1", "new,2", "v,3"]))
    assert dataset.test is not None
    assert dataset.test.inputs.tolist() == [[1, 0], [0, 0], [0, 1]]
    assert any("'new'" in warning and "1 test" in warning for warning in dataset.warnings)


def test_a_fixed_split_learns_from_the_source_only(prepared: Prepare) -> None:
    source = rows([f"{i},{i},{i / 7}" for i in range(20)], "a,b,y")
    test = rows(["0.5,1000,0", "0.25,2000,1"], "y,b,a")
    dataset = prepared(source, test, standardize=False, standardize_target=False)
    assert dataset.test is not None
    assert dataset.validation is not None
    assert (len(dataset.train.inputs), len(dataset.validation.inputs)) == (16, 4)
    assert dataset.test.inputs.tolist() == [[0, 1000], [1, 2000]]
    assert dataset.test.targets.tolist() == [0.5, 0.25]
    scaled, alone = prepared(source, test), prepared(source, test=0.0)
    np.testing.assert_array_equal(scaled.input_mean, alone.input_mean)
    assert scaled.digest != alone.digest


@pytest.mark.parametrize(("header", "warned"), [("0.1257,yes", True), ("-3,y", True), ("0,y", False), ("nan,y", False)])
def test_values_in_place_of_a_header_are_warned_of(prepared: Prepare, header: str, warned: bool) -> None:
    found = prepared(rows([f"{i / 7},{'uv'[i % 2]}" for i in range(20)], header)).warnings
    assert [text for text in found if "taken for the names of the columns" in text] == list(found)
    assert len(found) == warned


def test_huge_targets_are_warned_of(prepared: Prepare) -> None:
    content = rows([f"{i},{1e5 + i / 7}" for i in range(30)])
    assert any("standardize_target" in warning for warning in prepared(content, standardize_target=False).warnings)
    assert prepared(content).warnings == ()


def test_a_stray_among_numbers_is_refused_by_row_or_missing_with_a_warning(prepared: Prepare) -> None:
    content = rows([f"{i if i != 6 else '6?'},{i / 7}" for i in range(30)])
    with pytest.raises(InputError, match=r"column 'a': missing cell\. No number: '6\?' \(some\.csv:8\)"):
        prepared(content)
    dataset = prepared(content, missing="mean", validation=0.0, test=0.0)
    assert dataset.input_names == ("a",)
    assert any("1 cell," in warning and "'6?' (some.csv:8)" in warning for warning in dataset.warnings)


NUMBERS = rows([f"{i},{i},{i / 7}" for i in range(20)], "a,b,y")
CLASSES = rows([f"{i},{'xz'[i % 2]}" for i in range(20)])


@pytest.mark.parametrize(
    ("content", "options", "parts"),
    [
        (NUMBERS, {"drop": ("c", "y")}, ["data.drop: no column 'c'", "'a', 'b'", "data.drop: 'y' is the target"]),
        (NUMBERS, {"drop": ("a", "b")}, ["no column is left"]),
        (rows(["1", "2"], "y"), {}, ["no column is left"]),
        (rows(["1,x"] * 9), {}, ["two classes", "'x'", "9 rows"]),
        (rows([f"{i},{'x' if i else 'z'}" for i in range(9)]), {}, ["'z' has 1 row,", "'x' 8, 'z' 1"]),
        (rows([f"{i},{i}" for i in range(9)]), {}, ["class '0' has 1 row,", "data.task: regression"]),
        (CLASSES, {"task": "regression"}, ["regression needs numbers", "'x' (some.csv:2)"]),
        (
            rows([f"NA,{i / 7}" for i in range(9)]),
            {"missing": "mean"},
            ["column 'a'", "no training row", "data.drop: [a]"],
        ),
        (rows([f"NA,{i / 7}" for i in range(9)]), {"missing": "drop"}, ["leaves none of 9 rows"]),
        (
            rows([f"t{i},{i / 7}" for i in range(300)]),
            {},
            ["column 'a': identifier, 300 different texts", "no column is left"],
        ),
        (rows([f'"{i},5",{i / 7}' for i in range(9)]), {}, ["column 'a' '0,5'", "column 'y'", "data.decimal"]),
        (rows([f"{i}e306,{i / 7}" for i in range(99)]), {}, ["column 'a'", "too large"]),
        (rows([f"{i},{i}e200" for i in range(99)]), {}, ["target 'y'", "too large"]),
        (NUMBERS, {"validation": 0.5, "test": 0.5}, ["data.validation + data.test"]),
    ],
)
def test_refused_with_what_to_do(prepared: Prepare, content: str, options: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        prepared(content, **options)
    assert all(part in str(caught.value) for part in parts), str(caught.value)


@pytest.mark.parametrize(
    ("test_content", "parts"),
    [
        (rows(["1,x"], "b,y"), ["other.csv", "found no 'a'", "no column 'b'"]),
        (rows(["u,x"]), ["other.csv:2: column 'a'", "No number: 'u'"]),
        (rows(["1,x", "2,w"]), ["other.csv:3", "'w' is no class", "'x', 'z'"]),
        (rows(["1,x", ",x"]), ["other.csv:3", "column 'a'", "missing"]),
    ],
)
def test_test_rows_that_do_not_fit_are_refused(prepared: Prepare, test_content: str, parts: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        prepared(CLASSES, test_content)
    assert all(part in str(caught.value) for part in parts), str(caught.value)


def test_no_control_character_of_a_name_reaches_a_message(prepared: Prepare) -> None:
    header = '"a\n\x1b[2J",y'
    with pytest.raises(InputError) as caught:
        prepared(rows(["1,2", ",3"], header))
    assert "data.drop: ['a\\n\\x1b[2J']" in str(caught.value)
    dataset = prepared(rows([f"{'uv'[i % 2]},{i / 7}" for i in range(10)], header))
    assert all(text.isprintable() for text in (str(caught.value), *dataset.notices, *dataset.warnings))


def test_the_rows_of_the_options_are_sound() -> None:
    assert len({row.name for row in DATA}) == len(DATA)
    assert all(row.scope == "never" and row.help for row in DATA)
    assert all(row.default in (*row.choices, None, (), {}) for row in DATA if row.kind == "choice")


@pytest.mark.parametrize("level", [98.0, -1e6])
def test_a_target_far_from_zero_trains_like_one_about_zero(prepared: Prepare, level: float) -> None:
    """The targets that are trained on are the same: a mean far away is taken off before any precision is lost."""
    random = np.random.default_rng(3)
    x, noise = random.normal(size=200), random.normal(size=200)
    near, far = (
        prepared(rows([f"{a},{offset + scale * b}" for a, b in zip(x, noise, strict=True)]))
        for offset, scale in ((0.0, 1.0), (level, 0.7))
    )
    assert far.target_mean == pytest.approx(level, abs=1)
    assert far.target_sd == pytest.approx(0.7 * near.target_sd)
    for part in ("train", "validation", "test"):
        ours, theirs = getattr(near, part), getattr(far, part)
        np.testing.assert_array_equal(ours.inputs, theirs.inputs)
        np.testing.assert_allclose(ours.targets, theirs.targets, atol=1e-8)


def test_classes_ignore_the_scaling_of_a_target(prepared: Prepare) -> None:
    assert (prepared(CLASSES).target_mean, prepared(CLASSES).target_sd) == (0.0, 1.0)


def test_ids_as_categories_are_refused_with_the_remedy_that_works(prepared: Prepare) -> None:
    content = rows([f"id-{i},{i},{i / 7}" for i in range(60)], "name,b,y")
    with pytest.raises(
        InputError, match=r"12 of 12 validation rows hold texts that no training row holds.*data\.drop: \[name\]"
    ):
        prepared(content, columns={"name": "category"})
    assert prepared(content, columns={"name": "category"}, drop=("name",)).input_names == ("b",)
    assert prepared(content).input_names == ("b",)


def test_many_categories_keep_the_most_frequent_and_say_so(prepared: Prepare) -> None:
    codes = [f"k{i % 150 if i % 3 else i % 5}" for i in range(900)]
    dataset = prepared(rows([f"{code},{i / 7}" for i, code in enumerate(codes)]), validation=0.0, test=0.0)
    assert len(dataset.input_names) == 100
    assert {"a=k0", "a=k1", "a=k2", "a=k3", "a=k4"} <= set(dataset.input_names)
    assert any("the 100 most frequent become inputs" in warning for warning in dataset.warnings)
