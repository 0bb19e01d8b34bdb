"""What `study.after` gains on another data set, and what a prior that misleads costs.

    python -m benchmarks.prior_gain [--seeds 10] [--trials 100]

Earlier studies of as many trials: on another split of breast_cancer, and on wine, the same space. Then studies on breast_cancer: alone,
after either, and after one whose ranking is turned round, so that its worst settings are taken for its best. The
differences to the study alone are Hodges-Lehmann estimates with the interval of the signed-rank test: below zero the prior helped. About
a minute on one core.

Measured on ten seeds, validation loss after 10 and 100 trials: sibling -0.006 [-0.013, -0.000] and -0.001 [-0.006, +0.004]; misled +0.017
[+0.001, +0.034] and +0.002 [-0.002, +0.007].
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence

from benchmarks.search_quality import Task, best, trained
from hpt.compare.statistics import hodges_lehmann, paired_differences, signed_rank_interval
from hpt.configuration.space import Coordinates
from hpt.evaluate.executors import one_blas_thread
from hpt.runs.trial_record import TrialRecord
from hpt.search.generation_sizes import GenerationSizes
from hpt.search.sampling import Sampling
from hpt.study.prior import FEWEST, FIRST_SHARE, MOST, MOST_FIRST, SHARE

SPACE = """
data: {source: %s, validation: 0.3, test: 0.2}
model: {hidden: [16], activation: {values: [relu, tanh]}, dropout: {min: 0.0, max: 0.5, step: 0.1}}
optimizer: {choose: [sgd, rmsprop, adam]}
training: {batch_size: {values: [16, 32, 64]}, epochs: 10}
"""
AFTER = (10, 25, 50, 100)


def study(task: Task, seed: int, trials: int, prior: Sequence[Coordinates]) -> list[tuple[float, Coordinates]]:
    """The values and coordinates of a study, in the order of its trials."""
    first = prior[: min(MOST_FIRST, int(FIRST_SHARE * trials))]
    sampling = Sampling(task.space, "tpe", "minimize", seed, trials, first=first, prior=prior)
    found: list[tuple[float, Coordinates]] = []
    for size in GenerationSizes(None).of(trials):
        done = len(found)
        drawn = sampling.generation(done, size)
        values = task.values(seed, done, drawn)
        states = ["completed" if math.isfinite(value) else "diverged" for value in values]
        sampling.learn(
            TrialRecord(trial, 0, size, state, 1, "epochs", None, value, at, at, {})  # type: ignore[arg-type]
            for trial, (state, value, at) in enumerate(zip(states, values, drawn, strict=True), done)
        )
        found += zip(values, drawn, strict=True)
    return found


def ranked(data: str, seed: int, trials: int) -> list[Coordinates]:
    """The coordinates of an earlier study, best first."""
    found = study(trained(SPACE % data, seed), seed, trials, ())
    return [at for value, at in sorted(found, key=lambda one: one[0]) if math.isfinite(value)]


def main() -> None:
    """Prints a row for each prior."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--trials", type=int, default=100)
    arguments = parser.parse_args()
    values: dict[str, list[list[float]]] = {"alone": [], "sibling": [], "wine": [], "misled": []}
    with one_blas_thread():
        for seed in range(arguments.seeds):
            priors = {"alone": [], "sibling": ranked("breast_cancer", seed + 1000, arguments.trials)}
            priors |= {"wine": ranked("wine", seed + 1000, arguments.trials), "misled": priors["sibling"][::-1]}
            for name, prior in priors.items():
                taken = prior[: min(MOST, max(FEWEST, math.ceil(SHARE * len(prior))))]
                found = study(trained(SPACE % "breast_cancer", seed), seed, arguments.trials, taken)
                values[name].append([best([value for value, _ in found[:k]]) for k in AFTER if k <= arguments.trials])
    print(f"best validation loss on breast_cancer, {arguments.seeds} seeds: difference to a study alone")
    print(f"{'':8}" + "".join(f"{f'{k} trials':>28}" for k in AFTER if k <= arguments.trials))
    for name in ("sibling", "wine", "misled"):
        row = f"{name:8}"
        for one, other in zip(zip(*values[name], strict=True), zip(*values["alone"], strict=True), strict=True):
            differences = paired_differences(one, other)
            interval = signed_rank_interval(differences)
            row += f"{f'{hodges_lehmann(differences):+.4f} [{interval.low:+.4f}, {interval.high:+.4f}]':>28}"
        print(row)


if __name__ == "__main__":
    main()
