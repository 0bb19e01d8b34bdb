"""The arms of `python -m benchmarks.search`: each names a winner after every budget of trainings."""

from __future__ import annotations

import ast
import hashlib
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import optuna

from benchmarks.search_problems import PROBLEMS
from hpt.configuration import config as configuration
from hpt.configuration.config import Config
from hpt.configuration.space import Parameters
from hpt.evaluate.executors import executors
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
MOST_LOSS = 1e3
ROOT = Path(__file__).parent.parent
DRAWS = (
    "hpt/search",
    "hpt/configuration/options.py",
    "hpt/configuration/samplers.py",
    "hpt/study/selection.py",
    "hpt/study/tuning.py",
    "hpt/study/halving.py",
)
"""The code that decides which trials a study of ours has, and which of them wins."""


@dataclass(frozen=True, slots=True)
class Winner:
    """What an arm names after `budget` trainings. seen: the lowest value of all of them. expected: what the arm says of it, if it does."""

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

    def path(self, trials: int, changes: str = "") -> Path:
        """The file of a study of so many trials; changes: more of its section `study`."""
        path = self.folder / f"{self.name}-{trials}.yaml"
        path.write_text(f"{PROBLEMS[self.name]}seed: {self.seed}\nstudy: {{trials: {trials}{changes}}}\n", encoding="utf-8")
        return path

    def read(self, trials: int) -> Config:
        """The configuration of a study of so many trials."""
        return configuration.read(self.path(trials), mode="tune")

    def blind(self, count: int) -> list[Parameters]:
        """The parameters of random trials."""
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=self.seed))
        space = self.config.space
        distributions = distributions_by_branch(space)
        return [space.parameters(suggested(study, space, distributions).params) for _ in range(count)]

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


@dataclass(frozen=True, slots=True)
class Arm:
    """A search. name: as the table has it. needs: packages that do not come with hpt. ours: whether the code of this project draws."""

    name: str
    winners: Callable[[Bench], list[Winner]]
    needs: tuple[str, ...] = ()
    ours: bool = False

    @property
    def missing(self) -> list[str]:
        """The packages that it needs and that are not installed."""
        return [package for package in self.needs if find_spec(package) is None]

    def digest(self, problem: str, trained: str) -> str:
        """What a result of the arm on `problem` depends on: it is measured again where this has changed.

        trained: what a few trials of the problem came to.
        """
        parts = [PROBLEMS[problem], str(BUDGETS), trained, *(f"{package} {version(package)}" for package in self.needs)]
        parts.append(_drawing_code() if self.ours else version("optuna"))
        return _hash(*parts)


def trained(bench: Bench) -> str:
    """What three random trials came to, to three digits: the last bits differ between machines, and do not matter here."""
    return _hash(*(f"{loss:.3g}" for losses in bench.losses(0, bench.blind(3)) for loss in losses))


@cache
def _drawing_code() -> str:
    """A digest of the code that draws, but for its comments and docstrings."""
    files = [file for part in DRAWS for file in (sorted((ROOT / part).glob("*.py")) or [ROOT / part])]
    return _hash(*(ast.dump(_undocumented(ast.parse(file.read_text(encoding="utf-8")))) for file in files))


def _undocumented(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            body[:] = [each for each in body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))]
    return tree


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _study(bench: Bench, changes: str = "") -> list[Winner]:
    """A study of `hpt tune` for each budget, with what it keeps back to train settings again counted."""
    winners = []
    for budget in BUDGETS:
        request = RunRequest(bench.path(budget, changes), (), bench.folder / "runs", jobs=1)
        board = session.tune(request, Silent(), Clock()).leaderboard
        best = board.best
        assert best is not None
        expected = board.chosen.expected if board.chosen else None
        seen = min(_bounded(record.value) for record in board.records)
        winners.append(Winner(budget, seen, dict(best.parameters), asdict(expected) if expected else None))
    return winners


def _one_by_one(make: Callable[[int], optuna.samplers.BaseSampler], bench: Bench) -> list[Winner]:
    """One study of Optuna's; after each budget the lowest value seen wins."""
    study = optuna.create_study(sampler=make(bench.seed))
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
    return _lowest(values, drawn)


def _random(bench: Bench) -> list[Winner]:
    """Random search, all at once, since no trial depends on another."""
    drawn = bench.blind(max(BUDGETS))
    return _lowest([value for value, _ in bench.losses(0, drawn)], drawn)


def _smac(bench: Bench) -> list[Winner]:
    """SMAC3, asked and told one by one."""
    from benchmarks.search_smac import asked

    values: list[float] = []
    drawn: list[Parameters] = []
    with warnings.catch_warnings():
        # Its forest takes the mean of nothing while it is young.
        warnings.simplefilter("ignore", RuntimeWarning)
        for parameters, tell in asked(bench.config.space, bench.seed, max(BUDGETS), bench.folder):
            drawn.append(parameters)
            ((value, _),) = bench.losses(len(values), drawn[-1:])
            values.append(value)
            tell(value)
    return _lowest(values, drawn)


def _lowest(values: Sequence[float], drawn: Sequence[Parameters]) -> list[Winner]:
    best = [int(np.argmin(values[:budget])) for budget in BUDGETS]
    return [Winner(budget, values[at], drawn[at]) for budget, at in zip(BUDGETS, best, strict=True)]


def _tpe(seed: int) -> optuna.samplers.BaseSampler:
    return optuna.samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True, group=False)


def _gp(seed: int) -> optuna.samplers.BaseSampler:
    return optuna.samplers.GPSampler(seed=seed, deterministic_objective=False)


ARMS = {
    "ours": Arm("hpt tune", _study, ours=True),
    "lowest": Arm("hpt, select: lowest", partial(_study, changes=", select: lowest"), ours=True),
    "alone": Arm("hpt, without gp", partial(_study, changes=", sampler: {type: tpe, gp: false}"), ours=True),
    "tpe": Arm("Optuna TPE", partial(_one_by_one, _tpe)),
    "gp": Arm("Optuna GP", partial(_one_by_one, _gp), needs=("torch", "scipy")),
    "smac": Arm("SMAC3", _smac, needs=("smac",)),
    "random": Arm("random", _random),
}
