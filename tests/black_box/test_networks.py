"""Several networks of the winner's setting: kept by a data file alone, said, and the same in every command."""

from __future__ import annotations

import csv
import io
import subprocess
import sys

import numpy as np
import pytest

from tests.black_box.hpt_command import Hpt

ROWS = ["a,b,y", *(f"{i % 7 / 7},{'xyz'[i % 3]},{(i % 7) ** 2 + i % 3 + i % 5 / 5:.2f}" for i in range(210))]
QUICK = ("--trials", 4, "--jobs", 1, "--set", "training.epochs=3", "--set", "model.hidden=[4]")
SAID = "Kept are 5 networks of the winner's setting"


@pytest.fixture
def tuned(hpt: Hpt) -> Hpt:
    hpt.write("rows.csv", "\n".join(ROWS) + "\n")
    return hpt


def files(hpt: Hpt, folder: str) -> list[str]:
    with np.load(hpt.folder / folder / "best.npz") as stored:
        return [name for name in stored.files if name.endswith("layers.0.weight")]


def test_a_data_file_alone_keeps_five_and_says_so(tuned: Hpt) -> None:
    run = tuned("tune", "rows.csv", *QUICK)
    assert "note: networks: 5 of the winner's setting are kept, each from its own initialisation" in run.err
    assert SAID in run.out
    assert SAID in tuned("train", "runs/rows/best.yaml").out
    assert len(files(tuned, "runs/rows")) == 5
    assert "networks: 5" in (tuned.folder / "runs/rows/best.yaml").read_text()
    assert tuned("show", "rows", "--json").document["best"]["networks"] == 5
    tuned("report", "rows", "-o", "page.html")
    assert "Kept are 5 networks" in (tuned.folder / "page.html").read_text()


def test_one_network_is_kept_where_that_is_asked_for_or_a_configuration_says_nothing(tuned: Hpt) -> None:
    alone = tuned("tune", "rows.csv", *QUICK, "--set", "study.networks=1", "--json")
    tuned.write("study.yaml", "data: {source: rows.csv, folds: 5}\noptimizer: {choose: [sgd, adagrad, rmsprop, adam]}\n")
    plain = tuned("tune", "study.yaml", *QUICK, "--json")
    bound = tuned("tune", "rows.csv", *QUICK, "--set", "study.constraints=[parameters<=90]", "--name", "bound", "--json")
    whole = tuned("tune", "rows.csv", *QUICK, "--set", "data.folds=none", "--name", "whole", "--json")
    for name, run in (("rows", alone), ("study", plain), ("bound", bound), ("whole", whole)):
        assert files(tuned, f"runs/{name}") == ["layers.0.weight"]
        assert run.document["best"]["networks"] == 1
        assert "networks" not in run.err
    several = tuned("tune", "rows.csv", *QUICK, "--name", "five", "--json").document
    assert several["leaderboard"] == alone.document["leaderboard"]
    with np.load(tuned.folder / "runs/rows/best.npz") as one, np.load(tuned.folder / "runs/five/best.npz") as five:
        np.testing.assert_array_equal(one["layers.0.weight"], five["networks.0.layers.0.weight"])


def test_train_repeats_them_to_the_bit_and_the_test_rows_say_the_same(tuned: Hpt) -> None:
    told = tuned("tune", "rows.csv", *QUICK, "--test", "--json").document["test"]
    again = tuned("train", "rows", "--test", "--save", "again", "--json").document
    assert again["test"]["test_rmse"] == told["test_rmse"]
    assert again["test"]["interval"] == told["interval"]
    assert (tuned.folder / "again/best.npz").read_bytes() == (tuned.folder / "runs/rows/best.npz").read_bytes()
    assert tuned("predict", "again", "rows.csv").out == tuned("predict", "rows", "rows.csv").out
    assert tuned("replay", "rows", "--check", "--json").document["identical"] is True


def test_predictions_are_the_mean_of_the_networks_and_exports_agree(tuned: Hpt) -> None:
    tuned("tune", "rows.csv", *QUICK, "--set", "optimizer.choose=[adam]")
    answers = [float(row["prediction"]) for row in csv.DictReader(io.StringIO(tuned("predict", "rows", "rows.csv").out))]
    with np.load(tuned.folder / "runs/rows/best.npz") as best:
        cells = [line.split(",") for line in ROWS[1:]]
        raw = np.array([[float(a), b == "x", b == "y", b == "z"] for a, b, _ in cells])
        assert best["input.names"].tolist() == ["a", "b=x", "b=y", "b=z"]
        inputs = (raw - best["input.mean"]) / best["input.sd"]
        outputs = []
        for prefix in (f"networks.{index}." for index in range(5)):
            hidden = np.maximum(inputs @ best[f"{prefix}layers.0.weight"] + best[f"{prefix}layers.0.bias"], 0)
            outputs.append((hidden @ best[f"{prefix}layers.1.weight"] + best[f"{prefix}layers.1.bias"])[:, 0])
        expected = np.mean(outputs, axis=0) * best["target.sd"] + best["target.mean"]
    np.testing.assert_allclose(answers, expected, rtol=1e-9)
    tuned("export", "rows", "--to", "sklearn", "-o", "model.py")
    ended = subprocess.run(
        [sys.executable, "model.py", "rows.csv"], cwd=tuned.folder, capture_output=True, text=True, check=True
    )
    np.testing.assert_allclose([float(line) for line in ended.stdout.split()[1:]], expected, rtol=1e-9)
    assert "hidden_layer_sizes=(4,)" in (tuned.folder / "model.py").read_text()
    assert tuned("predict", "rows", "rows.csv", "--ensemble", 1).out == tuned("predict", "rows", "rows.csv").out


def test_a_first_configuration_keeps_what_the_file_alone_does(tuned: Hpt) -> None:
    tuned("init", "rows.csv")
    plan = tuned("check", "rows.yaml", "--json").document
    assert (plan["networks"], tuned("check", "rows.csv", "--json").document["networks"]) == (5, 5)
    tuned("tune", "rows.yaml", *QUICK)
    assert len(files(tuned, "runs/rows")) == 5
