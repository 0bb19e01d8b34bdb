"""Is `hpt compare` as honest as it says? Everything it promises, measured.

    python -m benchmarks.honesty [--repetitions 40] [--synthetic 4000] [--jobs 2]

Synthetic scores whose truth is known; then whole comparisons: one optimizer under several names, where every difference that is
found is wrong; beside it the usual way, tuning once and running each winner again; one optimizer against itself with learning
rates a hundred times too low. Prints the table of `docs/compare.md`; ends with 1 where a promise is not kept. Some minutes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import starmap
from pathlib import Path

from benchmarks.honesty_synthetic import NOISE, SCENARIOS, coverage, measure
from hpt.compare.distributions import clopper_pearson
from hpt.compare.report import Comparison
from hpt.compare.running import Comparing
from hpt.compare.report import report
from hpt.compare.session import as_compared, terms_of
from hpt.compare.splits import Key, Splits
from hpt.compare.statistics import paired_differences, signed_rank
from hpt.compare.evidence import Evidence
from hpt.compare.records import RunRecord
from hpt.data.load import load
from hpt.study import config as configuration
from hpt.study.clock import Clock
from hpt.study.interrupts import Interrupts
from hpt.study.tuning import Limits
from hpt.terminal.comparison_board import Silent
from hpt.training.workers import Workers, one_blas_thread

LEVEL = 0.05
STUDIES = 12
RERUNS = 10

_TASK = """
data: breast_cancer
model: {{hidden: [16]}}
optimizer:
  choose:
{branches}
training: {{epochs: 10}}
compare: {{trials: 16, studies: {studies}, seeds: {seeds}}}
"""
_ADAM = "{name: adam, learning_rate: {min: 1e-5, max: 1e-1, scale: log}, betas: [{min: 0.5, max: 0.99, scale: reverse_log}, 0.999]}"
_GOOD = "{name: sgd, learning_rate: {min: 1e-3, max: 1.0, scale: log}}"
_LOW = "{name: sgd, learning_rate: {min: 1e-5, max: 1e-2, scale: log}}"


@dataclass(frozen=True, slots=True)
class Promise:
    """A row of the table: what was measured, what was found of how many, and whether that keeps the promise."""

    what: str
    found: str
    promised: str
    kept: bool


def compared(branches: dict[str, str], seed: int, studies: int, seeds: int = 3) -> tuple[Comparison, Evidence]:
    """A whole comparison in this process, without a folder."""
    lines = "\n".join(f"    {name}: {branch}" for name, branch in branches.items())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "task.yaml")
        path.write_text(_TASK.format(branches=lines, studies=studies, seeds=seeds), encoding="utf-8")
        config, _ = as_compared(configuration.read(path, mode="compare"))
    config = replace(config, seed=seed)
    splits = Splits(config, load(config.data, config.folder))
    terms = terms_of(config, splits(Key(0, test=True)))
    records: list[RunRecord] = []
    with one_blas_thread():
        limits = Limits(Interrupts(), float("inf"))
        comparing = Comparing(terms.protocol, splits, Workers(1, splits), Silent(), Clock(), limits)
        status = comparing.run(0, studies, records.extend)
    found = report(terms, records, run="", status=status, planned=studies, extended=())
    return found, Evidence.of(terms.protocol, records)


def same_optimizer(names: int, seed: int) -> bool:
    """Whether a comparison of one optimizer under several names finds a difference."""
    found, _ = compared({f"name{index}": _ADAM for index in range(names)}, seed, STUDIES)
    return _differs(found)


def tuned_once(seed: int) -> bool:
    """Whether one optimizer under two names differs if each is tuned once and the winners are run again with paired seeds."""
    _, evidence = compared({f"name{index}": _ADAM for index in range(2)}, seed, studies=1, seeds=RERUNS)
    first, second = (evidence.costs("test_loss", "test", name)[0] for name in evidence.protocol.names)
    return signed_rank(paired_differences(first, second)).two_sided < LEVEL


def handicapped(seed: int) -> tuple[bool, bool]:
    """Whether learning rates a hundred times too low are found to be worse, and their range is warned about."""
    found, _ = compared({"good": _GOOD, "low": _LOW}, seed, STUDIES)
    low = next(contestant for contestant in found.contestants if contestant.name == "low")
    return low.standing.rank == 2, any("learning_rate" in text and "high end" in text for text in low.warnings)


def _differs(found: Comparison) -> bool:
    return any(pair.verdict in ("better", "worse") for pair in found.ranking.pairs) if found.ranking else False


def synthetic(map_: Callable[..., Iterator[object]], repetitions: int) -> Iterator[Promise]:
    """Verdicts and intervals on scores whose truth is known."""
    cases = [(scenario, name) for scenario in SCENARIOS for name in NOISE]
    for (scenario, name), found in zip(cases, map_(partial(_synthetic, repetitions=repetitions), cases), strict=True):
        upper = clopper_pearson(found.wrong, found.repetitions)[1]
        what = f"synthetic, {scenario}, {name}"
        yield Promise(f"{what}: any wrong verdict", f"{found.wrong / found.repetitions:.2%}", "at most 5%", upper <= 0.06)
        share = found.left_out / found.repetitions
        yield Promise(f"{what}: true best left out", f"{share:.2%}", "at most 5%", share <= LEVEL)
    for name, hits in zip(NOISE, map_(partial(_coverage, repetitions=repetitions), NOISE), strict=True):
        share = hits / repetitions
        low, high = (0.92, 1.0) if name == "lognormal" else (0.94, 0.97)
        yield Promise(f"interval covers, {name}", f"{share:.2%}", f"{low:.0%} to {high:.0%}", low <= share <= high)


def _synthetic(case: tuple[str, str], repetitions: int) -> object:
    scenario, name = case
    return measure(SCENARIOS[scenario], NOISE[name], STUDIES, repetitions, 0)


def _coverage(name: str, repetitions: int) -> int:
    return coverage(NOISE[name], STUDIES, repetitions, 0)
