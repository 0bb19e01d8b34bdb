"""History in, generation out: what a sampler draws depends on the records alone, not on which process saw them made."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from hpt.configuration.config import read
from hpt.configuration.samplers import SAMPLERS
from hpt.configuration.space import Coordinates, SearchSpace
from hpt.runs.records import decode, encode
from hpt.runs.trial_record import State, TrialRecord
from hpt.search.sampling import Sampling

TRIALS, POPULATION = 42, 6
STUDY = """
data: iris
model: {hidden: [{values: [4, 8]}], activation: {values: [relu, tanh]}}
optimizer:
  choose:
    sgd: {learning_rate: %s, momentum: %s}
    exact: {name: adam, betas: {values: [[0.9, 0.999], [0.8, 0.99]]}}
training: {batch_size: {min: 16, max: 64, step: 16}}
"""
RANGES = ("{min: 1e-4, max: 1.0, scale: log}", "{min: 0.5, max: 0.995, scale: reverse_log}")
POINTS = ("{values: [0.1, 0.01, 0.001]}", "{values: [0.0, 0.9]}")
STATES: tuple[State, ...] = ("completed", "pruned", "pruned", "completed", "diverged", "completed", "failed")


def space_of(folder: Path, sampler: str) -> SearchSpace:
    path = folder / "study.yaml"
    path.write_text(STUDY % (POINTS if sampler == "grid" else RANGES))
    return read(path, mode="tune").space


def outcome(space: SearchSpace, trial: int, coordinates: Coordinates) -> TrialRecord:
    """What a trial might have come to, read back from its line."""
    state = STATES[trial % len(STATES)]
    has_value = state in ("completed", "pruned")
    record = TrialRecord(
        trial=trial,
        generation=trial // POPULATION,
        of=POPULATION,
        state=state,
        epochs=1 + trial % 3,
        reason="epochs",
        criterion=None,
        value=math.sin(7 * trial) if has_value else None,
        parameters=space.parameters(coordinates),
        coordinates=coordinates,
        metrics={},
    )
    return decode(encode(record).encode(), TrialRecord)


def whole(space: SearchSpace, sampler: str, seed: int) -> list[TrialRecord]:
    """The records of a study that nothing interrupts."""
    sampling = Sampling(space, sampler, "minimize", seed, TRIALS)
    records: list[TrialRecord] = []
    while len(records) < TRIALS:
        drawn = sampling.generation(len(records), POPULATION)
        made = [outcome(space, len(records) + index, coordinates) for index, coordinates in enumerate(drawn)]
        sampling.learn(made)
        records.extend(made)
    return records


@pytest.mark.parametrize("sampler", [name for name in SAMPLERS if name != "optuna"])
def test_a_fresh_process_draws_what_the_first_would_have(tmp_path: Path, sampler: str) -> None:
    space = space_of(tmp_path, sampler)
    records = whole(space, sampler, seed=3)
    for done in range(0, TRIALS, POPULATION):
        resumed = Sampling(space, sampler, "minimize", 3, TRIALS)
        resumed.learn(records[:done])
        for first in (done, done + POPULATION):
            expected = records[first : first + POPULATION]
            if expected:
                assert [dict(c) for c in resumed.generation(first, POPULATION)] == [dict(r.coordinates) for r in expected]
                resumed.learn(expected)


@pytest.mark.parametrize("sampler", [name for name in SAMPLERS if name != "optuna"])
def test_the_seed_decides(tmp_path: Path, sampler: str) -> None:
    space = space_of(tmp_path, sampler)
    one, same, other = (whole(space, sampler, seed) for seed in (3, 3, 4))
    assert one == same
    assert [record.coordinates for record in one] != [record.coordinates for record in other]


def test_what_was_learned_matters_to_those_that_learn(tmp_path: Path) -> None:
    for sampler in ("tpe", "random"):
        space = space_of(tmp_path, sampler)
        records = whole(space, sampler, seed=3)
        forgetful = Sampling(space, sampler, "maximize", 3, TRIALS)
        forgetful.learn(records[:36])
        drawn = [dict(coordinates) for coordinates in forgetful.generation(36, POPULATION)]
        assert (drawn == [dict(record.coordinates) for record in records[36:]]) == (sampler == "random")
