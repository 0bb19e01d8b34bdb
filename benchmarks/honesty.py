"""Is `hpt compare` as honest as it says? Everything it promises, measured.

    python -m benchmarks.honesty [--repetitions 40] [--synthetic 4000] [--jobs 2]

Synthetic scores whose truth is known; then whole comparisons: one optimizer under several names, where every difference that is
found is wrong; beside it the usual way, tuning once and running each winner again; one optimizer against itself with learning
rates a hundred times too low. Prints the table of `docs/compare.md`; ends with 1 where a promise is not kept. Some minutes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

from benchmarks.honesty_synthetic import NOISE, SCENARIOS, Honesty, coverage, measure
from hpt.compare.records import RunRecord
from hpt.compare.report import Comparison, report
from hpt.compare.running import STACK, Comparing
from hpt.compare.scores import Scores
from hpt.compare.session import as_compared, setup_of
from hpt.compare.splits import Key, Splits
from hpt.compare.statistics import paired_differences, signed_rank
from hpt.configuration import config as configuration
from hpt.data.load import load
from hpt.evaluate.executors import executors, one_blas_thread
from hpt.evaluate.population import Population
from hpt.foundation.distributions import clopper_pearson
from hpt.foundation.interrupts import Interrupts
from hpt.runs.environment import memory_for
from hpt.study.clock import Clock
from hpt.study.tuning import Limits
from hpt.terminal.watchers import Silent

LEVEL = 0.05
STUDIES = 12
RERUNS = 10
COVERAGE = {"normal": (0.94, 0.97), "t3": (0.94, 0.97), "lognormal": (0.92, 1.0)}

_TASK = """
data: breast_cancer
model: {{hidden: [16]}}
optimizer:
  choose:
{branches}
training: {{epochs: 10}}
compare: {{trials: {trials}, studies: {studies}, seeds: {seeds}}}
"""
_ADAM = """
      name: adam
      learning_rate: {min: 1e-5, max: 1e-1, scale: log}
      betas: [{min: 0.5, max: 0.99, scale: reverse_log}, {min: 0.9, max: 0.9999, scale: reverse_log}]"""
_GOOD = "{name: sgd, learning_rate: {min: 1e-3, max: 1.0, scale: log}}"
_LOW = "{name: sgd, learning_rate: {min: 1e-5, max: 1e-2, scale: log}}"


@dataclass(frozen=True, slots=True)
class Promise:
    """A row of the table: what was measured, what was found of how many, and whether that keeps the promise."""

    what: str
    found: str
    promised: str
    kept: bool


def compared(
    branches: dict[str, str], seed: int, *, studies: int = STUDIES, trials: int = 16, seeds: int = 3
) -> tuple[Comparison, Scores]:
    """A whole comparison in this process, without a folder."""
    lines = "\n".join(f"    {name}: {branch}" for name, branch in branches.items())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "task.yaml")
        path.write_text(_TASK.format(branches=lines, trials=trials, studies=studies, seeds=seeds), encoding="utf-8")
        config, _ = as_compared(configuration.read(path, mode="compare"))
    config = replace(config, seed=seed)
    splits = Splits(config, load(config.data, config.folder))
    setup = setup_of(config, splits(Key(0, test=True)))
    records: list[RunRecord] = []
    with one_blas_thread():
        limits = Limits(Interrupts(), Clock(), None)
        evaluator = Population(splits, executors(1), memory_for(config.study), largest=STACK)
        comparing = Comparing(setup.protocol, splits, evaluator, lambda _: {}, lambda: 1, Silent(), Clock(), limits)
        status = comparing.run(0, studies, records.extend)
    found = report(setup, records, run="", status=status, planned=studies, extended=())
    return found, Scores.of(setup.protocol, records)


def same_optimizer(names: int, seed: int) -> bool:
    """Whether a comparison of one optimizer under several names finds a difference."""
    found, _ = compared({f"name{index}": _ADAM for index in range(names)}, seed)
    return _differs(found)


def tuned_once(seed: int) -> bool:
    """Whether one optimizer under two names differs if each is tuned once and the winners are run again with paired seeds."""
    _, evidence = compared({f"name{index}": _ADAM for index in range(2)}, seed, studies=1, seeds=RERUNS)
    first, second = (evidence.costs("test_loss", "test", name)[0] for name in evidence.protocol.names)
    return signed_rank(paired_differences(first, second)).two_sided < LEVEL


def handicapped(seed: int) -> tuple[bool, bool]:
    """Whether learning rates a hundred times too low are found to be worse, and their range is warned about."""
    found, _ = compared({"good": _GOOD, "low": _LOW}, seed, trials=32)
    low = next(optimizer for optimizer in found.optimizers if optimizer.name == "low")
    return low.standing.rank == 2, any("learning_rate" in text and "high end" in text for text in low.warnings)


def _differs(found: Comparison) -> bool:
    return any(pair.verdict in ("better", "worse") for pair in found.ranking.pairs) if found.ranking else False


def synthetic(pool: ProcessPoolExecutor, repetitions: int) -> Iterator[Promise]:
    """Verdicts and intervals on scores whose truth is known; the worst of all scenarios and kinds of noise."""
    cases = [(costs, noise) for costs in SCENARIOS.values() for noise in NOISE]
    found = list(pool.map(partial(_measured, repetitions=repetitions), cases))
    wrong, left_out = max(case.wrong for case in found), max(case.left_out for case in found)
    upper = clopper_pearson(wrong, repetitions)[1]
    share = f"{wrong / repetitions:.1%} (95% below {upper:.1%})"
    yield Promise(
        "Synthetic scores, k = 2 and 5: comparisons with any wrong verdict", share, "at most 5% (6%)", upper <= 0.06
    )
    share = f"{left_out / repetitions:.1%}"
    yield Promise("The same: true best left out of the best set", share, "at most 5%", left_out <= LEVEL * repetitions)
    for noise, hits in zip(NOISE, pool.map(partial(_covered, repetitions=repetitions), NOISE), strict=True):
        share, (low, high) = hits / repetitions, COVERAGE[noise]
        yield Promise(
            f"Intervals that hold the truth, {noise}", f"{share:.1%}", f"{low:.0%} to {high:.0%}", low <= share <= high
        )


def whole(pool: ProcessPoolExecutor, repetitions: int) -> Iterator[Promise]:
    """Whole comparisons, from the split to the verdict."""
    seeds = range(repetitions)
    once = sum(pool.map(tuned_once, seeds))
    usual = f"One optimizer, two names, tuned once, winners run again {RERUNS} times: told apart"
    yield Promise(usual, f"{once} of {repetitions}", "the usual way", kept=True)
    for names in (2, 5):
        wrong = sum(pool.map(partial(same_optimizer, names), seeds))
        what = f"One optimizer, {names} names, {STUDIES} whole studies: told apart"
        yield Promise(what, f"{wrong} of {repetitions}", "fewer than 6 of 40", wrong * 40 < 6 * repetitions)
    half = range(max(1, repetitions // 2))
    worse, warned = (sum(each) for each in zip(*pool.map(handicapped, half), strict=True))
    what = "Learning rates a hundred times too low"
    yield Promise(f"{what}: found to be worse", f"{worse} of {len(half)}", "at least 18 of 20", worse * 20 >= 18 * len(half))
    yield Promise(f"{what}: range warned about", f"{warned} of {len(half)}", "all", warned == len(half))


def _measured(case: tuple[tuple[float, ...], str], repetitions: int) -> Honesty:
    costs, noise = case
    return measure(costs, NOISE[noise], STUDIES, repetitions, 0)


def _covered(noise: str, repetitions: int) -> int:
    return coverage(NOISE[noise], STUDIES, repetitions, 0)


def main() -> None:
    """Print the table, a row as soon as it is known."""
    parser = argparse.ArgumentParser(description="Everything that `hpt compare` promises, measured.")
    parser.add_argument("--repetitions", type=int, default=40, help="whole comparisons; half as many with a handicap")
    parser.add_argument("--synthetic", type=int, default=4000, help="comparisons of synthetic scores")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    print("| measured | found | promised | |\n| --- | --- | --- | --- |", flush=True)
    kept = True
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        for promise in chain(synthetic(pool, options.synthetic), whole(pool, options.repetitions)):
            mark = "kept" if promise.kept else "BROKEN"
            print(f"| {promise.what} | {promise.found} | {promise.promised} | {mark} |", flush=True)
            kept = kept and promise.kept
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
