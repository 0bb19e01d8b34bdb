"""Constraints of a study: who may win, what is not trained, what the search learns, resume, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hpt.analysis.planning import plan
from hpt.configuration.config import read
from hpt.configuration.resolution import Override
from hpt.configuration.space import SearchSpace
from hpt.documents.study import tune_document
from hpt.foundation.catalogue import Range, Values
from hpt.foundation.errors import InputError
from hpt.runs.trial_record import TrialRecord
from hpt.search.sampling import Sampling
from hpt.study import session
from hpt.study.advice import mostly_barred
from hpt.study.clock import Clock
from hpt.study.halving import Halving
from hpt.study.leaderboard import Leaderboard
from hpt.study.lifecycle import RunRequest
from hpt.study.selection import contenders, standings
from hpt.study.stopping import Stop
from hpt.study.study_data import study_data
from hpt.terminal.watchers import Silent
from hpt.training.objective import Objective
from hpt.view.study import study_page

# A model with h units has 8 h + 3 weights: up to 12 units are allowed, and most of the space is not.
STUDY = """
data: iris
model: {hidden: [{min: 2, max: 200}]}
optimizer: {choose: {sgd: {learning_rate: {min: 1e-3, max: 1.0, scale: log}}, adam: {learning_rate: {min: 1e-4, max: 0.1, scale: log}}}}
training: {epochs: 6}
study: {trials: 40, select: refit, constraints: ['parameters<=99', 'validation_accuracy>=0.8']}
"""
LOSS = Objective.parse("validation_loss")


def test_nothing_is_barred_where_nothing_was_drawn() -> None:
    assert mostly_barred(Leaderboard(LOSS)) is None


def tune(folder: Path, *set_: Override, resume: bool = False, jobs: int = 1) -> session.Finished:
    (folder / "bound.yaml").write_text(STUDY)
    return session.tune(RunRequest(folder / "bound.yaml", set_, folder / "runs", jobs, resume=resume), Silent(), Clock())


def record(trial: int, value: float | None = None, setting: int | None = None, **far: float | None) -> TrialRecord:
    """A completed trial, or one that was not trained; far: how far it is beyond constraints by these names."""
    state, phase = ("completed" if value is not None else "pruned"), ("search" if setting is None else "refit")
    at = {"optimizer.learning_rate": 0.1 / (1 + (trial if setting is None else setting))}
    epochs = 3 * (value is not None)
    return TrialRecord(trial, 0, 1, state, epochs, "", None, value, at, at, {}, {}, phase, setting, constraints=far)  # type: ignore[arg-type]


def test_what_is_recorded_and_who_wins(tmp_path: Path) -> None:
    finished = tune(tmp_path)
    records = sorted(finished.leaderboard.records, key=lambda r: r.trial)
    assert {r.phase for r in records} == {"search", "refit"}
    for r in records:
        weights = 8 * r.parameters["model.hidden.0"] + 3
        if weights > 99:
            assert (r.state, r.epochs, r.reason, r.criterion) == ("pruned", 0, "infeasible", "parameters<=99")
            assert r.constraints == {"parameters<=99": pytest.approx(weights / 99 - 1)}
        elif r.state == "completed":
            accuracy = r.metrics["validation_accuracy"]
            assert r.constraints == {
                "parameters<=99": pytest.approx(weights / 99 - 1),
                "validation_accuracy>=0.8": pytest.approx(1 - (accuracy or 0) / 0.8),
            }
            assert r.violates == (("validation_accuracy>=0.8",) if accuracy is not None and accuracy < 0.8 else ())
    violating = [r for r in records if r.violates]
    assert violating, "a study without such trials would show nothing"
    best = finished.leaderboard.best
    assert best is not None
    assert best.eligible
    ranks = [not r.eligible for r in finished.leaderboard.records]
    assert ranks == sorted(ranks)
    document = tune_document("run", "completed", finished.leaderboard, finished.findings, None)
    assert document["trials"]["infeasible"] == len(violating)
    assert {row["trial"] for row in document["leaderboard"] if row["violates"]} == {r.trial for r in violating}
    # Whatever was trained again had kept the constraints before.
    known = {r.trial: r for r in records}
    assert all(known[r.setting].eligible for r in records if r.setting is not None)


def test_a_draw_that_cannot_keep_a_constraint_is_drawn_again(tmp_path: Path) -> None:
    """5% of the space keeps it; without a second draw 38 of 40 trials would be lost."""
    for sampler in ("tpe", "random"):
        finished = tune(tmp_path, Override("study.sampler", sampler), Override("name", sampler))
        untrained = [r for r in finished.leaderboard.records if not r.epochs]
        assert len(untrained) <= 2


SAMPLERS = ["tpe", "random", "{type: optuna, name: TPESampler}", "{type: optuna, name: NSGAIISampler}"]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_resume_is_exact(tmp_path: Path, sampler: str) -> None:
    set_ = (Override("study.sampler", sampler), Override("study.pruner", "{type: halving, min_epochs: 2}"))
    tune(tmp_path, *set_)
    path = tmp_path / "runs/bound/trials.jsonl"
    whole = path.read_text()
    lines = whole.splitlines(keepends=True)
    ends = [
        i + 1
        for i, line in enumerate(lines[:-1])
        if json.loads(lines[i + 1])["generation"] != json.loads(line)["generation"]
    ]
    for end in ends:
        path.write_text("".join(lines[:end]))
        tune(tmp_path, *set_, resume=True)
        assert path.read_text() == whole


def test_jobs_change_nothing(tmp_path: Path) -> None:
    for name, jobs in (("one", 1), ("two", 2)):
        tune(tmp_path, Override("name", name), jobs=jobs)
    assert (tmp_path / "runs/one/trials.jsonl").read_bytes() == (tmp_path / "runs/two/trials.jsonl").read_bytes()


def test_the_front_keeps_the_constraints(tmp_path: Path) -> None:
    several = (Override("study.objective", "[validation_loss, epochs, parameters]"), Override("study.select", "lowest"))
    finished = tune(tmp_path, *several)
    document = tune_document("run", "completed", finished.leaderboard, finished.findings, None)
    eligible = {r.trial for r in finished.leaderboard.records if r.eligible}
    assert document["front"]
    assert {row["trial"] for row in document["front"]} <= eligible
    assert document["best"]["trial"] in eligible


def test_without_a_feasible_trial_the_nearest_is_named(tmp_path: Path) -> None:
    finished = tune(tmp_path, Override("study.constraints", "[parameters<=99, validation_accuracy>1]"))
    board = finished.leaderboard
    assert finished.status == "failed"
    assert board.best is None
    assert not (finished.folder / "best.yaml").exists()
    highest = max(r.metrics.get("validation_accuracy") or 0.0 for r in board.records)
    nearest = board.nearest
    assert nearest is not None
    assert nearest.metrics["validation_accuracy"] == highest
    assert finished.advice is not None
    assert finished.advice.startswith("no trial keeps study.constraints. Nearest is trial")
    assert "validation_accuracy>1 (by" in finished.advice
    page = study_page("runs/bound", "failed", board, finished.findings, "", test=False)
    assert "No trial keeps the constraints" in str(page)


def test_the_order_of_trials_that_violate_constraints() -> None:
    found = [
        record(0, 0.1, a=0.5),
        record(1, 0.2, a=0.1, b=0.1),
        record(2, 0.3, a=-0.9, b=0.0),
        record(3, a=0.4),
        record(4, 0.0, a=None),
        TrialRecord(5, 0, 1, "pruned", 2, "", None, 0.4, {}, {}, {}),
        TrialRecord(6, 0, 1, "diverged", 2, "", None, None, {}, {}, {}),
    ]
    board = Leaderboard.of(LOSS, found)
    assert [r.trial for r in board.records] == [2, 5, 1, 3, 0, 4, 6]
    assert board.best is found[2]
    assert board.nearest is found[1]


def test_a_setting_that_violates_when_trained_again_does_not_win() -> None:
    found = [record(0, 0.1, a=0.0), record(1, 0.2, a=0.0), record(2, 0.3, a=0.0)]
    again = [record(3, 0.1, 0, a=0.0), record(4, 0.1, 0, a=0.1), record(5, 0.3, 1, a=0.0), record(6, 0.3, 1, a=0.0)]
    board = Leaderboard.of(LOSS, [*found, *again])
    assert board.chosen is not None
    assert board.chosen.setting is found[1]
    assert [s.expected is None for s in standings(LOSS, board.records)] == [False, True]
    # Where all of them violate it, the first of the others is left.
    worse = [record(5, 0.3, 1, a=0.0), record(6, 0.3, 1, a=1.0)]
    board = Leaderboard.of(LOSS, [*found, *again[:2], *worse])
    assert board.chosen is None
    assert board.best is found[2]


def test_nothing_else_is_trained_again_or_stops_a_study() -> None:
    space = SearchSpace(
        {"type": "mlp"}, {"sgd": {"name": "sgd", "learning_rate": Range(1e-4, 1.0, "log")}}, {"epochs": 1}, chosen=False
    )
    found = [record(trial, 0.1 * trial, a=0.1 if trial < 8 else 0.0) for trial in range(12)]
    board = Leaderboard.of(LOSS, found)
    assert {r.trial for r, _ in contenders(space, LOSS, board.records, 6)} <= {8, 9, 10, 11}
    assert Stop(value=0.5).reached(found, LOSS) is None
    assert Stop(value=0.5).reached([*found, record(12, 0.4)], LOSS) == "value"


def test_halving_knows_nothing_of_what_was_not_trained() -> None:
    halving = Halving(LOSS, (1, 2), 2)
    halving.learn([record(0, a=1.0), record(1, a=2.0)])
    assert halving.survivors(1, {2: 5.0, 3: 6.0}) == {2}


@pytest.mark.parametrize("directions", ["minimize", ["minimize", "minimize"]])
@pytest.mark.parametrize(("sampler", "keywords"), [("tpe", {}), ("optuna", {"name": "TPESampler", "options": {}})])
def test_the_sampler_leaves_what_violates_constraints(directions: Any, sampler: str, keywords: dict[str, Any]) -> None:
    """The larger the rate the better, but above 0.01 it violates a constraint, which is seen afterwards only.

    The best is at the edge, where a search steps over it too, and the process looks where it knows little: what counts is that most stay.
    """
    space = SearchSpace(
        {"type": "mlp"}, {"sgd": {"name": "sgd", "learning_rate": Range(1e-4, 1.0, "log")}}, {"epochs": 1}, chosen=False
    )
    shares = []
    for constrained in (True, False):
        sampling = Sampling(space, sampler, directions, 1, 80, keywords)
        for first in range(0, 80, 20):
            drawn = [at["optimizer.learning_rate"] for at in sampling.generation(first, 20)]
            sampling.learn(
                _judged(t, rate, several=directions != "minimize", constrained=constrained)
                for t, rate in enumerate(drawn, first)
            )
        shares.append(sum(rate > 0.02 for rate in drawn) / 20)
    assert shares[0] <= 0.25
    assert shares[1] >= 0.6


def _judged(trial: int, rate: float, *, several: bool, constrained: bool) -> TrialRecord:
    at = {"optimizer.learning_rate": rate}
    values: tuple[float, ...] = (-rate, -rate) if several else ()
    far: dict[str, float | None] = {"a": 100 * rate - 1} if constrained else {}
    return TrialRecord(trial, 0, 20, "completed", 1, "", None, -rate, at, at, {}, values=values, constraints=far)


def test_a_barred_choice_is_passed_over() -> None:
    space = SearchSpace(
        {"type": "mlp", "hidden": Values(((4,), (8,), (64,)))},
        {"sgd": {"name": "sgd", "learning_rate": Range(1e-4, 1.0, "log")}},
        {"epochs": 1, "batch_size": 32},
        chosen=False,
    )
    sampling = Sampling(space, "tpe", "minimize", 1, 60, barred=lambda at: at["model.hidden"] == 2)
    for first in range(0, 60, 12):
        drawn = sampling.generation(first, 12)
        assert {at["model.hidden"] for at in drawn} <= {0, 1}
        sampling.learn(TrialRecord(t, 0, 12, "completed", 1, "", None, 1.0, at, at, {}) for t, at in enumerate(drawn, first))


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_where_all_else_was_tried_a_setting_is_tried_again(tmp_path: Path, sampler: str) -> None:
    """Four of eight settings keep the constraint: better one of them once more than one that is not trained."""
    finished = tune(
        tmp_path,
        Override("model.hidden", "[{values: [4, 8, 30, 40]}]"),
        Override("optimizer", "{name: sgd, learning_rate: {values: [0.01, 0.1]}}"),
        Override("study.sampler", sampler),
    )
    assert all(record.epochs for record in finished.leaderboard.records)


def test_settings_of_an_earlier_run_that_violate_are_left_out(tmp_path: Path) -> None:
    free = Override("study.constraints", "[]")
    tune(tmp_path, free, Override("name", "free"), Override("model.hidden", "[{min: 2, max: 40}]"))
    finished = tune(tmp_path, Override("study.after", "free"))
    assert [text for text in finished.findings.notices if "the best are those that keep parameters<=99" in text]
    prior = json.loads((tmp_path / "runs/bound/run.json").read_text())["prior"]
    assert prior
    assert all(8 * at["model.hidden.0"] + 3 <= 99 for at in prior)


def test_the_plan_says_which_share_of_the_space_is_left(tmp_path: Path) -> None:
    (tmp_path / "bound.yaml").write_text(STUDY)
    planned = plan(study_data(read(tmp_path / "bound.yaml", mode="tune")), 1)
    assert planned.constraints == ("parameters<=99",)
    assert planned.feasible == pytest.approx(11 / 199, abs=0.03)


REFUSED: list[tuple[str, Any, str]] = [
    ("study.constraints", "[parameterz<=5]", "Did you mean parameters?"),
    ("study.constraints", "[seconds<=5]", "expected what is the same in each run, found seconds"),
    ("study.constraints", "[test_loss<=5]", "use validation_loss"),
    ("study.constraints", "[parameters=5]", "expected METRIC>=NUMBER"),
    ("study.constraints", "[validation_rmse<=5]", "study.constraints.0: expected a metric of classification"),
]


@pytest.mark.parametrize(("path", "value", "complaint"), REFUSED)
def test_what_cannot_be_kept_is_refused(tmp_path: Path, path: str, value: str, complaint: str) -> None:
    with pytest.raises(InputError) as refused:
        tune(tmp_path, Override(path, value))
    assert complaint in refused.value.complaints[0]
    assert "study.constraints.0" in refused.value.complaints[0]
    assert not (tmp_path / "runs").exists()


def test_a_comparison_takes_none(tmp_path: Path) -> None:
    (tmp_path / "bound.yaml").write_text(STUDY)
    with pytest.raises(InputError, match=r"study\.constraints: expected none in `hpt compare`"):
        read(tmp_path / "bound.yaml", mode="compare")
    assert read(tmp_path / "bound.yaml", mode="tune").resolved()["study"]["constraints"] == [
        "parameters<=99",
        "validation_accuracy>=0.8",
    ]
