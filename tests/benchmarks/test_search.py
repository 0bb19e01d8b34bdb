"""The page of `python -m benchmarks.search`, from made-up lines."""

from __future__ import annotations

from typing import Any

from benchmarks.search import _left
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


def test_studies_that_an_arm_lacks_are_left_out_and_measured_next() -> None:
    lines = [line("ours", 0, 0.2), line("tpe", 0, 0.6), line("ours", 1, 9.0)]
    assert page(lines, ()).startswith("1 studies: p")
    assert _left(lines, ["p"], 2, ["ours", "tpe"]) == [("p", 1, ["tpe"])]


def test_the_coverage_of_what_was_expected() -> None:
    inside, outside = {"low": 0.1, "high": 0.3}, {"low": 0.5, "high": 0.6}
    assert "held 50% of 2" in page([line("ours", 0, 0.2, expected=inside), line("ours", 1, 0.2, expected=outside)], ())
