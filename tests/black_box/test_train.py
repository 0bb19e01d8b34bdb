"""`hpt train`: the winner again to the bit, the weights in plain NumPy, the article's line, the document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from tests.black_box.hpt_command import Ended, Hpt, Refused, records

Small = tuple[Hpt, Ended]

CLASSIFICATION = """
data: {source: wine, validation: 0.3}
model: {hidden: [6], dropout: {min: 0.0, max: 0.5}, activation: {values: [relu, tanh]}}
optimizer: {choose: [sgd, adam, rmsprop]}
training: {epochs: 6, batch_size: {values: [16, 64]}, checkpoint: best_validation, stop: {validation_accuracy_above: 0.97}}
study: {trials: 12, population: 6, pruner: halving}
"""
REGRESSION = """
data: {source: diabetes, standardize_target: true}
model: {hidden: [6]}
optimizer: {name: adam, learning_rate: {min: 1e-3, max: 1e-1, scale: log}}
training: {epochs: 6, dtype: float64, clip_norm: {values: [1.0, 10.0]}, schedule: {type: cosine}, stop: {patience: 2}}
study: {trials: 8, population: 8, objective: validation_rmse}
"""


@pytest.mark.parametrize("text", [CLASSIFICATION, REGRESSION], ids=["classification", "regression"])
def test_the_winner_again_to_the_bit(hpt: Hpt, text: str) -> None:
    hpt.write("study.yaml", text)
    best = hpt("tune", "study.yaml", "--jobs", 2, "--json", "--quiet").document["best"]
    trained = hpt("train", "runs/study/best.yaml", "--json", "--quiet", "--save", "saved").document
    assert {name: trained["final"][name] for name in best["metrics"]} == best["metrics"]
    metric = "validation_rmse" if "rmse" in text else "validation_loss"
    assert trained["final"][metric] == best["value"]
    record = next(r for r in records(hpt.folder / "runs/study") if r["trial"] == best["trial"])
    assert [row["validation_loss"] for row in trained["history"]] == record["history"]["validation_loss"]
    assert _arrays(hpt.folder / "saved/best.npz") == _arrays(hpt.folder / "runs/study/best.npz")
    again = hpt("train", "saved/best.yaml", "--json", "--quiet").document
    assert again["final"] == trained["final"]


def _arrays(path: Path) -> dict[str, list[Any]]:
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name].tolist() for name in stored.files}


def test_the_weights_predict_with_numpy_alone(hpt: Hpt) -> None:
    random = np.random.default_rng(5)
    inputs = random.normal([3, -2], [2, 0.1], size=(60, 2))
    kinds = np.where(inputs[:, 0] + 10 * inputs[:, 1] > -17, "ripe", "green")
    for name, part in (("train", slice(40)), ("fresh", slice(40, 60))):
        rows = [f"{a!r},{b!r},{kind}" for (a, b), kind in zip(inputs[part].tolist(), kinds[part], strict=True)]
        hpt.write(f"{name}.csv", "size,hue,kind\n" + "\n".join(rows) + "\n")
    hpt.write(
        "fruit.yaml",
        """
data: {source: train.csv, split: fixed, test_source: fresh.csv}
model: {hidden: [5, 4], activation: {values: [relu]}}
optimizer: {name: adam, learning_rate: {min: 1e-3, max: 1e-1, scale: log}}
training: {epochs: 12, batch_size: 8, dtype: float64}
study: {trials: 4}
""",
    )
    hpt("tune", "fruit.yaml", "--jobs", 1, "--quiet")
    test = hpt("train", "runs/fruit/best.yaml", "--test", "--json", "--quiet").document["test"]
    with np.load(hpt.folder / "runs/fruit/best.npz", allow_pickle=False) as best:
        values = (inputs[40:] - best["input.mean"]) / best["input.sd"]
        assert best["input.names"].tolist() == ["size", "hue"]
        layers = sum(name.endswith(".weight") for name in best.files)
        for layer in range(layers):
            values = values @ best[f"layers.{layer}.weight"] + best[f"layers.{layer}.bias"]
            values = np.maximum(values, 0) if layer < layers - 1 else values
        predicted = best["target.classes"][values.argmax(axis=1)]
    assert np.mean(predicted == kinds[40:]) == test["test_accuracy"]
    chances = np.exp(values) / np.exp(values).sum(axis=1, keepdims=True)
    right = np.searchsorted(["green", "ripe"], kinds[40:])
    assert -np.log(chances[np.arange(20), right]).mean() == pytest.approx(test["test_loss"], rel=1e-12)


RATES = {"gd": 0.5, "sgd": 0.3, "dynamic_gd": 0.5, "adagrad": 1.0, "rmsprop": 0.01, "adam": 0.1}


@pytest.mark.parametrize("optimizer", RATES)
def test_the_line_is_the_least_squares_line(hpt: Hpt, configs: Path, optimizer: str) -> None:
    from hpt.data.datasets import DATASETS

    table = DATASETS["line"].function()
    x, y = table.columns["x"], table.columns["y"]
    (slope, level), *_ = np.linalg.lstsq(np.stack([x, np.ones_like(x)], axis=1), y, rcond=None)
    document = hpt(
        *("train", configs / "line.yaml", "--json", "--quiet", "--set", "training.dtype=float64"),
        *("--set", f"optimizer={{name: {optimizer}, learning_rate: {RATES[optimizer]}}}"),
        *("--set", "training.batch_size=full"),
    ).document
    parameters = document["parameters"]
    assert np.ravel(parameters["layers.0.weight"]) == pytest.approx([slope], abs=1e-8)
    assert np.ravel(parameters["layers.0.bias"]) == pytest.approx([level], abs=1e-8)


def test_the_document_of_train(hpt: Hpt) -> None:
    hpt.write("one.yaml", "data: iris\noptimizer: adam\ntraining: {epochs: 3}\n")
    document = hpt("train", "one.yaml", "--json", "--quiet").document
    assert document["schema"] == "hpt.train/1"
    assert document["settings"]["optimizer"]["name"] == "adam"
    assert set(document["settings"]) == {"model", "optimizer", "training"}
    assert [row["epoch"] for row in document["history"]] == [1, 2, 3]
    for row in document["history"]:
        assert set(row) >= {"train_loss", "validation_loss", "validation_accuracy", "learning_rate"}
    assert document["stopped"] == {"epoch": 3, "reason": "epochs", "criterion": None}
    last = document["history"][-1]
    assert all(document["final"][name] == last[name] for name in ("train_loss", "validation_loss", "validation_accuracy"))
    assert {"validation_balanced_accuracy", "validation_macro_f1"} <= set(document["final"])
    assert document["test"] is None
    assert document["seconds"] > 0
    assert "parameters" not in document
    assert hpt.files() == ["one.yaml", "small.yaml"]


def test_why_training_stopped(hpt: Hpt) -> None:
    hpt.write("one.yaml", "data: iris\noptimizer: {name: adam, learning_rate: 0.05}\ntraining: {epochs: 40}\n")
    run = ("train", "one.yaml", "--json", "--quiet")
    stopped = hpt(*run, "--set", "training.stop.train_loss_below=0.5").document
    assert stopped["stopped"]["criterion"] == "train_loss_below"
    assert stopped["stopped"]["reason"] == "converged"
    assert stopped["history"][-1]["train_loss"] < 0.5 <= stopped["history"][-2]["train_loss"]
    diverged = hpt(*run, "--set", "data=diabetes", "--set", "optimizer={name: sgd, learning_rate: 1e6}", code=1)
    assert diverged.document["stopped"]["reason"] == "diverged"
    assert "diverged" in diverged.errors[0]
    assert json.loads(diverged.out)["final"]["validation_loss"] is None


def test_saving_does_not_overwrite(hpt: Hpt) -> None:
    hpt.write("one.yaml", "data: iris\noptimizer: adam\ntraining: {epochs: 1}\n")
    hpt("train", "one.yaml", "--quiet", "--save", "kept")
    assert sorted(path.name for path in (hpt.folder / "kept").iterdir()) == ["best.npz", "best.yaml"]
    assert "kept" in hpt("train", "one.yaml", "--quiet", "--save", "kept", code=2).errors[0]
    assert "kept" not in hpt("train", "one.yaml", "--quiet").out


def test_of_commands_that_save_at_once_one_does(hpt: Hpt) -> None:
    """Not the weights of one beside the settings of another."""
    hpt.write("one.yaml", "data: iris\noptimizer: adam\ntraining: {epochs: 1}\n")
    started = [hpt.start("train", "one.yaml", "--quiet", "--save", "kept", "--seed", seed) for seed in range(4)]
    errors = [process.communicate(timeout=60)[1] for process in started]
    assert sorted(process.returncode for process in started) == [0, 2, 2, 2]
    (seed,) = [seed for seed, process in enumerate(started) if process.returncode == 0]
    assert all("there already. Choose another folder for --save." in error for error in errors if error)
    assert yaml.safe_load((hpt.folder / "kept/best.yaml").read_text())["seed"] == seed
    assert sorted(path.name for path in (hpt.folder / "kept").iterdir()) == ["best.npz", "best.yaml"]


def test_a_winner_whose_data_have_changed_is_warned_of(hpt: Hpt) -> None:
    rows = [f"{i % 7},{i % 5},{'ab'[i % 2]}" for i in range(60)]
    hpt.write("own.csv", "\n".join(["x,z,y", *rows]))
    hpt("tune", "own.csv", "--trials", 3, "--jobs", 1, "--quiet", "--set", "training.epochs=2")
    assert "recorded with" not in hpt("train", "runs/own").err
    hpt.write("own.csv", "\n".join(["x,z,y", *rows[1:]]))
    assert "the data are not those that its run was recorded with" in hpt("train", "runs/own").err


def test_a_url_is_refused_as_it_was_written(refused: Refused, hpt: Hpt) -> None:
    url = "https://example.org/a.csv"
    for command in (("train",), ("compare",), ("init",), ("predict", "small"), ("import", "sweep.yaml", "--data")):
        assert refused(*command, url) == [f"error: {url}: expected a file on this machine, found a URL. Download it first."]
    hpt.write("far.yaml", f"data: {url}\noptimizer: adam\n")
    (line,) = refused("train", "far.yaml")
    assert f"found the URL {url}. Download it first." in line
