"""The sampler of two models: what it finds, that its settings are valid, new and few in shape, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from hpt.configuration.space import Coordinates, SearchSpace
from hpt.foundation.catalogue import Range, Values
from hpt.runs.trial_record import State, TrialRecord
from hpt.search import gaussian_process, two_models
from hpt.search.candidates import Candidates, nearby, scattered
from hpt.search.history import History
from hpt.search.sampling import Sampling

RATE = Range(1e-5, 1.0, "log")
FLOATS = SearchSpace({"type": "mlp", **{f"x{i}": RATE for i in range(5)}}, {"adam": {"name": "adam"}}, {}, chosen=True)
MIXED = SearchSpace(
    {
        "type": "mlp",
        "hidden": Values(((16,), (Range(8, 64, "log"), Range(8, 64, step=8)))),
        "activation": Values(("relu", "tanh")),
    },
    {
        "sgd": {"name": "sgd", "learning_rate": RATE, "momentum": Range(0.5, 0.995, "reverse_log")},
        "adam": {"name": "adam", "learning_rate": RATE, "betas": (Range(0.8, 0.99, "reverse_log"), 0.999)},
        "gd": {"name": "gd", "learning_rate": RATE},
    },
    {"batch_size": Values((16, 32, 64))},
    chosen=True,
)


def bowl(at: Coordinates) -> float:
    return float(sum(0.6**i * (math.log10(at[f"model.x{i}"]) + 2 + 0.2 * i) ** 2 for i in range(5)))


def record(trial: int, at: Coordinates, value: float | None, state: State = "completed", epochs: int = 3) -> TrialRecord:
    return TrialRecord(trial, 0, 1, state, epochs, "epochs", None, value, at, at, {})


def values(cost: Callable[[Coordinates], float], seed: int, trials: int = 80, **keywords: bool) -> list[float]:
    sampling, found = Sampling(FLOATS, "tpe", "minimize", seed, trials, keywords), list[float]()
    while len(found) < trials:
        drawn = sampling.generation(len(found), 10)
        sampling.learn(record(len(found) + i, at, cost(at)) for i, at in enumerate(drawn))
        found += map(cost, drawn)
    return found


def test_it_finds_the_bottom_of_a_bowl_several_times_closer_than_one_model() -> None:
    both = [min(values(bowl, seed)) for seed in range(3)]
    alone = [min(values(bowl, seed, gp=False)) for seed in range(3)]
    assert np.median(both) < np.median(alone) / 3


def mixed(trials: int, states: tuple[State, ...] = ("completed",), size: int = 24) -> list[Coordinates]:
    """All that was drawn; the last generation has `size` trials."""
    sampling, drawn = Sampling(MIXED, "tpe", "minimize", 3, 1000), list[Coordinates]()
    while len(drawn) < trials:
        new = sampling.generation(len(drawn), size)
        for number, at in enumerate(new, len(drawn)):
            state = states[number % len(states)]
            label = at["optimizer"]
            value = abs(math.log10(at[f"optimizer.{label}.learning_rate"]) + 2) + 0.3 * (label != "adam")
            sampling.learn([record(number, at, None if state == "diverged" else value, state)])
        drawn += [dict(at) for at in new]
    return drawn


def test_settings_are_whole_in_range_and_new() -> None:
    drawn = mixed(144, ("completed", "pruned", "diverged"))
    assert len({repr(sorted(MIXED.parameters(at).items())) for at in drawn}) == len(drawn)
    for at in drawn:
        axes = MIXED.distributions({"optimizer": at["optimizer"]})
        assert set(at) == set(axes)
        assert all(axes[path]._contains(axes[path].to_internal_repr(value)) for path, value in at.items())


def test_a_generation_has_few_shapes_and_every_branch() -> None:
    last = mixed(120)[96:]
    shapes = {
        (MIXED.parameters(at)["model.hidden"], at.get("training.batch_size")) for at in last if at["optimizer"] != "gd"
    }
    assert len(shapes) <= 4
    assert sum(at["optimizer"] == "adam" for at in last) > 12
    assert {at["optimizer"] for at in mixed(240)[120:]} == set(MIXED.branches)


def test_threads_change_no_bit() -> None:
    with threadpool_limits(1):
        one = repr(mixed(72))
    with threadpool_limits(2):
        assert repr(mixed(72)) == one


def test_a_space_without_axes_or_with_few_points_is_used_up() -> None:
    few = SearchSpace({"type": "mlp"}, {name: {"name": name} for name in ("sgd", "adam")}, {}, chosen=True)
    sampling = Sampling(few, "tpe", "minimize", 0, 60)
    for first in range(0, 60, 12):
        drawn = sampling.generation(first, 12)
        assert len(drawn) == 12
        sampling.learn(record(first + i, at, float(at["optimizer"] == "sgd")) for i, at in enumerate(drawn))


def test_several_objectives_are_learned_by_dominance() -> None:
    """Both together: what the last generations come to, as a share of the first, which nothing told anything."""
    shares = []
    for seed in range(5):
        sampling, sums = Sampling(FLOATS, "tpe", ("minimize", "minimize"), seed, 60), []
        for first in range(0, 60, 12):
            drawn = sampling.generation(first, 12)
            both = [(bowl(at), abs(math.log10(at["model.x0"]) + 4)) for at in drawn]
            sums.append(np.mean(both))
            kept = zip(drawn, both, strict=True)
            sampling.learn(
                TrialRecord(first + i, 0, 1, "completed", 3, "epochs", None, pair[0], at, at, {}, values=pair)
                for i, (at, pair) in enumerate(kept)
            )
        shares.append(np.mean(sums[-2:]) / sums[0])
    assert np.median(shares) < 0.8


def test_pruned_trials_lie_between_the_completed_and_the_diverged() -> None:
    sampling = Sampling(FLOATS, "tpe", "minimize", 0, 60)
    drawn = sampling.generation(0, 7)
    states: list[tuple[State, float | None, int]] = [
        ("completed", 1.0, 9), ("completed", 2.0, 9), ("completed", 4.0, 9), ("pruned", 0.5, 3), ("pruned", 0.1, 1),
        ("diverged", None, 1), ("failed", None, 0),
    ]  # fmt: skip
    sampling.learn(
        record(i, at, value, state, epochs) for i, (at, (state, value, epochs)) in enumerate(zip(drawn, states, strict=True))
    )
    history = History(FLOATS)
    history.read(sampling._study)
    assert history.costs(4.0).tolist() == [1.0, 2.0, 4.0, 3.5, 5.0, math.inf]


def test_candidates_have_the_axes_of_their_branch_and_move_as_far_as_told() -> None:
    history, random = History(MIXED), np.random.default_rng(0)
    some = scattered(history, 300, random)
    assert np.bincount(some.branches).tolist() == [100, 100, 100]
    near = nearby(history, some, (0.05,), random)
    assert (near.branches == some.branches).all()
    assert (np.isnan(near.positions) == np.isnan(some.positions)).all()
    moved = np.nan_to_num(near.positions - some.positions)
    assert (moved != 0).any(axis=1).mean() > 0.7
    rate = history.all_paths.index("optimizer.adam.learning_rate")
    assert 0.03 < np.std(moved[moved[:, rate] != 0, rate]) < 0.07
    alone = nearby(history, Candidates(some.branches[:1], some.positions[:1]), (0.05,), random)
    assert alone.positions.shape == (1, len(history.all_paths))


def test_what_a_generation_looks_at_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process has so many trials at most and the pool so many candidates, however many are finished: the cost stops growing."""
    sizes: list[tuple[int, int]] = []
    original = gaussian_process.Posterior.covariance

    def counted(self: Any, one: Any, other: Any) -> Any:
        sizes.append((len(one), len(other)))
        return original(self, one, other)

    monkeypatch.setattr(gaussian_process.Posterior, "covariance", counted)
    largest = []
    for trials in (1000, 5000):
        sampling = Sampling(FLOATS, "tpe", "minimize", 1, 5000)
        blind = Sampling(FLOATS, "random", "minimize", 1, 5000).generation(0, trials)
        sampling.learn(record(i, at, bowl(at)) for i, at in enumerate(blind))
        sizes.clear()
        sampling.generation(trials, 64)
        largest.append((max(one for one, _ in sizes), max(other for _, other in sizes), len(sizes)))
    assert largest[0] == largest[1]
    assert largest[0][0] < 600
    assert largest[0][1] <= 128 + 64
    drawn = two_models.TwoModels(FLOATS, 1000, 0).generation
    sizes.clear()
    assert len(drawn(sampling._study, 400, np.random.default_rng(0))) == 400
    assert max(other for _, other in sizes) <= 128 + 400


def test_what_a_constraint_bars_is_not_drawn_and_what_violates_one_is_left() -> None:
    sampling = Sampling(FLOATS, "tpe", "minimize", 0, 96, barred=lambda at: at["model.x0"] > 0.01)
    for first in range(0, 96, 12):
        drawn = sampling.generation(first, 12)
        assert all(at["model.x0"] <= 0.01 for at in drawn)
        over = [max(0.0, math.log10(at["model.x1"]) + 3) for at in drawn]
        sampling.learn(
            TrialRecord(first + i, 0, 1, "completed", 3, "epochs", None, bowl(at), at, at, {}, constraints={"c": excess})
            for i, (at, excess) in enumerate(zip(drawn, over, strict=True))
        )
    assert np.median([math.log10(at["model.x1"]) for at in drawn]) < -2.8


def asked(noise: float, trials: int, **keywords: bool) -> int | None:
    """For how many of so many random trials, whose values have this noise, the next generation is to have one."""
    random = np.random.default_rng(trials)
    sampling = Sampling(FLOATS, "tpe", "minimize", 0, 1000, keywords)
    blind = Sampling(FLOATS, "random", "minimize", 0, 1000).generation(0, trials)
    sampling.learn(record(i, at, bowl(at) + noise * random.standard_normal()) for i, at in enumerate(blind))
    return sampling.each


def test_noise_makes_generations_large_and_its_absence_small() -> None:
    assert asked(0.0, 30) == asked(1.0, 30) == 2, "too few to tell"
    for trials in (60, 120, 300):
        assert asked(0.0, trials) == 3
        assert asked(1.0, trials) == 1
        assert asked(0.0, trials, gp=False) == asked(1.0, trials, gp=False) == 2


def test_few_trials_are_left_to_the_estimator() -> None:
    drawn = []
    for gp in (True, False):
        sampling, each = Sampling(FLOATS, "tpe", "minimize", 4, 100, {"gp": gp}), []
        # After 12, after 23, and after 24.
        for first, count in ((0, 12), (12, 11), (23, 1), (24, 12)):
            each.append(sampling.generation(first, count))
            sampling.learn(record(first + i, at, bowl(at)) for i, at in enumerate(each[-1]))
        drawn.append(each)
    assert drawn[0][:3] == drawn[1][:3]
    assert drawn[0][3] != drawn[1][3]


def test_trials_that_were_pruned_do_not_count_as_noise() -> None:
    """What stands for the value of a pruned trial is a rank, which would look like noise."""
    blind = Sampling(FLOATS, "random", "minimize", 0, 1000).generation(0, 200)
    for completed, asked_for in ((20, 2), (80, 3)):
        sampling = Sampling(FLOATS, "tpe", "minimize", 0, 1000)
        best = {i for i, _ in sorted(enumerate(blind), key=lambda each: bowl(each[1]))[:completed]}
        states: list[State] = ["completed" if i in best else "pruned" for i in range(200)]
        sampling.learn(record(i, at, bowl(at), states[i], 9 if i in best else 1 + i % 3) for i, at in enumerate(blind))
        assert sampling.each == asked_for


def test_several_objectives_tell_nothing_of_noise() -> None:
    sampling = Sampling(FLOATS, "tpe", ("minimize", "minimize"), 0, 100)
    drawn = sampling.generation(0, 60)
    sampling.learn(
        TrialRecord(i, 0, 60, "completed", 3, "epochs", None, bowl(at), at, at, {}, values=(bowl(at), -bowl(at)))
        for i, at in enumerate(drawn)
    )
    assert sampling.each == 2


def test_a_small_generation_trains_in_one_stack() -> None:
    """The process takes the shape that the density's half has."""
    last = mixed(96, size=12)[84:]
    shapes = {(MIXED.parameters(at)["model.hidden"], at["training.batch_size"]) for at in last if at["optimizer"] != "gd"}
    assert len(shapes) == 1
