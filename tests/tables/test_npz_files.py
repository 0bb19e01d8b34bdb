"""NumPy archives, honest or not."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hpt.data.options import DATA
from hpt.foundation.errors import InputError
from hpt.tables import npz_files
from hpt.tables.files import read_file

OPTIONS = {row.name: row.default for row in DATA}


def saved(folder: Path, **arrays: Any) -> Path:
    path = folder / "some.npz"
    np.savez_compressed(path, **arrays)
    return path


def test_features_and_target(tmp_path: Path) -> None:
    x = np.arange(6, dtype=np.int32).reshape(3, 2)
    table = read_file(saved(tmp_path, x=x, y=np.array([0.5, 1.5, np.nan])), OPTIONS, None)
    assert list(table.columns) == ["x.0", "x.1", "y"]
    np.testing.assert_array_equal(table.columns["x.1"], [1.0, 3.0, 5.0])
    np.testing.assert_array_equal(table.columns["y"], [0.5, 1.5, np.nan])
    assert table.place(2) == "some.npz: row index 2"


def test_axes_after_the_first_are_flattened_in_c_order(tmp_path: Path) -> None:
    images = np.random.default_rng(0).normal(size=(5, 2, 3))
    table = read_file(saved(tmp_path, images=np.asfortranarray(images), target=np.arange(5)[:, None]), OPTIONS, None)
    np.testing.assert_array_equal(table.columns["images.5"], images[:, 1, 2])
    np.testing.assert_array_equal(table.columns["target"], range(5))
    assert table.shapes == ((2, 3),)
    flat = read_file(saved(tmp_path, images=images.reshape(5, 6), target=np.arange(5)), OPTIONS)
    assert flat.shapes is None
    assert flat.digest != table.digest


@pytest.mark.parametrize(
    ("labels", "expected"),
    [(np.array(["b", "a", ""]), ["b", "a", None]), (np.array([True, False, True]), [True, False, True])],
)
def test_text_and_bool_targets(tmp_path: Path, labels: Any, expected: list[Any]) -> None:
    table = read_file(saved(tmp_path, labels=labels, x=np.ones((3, 1))), OPTIONS, "labels")
    assert table.columns["labels"].tolist() == expected


@pytest.mark.parametrize(
    ("arrays", "target", "parts"),
    [
        ({"x": np.ones((2, 1)), "y": np.array([{}, []], dtype=object)}, None, ["'y'", "Python objects"]),
        ({"x": np.ones((2, 1)), "labels": np.ones(2)}, None, ["which array", "'x' (2, 1)", "'labels' (2,)"]),
        ({"x": np.ones((2, 1)), "y": np.ones(2), "target": np.ones(2)}, None, ["which array"]),
        ({"x": np.ones((2, 1)), "label": np.ones(2)}, "lable", ["no array 'lable'", "Nearest: 'label'"]),
        ({"x": np.ones((2, 1)), "z": np.ones((2, 1)), "y": np.ones(2)}, None, ["exactly one", "'x', 'z'"]),
        ({"y": np.ones(2)}, None, ["exactly one", "none"]),
        ({"x": np.ones((3, 1)), "y": np.ones(2)}, None, ["'y' has 2 rows, 'x' has 3"]),
        ({"x": np.ones((2, 0)), "y": np.ones(2)}, None, ["'x'", "(rows, columns)", "(2, 0)"]),
        ({"x": np.ones((0, 3)), "y": np.ones(0)}, None, ["rows, found none"]),
        ({"x": np.ones((2, 1)), "y": np.ones((2, 2))}, None, ["'y'", "(rows,)", "(2, 2)"]),
        ({"x": np.ones((2, 1)), "y": np.array(1)}, None, ["'y'", "()"]),
        ({"x": np.ones((2, 1), dtype=complex), "y": np.ones(2)}, None, ["'x'", "complex128"]),
        ({"x": np.array([["a"], ["b"]]), "y": np.ones(2)}, None, ["'x'", "numbers", "<U1"]),
        ({"x": np.ones((2, 1)), "y": np.array(["2020-01-01"] * 2, dtype="M8[D]")}, None, ["'y'", "datetime64"]),
        ({"x": np.ones((2, 1)), "y": np.zeros(2, dtype="i4,f8")}, None, ["'y'", "structured"]),
    ],
)
def test_refused_with_reason(tmp_path: Path, arrays: dict[str, Any], target: str | None, parts: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        read_file(saved(tmp_path, **arrays), OPTIONS, target)
    assert all(part in str(caught.value) for part in ["some.npz", *parts]), str(caught.value)


def test_a_bomb_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, x=np.zeros((1000, 1000)), y=np.zeros(1000))
    monkeypatch.setattr(npz_files, "MAX_BYTES", 1_000_000)
    monkeypatch.setattr(npz_files, "_array", lambda *_: pytest.fail("it was loaded"))
    with pytest.raises(InputError, match="unpacks to"):
        read_file(path, OPTIONS)


def test_a_header_that_promises_more_than_it_holds_is_refused(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**12, 4)})
    path = tmp_path / "some.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", header.getvalue() + bytes(64))
        archive.writestr("y.npy", header.getvalue())
    with pytest.raises(InputError, match="declares shape"):
        read_file(path, OPTIONS)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_archives_are_a_table_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "damaged.npz"
    np.savez(path, x=np.ones((2, 2)), y=np.array(["a", "b"]))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content)
    complaints: tuple[str, ...] = ()
    try:
        read_file(path, OPTIONS)
    except InputError as error:
        complaints = error.complaints
    assert all(complaint.startswith("damaged.npz") for complaint in complaints)


def packed(folder: Path, header: bytes, data: bytes = b"", version: bytes = b"\x01\x00") -> Path:
    """An archive whose features have this header."""
    path = folder / "some.npz"
    length = len(header).to_bytes(2 if version == b"\x01\x00" else 4, "little")
    y = io.BytesIO()
    np.save(y, np.ones(2))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", b"\x93NUMPY" + version + length + header + data)
        archive.writestr("y.npy", y.getvalue())
    return path


WHOLE = b"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }\n"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (b"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1", "no readable header"),
        (b"{'descr': '<f8', 'fortran_order': False, 'shape': ((", "no readable header"),
        (b"(" * 5000, "no readable header"),
        (WHOLE + b" " * 20_000, "a header of 20060 bytes"),
        (b"{'descr': '<f8', 'fortran_order': False, 'shape': (2.0, 1), }\n", "no readable shape"),
        (b"{'descr': '<f8', 'fortran_order': False, 'shape': 2, }\n", "no readable shape"),
        (b"{'descr': 'nonsense', 'fortran_order': False, 'shape': (2, 1), }\n", "not a readable"),
        (b"3\n", "no readable header"),
    ],
)
def test_headers_made_up_are_refused_in_one_line_of_our_own(tmp_path: Path, header: bytes, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_file(packed(tmp_path, header, bytes(16)), OPTIONS)
    assert said in str(caught.value)
    assert "pickle" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_headers_of_old_and_new_versions_are_read(tmp_path: Path) -> None:
    old = b"{'descr': '<f8', 'fortran_order': False, 'shape': (2L, 1L), }\n"
    for header, version in ((old, b"\x01\x00"), (WHOLE, b"\x02\x00"), (WHOLE, b"\x03\x00")):
        table = read_file(packed(tmp_path, header, np.array([3.0, 4.0]).tobytes(), version), OPTIONS)
        assert table.columns["x.0"].tolist() == [3.0, 4.0]


@pytest.mark.parametrize(
    ("shape", "dtype", "said"),
    [((2, 200_000), bool, "200000 columns, at most 100000"), ((40_000, 100), np.uint8, "as float64 take")],
)
def test_what_arrays_become_is_counted_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...], dtype: Any, said: str
) -> None:
    monkeypatch.setattr(npz_files, "MAX_BYTES", 10_000_000)
    monkeypatch.setattr(npz_files, "_array", lambda *_: pytest.fail("it was loaded"))
    with pytest.raises(InputError, match=said):
        read_file(saved(tmp_path, x=np.zeros(shape, dtype=dtype), y=np.zeros(shape[0], dtype=np.uint8)), OPTIONS)
