"""The search space. Oracles: Optuna's own distributions, enumerated grids, and the journey winner -> YAML -> settings."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hpt.configuration.config import read
from hpt.configuration.space import Coordinates, Parameters, SearchSpace
from hpt.foundation.catalogue import Range, Values
from hpt.foundation.dimension import Dimension
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.search.sampling import distributions_by_branch, suggested
from hpt.yaml.tree import dump

RICH = """
data: digits
model:
  hidden: [{min: 8, max: 64, scale: log}, {values: [16, 32]}]
  activation: {values: [relu, tanh]}
  dropout: {min: 0.0, max: 0.4, step: 0.1}
optimizer:
  choose:
    sgd:
      learning_rate: {min: 1e-4, max: 1, scale: log}
      momentum: {min: 0.5, max: 0.995, scale: reverse_log}
      nesterov: {values: [true, false]}
    adam: {betas: [{min: 0.8, max: 0.99, scale: reverse_log}, 0.999], eps: {values: [1e-8, 1]}}
    exact: {name: adam, betas: {values: [[0.9, 0.999], [0.8, 0.99]]}}
    gd: {decay: {min: 0.999, max: 1.0}}
training: {batch_size: {min: 16, max: 64, step: 16}, clip_norm: {values: [none, 1, 0.5]}, epochs: 3}
"""
SHARED = (
    "model.hidden.0",
    "model.hidden.1",
    "model.activation",
    "model.dropout",
    "training.batch_size",
    "training.clip_norm",
)


def space_of(folder: Path, text: str) -> SearchSpace:
    path = folder / "space.yaml"
    path.write_text(text)
    return read(path, mode="lr-find").space


def random_trial(space: SearchSpace, seed: int) -> optuna.Trial:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    return suggested(study, space, distributions_by_branch(space))


def random_setting(space: SearchSpace, seed: int) -> tuple[Parameters, Coordinates]:
    coordinates = random_trial(space, seed).params
    return space.parameters(coordinates), coordinates


def random_coordinate(search: Range, seed: int) -> Any:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    return study.ask({"x": Dimension("x", search).distribution()}).params["x"]


def test_paths_name_everything_searched(tmp_path: Path) -> None:
    assert space_of(tmp_path, RICH).paths() == (
        "optimizer",
        "optimizer.sgd.learning_rate", "optimizer.sgd.momentum", "optimizer.sgd.nesterov",
        "optimizer.adam.betas.0", "optimizer.adam.eps", "optimizer.exact.betas", "optimizer.gd.decay",
        *SHARED,
    )  # fmt: skip


def test_a_branch_draws_its_own_and_the_shared(tmp_path: Path) -> None:
    space = space_of(tmp_path, RICH)
    assert [d.path for d in space.dimensions("adam")] == ["optimizer.adam.betas.0", "optimizer.adam.eps", *SHARED]
    assert "training.batch_size" not in [d.path for d in space.dimensions("gd")]


def test_full_batch_branches_show_full(tmp_path: Path) -> None:
    space = space_of(tmp_path, RICH).only(("gd",))
    parameters, coordinates = random_setting(space, 0)
    assert parameters["training.batch_size"] == "full"
    assert "training.batch_size" not in coordinates
    assert space.settings(parameters).training["batch_size"] == "full"
    constant = space_of(tmp_path, "data: digits\noptimizer: gd\n")
    assert constant.parameters({}) == {}
    assert constant.constants().training["batch_size"] == "full"


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_winner_trains_with_the_drawn_settings_to_the_bit(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "rich.yaml"
    path.write_text(RICH)
    config = read(path, mode="tune")
    parameters, coordinates = random_setting(config.space, seed)
    drawn = config.space.settings(parameters)

    best = tmp_path / "best.yaml"
    best.write_text(dump(config.winner(parameters, 17)))
    again = read(best, mode="train")
    assert again.trial == 17
    assert repr(again.space.constants()) == repr(drawn)

    # The records are JSON: the same coordinates, parameters and settings come out of it.
    stored = json.loads(json.dumps(coordinates))
    assert stored == coordinates
    assert config.space.parameters(stored) == parameters
    assert repr(config.space.settings(json.loads(json.dumps(parameters)))) == repr(drawn)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_optuna_takes_coordinates_back(tmp_path: Path, seed: int) -> None:
    space = space_of(tmp_path, RICH)
    drawn = random_trial(space, seed)
    coordinates = drawn.params
    distributions = space.distributions(coordinates)
    assert drawn.distributions == distributions
    rebuilt = optuna.trial.create_trial(value=0.0, params=coordinates, distributions=distributions)
    assert rebuilt.params == coordinates


def test_optimizer_names_every_key_of_its_settings(tmp_path: Path) -> None:
    space = space_of(tmp_path, RICH)
    for seed in range(12):
        parameters, _ = random_setting(space, seed)
        chosen = space.settings(parameters)
        row = OPTIMIZERS[chosen.optimizer["name"]]
        assert set(chosen.optimizer) == {"name", *(h.name for h in row.hyperparameters)}
        assert chosen.optimizer["name"] == {"exact": "adam"}.get(parameters["optimizer"], parameters["optimizer"])


@given(st.floats(-0.5, 0.99), st.floats(1e-6, 1), st.floats(0, 1))
def test_reverse_log_draws_one_minus_x_and_stays_in_its_range(low: float, share: float, at: float) -> None:
    high = low + share * (1 - 1e-9 - low)
    if low >= high:
        return
    dimension = Dimension("x", Range(low, high, "reverse_log"))
    distribution = dimension.distribution()
    assert isinstance(distribution, optuna.distributions.FloatDistribution)
    assert distribution.log
    coordinate = math.exp(math.log(distribution.low) + at * (math.log(distribution.high) - math.log(distribution.low)))
    coordinate = min(max(coordinate, distribution.low), distribution.high)
    value = dimension.value(coordinate)
    assert low <= value <= high
    assert value == pytest.approx(1 - coordinate, abs=1e-15)


@pytest.mark.parametrize(
    ("search", "coordinates", "values"),
    [
        (Values((1, 1.0, True)), [0, 1, 2], [1, 1.0, True]),
        (Values(((64, 32), (8,))), [0, 1], [(64, 32), (8,)]),
        (Values(({"type": "constant"}, {"type": "other"})), [0, 1], [{"type": "constant"}, {"type": "other"}]),
        (Values((None, 0.5, "full")), [None, 0.5, "full"], [None, 0.5, "full"]),
        (Values(("alone",)), ["alone"], ["alone"]),
        (Range(0.0, 0.4, step=0.1), [0.0, 0.1, 0.2, 0.3, 0.4], [0.0, 0.1, 0.2, 0.3, 0.4]),
        (Range(16, 48, step=16), [16, 32, 48], [16, 32, 48]),
    ],
)
def test_points_of_a_dimension(search: Range | Values, coordinates: list[Any], values: list[Any]) -> None:
    dimension = Dimension("x", search)
    points = [dimension.point(index) for index in range(dimension.count())]
    assert repr(points) == repr(coordinates)
    assert repr([dimension.value(point) for point in points]) == repr(values)
    internal = dimension.distribution()
    assert all(internal._contains(internal.to_internal_repr(point)) for point in points)


def test_steps_are_drawn_on_the_decimal_grid() -> None:
    dimension = Dimension("x", Range(0.0, 1.0, step=0.1))
    drawn = {dimension.value(random_coordinate(dimension.search, seed)) for seed in range(60)}
    assert drawn <= {float(f"0.{i}") for i in range(10)} | {1.0}
    assert len(drawn) > 5


@pytest.mark.parametrize(("search", "kind"), [(Range(1, 9), int), (Range(1.0, 9.0), float), (Range(1, 9, "log"), int)])
def test_the_type_of_the_bounds_is_the_type_of_the_draw(search: Range, kind: type) -> None:
    assert type(random_coordinate(search, 3)) is kind


GRID = """
data: digits
optimizer:
  choose:
    sgd: {learning_rate: {values: [0.1, 0.01]}, nesterov: {values: [true, false]}}
    adam: {betas: {values: [[0.9, 0.999], [0.8, 0.99]]}}
    gd: {}
training: {batch_size: {min: 16, max: 48, step: 16}}
"""


def test_the_grid_is_every_combination_once(tmp_path: Path) -> None:
    space = space_of(tmp_path, GRID)
    sizes = (16, 32, 48)
    expected = [
        *({"optimizer": "sgd", "optimizer.sgd.learning_rate": a, "optimizer.sgd.nesterov": b, "training.batch_size": c}
          for a, b, c in itertools.product((0.1, 0.01), (True, False), sizes)),
        *({"optimizer": "adam", "optimizer.adam.betas": a, "training.batch_size": b}
          for a, b in itertools.product((0, 1), sizes)),
        {"optimizer": "gd"},
    ]  # fmt: skip
    assert space.grid_size() == len(expected) == 19
    points = space.grid(1000, seed=5)
    assert sorted(map(repr, points)) == sorted(map(repr, expected))
    assert space.grid(7, seed=5) == points[:7]
    assert space.grid(1000, seed=6) != points
    for point in points:
        space.settings(space.parameters(point))
        distributions = space.distributions(point)
        assert optuna.trial.create_trial(value=0.0, params=point, distributions=distributions).params == point


def test_a_vast_grid_costs_nothing(tmp_path: Path) -> None:
    tiny = "{min: 0.0, max: 0.9, step: 1e-9}"
    space = space_of(
        tmp_path, f"data: digits\noptimizer: {{name: adam, betas: [{tiny}, {tiny}]}}\nmodel: {{dropout: {tiny}}}\n"
    )
    assert space.grid_size() == 900_000_001**3
    assert len({repr(point) for point in space.grid(50, seed=0)}) == 50


def test_a_grid_needs_steps(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no step"):
        space_of(tmp_path, RICH).grid_size()


def test_middle_lies_in_the_ranges(tmp_path: Path) -> None:
    space = space_of(tmp_path, RICH)
    middle = space.middle("sgd")
    assert middle["optimizer.sgd.learning_rate"] == pytest.approx(1e-2)
    assert middle["optimizer.sgd.momentum"] == pytest.approx(0.95)
    assert middle["model.dropout"] == 0.2
    assert middle["model.hidden.0"] == 23
    assert space.settings(middle).optimizer["nesterov"] is True
    for label in space.branches:
        space.settings(space.middle(label))


def test_the_digest_follows_the_space(tmp_path: Path) -> None:
    digests = [
        space_of(tmp_path, text).digest()
        for text in (
            RICH,
            RICH.replace("0.995", "0.99"),
            RICH.replace("epochs: 3", "epochs: 4"),
            RICH.replace("0.999]", "0.99]"),
        )
    ]
    assert len(set(digests)) == len(digests)
    assert space_of(tmp_path, RICH.replace("1e-4", "0.0001") + "seed: 3\n").digest() == digests[0]


def test_constants_are_refused_where_something_is_searched(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="optimizer is searched"):
        space_of(tmp_path, RICH).constants()


def test_a_single_branch_needs_no_choice(tmp_path: Path) -> None:
    space = space_of(tmp_path, "data: digits\noptimizer: {choose: {adam: {learning_rate: {min: 1e-3, max: 1e-1}}}}\n")
    parameters, coordinates = random_setting(space, 1)
    assert list(parameters) == list(coordinates) == ["optimizer.adam.learning_rate"]
    outside = space_of(tmp_path, "data: digits\noptimizer: {name: adam, learning_rate: {min: 1e-3, max: 1e-1}}\n")
    assert outside.paths() == ("optimizer.learning_rate",)
