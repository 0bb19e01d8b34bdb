"""Optuna's own samplers enter by the door of ours: a row whose function gives a sampler for each generation."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import optuna
import pytest
from optuna.samplers import BaseSampler, RandomSampler, TPESampler

from hpt.configuration.samplers import SamplerEntry
from hpt.configuration.space import Coordinates, SearchSpace
from hpt.foundation.catalogue import Range, Values, table
from hpt.runs.trial_record import TrialRecord
from hpt.search import sampling as sampling_module
from hpt.search.sampling import Sampling

RATE = Range(1e-4, 1.0, "log")
SPACE = SearchSpace(
    {"type": "mlp", "dropout": Range(0.0, 0.5, step=0.1), "activation": Values(("relu", "tanh"))},
    {
        "sgd": {"name": "sgd", "learning_rate": RATE, "momentum": Range(0.5, 0.995, "reverse_log")},
        "adam": {"name": "adam", "learning_rate": RATE},
    },
    {"batch_size": Range(16, 64, step=16)},
    chosen=True,
)
TRIALS, POPULATION = 60, 10


@dataclass(frozen=True)
class Reseeded:
    """A new sampler of Optuna's for each generation, seeded from its stream: only then is a resumed study exact."""

    make: Callable[[int], BaseSampler]
    replayed: bool = False

    def follow(self, prior: Sequence[Coordinates]) -> None: ...

    def for_generation(self, study: optuna.Study, count: int, random: np.random.Generator) -> BaseSampler:
        return self.make(int(random.integers(2**32)))


MAKERS: dict[str, Callable[[int], BaseSampler]] = {
    "optuna_random": lambda seed: RandomSampler(seed=seed),
    "optuna_tpe": lambda seed: TPESampler(seed=seed, constant_liar=True),
    "optuna_joint_tpe": lambda seed: TPESampler(seed=seed, multivariate=True, group=True, n_startup_trials=POPULATION),
}


@pytest.fixture(autouse=True)
def rows(monkeypatch: pytest.MonkeyPatch) -> None:
    def row(name: str, make: Callable[[int], BaseSampler]) -> SamplerEntry:
        return SamplerEntry(name, "one of Optuna's", function=lambda space, trials, seed: Reseeded(make), each=3)

    monkeypatch.setattr(sampling_module, "SAMPLERS", table(*(row(name, make) for name, make in MAKERS.items())))


def judged(trial: int, at: Coordinates) -> TrialRecord:
    """Best: adam at a learning rate of .01; every seventh trial diverges, every fifth is pruned."""
    label = at["optimizer"]
    value = abs(math.log10(at[f"optimizer.{label}.learning_rate"]) + 2) + 2.0 * (label != "adam")
    if trial % 7 == 6:
        return TrialRecord(trial, 0, 1, "diverged", 1, "diverged", None, None, at, at, {})
    return TrialRecord(trial, 0, 1, "pruned" if trial % 5 == 4 else "completed", 3, "epochs", None, value, at, at, {})


def study(sampler: str, seed: int, *, restart: bool = False) -> list[TrialRecord]:
    sampling = Sampling(SPACE, sampler, "minimize", seed, TRIALS)
    records: list[TrialRecord] = []
    while len(records) < TRIALS:
        if restart:
            sampling = Sampling(SPACE, sampler, "minimize", seed, TRIALS)
            sampling.learn(records)
        suggestions = sampling.generation(len(records), POPULATION)
        new = [judged(len(records) + index, at) for index, at in enumerate(suggestions)]
        sampling.learn(new)
        records += new
    return records


@pytest.mark.parametrize("sampler", MAKERS)
def test_each_trial_has_its_branch_and_what_is_searched_there(sampler: str) -> None:
    records = study(sampler, 1)
    assert {record.coordinates["optimizer"] for record in records} == {"sgd", "adam"}
    for record in records:
        assert list(record.coordinates) == list(SPACE.distributions(record.coordinates))
        SPACE.settings(SPACE.parameters(record.coordinates))
    assert len({repr(dict(record.coordinates)) for record in records}) > TRIALS * 0.8


@pytest.mark.parametrize("sampler", MAKERS)
def test_resume_is_exact_and_the_seed_decides(sampler: str) -> None:
    records = study(sampler, 1)
    assert records == study(sampler, 1, restart=True)
    assert records != study(sampler, 2)


def test_tpe_learns() -> None:
    late = study("optuna_joint_tpe", 1)[30:]
    assert sum(record.coordinates["optimizer"] == "adam" for record in late) > 20


def test_optuna_keeps_silent_and_its_verbosity_is_left_alone() -> None:
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda entry: said.append(entry.getMessage())  # type: ignore[method-assign]
    logging.getLogger("optuna").addHandler(handler)
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.DEBUG)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            study("optuna_joint_tpe", 1)
        assert optuna.logging.get_verbosity() == optuna.logging.DEBUG
    finally:
        optuna.logging.set_verbosity(before)
        logging.getLogger("optuna").removeHandler(handler)
    assert not said
    assert not caught
