"""What is the winner of a search worth? Ours beside Optuna's samplers and random search, at equal budgets of trainings.

    python -m benchmarks.search [--seeds 10] [--problems all|NAME,NAME] [--arms ours,tpe,random] [--jobs 2] [--results search.jsonl]

For each problem and seed, every arm names a winner after 25, 50, 100 and 200 trainings. Ours is `hpt tune` as it comes, with what it keeps
back to train settings again counted; Optuna's samplers go trial by trial, random search at once, and theirs is the lowest value seen. Each
winner is then judged by 16 fresh initialisations on the validation rows and on the test rows. Results are appended as they come, and what
is there already is not measured again. At the end the table of `docs/search.md` is written to `benchmarks/search.md`.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import optuna

from benchmarks.search_problems import PROBLEMS, write_data
from benchmarks.search_report import page
from hpt.configuration import config as configuration
from hpt.configuration.config import Config
from hpt.configuration.space import BRANCH, Parameters
from hpt.evaluate.executors import executors, one_blas_thread
from hpt.evaluate.population import Population
from hpt.evaluate.problems import OneProblem
from hpt.evaluate.protocol import Request
from hpt.search.sampling import distributions_by_branch, suggested
from hpt.study import session
from hpt.study.clock import Clock
from hpt.study.lifecycle import RunRequest
from hpt.study.preparing import problem_of
from hpt.terminal.watchers import Silent
from hpt.training.result import TrainingResult
from hpt.training.settings import Member

BUDGETS = (25, 50, 100, 200)
FRESH = 16
FIRST_FRESH = 1_000_000
"""The number of the first judging trial: no trial of a study has its random stream."""
MOST_LOSS = 1e3
PAGE = Path(__file__).parent / "search.md"


@dataclass(frozen=True, slots=True)
class Winner:
    """What an arm names after `budget` trainings. seen: its lowest value. expected: what the arm says of it, if it does."""

    arm: str
    budget: int
    seen: float
    parameters: Parameters
    expected: Mapping[str, Any] | None = None


class Bench:
    """A problem with a seed: how its trials are trained."""

    def __init__(self, folder: Path, problem: str, seed: int) -> None:
        self.folder, self.name, self.seed = folder, problem, seed
        self.config = self.read(max(BUDGETS))
        self._evaluator = Population(OneProblem(problem_of(self.config, test=True)), executors(1), 1000)

    def path(self, trials: int) -> Path:
        """The file of a study of so many trials."""
        path = self.folder / f"{self.name}-{trials}.yaml"
        path.write_text(f"{PROBLEMS[self.name]}seed: {self.seed}\nstudy: {{trials: {trials}}}\n", encoding="utf-8")
        return path

    def read(self, trials: int) -> Config:
        """The configuration of a study of so many trials."""
        return configuration.read(self.path(trials), mode="tune")

    def losses(self, first: int, settings: Sequence[Parameters]) -> list[tuple[float, float]]:
        """Validation and test loss of the trials `first`, first + 1, …; what diverged has MOST_LOSS."""
        space = self.config.space
        requests = [
            Request(Member(trial, space.settings(at), (self.seed, trial), (self.seed,)))
            for trial, at in enumerate(settings, first)
        ]
        found = {}
        for outcome in self._evaluator.evaluate(requests, space.training["epochs"]):
            result = outcome.came_to
            metrics = result.metrics if isinstance(result, TrainingResult) else {}
            found[outcome.trial] = (_bounded(metrics.get("validation_loss")), _bounded(metrics.get("test_loss")))
        return [found[trial] for trial in sorted(found)]


def _bounded(loss: float | None) -> float:
    return MOST_LOSS if loss is None or not math.isfinite(loss) else min(loss, MOST_LOSS)


def ours(bench: Bench) -> list[Winner]:
    """A study of its own for each budget."""
    winners = []
    for budget in BUDGETS:
        request = RunRequest(bench.path(budget), (), bench.folder / "runs", jobs=1)
        board = session.tune(request, Silent(), Clock()).leaderboard
        best, lowest = board.best, board.lowest
        assert best is not None
        assert lowest is not None
        chosen = board.chosen.expected if board.chosen else None
        seen = _bounded(lowest.value)
        winners.append(Winner("ours", budget, seen, dict(best.parameters), asdict(chosen) if chosen else None))
    return winners


def sequential(arm: str, bench: Bench) -> list[Winner]:
    """One study of Optuna's; after each budget the lowest value seen wins."""
    study = optuna.create_study(sampler=_SAMPLERS[arm](bench.seed))
    space = bench.config.space
    distributions = distributions_by_branch(space)
    values: list[float] = []
    drawn: list[Parameters] = []
    for number in range(max(BUDGETS)):
        trial = suggested(study, space, distributions)
        drawn.append(space.parameters(trial.params))
        ((value, _),) = bench.losses(number, drawn[-1:])
        values.append(value)
        diverged = value >= MOST_LOSS
        study.tell(trial, None if diverged else value, optuna.trial.TrialState.PRUNED if diverged else None)
    return _lowest(arm, values, drawn)


def random_search(bench: Bench) -> list[Winner]:
    """As `sequential`, but all at once, since no trial depends on another."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=bench.seed))
    space = bench.config.space
    distributions = distributions_by_branch(space)
    drawn = [space.parameters(suggested(study, space, distributions).params) for _ in range(max(BUDGETS))]
    return _lowest("random", [value for value, _ in bench.losses(0, drawn)], drawn)


def _lowest(arm: str, values: Sequence[float], drawn: Sequence[Parameters]) -> list[Winner]:
    best = [int(np.argmin(values[:budget])) for budget in BUDGETS]
    return [Winner(arm, budget, values[at], drawn[at]) for budget, at in zip(BUDGETS, best, strict=True)]


_SAMPLERS = {
    "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True, group=False),
    "gp": lambda seed: optuna.samplers.GPSampler(seed=seed, deterministic_objective=False),
}
ARMS = {"ours": ours, "random": random_search, **{arm: partial(sequential, arm) for arm in _SAMPLERS}}


def measure(problem: str, seed: int, arms: Sequence[str]) -> list[dict[str, Any]]:
    """A line for each arm and budget: the winner, judged, and the median losses of random trials, which are the unit."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder, one_blas_thread():
        write_data(Path(folder))
        bench = Bench(Path(folder), problem, seed)
        winners = [winner for arm in arms for winner in ARMS[arm](bench)]
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
        distributions = distributions_by_branch(bench.config.space)
        blind = [
            bench.config.space.parameters(suggested(study, bench.config.space, distributions).params) for _ in range(25)
        ]
        usual = np.median(bench.losses(0, blind), axis=0).tolist()
        fresh = bench.losses(FIRST_FRESH, [winner.parameters for winner in winners for _ in range(FRESH)])
    judged = np.array(fresh).reshape(len(winners), FRESH, 2).mean(axis=1).tolist()
    return [
        {
            "problem": problem,
            "seed": seed,
            "arm": winner.arm,
            "budget": winner.budget,
            "seen": winner.seen,
            "validation": validation,
            "test": test,
            "usual": usual,
            "expected": winner.expected,
            "optimizer": winner.parameters.get(BRANCH),
            "learning_rate": next((v for k, v in winner.parameters.items() if k.endswith("learning_rate")), None),
            "cpu_seconds": time.process_time() - began,
        }
        for winner, (validation, test) in zip(winners, judged, strict=True)
    ]


def _stored(results: Path) -> list[dict[str, Any]]:
    """The lines that are whole."""
    lines = results.read_text(encoding="utf-8").splitlines(keepends=True) if results.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def _left(lines: Iterable[Mapping[str, Any]], problems: Sequence[str], seeds: int, arms: Sequence[str]) -> list[Any]:
    """What is to be measured: problem, seed and the arms that have no line yet, seed by seed."""
    done = {(line["problem"], line["seed"], line["arm"]) for line in lines}
    wanted = [(p, s, [arm for arm in arms if (p, s, arm) not in done]) for s in range(seeds) for p in problems]
    return [each for each in wanted if each[2]]


def main() -> None:
    """Measures what is missing, and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--problems", default="all")
    parser.add_argument("--arms", default="ours,tpe,gp,random")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--results", type=Path, default=Path("search.jsonl"))
    parser.add_argument("--output", type=Path, default=PAGE)
    options = parser.parse_args()
    problems = list(PROBLEMS) if options.problems == "all" else options.problems.split(",")
    arms, notes = options.arms.split(","), []
    if "gp" in arms and find_spec("torch") is None:
        arms.remove("gp")
        notes.append("Optuna's GP sampler was left out: it needs torch, which is not installed.")
    left = _left(_stored(options.results), problems, options.seeds, arms)
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool, options.results.open("a") as out:
        for done in as_completed([pool.submit(measure, *each) for each in left]):
            for line in done.result():
                out.write(json.dumps(line) + "\n")
            out.flush()
            print(f"{line['problem']}, seed {line['seed']}: {line['cpu_seconds']:.0f} s", flush=True)
    text = page([line for line in _stored(options.results) if line["problem"] in problems and line["arm"] in arms], notes)
    options.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
