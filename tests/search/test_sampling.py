"""Generations of the samplers: alive branches, no repeats, ranks, the same bits after a restart, bounded cost."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from optuna.distributions import FloatDistribution

from hpt.configuration.space import Coordinates, SearchSpace
from hpt.foundation.catalogue import Range, Values
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.runs.trial_record import State, TrialRecord
from hpt.search import tpe as sampling_tpe
from hpt.search.axes import axis_of
from hpt.search.density import Density, neighbour_widths
from hpt.search.sampling import Sampling

RATE = Range(1e-4, 1.0, "log")
BRANCHES = {
    "sgd": {"name": "sgd", "learning_rate": RATE, "momentum": Range(0.5, 0.995, "reverse_log")},
    "adam": {"name": "adam", "learning_rate": RATE},
    "gd": {"name": "gd", "learning_rate": RATE},
    "rmsprop": {"name": "rmsprop"},
}
TRAINING = {"batch_size": Values((16, 32, 64))}
SPACE = SearchSpace({"type": "mlp", "dropout": Range(0.0, 0.5, step=0.1)}, BRANCHES, TRAINING, chosen=True)


def record(trial: int, at: Coordinates, value: float | None, state: State = "completed", epochs: int = 9) -> TrialRecord:
    return TrialRecord(trial, 0, 1, state, epochs, "epochs", None, value, at, at, {})


def cost(at: Coordinates) -> float:
    """Best: adam at a learning rate of .01."""
    label = at["optimizer"]
    rate = at.get(f"optimizer.{label}.learning_rate", 1.0)
    return abs(np.log10(rate) + 2) + 2.0 * (label != "adam")


def judged(first: int, drawn: list[Coordinates]) -> list[TrialRecord]:
    """Some completed, some pruned, diverged, failed."""
    states: list[State] = ["completed", "completed", "pruned", "completed", "diverged", "completed", "failed"]
    found = []
    for trial, at in enumerate(drawn, first):
        state = states[trial % 7]
        found.append(record(trial, at, cost(at) if state in {"completed", "pruned"} else None, state, 1 + trial % 3))
    return found


def study(sampler: str, trials: int, population: int, *, restart: bool, space: SearchSpace = SPACE) -> list[TrialRecord]:
    sampling = Sampling(space, sampler, "minimize", 7, trials)
    records: list[TrialRecord] = []
    while len(records) < trials:
        if restart:
            sampling = Sampling(space, sampler, "minimize", 7, trials)
            sampling.learn(replace(r, coordinates=json.loads(json.dumps(r.coordinates))) for r in records)
        new = judged(len(records), sampling.generation(len(records), min(population, trials - len(records))))
        sampling.learn(new)
        records += new
    return records


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_a_rebuilt_sampler_draws_the_same_bits(sampler: str) -> None:
    live = study(sampler, 70, 9, restart=False)
    assert repr(live) == repr(study(sampler, 70, 9, restart=True))
    first = repr([dict(r.coordinates) for r in live[:9]])
    assert repr(Sampling(SPACE, sampler, "minimize", 7, 70).generation(0, 9)) == first
    assert repr(Sampling(SPACE, sampler, "minimize", 8, 70).generation(0, 9)) != first
    assert repr(Sampling(SPACE, sampler, "minimize", 7, 70).generation(9, 9)) != first


def test_another_process_draws_the_same_bits() -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(__file__).rpartition('/')[0]!r})\n"
        f"from test_sampling import study\nprint(repr([dict(r.coordinates) for r in study('tpe', 40, 9, restart=False)]))"
    )
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
    assert printed == repr([dict(r.coordinates) for r in study("tpe", 40, 9, restart=False)])


def labels(records: list[TrialRecord]) -> list[str]:
    return [str(r.coordinates["optimizer"]) for r in records]


def test_the_good_branch_gets_most_and_no_branch_dies() -> None:
    late = labels(study("tpe", 240, 20, restart=False)[120:])
    counts = {label: late.count(label) for label in BRANCHES}
    assert counts["adam"] > 70
    # The floor is one of the density's half.
    assert min(counts.values()) >= 1


def test_a_branch_that_the_first_generation_had_no_room_for_is_tried_soon() -> None:
    names = list(OPTIMIZERS)
    many = SearchSpace(
        {"type": "mlp"}, {name: {"name": name, "learning_rate": RATE} for name in names}, TRAINING, chosen=True
    )
    for seed in range(20):
        sampling = Sampling(many, "tpe", "minimize", seed, 60)
        found: list[TrialRecord] = []
        # The first are fewer than there are optimizers.
        for count in (12, 6):
            drawn = sampling.generation(len(found), count)
            assert len(drawn) == count
            new = [record(trial, at, float(trial)) for trial, at in enumerate(drawn, len(found))]
            sampling.learn(new)
            found += new
        assert set(labels(found)) == set(names)


def test_the_first_generation_is_spread_over_branches_and_ranges() -> None:
    drawn = Sampling(SPACE, "tpe", "minimize", 3, 100).generation(0, 20)
    assert [sum(at["optimizer"] == label for at in drawn) for label in BRANCHES] == [5, 5, 5, 5]
    rates = sorted(np.log10(at["optimizer.adam.learning_rate"]) for at in drawn if at["optimizer"] == "adam")
    assert [int((rate + 4) / 4 * 5) for rate in rates] == [0, 1, 2, 3, 4]


def test_it_finds_the_best_and_a_generation_stays_diverse() -> None:
    records = study("tpe", 200, 25, restart=False)
    last = [at.coordinates["optimizer.adam.learning_rate"] for at in records[175:] if at.coordinates["optimizer"] == "adam"]
    assert np.median(np.abs(np.log10(last) + 2)) < 0.25
    assert len(set(last)) == len(last)
    assert np.std(np.log10(last)) > 0.005


def test_each_trial_has_its_own_candidates_and_the_next_keeps_away() -> None:
    axes = [axis_of(FloatDistribution(0, 1))]
    narrow = partial(np.full_like, fill_value=0.03)
    near = Density.of(axes, np.array([[0.3], [0.7]]), np.array([10.1, 10.0]), narrow)
    far = Density.of(axes, np.linspace(0.05, 0.95, 10)[:, None], np.ones(10), neighbour_widths)
    candidates = np.tile(np.linspace(0.02, 0.98, sampling_tpe.CANDIDATES), 6)[:, None]
    candidates += 0.001 * np.arange(len(candidates))[:, None] / len(candidates)
    each, none = np.arange(len(candidates)), np.zeros(len(candidates), dtype=np.intp)
    chosen = sampling_tpe._chosen(axes, candidates, each, none, near, far)
    assert [index // sampling_tpe.CANDIDATES for index in chosen] == list(range(6))
    assert sum(candidates[chosen, 0] < 0.5) in {2, 3, 4}
    met = (each // sampling_tpe.CANDIDATES != 3).astype(np.intp)
    assert sampling_tpe._chosen(axes, candidates, each, met, near, far)[0] // sampling_tpe.CANDIDATES == 3
    # Where all were taken, what is barred is passed over.
    barred = 1 + (candidates[:, 0] < 0.5)
    assert all(candidates[sampling_tpe._chosen(axes, candidates, each, barred, near, far), 0] >= 0.5)


def test_maximising_mirrors_minimising() -> None:
    draws: list[Any] = []
    for direction, sign in (("minimize", 1), ("maximize", -1)):
        sampling = Sampling(SPACE, "tpe", direction, 5, 60)  # type: ignore[arg-type]
        first = sampling.generation(0, 30)
        sampling.learn(record(i, at, sign * cost(at)) for i, at in enumerate(first))
        draws.append(sampling.generation(30, 30))
    assert repr(draws[0]) == repr(draws[1])


LINE = SearchSpace({"type": "mlp"}, {"adam": {"name": "adam", "learning_rate": RATE}}, {}, chosen=True)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (("completed", 5.0, 9), ("pruned", 0.1, 8)),
        (("pruned", 5.0, 3), ("pruned", 0.1, 2)),
        (("pruned", 1.0, 2), ("pruned", 2.0, 2)),
        (("pruned", 5.0, 1), ("diverged", None, 1)),
    ],
)
def test_ranks(better: tuple[State, float, int], worse: tuple[State, float | None, int]) -> None:
    """High rates go to the worse kind, low ones to the better: the next generation must go low, whichever came first."""
    sampling = Sampling(LINE, "tpe", "minimize", 1, 200)
    rates = np.geomspace(1e-4, 1.0, 40)[np.random.default_rng(0).permutation(40)]
    for trial, rate in enumerate(rates.tolist()):
        state, value, epochs = better if rate < 4e-4 else worse
        sampling.learn([record(trial, {"optimizer.adam.learning_rate": rate}, value, state, epochs)])
    drawn = [at["optimizer.adam.learning_rate"] for at in sampling.generation(40, 40)]
    assert np.median(drawn) < 1.5e-3


def test_failed_trials_teach_nothing() -> None:
    sampling = Sampling(LINE, "tpe", "minimize", 1, 200)
    sampling.learn(record(trial, {"optimizer.adam.learning_rate": 1e-4}, None, "failed") for trial in range(40))
    drawn = [at["optimizer.adam.learning_rate"] for at in sampling.generation(40, 40)]
    fresh = np.sort(np.log10(drawn))
    np.testing.assert_allclose(fresh, np.linspace(-4, 0, 40), atol=0.11)


SMALL = SearchSpace(
    {"type": "mlp", "activation": Values(("relu", "tanh"))},
    {"adam": {"name": "adam", "eps": Values((1e-8, 1e-4, 1.0))}, "sgd": {"name": "sgd", "nesterov": Values((True, False))}},
    {"batch_size": Range(16, 64, step=16)},
    chosen=True,
)


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_a_small_space_is_not_tried_twice_before_it_is_used_up(sampler: str) -> None:
    records = study(sampler, 30, 6, restart=False, space=SMALL)
    settings = [repr(dict(r.coordinates)) for r in records if r.state != "failed"]
    assert len(set(settings)) >= len(settings) - 1
    assert len(study(sampler, 100, 20, restart=False, space=SMALL)) == 100


def test_a_grid_takes_its_points_in_order() -> None:
    assert [dict(r.coordinates) for r in study("grid", 12, 5, restart=True, space=SMALL)] == SMALL.grid(12, 7)


def test_what_a_generation_looks_at_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of a generation is kernels times candidates: the kernels stop growing."""
    sizes: list[int] = []
    original = sampling_tpe.Density.of.__func__  # type: ignore[attr-defined]

    def counted(cls: type, axes: Any, positions: Any, weights: Any, widths: Any) -> Any:
        sizes.append(len(positions))
        return original(cls, axes, positions, weights, widths)

    monkeypatch.setattr(sampling_tpe.Density, "of", classmethod(counted))
    sampling = Sampling(LINE, "tpe", "minimize", 1, 5000, {"gp": False})
    random = np.random.default_rng(2)
    largest = []
    for trials in (1000, 3000):
        first = 0 if trials == 1000 else 1000
        rates = random.uniform(1e-4, 1.0, trials - first).tolist()
        sampling.learn(
            record(first + index, {"optimizer.adam.learning_rate": rate}, rate) for index, rate in enumerate(rates)
        )
        sizes.clear()
        sampling._sampler.generation(sampling._study, 8, np.random.default_rng(0))
        largest.append(list(sizes))
    assert largest[0] == largest[1] == [25, 128, 96]


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_no_setting_is_drawn_twice_where_widths_belong_to_a_list(sampler: str) -> None:
    """Of a trial with one layer the width of a second says nothing: 3 + 9 settings, 12 trials."""
    width = Range(4, 6)
    space = SearchSpace(
        {"type": "mlp", "hidden": Values(((width,), (width, width)))}, {"sgd": {"name": "sgd"}}, {}, chosen=False
    )
    sampling, seen = Sampling(space, sampler, "minimize", 5, 12), []
    for first in range(0, 12, 3):
        drawn = sampling.generation(first, 3)
        sampling.learn(record(first + i, at, float(first + i)) for i, at in enumerate(drawn))
        seen += [tuple(space.settings(space.parameters(at)).model["hidden"]) for at in drawn]
    assert len(set(seen)) >= 11
