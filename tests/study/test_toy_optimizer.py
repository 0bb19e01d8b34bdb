"""A new optimizer is one function and one row: everything else follows from the row."""

from __future__ import annotations

import inspect
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from hpt.cli.app import app
from hpt.configuration.config import Config, Mode, read
from hpt.foundation.catalogue import Hyperparameter, Range
from hpt.foundation.errors import InputError
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.numerics.optimizers.common import DECAY, cast, each, learning_rate
from hpt.numerics.optimizers.entry import OptimizerEntry
from hpt.numerics.types import Doubles, Floats, State
from hpt.schemas.configuration import configuration_schema
from tests.numerics import test_rules as battery


def rooted(
    parameters: Floats, gradients: Floats, state: State, scratch: tuple[Floats, ...], steps: Doubles, /, *,
    learning_rate: Doubles, tilt: Doubles, inert: bool,
) -> Iterator[None]:  # fmt: skip
    """v ← tilt v + g; θ ← θ - α sign(d) √|d|, d = v, or g where `inert`."""
    velocity = state["velocity"]
    (change,) = scratch
    keep = cast(parameters, tilt)
    for rate in each(parameters, learning_rate):
        velocity *= keep
        velocity += gradients
        direction = gradients if inert else velocity
        np.abs(direction, out=change)
        np.sqrt(change, out=change)
        np.copysign(change, direction, out=change)
        change *= rate
        parameters -= change
        yield


ROW = OptimizerEntry(
    "rooted",
    "steps by the root of the gradient",
    function=rooted,
    hyperparameters=(
        learning_rate(0.02, 1e-4, 0.1),
        Hyperparameter(
            "tilt",
            "float",
            0.25,
            "share of the past",
            low=0,
            high=1,
            open_high=True,
            search=Range(0.1, 0.9),
            aliases=("lean",),
        ),
        Hyperparameter("inert", "boolean", False, "whether the past is ignored", scope="stack"),
        DECAY,
    ),
    formula="v ← tilt v + g; θ ← θ - α sign(v) √|v|",
    reference="this test",
    state={"velocity": 0.0},
    scratch=1,
)


@pytest.fixture(autouse=True)
def _added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPTIMIZERS, "rooted", ROW)


def configuration(folder: Path, optimizer: str, mode: Mode) -> Config:
    path = folder / "toy.yaml"
    path.write_text(
        f"data: iris\nmodel: {{hidden: [4]}}\noptimizer: {optimizer}\ntraining: {{epochs: 3}}\n", encoding="utf-8"
    )
    return read(path, mode=mode)


def run(*arguments: object) -> Any:
    ended = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert ended.exit_code == 0
    return json.loads(ended.stdout)


def test_a_file_names_it_and_its_defaults_are_filled_in(tmp_path: Path) -> None:
    settings = configuration(tmp_path, "{name: Rooted, tilt: 0.5}", "train").space.constants()
    assert settings.optimizer == {"name": "rooted", "learning_rate": 0.02, "tilt": 0.5, "inert": False, "decay": 1.0}


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("rootd", "Did you mean rooted?"),
        ("{name: rooted, tlt: 0.5}", "Did you mean tilt?"),
        ("{name: rooted, lean: 0.5}", "Did you mean tilt?"),
        ("{name: rooted, tilt: 1}", "expected a number from 0 to below 1"),
        ("{choose: [sgd, roted]}", "Did you mean rooted?"),
    ],
)
def test_errors_know_it(tmp_path: Path, written: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        configuration(tmp_path, written, "lr-find")
    assert hint in str(caught.value)


def test_the_list_form_searches_its_ranges(tmp_path: Path) -> None:
    space = configuration(tmp_path, "{choose: [sgd, rooted]}", "tune").space
    searched = {dimension.path: dimension.search for dimension in space.dimensions("rooted")}
    assert searched["optimizer.rooted.tilt"] == Range(0.1, 0.9)
    assert searched["optimizer.rooted.learning_rate"] == Range(1e-4, 0.1, "log")
    assert "optimizer.rooted.inert" not in searched


def test_the_catalogue_lists_it() -> None:
    entry = run("list", "optimizers", "rooted", "--json")["optimizers"][0]
    assert (entry["name"], entry["formula"], entry["reference"]) == ("rooted", ROW.formula, ROW.reference)
    assert {row["name"]: row["default"] for row in entry["hyperparameters"]} == ROW.defaults()
    assert entry["hyperparameters"][1]["search"] == {"min": 0.1, "max": 0.9}
    assert "rooted" in CliRunner().invoke(app, ["list"]).stdout


def test_the_schema_takes_it() -> None:
    validator = Draft202012Validator(configuration_schema())
    for optimizer in (
        "rooted",
        {"name": "rooted", "tilt": {"min": 0.1, "max": 0.5}},
        {"choose": ["sgd", "rooted"]},
        {"choose": {"rooted": "default", "slow": {"name": "rooted", "inert": True}}},
    ):
        validator.validate({"data": "iris", "optimizer": optimizer})
    assert not validator.is_valid({"data": "iris", "optimizer": {"name": "rooted", "tilt": 1}})
    assert not validator.is_valid({"data": "iris", "optimizer": {"name": "rooted", "momentum": 0.5}})


def test_the_battery_covers_it() -> None:
    checks = [
        check
        for name, check in vars(battery).items()
        if name.startswith("test_") and "name" in inspect.signature(check).parameters
    ]
    assert len(checks) >= 7
    for check in checks:
        if check is battery.test_a_rule_follows_its_textbook:
            continue
        dtypes = ["float32", "float64"] if "dtype" in inspect.signature(check).parameters else [None]
        for dtype in dtypes:
            check(name="rooted", **({"dtype": dtype} if dtype else {}))


def test_it_is_trained_tuned_and_its_rate_found(tmp_path: Path) -> None:
    configuration(tmp_path, "{choose: [sgd, rooted]}", "tune")
    config = tmp_path / "toy.yaml"
    runs = ("--json", "--quiet", "--runs", tmp_path / "runs")
    tuned = run("tune", config, "--jobs", 1, "--trials", 12, *runs)
    branches = Counter(row["parameters"]["optimizer"] for row in tuned["leaderboard"])
    assert set(branches) == {"sgd", "rooted"}
    assert all(
        "optimizer.rooted.tilt" in r["parameters"] for r in tuned["leaderboard"] if r["parameters"]["optimizer"] != "sgd"
    )
    trained = run("train", config, "--set", "optimizer=rooted", "--set", "training.epochs=30", *runs)
    assert trained["final"]["train_loss"] < 0.5 * trained["history"][0]["train_loss"]
    assert run("lr-find", config, "--optimizer", "rooted", *runs)["path"] == "optimizer.rooted.learning_rate"
