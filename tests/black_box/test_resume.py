"""A study that was cut short, in whatever way, ends with the leaderboard of one that was not."""

from __future__ import annotations

import json
import random
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.black_box.hpt_command import Ended, Hpt, records, timeless

Small = tuple[Hpt, Ended]

# About a second of training, in fifteen generations.
KILLED = """
data: iris
model: {hidden: {values: [[8], [10], [16]]}, dropout: {values: [0.0, 0.2]}}
optimizer: {choose: [sgd, adam]}
training: {epochs: 24, batch_size: {values: [8, 16]}, checkpoint: best_validation}
study:
  trials: 60
  population: 4
  pruner: {type: halving, min_epochs: 4}
  constraints: [parameters<=100, validation_accuracy>=0.9]
"""
CHAINS, KILLS = 4, 5


def test_twenty_kills_change_nothing(tmp_path: Path) -> None:
    whole = Hpt(tmp_path)
    whole.write("killed.yaml", KILLED)
    expected = whole("tune", "killed.yaml", "--jobs", 1, "--json", "--quiet", "--name", "whole").document
    lines = (tmp_path / "runs/whole/trials.jsonl").read_bytes()
    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(lambda chain: _killed_and_resumed(whole, chain, lines), range(CHAINS)))
    for chain, (document, reached) in enumerate(ends):
        assert timeless(document) == timeless(expected)
        folder = tmp_path / f"runs/chain-{chain}"
        assert (folder / "trials.jsonl").read_bytes() == lines
        assert (folder / "best.yaml").read_text().replace(f"chain-{chain}", "whole") == (
            tmp_path / "runs/whole/best.yaml"
        ).read_text()
        assert (folder / "best.npz").exists()
        assert reached == sorted(reached)
    # Kills that all fell before the first record, or after the last, would prove nothing.
    assert sum(0 < count < 60 for _, reached in ends for count in set(reached)) >= CHAINS


def _killed_and_resumed(hpt: Hpt, chain: int, lines: bytes) -> tuple[dict[str, Any], list[int]]:
    """Starts one study again and again, kills each process at a random moment, then lets it end.

    Gives its document and how many trials stood in its records after each kill.
    """
    moments = random.Random(chain)
    command = ("tune", "killed.yaml", "--name", f"chain-{chain}", "--json", "--quiet", "--resume")
    path = hpt.folder / f"runs/chain-{chain}/trials.jsonl"
    reached = []
    for kill in range(KILLS):
        size = path.stat().st_size if path.exists() else 0
        process = hpt.start(*command, "--jobs", 1 + kill % 2)
        # Some moments are counted from the start, most from the first generation recorded.
        patience = time.monotonic() + (moments.uniform(0, 1) if kill == 1 else 20)
        while time.monotonic() < patience and process.poll() is None:
            if path.exists() and path.stat().st_size > size:
                time.sleep(moments.uniform(0, 0.15))
                break
            time.sleep(0.002)
        process.kill()
        process.communicate()
        stored = path.read_bytes() if path.exists() else b""
        assert lines.startswith(stored)
        reached.append(stored.count(b"\n"))
    return hpt(*command, "--jobs", 1 + chain % 2).document, reached


@pytest.fixture
def half(small: Small, hpt: Hpt) -> Path:
    """The folder of the small run as if killed: two of its three generations recorded."""
    folder = hpt.folder / "runs/small"
    shutil.copytree(small[0].folder / "runs/small", folder)
    _cut(folder, 8)
    return folder


def _cut(folder: Path, lines: int, more: bytes = b"") -> None:
    path = folder / "trials.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:lines]) + more)


RESUME = ("tune", "small.yaml", "--jobs", 1, "--resume", "--json")


@pytest.mark.parametrize(("kept", "torn"), [(0, b""), (8, b'{"trial":8,"gener'), (10, b""), (11, b"\xff")])
def test_torn_lines_and_incomplete_generations_are_trained_again(
    small: Small, hpt: Hpt, half: Path, kept: int, torn: bytes
) -> None:
    shutil.copy(small[0].folder / "runs/small/trials.jsonl", half)
    _cut(half, kept, torn)
    resumed = hpt(*RESUME)
    assert timeless(resumed.document) == timeless(small[1].document)
    assert (half / "trials.jsonl").read_bytes() == (small[0].folder / "runs/small/trials.jsonl").read_bytes()
    assert ("torn" in resumed.err) == bool(torn)
    assert ("incomplete" in resumed.err) == (kept % 4 > 0)


@pytest.mark.parametrize("garbage", [b"\x00", b'{"trial":3}\n', b"\n"])
def test_garbage_in_the_middle_is_refused_by_line(hpt: Hpt, half: Path, garbage: bytes) -> None:
    lines = (half / "trials.jsonl").read_bytes().splitlines(keepends=True)
    damaged = b"".join([*lines[:2], garbage, *lines[2:]])
    (half / "trials.jsonl").write_bytes(damaged)
    refused = hpt(*RESUME, code=2)
    assert "trials.jsonl:3:" in refused.errors[0]
    assert refused.out == ""
    assert (half / "trials.jsonl").read_bytes() == damaged


def test_resuming_a_complete_run_prints_its_result(small: Small, hpt: Hpt, half: Path) -> None:
    shutil.copy(small[0].folder / "runs/small/trials.jsonl", half)
    before = (half / "trials.jsonl").read_bytes()
    again = hpt(*RESUME)
    assert timeless(again.document) == timeless(small[1].document)
    assert (half / "trials.jsonl").read_bytes() == before
    assert json.loads((half / "run.json").read_text())["status"] == "completed"


def test_resuming_nothing_begins(small: Small, hpt: Hpt) -> None:
    assert timeless(hpt(*RESUME).document) == timeless(small[1].document)


def test_a_lost_best_is_made_again(small: Small, hpt: Hpt, half: Path) -> None:
    for name in ("best.yaml", "best.npz"):
        (half / name).unlink()
    hpt(*RESUME)
    for name in ("best.yaml", "best.npz"):
        assert (half / name).read_bytes() == (small[0].folder / "runs/small" / name).read_bytes()


def test_more_trials_continue_after_the_last(hpt: Hpt, half: Path) -> None:
    before = (half / "trials.jsonl").read_bytes()
    document = hpt(*RESUME, "--trials", 18).document
    assert document["trials"]["total"] == 18
    assert (half / "trials.jsonl").read_bytes().startswith(before)
    assert [record["of"] for record in records(half)][8:] == [4] * 8 + [2] * 2
    fewer = hpt(*RESUME, "--trials", 4).document
    assert fewer["trials"]["total"] == 18
    # What is done stays done, also in what the folder says was asked for.
    assert json.loads((half / "run.json").read_text())["trials"] == 18
    assert "trials: 18" in (half / "config.yaml").read_text()


def test_a_grid_asks_for_no_more_than_its_points(hpt: Hpt) -> None:
    hpt.write(
        "grid.yaml",
        """
data: iris
model: {hidden: [4]}
optimizer: {name: sgd, learning_rate: {values: [0.01, 0.1, 0.3]}}
training: {epochs: 2, batch_size: {values: [16, 32]}}
study: {sampler: grid}
""",
    )
    assert hpt("tune", "grid.yaml", "--trials", 4, "--json").document["trials"]["total"] == 4
    assert hpt("tune", "grid.yaml", "--resume", "--json").document["trials"]["total"] == 6
    (run,) = hpt("show", "--json").document["runs"]
    assert (run["records"], run["trials"]) == (6, 6)


def test_the_timeout_may_differ(hpt: Hpt, half: Path) -> None:
    assert hpt(*RESUME, "--timeout", 1000).document["status"] == "completed"


@pytest.mark.parametrize(
    ("path", "value", "known"),
    [
        ("optimizer.sgd.learning_rate.max", "0.5", "0.5"),
        ("training.epochs", "5", "training.epochs: 4 in the run, 5 now"),
        ("data.source", "wine", "wine"),
        ("study.population", "6", "study.population"),
    ],
)
def test_another_study_is_refused_with_what_differs(hpt: Hpt, half: Path, path: str, value: str, known: str) -> None:
    before = {entry.name: entry.read_bytes() for entry in half.iterdir()}
    refused = hpt(*RESUME, "--set", f"{path}={value}", code=2)
    assert any(known in line for line in refused.errors)
    assert {entry.name: entry.read_bytes() for entry in half.iterdir() if entry.name in before} | {
        ".lock": before.get(".lock")
    } == before | {".lock": before.get(".lock")}


def test_other_data_is_refused(hpt: Hpt) -> None:
    rows = [f"{i % 7},{i % 5},{i * 0.5}" for i in range(40)]
    hpt.write("points.csv", "a,b,c\n" + "\n".join(rows) + "\n")
    run = ("tune", "points.csv", "--jobs", 1, "--trials", 4, "--quiet", "--json")
    hpt(*run)
    assert hpt(*run, "--resume").document["trials"]["total"] == 4
    hpt.write("points.csv", "a,b,c\n" + "\n".join([*rows[:-1], "1,1,1"]) + "\n")
    refused = hpt(*run, "--resume", code=2)
    assert any("data" in line and "points.csv" in line for line in refused.errors)


def test_the_run_of_another_version_is_told(hpt: Hpt, half: Path) -> None:
    facts = json.loads((half / "run.json").read_text())
    (half / "run.json").write_text(json.dumps({**facts, "schema": "hpt.run/0"}))
    refused = hpt(*RESUME, code=2)
    assert "hpt.run/0" in refused.err
    assert "hpt.run/1" in refused.err
    (half / "run.json").write_text(json.dumps({**facts, "versions": {**facts["versions"], "numpy": "1.0"}}))
    assert "numpy 1.0" in hpt(*RESUME).err


def test_a_folder_is_gone_on_with_by_its_name_or_path(hpt: Hpt) -> None:
    hpt("tune", "small.yaml", "--jobs", 1, "--quiet", "--trials", 8)
    (hpt.folder / "runs/small").rename(hpt.folder / "elsewhere")
    more = hpt("tune", "elsewhere", "--resume", "--jobs", 1, "--json", "--quiet", "--trials", 12).document
    assert (more["run"], more["trials"]["total"]) == ("elsewhere", 12)
    (hpt.folder / "elsewhere").rename(hpt.folder / "runs/again")
    assert hpt("tune", "again", "--resume", "--json", "--quiet").document["run"] == "runs/again"
    assert "--resume" in hpt("tune", "again", code=2).errors[0]
