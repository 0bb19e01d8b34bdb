"""Several objectives: what is recorded, the front, what the search learns, resume, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hpt.analysis.study_analysis import analysis
from hpt.configuration.config import read
from hpt.configuration.resolution import Override
from hpt.documents.study import tune_document
from hpt.figures.figure import Captioned, Scatter
from hpt.figures.study_report import study_report
from hpt.foundation.errors import InputError
from hpt.python.results import Run
from hpt.runs.finding import find
from hpt.study import session
from hpt.study.clock import Clock
from hpt.study.goals import front_of
from hpt.study.lifecycle import RunRequest
from hpt.terminal.watchers import Silent
from hpt.view.page import Table

STUDY = """
data: iris
model: {hidden: [{min: 2, max: 64, scale: log}]}
optimizer: {choose: {sgd: {learning_rate: {min: 1e-3, max: 1.0, scale: log}}, adam: {learning_rate: {min: 1e-4, max: 0.1, scale: log}}}}
training: {epochs: 3}
study: {trials: 36, objective: [validation_accuracy, parameters]}
"""


def tune(folder: Path, *set_: Override, resume: bool = False) -> session.Finished:
    (folder / "several.yaml").write_text(STUDY)
    return session.tune(RunRequest(folder / "several.yaml", set_, folder / "runs", 1, resume=resume), Silent(), Clock())


def test_the_front_and_what_is_recorded(tmp_path: Path) -> None:
    finished = tune(tmp_path)
    records = sorted(finished.leaderboard.records, key=lambda record: record.trial)
    for record in records:
        weights = (4 + 1) * record.parameters["model.hidden.0"] + (record.parameters["model.hidden.0"] + 1) * 3
        assert record.values == (record.value, weights)
    document = tune_document("run", "completed", finished.leaderboard, finished.findings, None)
    points = {r.trial: (-r.values[0], r.values[1]) for r in records if None not in r.values}  # type: ignore[operator]
    expected = {
        trial
        for trial, one in points.items()
        if not any(other != one and other[0] <= one[0] and other[1] <= one[1] for other in points.values())  # type: ignore[operator]
    }
    assert {row["trial"] for row in document["front"]} == expected
    accuracies = [row["values"]["validation_accuracy"] for row in document["front"]]
    assert accuracies == sorted(accuracies, reverse=True)
    best = document["best"]["trial"]
    assert points[best][0] == min(first for first, _ in points.values())
    # Later trials are smaller: the number of weights is learned from.
    sizes = [float(record.values[1] or 0) for record in records]
    assert np.median(sizes[18:]) < np.median(sizes[:12])


def test_flops_are_those_of_the_products_of_a_training(tmp_path: Path) -> None:
    """By hand: of iris 120 rows do not test; a pass forward multiplies and adds each weight once a row, one back twice."""
    stop = Override("training.stop", "{train_loss_below: 1.0}")
    finished = tune(tmp_path, Override("study.objective", "[validation_accuracy, flops, epochs]"), stop)
    for record in finished.leaderboard.records:
        width = record.parameters["model.hidden.0"]
        products = width * (4 + 1) + 3 * (width + 1)
        forward, back = 2 * products * 120, 4 * products * 120
        _, flops, epochs = record.values
        assert flops == epochs * (forward + back)
    assert len({record.values[2] for record in finished.leaderboard.records}) > 1


def test_the_report_shows_the_front(tmp_path: Path) -> None:
    objectives = Override("study.objective", "[validation_accuracy, parameters, epochs]")
    finished = tune(tmp_path, objectives, Override("study.constraints", "[validation_accuracy>=0.8]"))
    report = study_report(analysis(find(tmp_path / "runs", "several")))
    (chapter,) = [chapter for chapter in report.chapters if chapter.title == "The front"]
    (table,) = [part for part in chapter.parts if isinstance(part, Table)]
    (trials,) = [column.cells for column in table.columns if column.title == "trial"]
    assert list(trials) == [r.trial for r in front_of(finished.findings.objectives, finished.leaderboard.records)]
    assert [row["trial"] for row in Run(find(tmp_path / "runs", "several")).front] == list(trials)
    assert [column.title for column in table.columns].count("epochs") == 1
    pictures = [part for part in chapter.parts if isinstance(part, Captioned)]
    assert [picture.title for picture in pictures] == [
        "validation accuracy and parameters",
        "validation accuracy and epochs",
    ]
    for picture in pictures:
        assert isinstance(picture.figure, Scatter)
        of_kind = {kind.label: len(kind.xs) for kind in picture.figure.points}
        assert sum(of_kind.values()) == finished.leaderboard.counts()["completed"]
        assert of_kind["violates a constraint"] == finished.leaderboard.counts()["infeasible"] > 0
        assert of_kind["the front"] == len(trials)


def test_resume_is_exact(tmp_path: Path) -> None:
    tune(tmp_path)
    path = tmp_path / "runs/several/trials.jsonl"
    whole = path.read_text()
    path.write_text("".join(whole.splitlines(keepends=True)[:18]))
    resumed = tune(tmp_path, resume=True)
    assert path.read_text() == whole
    assert resumed.findings.objectives == ("validation_accuracy", "parameters")
    assert json.loads((tmp_path / "runs/several/run.json").read_text())["objectives"] == [
        "validation_accuracy",
        "parameters",
    ]


def test_a_sampler_of_optunas_is_told_all_values(tmp_path: Path) -> None:
    named = Override("study.sampler", "{type: optuna, name: NSGAIISampler, options: {population_size: 8}}")
    finished = tune(tmp_path, named)
    assert finished.leaderboard.counts()["completed"] == 36


def test_one_objective_in_a_list_is_one(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(STUDY.replace(", parameters]", "]"))
    config = read(tmp_path / "one.yaml", mode="tune")
    assert config.study["objective"] == config.resolved()["study"]["objective"] == "validation_accuracy"
    (tmp_path / "two.yaml").write_text(STUDY)
    two = read(tmp_path / "two.yaml", mode="tune")
    assert two.resolved()["study"]["objective"] == ["validation_accuracy", "parameters"]
    assert two.study["select"] == "lowest"


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("study.objective", "[validation_accuracy, seconds]", "Use parameters or epochs or flops"),
        ("study.objective", "[validation_accuracy, parametres]", "Did you mean parameters"),
        ("study.objective", "[validation_accuracy, test_loss]", "study.objective.1"),
        ("study.objective", "[validation_loss, validation_rmse]", ""),
        ("study.objective", "[parameters, validation_loss]", "study.objective"),
        ("study.objective", "[validation_loss, validation_loss]", "each objective once"),
        ("study.pruner", "halving", "study.pruner: expected none with several objectives"),
        ("study.select", "refit", "study.select: expected lowest with several objectives, found refit"),
        ("study.select", "model", "study.select: expected lowest"),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path: Path, path: str, value: str, complaint: str) -> None:
    with pytest.raises(InputError) as refused:
        tune(tmp_path, Override(path, value))
    assert complaint in refused.value.complaints[0]
    assert not (tmp_path / "runs").exists()
