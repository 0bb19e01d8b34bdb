"""The bundled sets, beside the copies of scikit-learn, and the ways to name a source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import datasets as sklearn_datasets

from hpt.data.datasets import BUNDLED, DATASETS
from hpt.data.load import load
from hpt.data.options import DATA
from hpt.data.prepare import prepare
from hpt.foundation.errors import InputError
from hpt.tables.table import is_text, missing_cells

OPTIONS = {row.name: row.default for row in DATA}
ORIGINALS = {
    "iris": sklearn_datasets.load_iris,
    "wine": sklearn_datasets.load_wine,
    "breast_cancer": sklearn_datasets.load_breast_cancer,
    "digits": sklearn_datasets.load_digits,
    "diabetes": lambda: sklearn_datasets.load_diabetes(scaled=False),
}


@pytest.mark.parametrize("name", DATASETS)
def test_each_row_of_the_table_is_true_and_trains(name: str) -> None:
    entry = DATASETS[name]
    table = entry.function()
    assert table.name == name == entry.name
    facts = (table.target, table.rows, len(table.features))
    assert facts == tuple(getattr(entry, fact) for fact in ("target", "rows", "columns"))
    assert all([entry.summary, entry.licence, entry.reference or entry.formula])
    assert not any(missing_cells(cells).any() for cells in table.columns.values())
    dataset = prepare(table, OPTIONS, (0,))
    assert dataset.task == entry.task
    assert dataset.digest == entry.function().digest


@pytest.mark.parametrize("name", ORIGINALS)
def test_the_numbers_are_the_originals(name: str) -> None:
    table, original = DATASETS[name].function(), ORIGINALS[name]()
    np.testing.assert_array_equal(np.stack([table.columns[column] for column in table.features], axis=1), original.data)
    target = table.columns[table.target]
    expected = original.target_names[original.target] if is_text(target) else original.target
    assert target.tolist() == expected.tolist()


def test_line_is_the_line() -> None:
    table = DATASETS["line"].function()
    x, y = table.columns["x"], table.columns["y"]
    assert 0 <= x.min() < 0.05
    assert 0.95 < x.max() < 1
    noise = y - (2 * x + 1)
    assert -0.1 <= noise.min() < -0.09 < 0.09 < noise.max() < 0.1
    assert (x[0], y[0]) == (0.8444218515250481, 2.714873171132391)


def test_every_stored_file_is_named_with_its_licence() -> None:
    licences = (BUNDLED / "LICENCES.md").read_text(encoding="utf-8")
    assert all(f"`{path.name}`" in licences for path in BUNDLED.glob("*.npz"))


def loaded(folder: Path, **options: Any) -> Any:
    return load(OPTIONS | options, folder)


def test_names_ignore_case_and_files_are_relative(tmp_path: Path) -> None:
    assert loaded(tmp_path, source="Digits")[0].name == "digits"
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.CSV").write_text("a,b\n1,2\n")
    assert loaded(tmp_path, source="sub/a.CSV")[0].name == "a.CSV"


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"source": "digts"}, ["data.source", "'digts'", "Nearest data set: digits", "breast_cancer"]),
        ({"source": "iriss.csv"}, ["data.source", "no such file", "iriss.csv", "Nearest data set: iris"]),
        ({"source": "folder.csv"}, ["folder.csv", "not a regular file"]),
        ({"source": "notes.md"}, ["'notes.md'", ".csv, .tsv"]),
        ({"source": "x" * 5000 + ".csv"}, ["no such file"]),
        ({"source": "a\0.csv"}, ["no such file", "\\x00"]),
        ({"source": "iris", "target": "ash"}, ["data.target", "'species'", "'ash'"]),
        ({"source": "iris", "split": "fixed"}, ["data.test_source"]),
        ({"source": "iris", "test_source": "iris"}, ["data.test_source", "split: fixed"]),
        ({"source": "iris", "split": "fixed", "test_source": "none.npz"}, ["data.test_source", "no such file"]),
    ],
)
def test_sources_that_are_refused(tmp_path: Path, options: dict[str, Any], parts: list[str]) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError) as caught:
        loaded(tmp_path, **options)
    assert all(part in str(caught.value) for part in parts), str(caught.value)
    assert "\0" not in str(caught.value)


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")

    def refused(*_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(InputError, match=r"a\.csv: cannot be read: Permission denied"):
        loaded(tmp_path, source="a.csv")
