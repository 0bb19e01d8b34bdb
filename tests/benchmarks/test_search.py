"""The page of `python -m benchmarks.search`, from made-up lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import search_arms
from benchmarks.search import _left, _mend, _stored
from benchmarks.search_arms import ARMS
from benchmarks.search_report import page


def line(arm: str, seed: int, validation: float, **changes: Any) -> dict[str, Any]:
    made = {
        "problem": "p",
        "seed": seed,
        "arm": arm,
        "budget": 25,
        "seen": 0.0,
        "validation": validation,
        "test": validation,
        "error": 0.0,
    }
    more = {"usual": [1.0, 1.0], "expected": None, "optimizer": "sgd", "learning_rate": 0.1}
    return made | more | changes


def test_regret_is_relative_to_the_best_and_to_random_trials() -> None:
    lines = [*(line("ours", seed, 0.2) for seed in range(3)), *(line("tpe", seed, 0.6) for seed in range(3))]
    text = page(lines, ["a note"])
    assert "| 25 | hpt tune | **0** | **0** | **0** |" in text
    assert "| 25 | Optuna TPE | 0 (+0 [+0, +0]) | 500 (-500 [-500, -500]) | 500 (-500 [-500, -500]) |" in text
    assert text.rstrip().endswith("a note")
    assert "hpt tune 100% and 10^0.00" in text
    lines += [line("random", 0, 0.1, optimizer="adam"), line("random", 1, 0.1, learning_rate=10.0)]
    assert "of all winners, come to 33% and 10^2.00." in page(lines, ())


def test_arms_are_compared_on_the_studies_that_both_have_and_the_rest_is_measured_next() -> None:
    lines = [line("ours", 0, 0.2), line("tpe", 0, 0.6), line("ours", 1, 9.0)]
    text = page(lines, ())
    assert text.startswith("2 studies: p")
    assert "| 25 | Optuna TPE, 1 studies | 0 (+0 [+0, +0]) | 500 (-500 [-500, -500]) |" in text
    assert _left(lines, {("p", "ours"): "a", ("p", "tpe"): "b"}, 2) == [("p", 1, "tpe", "b")]


def test_what_was_measured_is_reused_while_it_holds(tmp_path: Path) -> None:
    results = tmp_path / "search.jsonl"
    lines = [line("ours", 0, 0.2, digest="old"), line("tpe", 0, 0.6, digest="b"), line("random", 0, 0.6)]
    results.write_text("".join(json.dumps(each) + "\n" for each in lines) + '{"problem": "p", "se', encoding="utf-8")
    digests = {("p", "ours"): "new", ("p", "tpe"): "b"}
    assert [each["arm"] for each in _stored(results, digests)] == ["tpe"]
    assert _left(_stored(results, digests), digests, 1) == [("p", 0, "ours", "new")]
    _mend(results)
    assert results.read_text(encoding="utf-8") == "".join(json.dumps(each) + "\n" for each in lines)


def test_ours_depends_on_the_code_that_draws_and_not_on_its_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def digests(code: str) -> list[str]:
        for part in search_arms.DRAWS:
            path = tmp_path / part
            folder = path if path.suffix == "" else path.parent
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "drawing.py" if path.suffix == "" else path).write_text(code, encoding="utf-8")
        search_arms._drawing_code.cache_clear()
        return [ARMS[arm].digest("iris", "trained") for arm in ("ours", "tpe")]

    monkeypatch.setattr(search_arms, "ROOT", tmp_path)
    before = digests("def draw():\n    return 1\n")
    assert digests('def draw():\n    """Draws."""\n    return 1  # one\n') == before
    changed = digests("def draw():\n    return 2\n")
    assert changed[0] != before[0]
    assert changed[1] == before[1]
    assert ARMS["tpe"].digest("iris", "trained otherwise") != before[1]
    search_arms._drawing_code.cache_clear()


def test_an_arm_names_what_it_lacks() -> None:
    assert search_arms.Arm("none", lambda bench: [], needs=("json", "no_such_package")).missing == ["no_such_package"]


def test_the_coverage_of_what_was_expected() -> None:
    inside, outside = {"low": 0.1, "high": 0.3, "value": 0.2}, {"low": 0.5, "high": 0.6, "value": 0.55}
    lines = [line("ours", 0, 0.2, expected=inside), line("ours", 1, 0.2, expected=outside)]
    assert "in 50% of 2." in page(lines, ())
    assert "in 100% of 2." in page(
        [line("ours", each["seed"], 0.2, expected=each["expected"], error=0.2) for each in lines], ()
    )
