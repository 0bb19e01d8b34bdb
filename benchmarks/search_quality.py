"""How good is a search by generations? The same trials by plain, sequential Optuna TPE beside it.

    python -m benchmarks.search_quality [--seeds 10] [--trials 200] [--spaces cheap|trained|all|NAME,NAME] [--alone]

Each seed is one study of each kind on the same problem: split, initial weights and row order depend on the seed and the trial
number only. The difference is the Hodges-Lehmann estimate of the best value by generations minus the one found trial by trial, with
the interval that the signed-rank test gives: below zero the generations found better settings. The first five spaces are formulas,
whose best value is (nearly) 0; `r1` and those after it train networks. About ten minutes on one core.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import optuna

from hpt.compare.statistics import hodges_lehmann, paired_differences, signed_rank_interval
from hpt.configuration import config as configuration
from hpt.configuration.samplers import SAMPLERS
from hpt.configuration.space import Coordinates, SearchSpace
from hpt.evaluate.executors import executors, one_blas_thread
from hpt.evaluate.function import FunctionEvaluator
from hpt.evaluate.population import Population
from hpt.evaluate.problems import OneProblem
from hpt.evaluate.protocol import Evaluator, Request
from hpt.foundation.catalogue import Range, Values
from hpt.runs.environment import memory_for
from hpt.runs.trial_record import TrialRecord
from hpt.search.generation_sizes import GenerationSizes
from hpt.search.sampling import Sampling, distributions_by_branch, suggested
from hpt.study.preparing import problem_of
from hpt.training.result import TrainingResult
from hpt.training.settings import Member, Settings

METRIC = "validation_loss"


@dataclass(frozen=True, slots=True)
class Task:
    """A space and what tells the validation loss of its trials."""

    space: SearchSpace
    evaluator: Evaluator

    def values(self, seed: int, first: int, suggestions: Sequence[Coordinates]) -> list[float]:
        """The values of the trials from the number `first` on; what is not finite has diverged."""
        settings = [self.space.settings(self.space.parameters(at)) for at in suggestions]
        requests = [Request(Member(trial, s, (seed, trial), (seed,))) for trial, s in enumerate(settings, first)]
        outcomes = sorted(
            self.evaluator.evaluate(requests, self.space.training["epochs"]), key=lambda outcome: outcome.trial
        )
        results = [outcome.came_to for outcome in outcomes]
        return [result.metrics[METRIC] if isinstance(result, TrainingResult) else math.nan for result in results]


def log(low: float, high: float) -> Range:
    """A range on a log scale."""
    return Range(low, high, "log")


def formula(
    value: Callable[[Settings], float],
    branches: Mapping[str, Mapping[str, Any]] | None = None,
    model: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
) -> Task:
    """A task whose values are computed from the settings."""
    space = SearchSpace(
        {"type": "mlp", **(model or {})},
        branches or {"adam": {"name": "adam"}},
        {"epochs": 1, **(training or {})},
        chosen=True,
    )
    return Task(space, FunctionEvaluator(lambda member, epoch: value(member.settings), METRIC))


def branches(seed: int) -> Task:
    """Three optimizers whose bests are close, each with a learning rate of its own that goes with the batch size."""
    best = {"sgd": (0.02, -1.2), "rmsprop": (0.05, -2.8), "adam": (0.0, -2.5)}

    def value(at: Settings) -> float:
        label = at.optimizer["name"]
        offset, rate = best[label]
        batch = math.log2(at.training["batch_size"]) - 5
        found = offset + 0.05 * (math.log10(at.optimizer["learning_rate"]) - rate - 0.1 * batch) ** 2
        found += 0.004 * abs(batch)
        if label == "sgd":
            found += 0.03 * (math.log10(1 - at.optimizer["momentum"]) + 1) ** 2
        if label == "adam":
            found += 0.02 * (math.log10(1 - at.optimizer["betas"][0]) + 1) ** 2
        return found

    cells = {
        "sgd": {"name": "sgd", "learning_rate": log(1e-4, 1.0), "momentum": Range(0.5, 0.995, "reverse_log")},
        "rmsprop": {"name": "rmsprop", "learning_rate": log(1e-5, 0.1)},
        "adam": {"name": "adam", "learning_rate": log(1e-5, 0.1), "betas": (Range(0.8, 0.99, "reverse_log"), 0.999)},
    }
    return formula(value, cells, training={"batch_size": Values((16, 32, 64, 128))})


def hartmann6(seed: int) -> Task:
    """Six floats with four basins (Hartmann; Surjanovic & Bingham, Virtual Library of Simulation Experiments)."""
    rates = np.array(
        [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
    )
    centers = 1e-4 * np.array(
        [
            [1312, 1696, 5569, 124, 8283, 5886],
            [2329, 4135, 8307, 3736, 1004, 9991],
            [2348, 1451, 3522, 2883, 3047, 6650],
            [4047, 8828, 8732, 5743, 1091, 381],
        ]
    )

    def value(at: Settings) -> float:
        x = np.array([at.model[f"x{index}"] for index in range(6)])
        return 3.32237 - float(np.exp(-(rates * (x - centers) ** 2).sum(axis=1)) @ np.array([1, 1.2, 3, 3.2]))

    return formula(value, model={f"x{index}": Range(0.0, 1.0) for index in range(6)})


def quadratic8(seed: int) -> Task:
    """Eight floats on a log scale, each mattering half as much as the one before."""

    def value(at: Settings) -> float:
        x = np.array([math.log10(at.model[f"x{index}"]) for index in range(8)])
        return float((0.5 ** np.arange(8) * (x + 2.5 - 0.2 * np.arange(8)) ** 2).sum())

    return formula(value, model={f"x{index}": log(1e-5, 1.0) for index in range(8)})


def choices(seed: int) -> Task:
    """Six choices of 3 to 6, each with a cost of its own and one of its pairing with the next, and one float."""
    random = np.random.default_rng(seed)
    sizes = (3, 4, 5, 6, 3, 4)
    alone = [random.random(size) for size in sizes]
    paired = [0.5 * random.random((size, sizes[index - 5])) for index, size in enumerate(sizes)]
    every = np.meshgrid(*map(np.arange, sizes), indexing="ij")

    def cost(c: Sequence[Any]) -> Any:
        return sum(alone[i][c[i]] + paired[i][c[i], c[i - 5]] for i in range(6))

    least = float(cost(every).min())

    def value(at: Settings) -> float:
        c = [at.model[f"c{index}"] for index in range(6)]
        return float(cost(c)) - least + 0.1 * (math.log10(at.model["x"]) + 2) ** 2

    return formula(value, model={**{f"c{i}": Values(tuple(range(n))) for i, n in enumerate(sizes)}, "x": log(1e-4, 1.0)})


def steps(seed: int) -> Task:
    """Widths, dropout, batch size and activation on steps, under two optimizers."""

    def value(at: Settings) -> float:
        rate = math.log10(at.optimizer["learning_rate"])
        offset, best = {"sgd": (0.01, -1.0), "adam": (0.0, -2.7)}[at.optimizer["name"]]
        activation = {"relu": 0.0, "tanh": 0.02, "gelu": 0.005}[at.model["activation"]]
        first, second = at.model["hidden"]
        widths = 0.01 * (math.log2(first) - 6.3) ** 2 + 2e-5 * (second - 72) ** 2
        rates = 0.05 * (rate - best - 0.004 * at.training["batch_size"]) ** 2
        return offset + activation + widths + rates + 0.3 * (at.model["dropout"] - 0.2) ** 2

    cells = {
        "sgd": {"name": "sgd", "learning_rate": log(1e-4, 1.0)},
        "adam": {"name": "adam", "learning_rate": log(1e-5, 0.1)},
    }
    model = {
        "hidden": (log(8, 256), Range(8, 128, step=8)),
        "dropout": Range(0.0, 0.5, step=0.1),
        "activation": Values(("relu", "tanh", "gelu")),
    }
    return formula(value, cells, model, {"batch_size": Range(16, 128, step=16)})


R1 = """
data: {source: digits, validation: 0.2, test: 0.2}
model: {hidden: [64, 32]}
optimizer:
  choose:
    sgd: {learning_rate: {min: 1e-4, max: 1.0, scale: log}, momentum: {min: 0.5, max: 0.995, scale: reverse_log}}
    rmsprop: {learning_rate: {min: 1e-5, max: 0.1, scale: log}}
    adam: {learning_rate: {min: 1e-5, max: 0.1, scale: log}}
training: {batch_size: {values: [16, 32, 64, 128]}, epochs: 20}
"""

CANCER = """
data: {source: breast_cancer, validation: 0.3, test: 0.2}
model: {hidden: [{min: 4, max: 32, scale: log}], activation: {values: [relu, tanh]}}
optimizer: {choose: [sgd, rmsprop, adam]}
training: {batch_size: {values: [32, 64, 128]}, epochs: 10}
"""

DIABETES = """
data: {source: diabetes, validation: 0.3, test: 0.2, standardize_target: true}
model: {hidden: [16], activation: {values: [relu, tanh]}, dropout: {min: 0.0, max: 0.5, step: 0.1}}
optimizer: {choose: [sgd, adagrad, adam]}
training: {batch_size: {values: [32, 64, 128]}, epochs: 15}
"""


def trained(text: str, seed: int) -> Task:
    """A task whose trials train networks: validation loss after the last epoch."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "study.yaml"
        path.write_text(text + f"seed: {seed}\n", encoding="utf-8")
        config = configuration.read(path, mode="tune")
        problem = problem_of(config)

    return Task(config.space, Population(OneProblem(problem), executors(1), memory_for(config.study)))


CHEAP: dict[str, Callable[[int], Task]] = {
    "branches": branches,
    "hartmann6": hartmann6,
    "quadratic8": quadratic8,
    "choices": choices,
    "steps": steps,
}
TRAINED: dict[str, Callable[[int], Task]] = {
    "r1": partial(trained, R1),
    "cancer": partial(trained, CANCER),
    "diabetes": partial(trained, DIABETES),
}


def by_generations(task: Task, seed: int, trials: int, sampler: str = "tpe", **keywords: bool) -> list[float]:
    """The values of a study of this project, population as by default."""
    sampling = Sampling(task.space, sampler, "minimize", seed, trials, keywords)
    sizes = GenerationSizes(None, SAMPLERS[sampler].each)
    values: list[float] = []
    while (first := len(values)) < trials:
        drawn = sampling.generation(first, sizes.after(first, trials, sampling.each))
        values += task.values(seed, first, drawn)
        sampling.learn(record(first + i, at, value) for i, (at, value) in enumerate(zip(drawn, values[first:], strict=True)))
    return values


def record(trial: int, coordinates: Coordinates, value: float) -> TrialRecord:
    """That of a trial that came to `value` in one epoch."""
    state = "completed" if math.isfinite(value) else "diverged"
    return TrialRecord(trial, 0, 1, state, 1, "epochs", None, value, coordinates, coordinates, {})


def one_by_one(task: Task, seed: int, trials: int) -> list[float]:
    """The values of a study of plain Optuna; a diverged trial is pruned before its first report."""
    sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True, group=False)
    study = optuna.create_study(sampler=sampler)
    distributions = distributions_by_branch(task.space)
    values: list[float] = []
    for number in range(trials):
        trial = suggested(study, task.space, distributions)
        (value,) = task.values(seed, number, [trial.params])
        values.append(value)
        diverged = not math.isfinite(value)
        study.tell(trial, None if diverged else value, optuna.trial.TrialState.PRUNED if diverged else None)
    return values


def best(values: Sequence[float]) -> float:
    """The lowest finite value."""
    return min((value for value in values if math.isfinite(value)), default=math.inf)


def main() -> None:
    """Prints a row a space."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--spaces", default="all")
    parser.add_argument("--alone", action="store_true", help="without the Gaussian process")
    arguments = parser.parse_args()
    known = {**CHEAP, **TRAINED}
    groups = {"cheap": list(CHEAP), "trained": list(TRAINED), "all": list(known)}
    names = groups.get(arguments.spaces) or arguments.spaces.split(",")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    print(f"best of {arguments.trials} trials, {arguments.seeds} seeds: medians, and the difference with its 95% interval")
    print(f"{'space':12}{'random':>9}{'one by one':>12}{'generations':>13}{'difference':>12}{'interval':>22}   seconds")
    with one_blas_thread():
        for name in names:
            seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
            _compare(name, known[name], seeds, arguments.trials, gp=not arguments.alone)


def _compare(name: str, make: Callable[[int], Task], seeds: Sequence[int], trials: int, *, gp: bool) -> None:
    started = time.perf_counter()
    blind = [best(by_generations(make(seed), seed, trials, "random")) for seed in seeds]
    plain = [best(one_by_one(make(seed), seed, trials)) for seed in seeds]
    ours = [best(by_generations(make(seed), seed, trials, gp=gp)) for seed in seeds]
    differences = paired_differences(ours, plain)
    interval = signed_rank_interval(differences)
    print(
        f"{name:12}{np.median(blind):9.2g}{np.median(plain):12.2g}{np.median(ours):13.2g}{hodges_lehmann(differences):+12.2g}"
        f"{f'[{interval.low:+.2g}, {interval.high:+.2g}]':>22}{time.perf_counter() - started:10.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
