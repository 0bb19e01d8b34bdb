"""The table of `python -m benchmarks.search`, from its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.search_arms import ARMS

Line = Mapping[str, Any]
NAMES = {key: arm.name for key, arm in ARMS.items()}
JUDGED = ("seen", "validation", "test")
RESAMPLES = 4000


def page(lines: Sequence[Line], notes: Sequence[str]) -> str:
    """Markdown: what was run, the table, and what is said beside it."""
    lines = _whole(lines)
    cases = sorted({(line["problem"], line["seed"]) for line in lines})
    problems = sorted({problem for problem, _ in cases})
    regrets = _regrets(lines)
    seeds = f"{len(cases) / len(problems):.1f}".removesuffix(".0")
    said = (
        f"{len(cases)} studies: {', '.join(problems)}, {seeds} seeds each. Regret x 1000: 0 is the best that any arm found on the problem "
        "and seed, 1000 the median of random trials. `seen` is the lowest value of the search; `validation` and `test` are what the winner "
        "is worth on these rows, over 16 fresh initialisations. In brackets: hpt minus this one, with its 95% interval (paired, "
        "bootstrapped over studies); below 0 hpt is better."
    )
    table = ["| trainings | | seen | validation | test |", "| --- | --- | --- | --- | --- |"]
    for budget in sorted({line["budget"] for line in lines}):
        for arm in [arm for arm in NAMES if (arm, budget) in regrets]:
            cells = [_cell(regrets, arm, budget, column) for column in range(len(JUDGED))]
            table.append(f"| {budget} | {NAMES[arm]} | {' | '.join(cells)} |")
    return "\n\n".join([said, "\n".join(table), *_alike(lines), *_covered(lines), *notes]) + "\n"


def _whole(lines: Sequence[Line]) -> list[Line]:
    """The lines of the problems and seeds of which every arm has its own."""
    arms = {line["arm"] for line in lines}
    found: dict[tuple[str, int], set[str]] = {}
    for line in lines:
        found.setdefault((line["problem"], line["seed"]), set()).add(line["arm"])
    return [line for line in lines if found[line["problem"], line["seed"]] == arms]


def _regrets(lines: Sequence[Line]) -> dict[tuple[str, int], NDArray[np.float64]]:
    """By arm and budget: (studies, 3), in one order of studies. A winner no better than a random trial counts as one."""
    least: dict[tuple[str, int], NDArray[np.float64]] = {}
    for line in lines:
        case = (line["problem"], line["seed"])
        worth = np.array([line[key] for key in JUDGED])
        least[case] = np.minimum(least.get(case, worth), worth)
    rows: dict[tuple[str, int], dict[tuple[str, int], NDArray[np.float64]]] = {}
    for line in lines:
        case = (line["problem"], line["seed"])
        validation, test = line["usual"]
        unit = np.maximum(np.array([validation, validation, test]) - least[case], 1e-9)
        regret = (np.array([line[key] for key in JUDGED]) - least[case]) / unit
        rows.setdefault((line["arm"], line["budget"]), {})[case] = 1000 * np.minimum(regret, 1.0)
    return {key: np.array([found[case] for case in sorted(found)]) for key, found in rows.items()}


def _cell(regrets: Mapping[tuple[str, int], NDArray[np.float64]], arm: str, budget: int, column: int) -> str:
    """The mean, and ours minus it with the interval."""
    own = regrets[arm, budget][:, column]
    if arm == "ours" or ("ours", budget) not in regrets:
        return f"**{own.mean():.0f}**"
    differences = regrets["ours", budget][:, column] - own
    random = np.random.default_rng(0)
    means = differences[random.integers(len(own), size=(RESAMPLES, len(own)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{own.mean():.0f} ({differences.mean():+.0f} [{low:+.0f}, {high:+.0f}])"


def _alike(lines: Sequence[Line]) -> list[str]:
    """How alike the winners of two seeds are after the largest budget."""
    budget = max(line["budget"] for line in lines)
    parts = []
    for arm in [arm for arm in NAMES if any(line["arm"] == arm for line in lines)]:
        agreeing, apart = [], []
        for problem in {line["problem"] for line in lines}:
            own = [line for line in lines if (line["arm"], line["budget"], line["problem"]) == (arm, budget, problem)]
            for one, other in combinations(own, 2):
                same = one["optimizer"] == other["optimizer"]
                if one["optimizer"] is not None:
                    agreeing.append(same)
                if same and one["learning_rate"] and other["learning_rate"]:
                    apart.append(abs(np.log10(one["learning_rate"]) - np.log10(other["learning_rate"])))
        if agreeing and apart:
            parts.append(f"{NAMES[arm]} {np.mean(agreeing):.0%} and 10^{np.median(apart):.2f}")
    if not parts:
        return []
    what = "two seeds of a study agree on the optimizer, and how far apart their learning rates are where they do (median factor)"
    return [f"How often {what}, after {budget} trainings: {'; '.join(parts)}."]


def _covered(lines: Sequence[Line]) -> list[str]:
    """How often what is said to be expected holds what the fresh initialisations found."""
    inside = [e["low"] <= line["validation"] <= e["high"] for line in lines if (e := line["expected"])]
    return (
        [f"The interval that `hpt tune` gives for its winner held {np.mean(inside):.0%} of {len(inside)}."] if inside else []
    )
