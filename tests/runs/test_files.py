"""Links, pipes, devices and full disks in the place of a run's files."""

from __future__ import annotations

import errno
import io
import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hpt.foundation.errors import InputError, RunError
from hpt.runs import files
from hpt.runs.lock import held, locked
from hpt.runs.records import append, read
from hpt.runs.trial_record import TrialRecord
from tests.runs.test_records import generations

TARGET = b"somebody else's"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere"
    path.write_bytes(TARGET)
    return path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    path = tmp_path / "run"
    path.mkdir()
    return path


def test_no_link_is_followed_to_write(run: Path, target: Path) -> None:
    for name in (".lock", "trials.jsonl", ".run.json.new", "run.json"):
        (run / name).symlink_to(target)
    with pytest.raises(InputError, match=r"\.lock: cannot be written"), locked(run):
        pass
    assert not held(run)
    with pytest.raises(RunError, match="no link is followed"):
        append(run / "trials.jsonl", generations(1)[0], 0)
    files.write_json(run / "run.json", {"a": 1})
    assert not (run / "run.json").is_symlink()
    assert target.read_bytes() == TARGET


def test_no_link_is_followed_to_read(run: Path, target: Path) -> None:
    for where in (target, Path("/dev/zero"), run / "absent"):
        (run / "trials.jsonl").symlink_to(where)
        for reading in (files.read_bytes, files.digest, files.check_regular, lambda path: read(path, TrialRecord)):
            with pytest.raises(InputError, match="found: a link"):
                reading(run / "trials.jsonl")
        (run / "trials.jsonl").unlink()


@pytest.mark.parametrize("kind", ["pipe", "folder", "socket"])
def test_what_is_no_regular_file_is_neither_waited_for_nor_written(run: Path, monkeypatch, kind: str) -> None:
    path = run / "x"
    monkeypatch.chdir(run)
    make: dict[str, Callable[[], object]] = {
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
        "socket": lambda: bound.bind("x"),
    }
    with socket.socket(socket.AF_UNIX) as bound:
        make[kind]()
    for reading in (files.read_bytes, files.digest, files.check_regular):
        with pytest.raises(InputError, match="expected a regular file"):
            reading(path)
    with pytest.raises(RunError):
        append(path, generations(1)[0], 0)


def test_a_file_that_is_too_large_is_not_read(run: Path) -> None:
    path = run / "run.json"
    with path.open("wb") as file:
        file.truncate(2**40)
    for reading in (files.read_bytes, files.digest):
        with pytest.raises(InputError, match="expected at most 2,147,483,648 bytes, found 1,099,511,627,776"):
            reading(path)


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "Make room"),
        (errno.EDQUOT, "Make room"),
        (errno.EIO, "may be failing"),
        (errno.EROFS, "Allow writing"),
        (errno.EACCES, "Allow writing"),
        (errno.EMFILE, "open files"),
    ],
)
def test_advice_is_for_the_error_that_there_was(run: Path, monkeypatch, number: int, advice: str) -> None:
    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "write", fail)
    for writing in (
        lambda: files.write_text(run / "run.json", "x"),
        lambda: append(run / "trials.jsonl", generations(1)[0], 0),
    ):
        with pytest.raises(RunError, match=advice) as told:
            writing()
        assert ("Make room" in str(told.value)) == (advice == "Make room")


def test_what_failed_to_be_replaced_is_as_it_was(run: Path, monkeypatch) -> None:
    path = run / "run.json"
    files.write_text(path, "old")
    for name in ("open", "write", "fsync", "replace"):
        with monkeypatch.context() as patch:

            def fail(*_: object, **__: object) -> int:
                raise OSError(errno.EIO, "Input/output error")

            patch.setattr(os, name, fail)
            with pytest.raises(RunError):
                files.write_text(path, "new")
        assert path.read_text() == "old"
    files.write_text(path, "new")
    assert path.read_text() == "new"


def test_a_file_that_a_user_names_is_written_where_it_points_and_a_pipe_keeps_its_place(run: Path, target: Path) -> None:
    (run / "link").symlink_to(target)
    files.write_named(run / "link", b"by name")
    assert (run / "link").is_symlink()
    assert target.read_bytes() == b"by name"
    os.mkfifo(run / "pipe")
    reader = os.open(run / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        files.write_named(run / "pipe", b"through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert (run / "pipe").is_fifo()
    with pytest.raises(RunError, match=r"run: Is a directory\. Name a file"):
        files.write_named(run, b"")


@pytest.mark.parametrize(
    ("compression", "save"), [(zipfile.ZIP_STORED, np.savez), (zipfile.ZIP_DEFLATED, np.savez_compressed)]
)
def test_arrays_are_packed_as_numpy_does_and_nothing_else_is(compression: int, save: Callable[..., None]) -> None:
    arrays = {"layers.0.weight": np.eye(3, dtype=np.float32), "encoding": np.array("text"), "input.shape.0": np.array([3])}
    buffer = io.BytesIO()
    save(buffer, **arrays)
    content = files.packed(arrays, compression)
    assert content == buffer.getvalue()
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        assert list(stored) == list(arrays)
        assert all(np.array_equal(stored[name], array) for name, array in arrays.items())
    with pytest.raises(ValueError, match="allow_pickle=False"):
        files.packed({"x": np.array([{}])}, compression)
