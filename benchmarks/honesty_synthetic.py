"""Is `hpt compare` as honest as it says? Its verdicts on synthetic scores whose truth is known.

    python -m benchmarks.honesty_synthetic [--repetitions 4000] [--studies 12]

Each score is an optimizer's true cost plus its study's split plus noise. True costs are in margins, and the noise is
such that a
difference is close to the margin: the hard case, where wrong differences and wrong equivalences are both within reach.
The second table draws differences directly; the truth is what the Hodges-Lehmann estimate converges to, which for
skewed differences is not their median. About two minutes on one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hpt.compare.statistics import Floats, signed_rank_interval
from hpt.compare.verdicts import Ranking, judge
from hpt.foundation.distributions import clopper_pearson

MARGIN = 0.01
# The spread of a difference, in margins, at which a scan of .3 to 1.5 found most wrong verdicts.
SPREAD = 0.8

Sampler = Callable[[np.random.Generator, tuple[int, ...]], Floats]

NOISE: dict[str, Sampler] = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "t3": lambda rng, shape: rng.standard_t(3, size=shape),
    "lognormal": lambda rng, shape: rng.lognormal(size=shape),
}

# True costs in margins; the first optimizer is a true best.
SCENARIOS: dict[str, tuple[float, ...]] = {
    "2 equal": (0, 0),
    "2 a margin apart": (0, 1),
    "5 equal": (0, 0, 0, 0, 0),
    "5, one behind": (0, 0, 0, 0, 1),
    "5, two leaders": (0, 0, 1, 1, 1),
}


@dataclass(frozen=True, slots=True)
class Honesty:
    """Counts over `repetitions` comparisons.

    wrong: with any wrong verdict. left_out: whose best set misses the first optimizer. decided: pairs with a verdict.
    covered, pairs: intervals that hold the true difference, of all.
    """

    repetitions: int
    wrong: int
    left_out: int
    decided: int
    covered: int
    pairs: int


def measure(costs: tuple[float, ...], noise: Sampler, studies: int, repetitions: int, seed: int) -> Honesty:
    """Judge `repetitions` comparisons of optimizers with the true `costs`, in margins."""
    rng = np.random.default_rng(seed)
    scale = MARGIN * SPREAD / np.sqrt(2) / _spread(noise)
    true = {str(index): cost * MARGIN for index, cost in enumerate(costs)}
    wrong = left_out = decided = covered = pairs = 0
    for _ in range(repetitions):
        split = rng.normal(scale=5 * MARGIN, size=studies)
        rows = noise(rng, (len(costs), studies)) * scale + split + np.array(list(true.values()))[:, None]
        ranking = judge({name: row.tolist() for name, row in zip(true, rows, strict=True)}, margin=MARGIN)
        wrong += _any_wrong(ranking, true)
        left_out += "0" not in ranking.best_set
        decided += sum(pair.verdict != "unresolved" for pair in ranking.pairs)
        covered += sum(pair.interval.low <= true[pair.a] - true[pair.b] <= pair.interval.high for pair in ranking.pairs)
        pairs += len(ranking.pairs)
    return Honesty(repetitions, wrong, left_out, decided, covered, pairs)


def coverage(noise: Sampler, studies: int, repetitions: int, seed: int) -> int:
    """How many of `repetitions` intervals hold the pseudomedian of the differences."""
    rng = np.random.default_rng(seed)
    truth = float(np.median(noise(rng, (2_000_000, 2)).mean(axis=1)))
    intervals = (signed_rank_interval(noise(rng, (studies,))) for _ in range(repetitions))
    return sum(interval.low <= truth <= interval.high for interval in intervals)


def _spread(noise: Sampler) -> float:
    """The scale of `noise`: its interquartile range in units of the standard normal's."""
    low, high = np.quantile(noise(np.random.default_rng(0), (200_000,)), [0.25, 0.75])
    return float(high - low) / 1.349


def _any_wrong(ranking: Ranking, true: dict[str, float]) -> bool:
    """Whether a verdict names a difference that is not there or points the other way, or denies one of a margin."""
    for pair in ranking.pairs:
        difference = true[pair.a] - true[pair.b]
        right = {
            "better": difference < 0,
            "worse": difference > 0,
            "equivalent": abs(difference) < MARGIN,
            "unresolved": True,
        }
        if not right[pair.verdict]:
            return True
    return False


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description="Verdicts on synthetic scores whose truth is known.")
    parser.add_argument("--repetitions", type=int, default=4000)
    parser.add_argument("--studies", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(f"{'scores':<18}{'noise':<11}{'any wrong verdict':>24}{'best left out':>15}{'decided':>9}{'coverage':>10}")
    for scenario, costs in SCENARIOS.items():
        for name, noise in NOISE.items():
            found = measure(costs, noise, options.studies, options.repetitions, options.seed)
            upper = clopper_pearson(found.wrong, found.repetitions)[1]
            print(
                f"{scenario:<18}{name:<11}{found.wrong / found.repetitions:>12.2%} (<= {upper:.2%})"
                f"{found.left_out / found.repetitions:>15.2%}{found.decided / found.pairs:>9.1%}"
                f"{found.covered / found.pairs:>10.2%}",
                flush=True,
            )
    print(f"\n{'differences':<18}{'coverage':>10}")
    for name, noise in NOISE.items():
        share = coverage(noise, options.studies, options.repetitions, options.seed) / options.repetitions
        print(f"{name:<18}{share:>10.2%}", flush=True)


if __name__ == "__main__":
    main()
