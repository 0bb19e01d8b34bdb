"""A recorded trial trained again: the same to the bit, or the first number that is not."""

from __future__ import annotations

import html
import json
import math
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from hpt.analysis.replay import Difference, first_difference
from hpt.runs.finding import find
from hpt.runs.records import read
from hpt.runs.trial_record import TrialRecord
from hpt.training.result import TrainingResult
from tests.black_box.hpt_command import Hpt

STUDY = """
data: wine
model: {hidden: [4], dropout: 0.1}
optimizer: {choose: [sgd, adam]}
training: {epochs: 6}
study: {trials: 12, pruner: halving}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Hpt:
    command = Hpt(tmp_path_factory.mktemp("replay"))
    command.write("study.yaml", STUDY)
    command("tune", "study.yaml", "--jobs", 2)
    command("compare", "study.yaml", "--jobs", 1, "--studies", 2, "--trials", 3)
    return command


def test_every_trial_is_the_same_to_the_bit(run: Hpt) -> None:
    winner = run("show", "study", "--json").document["best"]["trial"]
    assert run("replay", "study", "--check", "--json").document["trial"] == winner
    for trial in (0, 5, 11):
        document = run("replay", "study", trial, "--check", "--json").document
        assert (document["identical"], document["differs"], document["notices"]) == (True, None, [])


def test_runs_of_a_comparison_too(run: Hpt) -> None:
    stored = [json.loads(line) for line in Path(run.folder, "runs/study-compare/trials.jsonl").read_text().splitlines()]
    for phase in ("search", "rerun", "test", "default"):
        trial = next(record["trial"] for record in stored if record["phase"] == phase)
        assert run("replay", "study-compare", trial, "--check", "--json").document["identical"]


def test_a_trial_that_was_halved_is_judged_by_its_best_epoch_again(hpt: Hpt) -> None:
    hpt.write(
        "best.yaml",
        STUDY.replace("epochs: 6", "epochs: 18, checkpoint: best_validation").replace(
            "halving", "{type: halving, min_epochs: 6}"
        ),
    )
    document = hpt(
        "tune",
        "best.yaml",
        "--jobs",
        1,
        "--json",
        "--set",
        "optimizer={choose: {adam: {learning_rate: {min: 0.01, max: 1.0, scale: log}}}}",
    ).document
    pruned = [row["trial"] for row in document["leaderboard"] if row["state"] == "pruned"]
    assert len(pruned) >= 4
    for trial in pruned:
        assert hpt("replay", "best", trial, "--check", "--json").document["identical"]


def test_the_command_that_a_report_prints_replays(run: Hpt) -> None:
    for name in ("study", "study-compare"):
        run("report", name, "-o", f"{name}.html")
        (printed,) = re.findall(r"hpt replay ([^<\n]+)", (run.folder / f"{name}.html").read_text("utf-8"))
        assert run("replay", *shlex.split(html.unescape(printed)), "--json").document["identical"]


def test_nothing_to_replay_is_said(run: Hpt) -> None:
    assert "trials 0 to 11" in run("replay", "study", 99, code=2).err
    assert "Name one" in run("replay", "study-compare", code=2).err
    assert "not trained" in run("replay", "study-compare", 0, code=2).err
    assert "no such run" in run("replay", "nothing", code=2).err


def test_the_first_number_that_differs_is_named(run: Hpt) -> None:
    stored = read(find(run.folder / "runs", "study").folder / "trials.jsonl", TrialRecord).records
    record = next(record for record in stored if record.epochs == 6)
    same = TrainingResult(record.trial, record.epochs, "epochs", None, dict(record.history), dict(record.metrics), {})
    assert first_difference(record, same) is None
    losses = record.history["train_loss"]
    near = math.nextafter(losses[3], math.inf)
    other = {**record.history, "train_loss": (*losses[:3], near, losses[4], 0.0)}
    assert first_difference(record, replace(same, history=other)) == Difference(4, "train_loss", losses[3], near)
    worse = {**record.metrics, "validation_accuracy": math.nan}
    found = first_difference(record, replace(same, metrics=worse))
    assert found == Difference(None, "validation_accuracy", record.metrics["validation_accuracy"], None)
    short = {name: values[:5] for name, values in record.history.items()}
    cut = first_difference(record, replace(same, history=short, epochs=5))
    assert cut is not None
    assert (cut.epoch, cut.replayed) == (6, None)
