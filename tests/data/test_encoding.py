"""How a file became inputs, kept as plain data and applied to another file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpt.data.dataset import Dataset
from hpt.data.datasets import DATASETS
from hpt.data.encoding import Encoding
from hpt.data.load import load
from hpt.data.options import DATA
from hpt.data.prepare import prepare
from hpt.foundation.errors import InputError
from hpt.runs.fields import MismatchError
from hpt.runs.stored_encoding import read_encoding

OPTIONS = {row.name: row.default for row in DATA}
COLOURS = ("red", "green", "blue")


def rows(count: int, start: int = 0) -> list[str]:
    made = []
    for index in range(start, start + count):
        price = f"{index % 37},{index % 10}0 €".replace(".", ",")
        day = f"{1 + index % 28}.{1 + index % 12}.2015"
        number = "-" if index % 9 == 0 else f"{index % 13},5"
        made.append(f"{price};{COLOURS[index % 3]};{day};{index % 5:03};{number};{index % 37 + index % 3},25")
    return made


HEADER = "price;colour;day;code;number;y"


def trained(folder: Path, **options: Any) -> Dataset:
    (folder / "some.csv").write_text("\n".join([HEADER, *rows(120)]) + "\n")
    chosen = OPTIONS | {"source": "some.csv", "missing": "mean"} | options
    return prepare(load(chosen, folder)[0], chosen, (0,))


def again(dataset: Dataset) -> Encoding:
    assert dataset.encoding is not None
    return read_encoding(json.dumps(dataset.encoding.data(), allow_nan=False))


@pytest.mark.parametrize("parts", [(), ("weekday", "month", "hour")])
def test_it_survives_json_to_the_bit_and_gives_the_same_inputs(tmp_path: Path, parts: tuple[str, ...]) -> None:
    dataset = trained(tmp_path, date_parts=parts, validation=0.0, test=0.0)
    encoding = again(dataset)
    assert encoding == dataset.encoding
    new = encoding.new_rows(tmp_path / "some.csv")
    np.testing.assert_array_equal(new.inputs, dataset.train.inputs)
    assert new.places[:2] == ("some.csv:2", "some.csv:3")
    assert tuple(name for encoder in encoding.columns for name in encoder.names) == dataset.input_names
    assert len(dataset.input_names) == 1 + 3 + 1 + 5 + 1 + (7 + 12 + 24 if parts else 0)


def test_new_rows_are_read_as_the_training_rows_were(tmp_path: Path) -> None:
    """A decimal comma, a format, categories: not told anew from a file of few rows, which might tell otherwise."""
    dataset = trained(tmp_path, validation=0.0, test=0.0)
    columns = HEADER.split(";")
    one = dict(zip(columns, rows(3)[2].split(";"), strict=True))
    order = ["colour", "extra", "number", "price", "code", "day"]
    (tmp_path / "new.csv").write_text(
        ";".join(order) + "\n" + ";".join((one | {"extra": "?"})[name] for name in order) + "\n"
    )
    new = again(dataset).new_rows(tmp_path / "new.csv")
    np.testing.assert_array_equal(new.inputs, dataset.train.inputs[2:3])


def test_what_new_rows_hold_beside_is_told(tmp_path: Path) -> None:
    dataset = trained(tmp_path, validation=0.0, test=0.0)
    (tmp_path / "new.csv").write_text(
        "price;colour;day;code;number\n1,5 €;pink;1.1.2016;001;many\n1,5 €;red;1.1.2016;001;2,5\n"
    )
    new = again(dataset).new_rows(tmp_path / "new.csv")
    said = "\n".join(new.warnings)
    assert "no category of the training rows in 1 cell (all zeros): 'pink'" in said
    assert "no number in 1 cell, such as 'many' (new.csv:2)" in said
    (tmp_path / "new.csv").write_text("price;colour\n1,5 €;red\n")
    with pytest.raises(InputError, match="found no 'day', 'code', 'number'"):
        again(dataset).new_rows(tmp_path / "new.csv")


def test_a_file_without_a_header_is_read_again_without_one(tmp_path: Path) -> None:
    (tmp_path / "bare.csv").write_text("".join(f"{index / 7},{'ab'[index % 2]}\n" for index in range(40)))
    chosen = OPTIONS | {"source": "bare.csv", "header": "none", "validation": 0.0, "test": 0.0}
    dataset = prepare(load(chosen, tmp_path)[0], chosen, (0,))
    np.testing.assert_array_equal(again(dataset).new_rows(tmp_path / "bare.csv").inputs, dataset.train.inputs)


def test_archives_are_encoded_too(tmp_path: Path) -> None:
    np.savez(tmp_path / "some.npz", x=np.arange(120.0).reshape(30, 2, 2), y=np.arange(30) / 7)
    chosen = OPTIONS | {"source": "some.npz", "validation": 0.0, "test": 0.0, "drop": ("x.1",)}
    dataset = prepare(load(chosen, tmp_path)[0], chosen, (0,))
    np.testing.assert_array_equal(again(dataset).new_rows(tmp_path / "some.npz").inputs, dataset.train.inputs)
    np.savez(tmp_path / "other.npz", z=np.ones((2, 2)))
    with pytest.raises(InputError, match="expected an array 'x'"):
        again(dataset).new_rows(tmp_path / "other.npz")


@pytest.mark.parametrize("name", DATASETS)
def test_bundled_sets_have_one(name: str) -> None:
    chosen = OPTIONS | {"source": name}
    dataset = prepare(load(chosen, Path())[0], chosen, (0,))
    assert again(dataset) == dataset.encoding


DAMAGE = (None, "x", -1, [], {}, 1e300, [{}], 10**400)


def _places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where plain data hold anything, of lists the first two."""
    yield at
    for key in data if isinstance(data, dict) else range(min(2, len(data))) if isinstance(data, list) else ():
        yield from _places(data[key], (*at, key))


def _with(data: Any, at: tuple[Any, ...], value: Any) -> Any:
    if not at:
        return value
    made = copy(data)
    made[at[0]] = _with(data[at[0]], at[1:], value)
    return made


def test_what_is_no_encoding_is_refused_by_field_and_what_is_taken_reads_a_file(tmp_path: Path) -> None:
    dataset = trained(tmp_path, date_parts=("weekday",))
    assert dataset.encoding is not None
    data = json.loads(json.dumps(dataset.encoding.data()))
    refused = 0
    for at in _places(data):
        for value in DAMAGE:
            try:
                encoding = read_encoding(json.dumps(_with(data, at, value)))
            except MismatchError as error:
                assert error.path.startswith("encoding")
                refused += 1
                continue
            with suppress(InputError), np.errstate(over="ignore"):
                encoding.new_rows(tmp_path / "some.csv")
    assert refused > 0.8 * len(DAMAGE) * len(list(_places(data)))
