"""The protocol of one study, in steps: search, rerun, test. Each step's runs follow from the records of the steps before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpt.compare.random_search import random_settings
from hpt.compare.records import Phase, RunRecord
from hpt.configuration.config import Config
from hpt.configuration.space import BRANCH, Coordinates, Parameters, SearchSpace
from hpt.foundation.finite import all_finite, finite
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.training.objective import Objective
from hpt.training.result import Reason, TrainingResult
from hpt.training.settings import Member, Settings

PROMOTED = 3
"""How many of an optimizer's best settings are run again, so that none is selected for one lucky run."""
RERUNS = 2
"""How often each of them is run again; the median over its runs decides the selection."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """What determines a comparison, together with the data: every study, and so every number, follows from them."""

    space: SearchSpace
    objective: Objective
    seed: int
    trials: int
    seeds: int

    @classmethod
    def of(cls, config: Config) -> Protocol:
        """That of comparing `config`."""
        objective = Objective.parse(config.study["objective"])
        return cls(config.space, objective, config.seed, config.compare["trials"], config.compare["seeds"])

    @property
    def names(self) -> tuple[str, ...]:
        """The optimizers by the names of their branches."""
        return tuple(self.space.branches)

    @property
    def epochs(self) -> int:
        """The epochs of every run."""
        return int(self.space.training["epochs"])

    @property
    def runs(self) -> int:
        """The records of one study: the baseline, and each optimizer's search, reruns, tests and defaults."""
        return 1 + len(self.names) * (self.trials + min(PROMOTED, self.trials) * RERUNS + self.seeds + 1)

    def cost(self, record: RunRecord) -> float:
        """The objective of a run as a number to minimise; inf for a diverged run."""
        return self.objective.cost(record.value)

    def settings(self, parameters: Mapping[str, Any]) -> Settings:
        """The constants of one run."""
        return self.space.only((parameters[BRANCH],)).settings(parameters)


@dataclass(frozen=True, slots=True)
class Run:
    """A run to be trained; the fields are those of `RunRecord`."""

    trial: int
    phase: Phase
    run: int
    setting: int | None
    parameters: Parameters
    coordinates: Coordinates

    @property
    def branch(self) -> str:
        """The optimizer's branch."""
        return str(self.parameters[BRANCH])

    def member(self, protocol: Protocol, study: int) -> Member:
        """The member to train. Initialisation and data order depend on seed, study and run index, never on the branch."""
        entropy = (protocol.seed, study, self.run)
        return Member(self.trial, protocol.settings(self.parameters), initial=entropy, order=entropy)


Step = Callable[[Protocol, int, Sequence[RunRecord]], list[Run]]


def search(protocol: Protocol, study: int, done: Sequence[RunRecord]) -> list[Run]:
    """The first step of a study: random settings of every optimizer, equally many for each."""
    found = []
    trial = study * protocol.runs + len(done)
    for label in protocol.names:
        space = protocol.space.only((label,))
        for run, coordinates in enumerate(random_settings(space, label, protocol.trials, protocol.seed, study)):
            parameters = {BRANCH: label} | space.parameters(coordinates)
            found.append(Run(trial, "search", run, trial, parameters, coordinates))
            trial += 1
    return found


def rerun(protocol: Protocol, study: int, done: Sequence[RunRecord]) -> list[Run]:
    """The second step: each optimizer's best settings again, with new run indices, the same for all optimizers."""
    again = [
        (record, protocol.trials + extra)
        for label in protocol.names
        for record in _best(protocol, done, label)
        for extra in range(RERUNS)
    ]
    first = study * protocol.runs + len(done)
    return [_again(first + at, "rerun", run, record) for at, (record, run) in enumerate(again)]


def test(protocol: Protocol, study: int, done: Sequence[RunRecord]) -> list[Run]:
    """The last step: new runs of each selected setting, and one with the optimizer's hyperparameters at their defaults."""
    fresh = protocol.trials + RERUNS
    trial = study * protocol.runs + len(done)
    found = []
    for label, record in selected(protocol, done).items():
        found += [_again(trial + seed, "test", fresh + seed, record) for seed in range(protocol.seeds)]
        trial += protocol.seeds
        parameters = with_defaults(protocol.space, label, record.parameters)
        found.append(Run(trial, "default", fresh, None, parameters, {}))
        trial += 1
    return found


STEPS: Mapping[str, Step] = {"search": search, "rerun": rerun, "test": test}


def selected(protocol: Protocol, done: Sequence[RunRecord]) -> dict[str, RunRecord]:
    """By name, the search run of the optimizer's setting with the best median over its runs; ties go to the earlier trial."""
    costs: dict[int | None, list[float]] = {}
    for record in done:
        if record.phase in ("search", "rerun"):
            costs.setdefault(record.setting, []).append(protocol.cost(record))
    return {
        label: min(
            _best(protocol, done, label), key=lambda r: (sorted(costs[r.setting])[len(costs[r.setting]) // 2], r.trial)
        )
        for label in protocol.names
    }


def recorded(protocol: Protocol, study: int, run: Run, result: TrainingResult | None, seconds: float) -> RunRecord:
    """The record of `run`; without a result it has failed."""
    metrics = {name: finite(value) for name, value in result.metrics.items()} if result else {}
    return RunRecord(
        trial=run.trial,
        generation=study,
        of=protocol.runs,
        state=("diverged" if result.reason == _DIVERGED else "completed") if result else "failed",
        epochs=result.epochs if result else 0,
        reason=result.reason if result else "lost",
        criterion=result.criterion if result else None,
        value=metrics.get(protocol.objective.metric),
        parameters=run.parameters,
        coordinates=run.coordinates,
        metrics=metrics,
        history={name: all_finite(values) for name, values in result.history.items()} if result else {},
        phase=run.phase,
        run=run.run,
        setting=run.setting,
        seconds=seconds,
    )


def baseline(protocol: Protocol, study: int, metrics: Mapping[str, float]) -> RunRecord:
    """The first record of a study: the baseline's `metrics` there."""
    known = {name: finite(value) for name, value in metrics.items()}
    return RunRecord(
        trial=study * protocol.runs,
        generation=study,
        of=protocol.runs,
        state="completed",
        epochs=0,
        reason="epochs",
        criterion=None,
        value=known.get(protocol.objective.metric),
        parameters={},
        coordinates={},
        metrics=known,
        phase="constant",
        run=0,
        setting=None,
        seconds=0.0,
    )


_DIVERGED: Reason = "diverged"


def _best(protocol: Protocol, done: Sequence[RunRecord], label: str) -> list[RunRecord]:
    """The search runs of one optimizer's best settings, best first."""
    tried = [record for record in done if record.phase == "search" and record.branch == label]
    return sorted(tried, key=lambda record: (protocol.cost(record), record.trial))[:PROMOTED]


def _again(trial: int, phase: Phase, run: int, record: RunRecord) -> Run:
    return Run(trial, phase, run, record.trial, dict(record.parameters), dict(record.coordinates))


def with_defaults(space: SearchSpace, label: str, parameters: Mapping[str, Any]) -> Parameters:
    """`parameters` with each searched hyperparameter of the branch's optimizer at its default of the catalogue."""
    return {**parameters, **dict(_defaults(space, label))}


def _defaults(space: SearchSpace, label: str) -> Iterator[tuple[str, Any]]:
    defaults = OPTIMIZERS[space.branches[label]["name"]].defaults()
    prefix = f"{space.prefix(label)}."
    for dimension in space.dimensions(label):
        if dimension.path.startswith(prefix):
            name, _, member = dimension.path.removeprefix(prefix).partition(".")
            yield dimension.path, defaults[name][int(member)] if member else defaults[name]
