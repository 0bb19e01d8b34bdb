"""Do two seeds of a study name the same winner? This checkout beside another.

    python -m benchmarks.agreement --old PATH_OF_ANOTHER_CHECKOUT [--seeds 40] [--trials 200] [--problems NAME,NAME] [--jobs 2]

A study for each seed and each problem of `benchmarks.search` that has several optimizers, in both checkouts. For each checkout: how often
two seeds of a problem have one optimizer, and how far apart their learning rates are where they do (median factor). The difference has
its 95% interval, bootstrapped over the seeds. Some ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import combinations, product
from pathlib import Path

import numpy as np

from benchmarks.checkouts import Checkout, pair
from benchmarks.commands import tune
from benchmarks.search_problems import PROBLEMS, write_data
from hpt.numerics.types import Doubles, Integers

SEVERAL = [name for name, text in PROBLEMS.items() if "choose:" in text]
STATED = {"diabetes": {"data.standardize_target": "true"}}
"""What checkouts have different defaults for, and what makes another problem of it."""
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Winner:
    """What the winner of a study trains with."""

    problem: str
    seed: int
    optimizer: str
    learning_rate: float


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two seeds of one problem each. seeds: (n, 2). same: (n,), whether they have one optimizer. apart: (n,), their rates, in decades."""

    seeds: Integers
    same: Doubles
    apart: Doubles

    @classmethod
    def of(cls, winners: Sequence[Winner]) -> Pairs:
        """All pairs among `winners`."""
        found = [both for both in combinations(winners, 2) if both[0].problem == both[1].problem]
        rates = np.log10([[winner.learning_rate for winner in both] for both in found])
        return cls(
            np.array([[winner.seed for winner in both] for both in found]),
            np.array([float(one.optimizer == other.optimizer) for one, other in found]),
            np.abs(rates[:, 0] - rates[:, 1]),
        )

    def likeness(self, times: Integers) -> tuple[float, float]:
        """The share of pairs with one optimizer, and the median of their rates' distance, where seed s was drawn `times[s]` times.

        NaN where no pair is left.
        """
        weights = times[self.seeds].prod(axis=1).astype(np.float64)
        if not weights.sum():
            return np.nan, np.nan
        share = float((weights * self.same).sum() / weights.sum())
        order = np.argsort(self.apart)
        below = np.cumsum((weights * self.same)[order])
        return share, float(self.apart[order][np.searchsorted(below, below[-1] / 2)]) if below[-1] else np.nan


def table(old: Sequence[Winner], new: Sequence[Winner]) -> str:
    """Markdown: both checkouts, and what the new one has more, with its interval."""
    pairs = Pairs.of(old), Pairs.of(new)
    seeds = 1 + max(winner.seed for winner in (*old, *new))
    random = np.random.default_rng(0)
    drawn = [np.ones(seeds, dtype=np.intp)]
    drawn += [np.bincount(random.integers(seeds, size=seeds), minlength=seeds) for _ in range(RESAMPLES)]
    both = np.array([[each.likeness(times) for each in pairs] for times in drawn])
    share, apart = (both[:, 1] - both[:, 0]).T
    return "\n".join(
        [
            "| | one optimizer | learning rates apart |",
            "| --- | --- | --- |",
            *(f"| {name} | {at[0]:.0%} | 10^{at[1]:.2f} |" for name, at in zip(("old", "new"), both[0], strict=True)),
            f"| new minus old | {_with_interval(share, '+.0%')} | {_with_interval(apart, '+.2f')} |",
        ]
    )


def _with_interval(found: Doubles, form: str) -> str:
    """The first number, and the middle 95% of the others that are known."""
    known = found[1:][np.isfinite(found[1:])]
    if not np.isfinite(found[0]) or not len(known):
        return "unknown"
    low, high = np.quantile(known, [0.025, 0.975])
    return f"{found[0]:{form}} [{low:{form}}, {high:{form}}]"


def winner(trials: int, study: tuple[Checkout, str, int]) -> Winner:
    """The winner of a study of so many `trials`. Raises RuntimeError where the command fails."""
    checkout, problem, seed = study
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_data(folder)
        changes = {"seed": seed} | STATED.get(problem, {})
        code, output = checkout.hpt(*tune(PROBLEMS[problem], folder, trials, 1, changes), "--json", folder=folder)
    if code:
        raise RuntimeError(f"hpt tune of {checkout.root} ended with exit code {code}")
    parameters = json.loads(output)["best"]["parameters"]
    rate = next(value for key, value in parameters.items() if key.endswith("learning_rate"))
    return Winner(problem, seed, parameters["optimizer"], rate)


def main(arguments: Sequence[str]) -> int:
    """Measures, prints; 2 where there is nothing to measure."""
    parser = argparse.ArgumentParser(
        "benchmarks.agreement", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--old", type=Path, required=True, metavar="PATH", help="another checkout of this project")
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--problems", default=",".join(SEVERAL))
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args(arguments)
    try:
        checkouts = pair(chosen.old)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    studies = [
        (checkout, problem, seed)
        for seed, problem, checkout in product(range(chosen.seeds), chosen.problems.split(","), checkouts)
    ]
    with ThreadPoolExecutor(chosen.jobs) as pool:
        winners = list(pool.map(partial(winner, chosen.trials), studies))
    print(table(winners[::2], winners[1::2]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
