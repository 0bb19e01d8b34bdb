"""Optuna's samplers by name: exact resume where their state can be rebuilt, a word where it cannot, refusal before anything runs."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from optuna.samplers import BaseSampler, NSGAIISampler, RandomSampler

from hpt.configuration.config import Config, read
from hpt.foundation.errors import InputError
from hpt.runs.records import decode, encode
from hpt.runs.trial_record import TrialRecord
from hpt.search import optuna_samplers
from hpt.search.optuna_samplers import NEEDS, check_sampler
from hpt.search.sampling import Sampling

STUDY = """
data: iris
model: {{dropout: {{min: 0.0, max: 0.5}}}}
optimizer: {{name: sgd, learning_rate: {{min: 1e-4, max: 1.0, scale: log}}, momentum: {{min: 0.0, max: 0.9}}}}
study: {{sampler: {sampler}}}
"""
GENERATION, TRIALS = 6, 42
HERE = f"{__name__}:"


class Wayward(RandomSampler):
    """Draws from a source that no seed decides."""

    def __init__(self) -> None:
        super().__init__(seed=random.SystemRandom().randrange(2**32))


class Keeping(NSGAIISampler):
    """Optuna's, with a state in the attributes of study and trials."""

    def __init__(self, seed: int, population_size: int = 8) -> None:
        super().__init__(seed=seed, population_size=population_size)


def config(folder: Path, sampler: str) -> Config:
    (folder / "study.yaml").write_text(STUDY.format(sampler=sampler))
    return read(folder / "study.yaml", mode="tune")


def sampling(found: Config) -> Sampling:
    keywords = dict(found.study["sampler"])
    return Sampling(found.space, keywords.pop("type"), "minimize", 5, TRIALS, keywords)


def whole(found: Config, restart: Callable[[int], bool] = lambda done: False) -> list[TrialRecord]:
    """The records of a study that is taken up anew where `restart` says so."""
    live = sampling(found)
    records: list[TrialRecord] = []
    while (done := len(records)) < TRIALS:
        if restart(done):
            live = sampling(found)
            live.learn(records)
        made = []
        for trial, at in enumerate(live.generation(done, GENERATION), done):
            value = (at["optimizer.momentum"] - 0.3) ** 2 + at["model.dropout"]
            state, generation = ("pruned" if trial % 5 == 4 else "completed"), done // GENERATION
            record = TrialRecord(trial, generation, GENERATION, state, 3, "", None, value, {}, at, {})  # type: ignore[arg-type]
            made.append(decode(encode(record).encode(), TrialRecord))
        live.learn(made)
        records += made
    return records


INSTALLED = [
    name
    for name in ("TPESampler", "RandomSampler", "NSGAIISampler", "QMCSampler", "CmaEsSampler", "GPSampler")
    if all(find_spec(module) for module in NEEDS.get(name, {}))
]


@pytest.mark.parametrize("name", [*INSTALLED, f"{HERE}Keeping"])
def test_a_study_that_is_taken_up_draws_what_one_never_interrupted_does(tmp_path: Path, name: str) -> None:
    options = ", options: {population_size: 8}" if "NSGA" in name else ""
    found = config(tmp_path, f'{{type: optuna, name: "{name}"{options}}}')
    assert check_sampler(found) == []
    records = whole(found)
    assert records == whole(found, restart=lambda done: done % 12 == 0)
    assert len({repr(record.coordinates) for record in records}) > 0.8 * TRIALS


def test_what_cannot_be_rebuilt_is_said(tmp_path: Path) -> None:
    found = config(tmp_path, f'{{type: optuna, name: "{HERE}Wayward"}}')
    (said,) = check_sampler(found)
    assert "takes no seed" in said
    with pytest.raises(InputError, match="cannot be rebuilt"):
        whole(found, restart=lambda done: done == 12)


REFUSED: Mapping[str, str] = {
    "{type: optuna}": "study.sampler.name",
    "{type: optuna, name: GPSampla}": "Did you mean GPSampler",
    "{type: optuna, name: GridSampler}": "sampler: grid",
    '{type: optuna, name: "nowhere.to.be:Found"}': "pip install nowhere",
    f'{{type: optuna, name: "{HERE}Missing"}}': "names no class",
    "{type: optuna, name: TPESampler, options: {n_startup: 3}}": "Did you mean n_startup_trials",
    "{type: optuna, name: TPESampler, options: {seed: 3}}": "study.sampler.options.seed",
    "{type: optuna, name: NSGAIISampler, options: {population_size: 1}}": "study.sampler.options: expected",
}


@pytest.mark.parametrize("sampler", REFUSED)
def test_what_is_no_sampler_is_refused_with_its_line(tmp_path: Path, sampler: str) -> None:
    with pytest.raises(InputError) as refused:
        check_sampler(config(tmp_path, sampler))
    (complaint,) = refused.value.complaints
    assert complaint.startswith(f"{tmp_path / 'study.yaml'}:5: study.sampler")
    assert REFUSED[sampler] in complaint


def test_missing_packages_are_named_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(module: str) -> Any:
        return None

    monkeypatch.setattr(optuna_samplers, "find_spec", nothing)
    with pytest.raises(InputError, match=r"study.yaml:5: study.sampler.name: .*pip install torch scipy"):
        check_sampler(config(tmp_path, "{type: optuna, name: GPSampler}"))


def test_a_class_of_ones_own_lies_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "own_sampler.py").write_text(
        "from optuna.samplers import RandomSampler\n\n\nclass Own(RandomSampler):\n    pass\n"
    )
    found = config(tmp_path, '{type: optuna, name: "own_sampler:Own"}')
    assert check_sampler(found) == []
    assert isinstance(optuna_samplers.found("own_sampler:Own")(seed=1), BaseSampler)
