"""The constant predictor and the linear model stand beside every leaderboard, and a winner that loses to them is told of."""

from __future__ import annotations

import json

from tests.black_box.hpt_command import Hpt

GOOD = "data: iris\nmodel: {hidden: [16]}\noptimizer: {choose: [adam, sgd]}\nstudy: {trials: 24}\n"
BAD = (
    "data: {source: iris, standardize: false}\n"
    "optimizer: {name: sgd, learning_rate: {min: 1.0e-9, max: 1.0e-8, scale: log}}\n"
    "training: {epochs: 1}\n"
    "study: {trials: 4}\n"
)


def test_the_baselines_are_told_and_kept(hpt: Hpt) -> None:
    hpt.write("good.yaml", GOOD)
    document = hpt("tune", "good.yaml", "--json").document
    constant, linear = document["baselines"]["constant"], document["baselines"]["linear"]
    assert 1.09 < constant["validation_loss"] < 1.11
    assert linear["validation_accuracy"] > 0.85
    assert not any(name.startswith("test_") for name in (*constant, *linear))
    beats = document["best"]["value"] < min(constant["validation_loss"], linear["validation_loss"])
    assert document["best"]["beats_baselines"] is beats
    shown = hpt("show", "good", "--json").document
    assert {key: shown[key] for key in ("baselines", "best", "warnings", "notices")} == {
        key: document[key] for key in ("baselines", "best", "warnings", "notices")
    }
    page = hpt("show", "good").out
    assert "baseline: constant" in page
    assert "baseline: linear model" in page
    resumed = hpt("tune", "good.yaml", "--resume", "--trials", 28, "--json").document
    assert resumed["baselines"] == document["baselines"]


def test_any_number_of_jobs_gives_the_same_baselines(hpt: Hpt) -> None:
    hpt.write("good.yaml", GOOD)
    found = [hpt("tune", "good.yaml", "--jobs", jobs, "--trials", 8, "--json").document["baselines"] for jobs in (1, 2)]
    assert found[0] == found[1]


def test_a_winner_worse_than_a_constant_is_no_result(hpt: Hpt) -> None:
    hpt.write("bad.yaml", BAD)
    ended = hpt("tune", "bad.yaml", "--seed", 3)
    assert "This is no result" in " ".join(ended.out.split())
    assert "Best of" not in ended.out
    assert "there is no result" in ended.err
    assert (hpt.folder / "runs/bad/best.yaml").exists()
    document = hpt("show", "bad", "--json").document
    assert document["best"]["beats_baselines"] is False
    assert any("no result" in text for text in document["warnings"])
    assert "there is no result" in json.dumps(json.loads((hpt.folder / "runs/bad/run.json").read_text())["warnings"])
