"""Two checkouts held against each other: what counts as a difference, and that it is found."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import old_new, same_bits
from benchmarks.checkouts import pair
from benchmarks.commands import ROOT
from benchmarks.kernels import Kernel
from benchmarks.measuring import Effort, MissingError
from benchmarks.old_new import TARGET, in_turns, trainers
from benchmarks.same_bits import difference
from benchmarks.same_bits_cases import CASES, COMPARED, STUDIES, TRAINED
from hpt.numerics.optimizers import OPTIMIZERS


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another checkout, so far with the same contents."""
    kept = shutil.ignore_patterns("__pycache__")
    for folder in ("hpt", "benchmarks"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=kept)
    return tmp_path


def archive(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"a": [1.0, {"b": 2.0}]}, {"a": [1.0, {"b": 2.0}]}, None),
        ({"a": [1.0, {"b": 2.0}]}, {"a": [1.0, {"b": 2.0000000000000004}]}, "a[1].b: 2.0, now 2.0000000000000004"),
        ({"a": 0.0}, {"a": -0.0}, "a: 0.0, now -0.0"),
        ({"a": 1}, {"a": 1.0}, "a: 1, now 1.0"),
        ({"a": float("nan")}, {"a": float("nan")}, None),
        ({"a": 1}, {"a": 1, "b": None}, "b: nothing, now None"),
        ({"a": [1]}, {"a": []}, "a[0]: 1, now nothing"),
        ({"seconds": 1, "cpu_seconds": 2, "a": 1}, {"seconds": 2, "a": 1}, None),
        ({"f": b"one\ntwo"}, {"f": b"one\nzwei"}, "f: line 2: 'two', now 'zwei'"),
        ({"f": b'{"a":1}\n'}, {"f": b'{"a":2}\n'}, "f: line 1: a: 1, now 2"),
        ({"f": archive(w=[1.0])}, {"f": archive(w=[1.0])}, None),
        ({"f": archive(w=[1.0, 2.0])}, {"f": archive(w=[1.0, 3.0])}, "f: w[1][1]: 2.0, now 3.0"),
    ],
)
def test_the_first_difference_is_named(old: Any, new: Any, found: str | None) -> None:
    assert difference(old, new) == found


def test_the_cases_cover_what_was_promised() -> None:
    configs = " ".join(case.config for case in TRAINED)
    used = [name for name in OPTIMIZERS if re.search(rf"(optimizer: |name: ){name}\b", configs)]
    assert used == list(OPTIMIZERS)
    assert len(TRAINED) >= 12
    for key in (
        "dropout",
        "clip_norm",
        "clip_value",
        "warmup",
        "diabetes",
        "float64",
        "best_validation",
        "full",
        "smoothing",
    ):
        assert key in configs
    assert [case.name.partition(",")[0] for case in STUDIES] == ["random", "grid", "tpe"]
    assert "halving" in STUDIES[2].config
    assert all({"runs/case/trials.jsonl", "runs/case/best.npz"} <= set(case.exact) for case in STUDIES)
    assert COMPARED.records == ("runs/case-compare/trials.jsonl",)
    assert len({(case.verb, case.name) for case in CASES}) == len(CASES)


def test_the_same_checkout_is_the_same_and_a_broken_one_is_not(
    other: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(same_bits, "kernels", lambda: (Kernel("own"),))
    monkeypatch.setattr(same_bits, "CASES", [TRAINED[1], COMPARED])
    assert same_bits.main(["--old", str(other)]) == 0
    assert [line.split(" | ")[-1] for line in capsys.readouterr().out.splitlines()[2:]] == ["same |", "same |"]
    page = other / "hpt/numerics/losses.py"
    page.write_text(page.read_text("utf-8") + "\n\nraise RuntimeError\n", encoding="utf-8")
    assert same_bits.main(["--old", str(other), "--only", "train"]) == 1
    assert "exit code 1 in the old checkout" in capsys.readouterr().out


def test_another_learning_rate_is_found(
    other: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(same_bits, "kernels", lambda: (Kernel("own"),))
    (case,) = (case for case in TRAINED if case.name.startswith("dynamic_gd"))
    monkeypatch.setattr(same_bits, "CASES", [case])
    for file in (other / "hpt/numerics/optimizers").glob("*.py"):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("0.999", "0.9990001"), encoding="utf-8")
    assert same_bits.main(["--old", str(other)]) == 1
    assert "--json.settings.optimizer.decay: 0.9990001, now 0.999" in capsys.readouterr().out


@pytest.mark.parametrize("command", [same_bits, old_new])
def test_what_is_no_other_checkout_is_refused(command: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path, ROOT):
        assert command.main(["--old", str(path)]) == 2
    assert capsys.readouterr().err.count("error: --old: expected") == 2


def test_turns_alternate_after_one_that_does_not_count() -> None:
    called: list[tuple[str, int]] = []

    def turn(name: str, seconds: float) -> Any:
        def call(number: int) -> float:
            called.append((name, number))
            return seconds

        return call

    assert in_turns([turn("old", 1.0), turn("new", 2.0)], 2) == ([1.0, 1.0], [2.0, 2.0])
    assert called == [(name, number) for number in range(3) for name in ("old", "new")]


def test_each_process_trains_with_its_own_checkout(other: Path) -> None:
    source = "import sys, hpt; print('ready', flush=True)\nfor _ in sys.stdin: print(len(hpt.__file__), flush=True)"
    with trainers(pair(other), source) as turns:
        found = [turn(0) for turn in turns]
    assert found == [len(str(root.resolve() / "hpt/__init__.py")) for root in (other, ROOT)]


def test_a_slower_checkout_misses_the_target(
    other: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(checkouts: Any, effort: Effort) -> Any:
        raise MissingError("no data")

    monkeypatch.setattr(old_new, "kernels", lambda: (Kernel("own"),))
    rows = [old_new.Row("slow", lambda checkouts, effort: ([TARGET - 0.01], [1.0])), old_new.Row("gone", missing)]
    monkeypatch.setattr(old_new, "ROWS", rows)
    assert old_new.main(["--old", str(other)]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[2].startswith("| own | slow | 0.960 × |")
    assert out[2].endswith("**missed** |")
    assert "skipped: no data" in out[3]


def test_the_command_measures_a_workload_in_both(other: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.old_new", "W1.alone", "--old", str(other), "--quick", "--repeat", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert {line.split(" | ")[1] for line in done.stdout.splitlines()[2:]} == {"W1.alone"}
    assert not done.stderr
