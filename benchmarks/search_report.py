"""The table of `python -m benchmarks.search`, from its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.search_arms import ARMS

Line = Mapping[str, Any]
Regrets = dict[tuple[str, int], dict[tuple[str, int], NDArray[np.float64]]]
"""By arm and budget, then by problem and seed: of value seen, validation and test, (3,)."""
NAMES = {key: arm.name for key, arm in ARMS.items()}
JUDGED = ("seen", "validation", "test")
RESAMPLES = 4000
# Of Student's t with 15 degrees, the quantile of a 95% interval of 16 initialisations.
ERRORS = 2.13


def page(lines: Sequence[Line], notes: Sequence[str]) -> str:
    """Markdown: what was run, the table, and what is said beside it."""
    cases = sorted({(line["problem"], line["seed"]) for line in lines})
    problems = sorted({problem for problem, _ in cases})
    regrets = _regrets(lines)
    seeds = f"{len(cases) / len(problems):.1f}".removesuffix(".0")
    said = (
        f"{len(cases)} studies: {', '.join(problems)}, {seeds} seeds each. Regret x 1000: 0 is the best that any arm found on the problem "
        "and seed, 1000 the median of random trials. `seen` is the lowest value of all trainings; `validation` and `test` are what the "
        "winner is worth on these rows, over 16 fresh initialisations. In brackets: hpt minus this one, with its 95% interval (paired, "
        "bootstrapped over the studies that both have); below 0 hpt is better."
    )
    table = ["| trainings | | seen | validation | test |", "| --- | --- | --- | --- | --- |"]
    for budget in sorted({line["budget"] for line in lines}):
        for arm in [arm for arm in NAMES if (arm, budget) in regrets]:
            cells = [_cell(regrets, arm, budget, column) for column in range(len(JUDGED))]
            fewer = len(regrets[arm, budget])
            name = NAMES[arm] if fewer == len(cases) else f"{NAMES[arm]}, {fewer} studies"
            table.append(f"| {budget} | {name} | {' | '.join(cells)} |")
    return "\n\n".join([said, "\n".join(table), *_alike(lines), *_covered(lines), *notes]) + "\n"


def _regrets(lines: Sequence[Line]) -> Regrets:
    """A winner no better than a random trial counts as one."""
    least: dict[tuple[str, int], NDArray[np.float64]] = {}
    for line in lines:
        case = (line["problem"], line["seed"])
        worth = np.array([line[key] for key in JUDGED])
        least[case] = np.minimum(least.get(case, worth), worth)
    found: Regrets = {}
    for line in lines:
        case = (line["problem"], line["seed"])
        validation, test = line["usual"]
        unit = np.maximum(np.array([validation, validation, test]) - least[case], 1e-9)
        regret = (np.array([line[key] for key in JUDGED]) - least[case]) / unit
        found.setdefault((line["arm"], line["budget"]), {})[case] = 1000 * np.minimum(regret, 1.0)
    return found


def _cell(regrets: Regrets, arm: str, budget: int, column: int) -> str:
    """The mean, and ours minus it with the interval over the studies that both have."""
    own = {case: found[column] for case, found in regrets[arm, budget].items()}
    mean = np.mean(list(own.values()))
    if arm == "ours" or ("ours", budget) not in regrets:
        return f"**{mean:.0f}**"
    ours = regrets["ours", budget]
    differences = np.array([ours[case][column] - own[case] for case in sorted(ours.keys() & own.keys())])
    if not len(differences):
        return f"{mean:.0f}"
    random = np.random.default_rng(0)
    means = differences[random.integers(len(differences), size=(RESAMPLES, len(differences)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{mean:.0f} ({differences.mean():+.0f} [{low:+.0f}, {high:+.0f}])"


def _alike(lines: Sequence[Line]) -> list[str]:
    """How alike the winners of two seeds are after the largest budget; and those that are best on fresh validation, whoever found them."""
    budget = max(line["budget"] for line in lines)
    last = [line for line in lines if line["budget"] == budget]
    parts = [f"{NAMES[arm]} {said}" for arm in NAMES if (said := _likeness([line for line in last if line["arm"] == arm]))]
    if not parts:
        return []
    what = "two seeds of a study agree on the optimizer, and how far apart their learning rates are where they do (median factor)"
    best: dict[tuple[str, int], Line] = {}
    for line in sorted(last, key=lambda line: -line["validation"]):
        best[line["problem"], line["seed"]] = line
    bound = f"Each seed is another split too: those that are worth most on it, of all winners, come to {_likeness([*best.values()])}."
    return [f"How often {what}, after {budget} trainings: {'; '.join(parts)}. {bound}"]


def _likeness(lines: Sequence[Line]) -> str:
    """How often two of `lines` of a problem have one optimizer, and the median factor between their rates then; empty without any."""
    agreeing, apart = [], []
    for one, other in combinations(lines, 2):
        same = one["optimizer"] == other["optimizer"]
        if one["problem"] == other["problem"] and one["optimizer"] is not None:
            agreeing.append(same)
        if one["problem"] == other["problem"] and same and one["learning_rate"] and other["learning_rate"]:
            apart.append(abs(np.log10(one["learning_rate"]) - np.log10(other["learning_rate"])))
    return f"{np.mean(agreeing):.0%} and 10^{np.median(apart):.2f}" if agreeing and apart else ""


def _covered(lines: Sequence[Line]) -> list[str]:
    """How often what is said to be expected holds what the fresh initialisations found, whose own error widens it."""
    inside = []
    for line in lines:
        if expected := line["expected"]:
            off = line["validation"] - expected["value"]
            side = expected["high"] - expected["value"] if off > 0 else expected["value"] - expected["low"]
            inside.append(abs(off) <= np.hypot(side, ERRORS * line["error"]))
    if not inside:
        return []
    known = "what 16 fresh initialisations came to, their own error counted"
    return [f"The interval that hpt gives for its winner held {known}, in {np.mean(inside):.0%} of {len(inside)}."]
