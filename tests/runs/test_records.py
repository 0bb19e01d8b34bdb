"""`trials.jsonl`: what was written comes back, and no cut of the file loses more than its last generation."""

from __future__ import annotations

import json
import os
import string
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpt.foundation.errors import InputError, RunError
from hpt.runs import records
from hpt.runs.records import append, decode, encode, read
from hpt.runs.trial_record import STATES, TrialRecord

finite = st.floats(allow_nan=False, allow_infinity=False)
names = st.text(string.ascii_letters + '._0é→"\\\u2028\x85', min_size=1, max_size=8)
cells = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | finite | names
stored = st.builds(
    TrialRecord,
    trial=st.integers(0, 2**31),
    generation=st.integers(0, 999),
    of=st.integers(1, 99),
    state=st.sampled_from(STATES),
    epochs=st.integers(0, 999),
    reason=st.sampled_from(["epochs", "pruned"]),
    criterion=st.none() | names,
    value=st.none() | finite,
    parameters=st.dictionaries(names, cells, max_size=3),
    coordinates=st.dictionaries(names, cells, max_size=3),
    metrics=st.dictionaries(names, st.none() | finite, max_size=3),
    history=st.integers(0, 3).flatmap(
        lambda epochs: st.dictionaries(
            names, st.lists(st.none() | finite, min_size=epochs, max_size=epochs).map(tuple), max_size=2
        )
    ),
)


def record(trial: int, of: int, first: int, **changes: Any) -> TrialRecord:
    values: dict[str, Any] = {
        "trial": trial,
        "generation": first,
        "of": of,
        "state": "completed",
        "epochs": 2,
        "reason": "epochs",
        "criterion": None,
        "value": 0.1 * trial,
        "parameters": {"optimizer": "größer"},
        "coordinates": {},
        "metrics": {"train_loss": 0.5},
        "history": {"train_loss": (1.0, 0.5)},
    }
    return TrialRecord(**values | changes)


def generations(*sizes: int) -> list[list[TrialRecord]]:
    """Records in generations of these sizes."""
    starts = [sum(sizes[:index]) for index in range(len(sizes))]
    return [
        [record(trial, size, number) for trial in range(start, start + size)]
        for number, (start, size) in enumerate(zip(starts, sizes, strict=True))
    ]


def written(path: Path, *sizes: int) -> list[list[TrialRecord]]:
    size = 0
    for generation in (made := generations(*sizes)):
        size = append(path, generation, size)
    assert size == path.stat().st_size
    return made


@given(stored)
def test_a_record_comes_back_as_it_was_on_one_line(one: TrialRecord) -> None:
    line = encode(one)
    assert "\n" not in line
    assert repr(decode(line.encode(), TrialRecord)) == repr(one)


@given(st.lists(stored, min_size=1, max_size=4))
def test_a_generation_comes_back_whatever_it_holds(
    tmp_path_factory: pytest.TempPathFactory, some: list[TrialRecord]
) -> None:
    path = tmp_path_factory.mktemp("records") / "trials.jsonl"
    generation = [replace(one, trial=index, of=len(some), generation=0) for index, one in enumerate(some)]
    append(path, generation, 0)
    assert repr(read(path, TrialRecord).records) == repr(tuple(generation))


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode(record(0, 1, 0, value=float("nan")))


def test_no_file_holds_nothing(tmp_path: Path) -> None:
    found = read(tmp_path / "trials.jsonl", TrialRecord)
    assert (found.records, found.size, found.warnings) == ((), 0, ())


def test_a_file_cut_at_any_byte_keeps_its_whole_generations(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    made = written(path, 2, 3, 1)
    content = path.read_bytes()
    ends = [0]
    for generation in made:
        ends.append(ends[-1] + sum(len(encode(one).encode()) + 1 for one in generation))
    for cut in range(len(content) + 1):
        path.write_bytes(content[:cut])
        found = read(path, TrialRecord)
        whole = max(end for end in ends if end <= cut)
        assert found.size == whole
        assert list(found.records) == [one for generation in made[: ends.index(whole)] for one in generation]
        assert bool(found.warnings) == (cut not in ends)


@pytest.mark.parametrize("torn", [0, 1, 40, 300, 500])
def test_what_is_appended_stands_behind_the_whole_generations(tmp_path: Path, torn: int) -> None:
    path = tmp_path / "trials.jsonl"
    made = written(path, 2, 3, 1)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - torn])
    found = read(path, TrialRecord)
    size = found.size
    for generation in made:
        if generation[0].trial >= len(found.records):
            size = append(path, generation, size)
    assert path.read_bytes() == content


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    written(path, 2, 2)
    lines = path.read_bytes().splitlines(keepends=True)
    for number in range(1, 4):
        for damage in (b"", b"{}\n", b"\xff" + lines[0], b"[" * 9999 + b"\n", lines[-1]):
            path.write_bytes(b"".join([*lines[: number - 1], damage, *lines[number:]]))
            with pytest.raises(InputError, match=rf"trials\.jsonl:{number}: "):
                read(path, TrialRecord)


def test_fields_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    written(path, 1)
    later = json.dumps(without_checksum(path.read_bytes()) | {"mood": "calm"})
    path.write_text(f'{later[:-1]},"crc":"{crc32(later.encode()):08x}"}}\n')
    assert read(path, TrialRecord).records == (record(0, 1, 0),)


def without_checksum(line: bytes) -> dict[str, Any]:
    return {name: value for name, value in json.loads(line).items() if name != "crc"}


def test_lines_of_before_there_were_checksums_are_read_but_not_between_others(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    made = [one for generation in written(path, 2, 2, 1) for one in generation]
    lines = path.read_bytes().splitlines(keepends=True)
    older = [json.dumps(without_checksum(line)).encode() + b"\n" for line in lines]
    for first in (0, 2, 4, 5):
        path.write_bytes(b"".join([*older[:first], *lines[first:]]))
        assert list(read(path, TrialRecord).records) == made
    for at, told in ((0, 2), (1, 2), (2, 3), (3, 4), (4, 5)):
        path.write_bytes(b"".join([*lines[:at], older[at], *lines[at + 1 :]]))
        with pytest.raises(InputError, match=rf":{told}: crc: expected"):
            read(path, TrialRecord)


def test_every_byte_that_is_overwritten_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    written(path, 2, 2)
    content = path.read_bytes()
    for at, byte in enumerate(content):
        for other in {(b"0", b" ", b"\n", b"\r", b'"', b"x", b"\xff")[at % 7], bytes([byte ^ 1])} - {bytes([byte])}:
            path.write_bytes(content[:at] + other + content[at + 1 :])
            if at == len(content) - 1:
                assert "torn" in read(path, TrialRecord).warnings[0]
                continue
            with pytest.raises(InputError, match=r"trials\.jsonl:\d: "):
                read(path, TrialRecord)


def test_lines_that_are_whole_but_out_of_order_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    lines = [encode(one) for one in (record(0, 2, 0), record(1, 2, 0), record(2, 2, 1), record(3, 2, 1))]
    for wrong, told in (
        (record(1, 3, 0), "of: expected 2, found 3"),
        (record(1, 2, 1), "generation: expected 0, found 1"),
        (record(7, 2, 0), "trial: expected 1, found 7"),
    ):
        path.write_text("\n".join([lines[0], encode(wrong), *lines[2:]]) + "\n")
        with pytest.raises(InputError, match=rf"jsonl:2: {told}"):
            read(path, TrialRecord)


def test_lines_of_an_earlier_version_have_no_phase(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    written(path, 1)
    line = without_checksum(path.read_bytes())
    path.write_text(json.dumps({key: value for key, value in line.items() if key not in ("phase", "setting")}) + "\n")
    assert read(path, TrialRecord).records == (record(0, 1, 0),)


def test_what_cannot_be_written_leaves_what_stood_before(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "trials.jsonl"
    (first, second) = written(path, 1, 2)
    size = len(encode(first[0]).encode()) + 1
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, before[1]))
        with pytest.raises(RunError, match="--resume"):
            append(path, second, size)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert read(path, TrialRecord).records == tuple(first)
    append(path, second, size)
    assert len(read(path, TrialRecord).records) == 3


def test_a_line_that_does_not_end_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of holes: a gigabyte that takes no room in an archive."""
    monkeypatch.setattr(records, "_LONGEST", 2**20)
    path = tmp_path / "trials.jsonl"
    (first,) = written(path, 2)
    size = path.stat().st_size
    os.truncate(path, 2**30)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"trials\.jsonl:3: record: expected at most 1,048,576 bytes, found more"):
            read(path, TrialRecord)
        kept = read(path, TrialRecord, lambda found: len(found) >= 2)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept.records == tuple(first)
    assert kept.size == size
    assert kept.warnings == (f"{path}:3: torn, as a power cut leaves it: dropped, its generation is trained again.",)
    assert most < 2**23


def test_a_file_that_somebody_cut_meanwhile_is_not_filled_with_holes(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    written(path, 2)
    size = path.stat().st_size
    os.truncate(path, size - 7)
    with pytest.raises(RunError, match=r"expected the [\d,]+ bytes that were recorded, found") as refused:
        append(path, [record(2, 1, 1)], size)
    assert "intact" not in str(refused.value)
    assert path.stat().st_size == size - 7
    path.unlink()
    tmp_path.rmdir()
    with pytest.raises(RunError, match="No such file or directory") as refused:
        append(path, [record(2, 1, 1)], size)
    assert "intact" not in str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32-be", "latin-1"])
def test_lines_are_utf_8_alone(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "trials.jsonl"
    path.write_bytes(encode(record(0, 1, 0)).encode(encoding) + b"\n")
    with pytest.raises(InputError, match=r"trials\.jsonl:1: not a trial record \((no UTF-8 at byte \d+|Expecting value: )"):
        read(path, TrialRecord)
