"""What `study.after` gains on another data set, and what a prior that misleads costs.

    nice python -m benchmarks.prior_gain [--seeds 20] [--trials 100]

The rows of breast_cancer are halved anew for each seed. Earlier studies of as many trials: on one half (the sibling), and on wine, the
same space. Then studies on the other half: alone, after either, and after the sibling's with its ranking turned round, so that its worst
settings are taken for its best. The differences to the study alone are Hodges-Lehmann estimates with the 95% interval of the signed-rank
test: below zero the prior helped. The table of `docs/search.md` is written to `benchmarks/prior_gain.md`. About three minutes on one core.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.search_quality import Task, best, trained
from hpt.compare.statistics import hodges_lehmann, paired_differences, signed_rank_interval
from hpt.configuration.space import Coordinates
from hpt.data.datasets import BUNDLED
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
PRIORS = {
    "sibling": "a study on other rows of the same table",
    "wine": "a study on another table, wine",
    "misled": "the sibling's, its worst settings taken for its best",
}
PAGE = Path(__file__).parent / "prior_gain.md"


def study(task: Task, seed: int, trials: int, prior: Sequence[Coordinates]) -> list[tuple[float, Coordinates]]:
    """The values and coordinates of a study, in the order of its trials."""
    first = prior[: min(MOST_FIRST, int(FIRST_SHARE * trials))]
    sampling = Sampling(task.space, "tpe", "minimize", seed, trials, first=first, prior=prior)
    found: list[tuple[float, Coordinates]] = []
    sizes = GenerationSizes(None)
    while (done := len(found)) < trials:
        size = sizes.after(done, trials, sampling.each)
        drawn = sampling.generation(done, size)
        values = task.values(seed, done, drawn)
        states = ["completed" if math.isfinite(value) else "diverged" for value in values]
        sampling.learn(
            TrialRecord(trial, 0, size, state, 1, "epochs", None, value, at, at, {})  # type: ignore[arg-type]
            for trial, (state, value, at) in enumerate(zip(states, values, drawn, strict=True), done)
        )
        found += zip(values, drawn, strict=True)
    return found


def halves(folder: Path, seed: int) -> tuple[Path, Path]:
    """Two files with the rows of breast_cancer, each row in one of them."""
    with np.load(BUNDLED / "breast_cancer.npz", allow_pickle=False) as stored:
        inputs, target = stored["inputs"], stored["target"]
    order = np.random.default_rng(seed).permutation(len(target))
    paths = (folder / "first.npz", folder / "second.npz")
    for path, rows in zip(paths, np.array_split(order, 2), strict=True):
        np.savez(path, X=inputs[rows], y=target[rows])
    return paths


def ranked(data: str | Path, seed: int, trials: int) -> list[Coordinates]:
    """The coordinates of an earlier study, best first."""
    found = study(trained(SPACE % data, seed), seed, trials, ())
    return [at for value, at in sorted(found, key=lambda one: one[0]) if math.isfinite(value)]


def measured(seeds: int, trials: int) -> dict[str, list[list[float]]]:
    """By prior, and `alone`: for each seed the best value after each number of trials in AFTER."""
    values: dict[str, list[list[float]]] = {"alone": [], **{name: [] for name in PRIORS}}
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            first, second = halves(Path(folder), seed)
            priors: dict[str, list[Coordinates]] = {"alone": [], "sibling": ranked(first, seed + 1000, trials)}
            priors |= {"wine": ranked("wine", seed + 1000, trials), "misled": priors["sibling"][::-1]}
            for name, prior in priors.items():
                taken = prior[: min(MOST, max(FEWEST, math.ceil(SHARE * len(prior))))]
                found = study(trained(SPACE % second, seed), seed, trials, taken)
                values[name].append([best([value for value, _ in found[:k]]) for k in AFTER if k <= trials])
    return values


def table(values: dict[str, list[list[float]]], trials: int) -> str:
    """The differences to a study alone, a row for each prior, as Markdown."""
    counts = [k for k in AFTER if k <= trials]
    seeds = len(values["alone"])
    alone = [f"{np.median(column):.4f}" for column in zip(*values["alone"], strict=True)]
    head = (
        f"Validation loss of the best trial on half of the rows of breast_cancer, {seeds} seeds: what a study after another has more than"
        f" one without (Hodges-Lehmann, 95% interval; below 0 the earlier study helped). Studies of {trials} trials."
    )
    lines = [
        head,
        "",
        f"| after | {' | '.join(f'{k} trials' for k in counts)} |",
        f"| --- |{' --- |' * len(counts)}",
        f"| nothing (its median) | {' | '.join(alone)} |",
    ]
    for name, told in PRIORS.items():
        cells = []
        for one, other in zip(zip(*values[name], strict=True), zip(*values["alone"], strict=True), strict=True):
            differences = paired_differences(one, other)
            interval = signed_rank_interval(differences)
            cells.append(f"{hodges_lehmann(differences):+.4f} [{interval.low:+.4f}, {interval.high:+.4f}]")
        lines.append(f"| {told} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Writes a row for each prior."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--trials", type=int, default=100)
    arguments = parser.parse_args()
    with one_blas_thread():
        text = table(measured(arguments.seeds, arguments.trials), arguments.trials)
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
