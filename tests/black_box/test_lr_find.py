"""`hpt lr-find`: its document, which optimizer it tests, and what it says on terminals of any width."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.black_box.hpt_command import Hpt

BRANCHES = """
data: iris
model: {type: linear}
optimizer:
  choose:
    adam: {learning_rate: {min: 1e-4, max: 0.1, scale: log}, eps: 0.1}
    heavy: {name: sgd, momentum: {min: 0.5, max: 0.98, scale: reverse_log}}
training: {epochs: 4, batch_size: {values: [16, 32]}, stop: {patience: 1}}
"""


@pytest.fixture
def branches(hpt: Hpt) -> Hpt:
    hpt.write("branches.yaml", BRANCHES)
    return hpt


def found(hpt: Hpt, *arguments: str) -> Any:
    return hpt("lr-find", *arguments, "--json", "--quiet").document


def test_the_document(branches: Hpt) -> None:
    document = found(branches, "branches.yaml", "--optimizer", "adam")
    assert document["schema"] == "hpt.lr-find/1"
    assert document["path"] == "optimizer.adam.learning_rate"
    assert document["settings"]["optimizer"]["eps"] == 0.1
    assert document["settings"]["training"]["batch_size"] == 16
    sweep = document["sweep"]
    assert 100 <= len(sweep) <= 200
    assert sweep[0]["learning_rate"] == pytest.approx(1e-7)
    assert sweep[-1]["learning_rate"] == pytest.approx(10)
    assert {len(row["losses"]) for row in sweep} == {5}
    assert set(document["readings"]) == {"valley", "steep", "minimum"}
    for reading in document["readings"].values():
        assert reading["low"] <= reading["median"] <= reading["high"]
    tried = document["tried"]
    assert (tried["metric"], tried["epochs"]) == ("validation_loss", 4)
    assert document["plateau"]["low"] <= document["suggestion"] <= document["plateau"]["high"]
    assert document["suggestion"] in [row["learning_rate"] for row in tried["rates"] if None not in row["values"]]
    assert document["notes"]
    assert document["search"]["min"] < document["suggestion"] < document["search"]["max"]
    assert document["search"]["scale"] == "log"
    assert branches.files() == ["branches.yaml", "small.yaml"]


def test_the_same_seed_finds_the_same(branches: Hpt) -> None:
    once, again, other = (found(branches, "branches.yaml", "--optimizer", "heavy", "--seed", seed) for seed in "335")
    assert once == again
    assert once["sweep"] != other["sweep"]


@pytest.mark.parametrize(
    ("asked", "path", "settings"),
    [
        ("adam", "optimizer.adam.learning_rate", {"name": "adam", "eps": 0.1}),
        ("ADAM", "optimizer.adam.learning_rate", {"name": "adam", "eps": 0.1}),
        ("heavy", "optimizer.heavy.learning_rate", {"name": "sgd", "momentum": pytest.approx(0.9)}),
        ("RMSprop", "optimizer.learning_rate", {"name": "rmsprop", "rho": 0.99}),
    ],
)
def test_a_branch_or_an_optimizer(branches: Hpt, asked: str, path: str, settings: dict[str, Any]) -> None:
    document = found(branches, "branches.yaml", "--optimizer", asked)
    assert document["path"] == path
    assert {key: document["settings"]["optimizer"][key] for key in settings} == settings


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("branches.yaml",), "expected one of adam, heavy, found none"),
        (("branches.yaml", "--optimizer", "adamm"), "Did you mean adam?"),
        (("branches.yaml", "--optimizer", "heavi"), "Did you mean heavy?"),
    ],
)
def test_what_is_refused(branches: Hpt, arguments: tuple[str, ...], hint: str) -> None:
    ended = branches("lr-find", *arguments, "--json", code=2)
    assert ended.out == ""
    assert hint in ended.errors[0]


def test_the_optimizer_that_nobody_named_is_said(hpt: Hpt) -> None:
    out = hpt("lr-find", "iris", "--quiet", "--set", "training.epochs=2").out
    assert out.startswith("optimizer adam (another: --optimizer NAME)")


def test_no_rate_that_works_is_a_failure(hpt: Hpt) -> None:
    hpt.write("huge.csv", "x,y\n" + "".join(f"{i},{1e100 * (1 + i)!r}\n" for i in range(40)))
    ended = hpt("lr-find", "huge.csv", "--set", "data.standardize_target=false", code=1)
    assert ended.errors
    assert "Warning" not in ended.err


@pytest.mark.parametrize("width", [40, 80, 200])
def test_every_width(branches: Hpt, width: int) -> None:
    out = branches("lr-find", "branches.yaml", "--optimizer", "heavy", environment={"COLUMNS": str(width)}).out
    lines = out.splitlines()
    range_line = next(line for line in lines if line.startswith("to search"))
    assert re.fullmatch(
        r"to search   optimizer\.heavy\.learning_rate: \{min: [0-9.e-]+, max: [0-9.e-]+, scale: log\}", range_line
    )
    assert all(len(line) <= width for line in lines if line != range_line)
    words = " ".join(out.split())
    assert "Holds for sgd, batch_size 16 and these other hyperparameters only." in words
    assert "valley" in words
    assert "minimum" in words
    assert "suggestion" in words
    assert words.startswith("optimizer sgd")
    assert "\x1b" not in out
