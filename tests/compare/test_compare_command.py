"""The command as a user runs it, on small tasks."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tests import in_process
from tests.black_box.hpt_command import workers

TASK = """
data: iris
model: linear
optimizer: {choose: {sgd: default, twin: {name: sgd, learning_rate: {min: 1e-3, max: 1.0, scale: log}}}}
training: {epochs: 3, batch_size: {values: [16, 32]}}
compare: {trials: 4, studies: 5, seeds: 2}
"""
TIMINGS = ("crc", "seconds", "cpu_seconds", "seconds_to_target", "run")


def start(folder: Path, *arguments: object) -> subprocess.Popen[str]:
    pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [sys.executable, "-m", "hpt", "compare", *map(str, arguments)]
    return subprocess.Popen(command, cwd=folder, text=True, encoding="utf-8", **pipes)


def hpt(folder: Path, *arguments: object, code: int = 0) -> tuple[str, str]:
    """What the command prints. In this process: a second less for each."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", ["hpt", *map(str, arguments)]),
        pytest.raises(SystemExit) as ended,
    ):
        in_process.command()
    assert ended.value.code == code, err.getvalue()
    return out.getvalue(), err.getvalue()


def document(folder: Path, *arguments: object, code: int = 0) -> dict[str, Any]:
    return json.loads(hpt(folder, "compare", *arguments, "--json", "--quiet", code=code)[0])


def timeless(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: timeless(value) for key, value in node.items() if key not in TIMINGS}
    return [timeless(value) for value in node] if isinstance(node, list) else node


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> tuple[Path, dict[str, Any]]:
    """A finished comparison, only to be read: its folder and its document."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "task.yaml").write_text(TASK)
    return folder, document(folder, "task.yaml", "--jobs", 1)


@pytest.fixture
def task(tmp_path) -> Path:
    (tmp_path / "task.yaml").write_text(TASK)
    return tmp_path


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "runs/task-compare/trials.jsonl").read_text("utf-8").splitlines()]


def test_the_record_holds_every_run_and_the_document_follows_from_it(whole):
    folder, found = whole
    records = lines(folder)
    assert len(records) == 5 * (1 + 2 * (4 + 3 * 2 + 2 + 1))
    for optimizer in found["optimizers"]:
        for study, score in enumerate(optimizer["scores"]):
            of_study = [r for r in records if r["generation"] == study]
            cap = of_study[0]["metrics"]["test_loss"]
            runs = [r for r in of_study if r["phase"] == "test" and r["parameters"].get("optimizer") == optimizer["name"]]
            losses = [r["metrics"]["test_loss"] for r in runs]
            assert score == pytest.approx(statistics.fmean(cap if loss is None else min(loss, cap) for loss in losses))
            # What was selected is the median of three, by what stands in the record.
            by_setting: dict[int, list[float]] = {}
            for r in of_study:
                if r["phase"] in ("search", "rerun") and r["parameters"]["optimizer"] == optimizer["name"]:
                    by_setting.setdefault(r["setting"], []).append(float("inf") if r["value"] is None else r["value"])
            tried = {setting: sorted(costs)[1] for setting, costs in by_setting.items() if len(costs) == 3}
            assert runs[0]["setting"] == min(tried, key=lambda setting: tried[setting])


def test_the_test_rows_are_opened_only_for_what_was_selected(whole):
    for record in lines(whole[0]):
        opened = any(name.startswith("test_") for name in record["metrics"])
        assert opened == (record["phase"] in ("constant", "test", "default"))


def test_runs_are_paired_and_shared_ranges_drawn_alike(whole):
    search = [r for r in lines(whole[0]) if r["phase"] == "search"]
    for study in range(5):
        sizes = {
            name: [
                r["parameters"]["training.batch_size"]
                for r in search
                if (r["generation"], r["parameters"]["optimizer"]) == (study, name)
            ]
            for name in ("sgd", "twin")
        }
        assert sizes["sgd"] == sizes["twin"]


def test_any_number_of_jobs_gives_the_same(whole, task):
    process = start(task, "task.yaml", "--jobs", 3, "--json", "--quiet")
    assert timeless(json.loads(process.communicate(timeout=60)[0])) == timeless(whole[1])


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the processes in /proc")
def test_a_killed_worker_costs_nothing_but_time(task):
    arguments = ("task.yaml", "--studies", 30)
    process = start(task, *arguments, "--jobs", 2, "--json", "--quiet")
    path = task / "runs/task-compare/trials.jsonl"
    deadline = time.monotonic() + 30
    while not (path.exists() and path.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(workers(process.pid)[0], signal.SIGKILL)
    disturbed = json.loads(process.communicate(timeout=60)[0])
    assert timeless(disturbed) == timeless(document(task, *arguments, "--jobs", 1, "--name", "whole"))


def test_killed_and_resumed_gives_the_same(whole, task):
    document(task, "task.yaml", "--jobs", 1, "--set", "study.timeout=1e-9")
    path = task / "runs/task-compare/trials.jsonl"
    records = (whole[0] / "runs/task-compare/trials.jsonl").read_bytes().splitlines(keepends=True)
    # Two whole studies, a part of the third, and a line that was being written.
    path.write_bytes(b"".join(records[:70]) + records[70][:40])
    out, err = hpt(task, "compare", "task.yaml", "--resume", "--json", "--jobs", 1)
    assert "torn" in err
    assert "incomplete" in err
    assert timeless(json.loads(out)) == timeless(whole[1])
    assert timeless(lines(task)) == timeless(lines(whole[0]))


def test_a_timeout_starts_no_study_and_can_be_gone_on_with(task):
    found = document(task, "task.yaml", "--timeout", "1e-9", "--jobs", 1)
    assert found["status"] == "timeout"
    assert found["budget"]["studies"] == 0
    assert found["pairs"] == found["optimizers"] == found["best_set"] == []


def test_more_studies_continue_and_are_marked(whole, task):
    document(task, "task.yaml", "--studies", 3, "--jobs", 1)
    found = document(task, "task.yaml", "--studies", 5, "--resume", "--jobs", 1)
    assert found["extended_after_looking"] == [3]
    assert any("extended after looking" in text for text in found["warnings"])
    assert timeless(found["pairs"]) == timeless(whole[1]["pairs"])
    # The folder or the name of the run stands for its file.
    for run in ("runs/task-compare", "task-compare"):
        assert timeless(document(task, run, "--resume", "--jobs", 1)) == timeless(found)
    # What is done stays done, also in what the folder says was asked for.
    fewer = document(task, "task.yaml", "--studies", 2, "--resume", "--jobs", 1)
    assert timeless(fewer) == timeless(found)
    assert json.loads((task / "runs/task-compare/run.json").read_text("utf-8"))["trials"] == 5


def test_what_was_set_before_the_first_study_stays(task):
    document(task, "task.yaml", "--studies", 1, "--jobs", 1)
    flags = ("--margin", 0.5, "--trials", 5, "--seed", 1, "--reference", "sgd", "--optimizers", "sgd,adam")
    out, err = hpt(task, "compare", "task.yaml", "--resume", *flags, code=2)
    assert not out
    for path in ("compare.margin", "compare.trials", "seed", "compare.reference", "optimizer.choose.adam"):
        assert f"{path}" in err


def test_interrupted_once_it_shows_what_is_there(whole, task):
    process = start(task, "task.yaml", "--set", "compare.studies=2000", "--jobs", 1, "--json")
    path = task / "runs/task-compare/trials.jsonl"
    deadline = time.monotonic() + 30
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    found = json.loads(out)
    assert found["status"] == "interrupted"
    assert 1 <= found["budget"]["studies"] < 2000
    assert len(lines(task)) == found["budget"]["studies"] * 27


def test_shown_again_also_without_the_configuration(whole):
    folder, found = whole
    (folder / "task.yaml").rename(folder / "gone.yaml")
    assert timeless(json.loads(hpt(folder, "show", "task-compare", "--json")[0])) == timeless(found)
    assert "Holds for: linear, 3 epochs, 4 settings each" in hpt(folder, "show", "task-compare")[0]
    assert "task-compare" in hpt(folder, "show")[0]
    assert "sgd" in hpt(folder, "show", "task-compare", 1)[0]


@pytest.mark.parametrize("objective", ["train_loss", "validation_macro_f1", "validation_accuracy"])
def test_any_objective_will_do(task, objective):
    found = document(task, "task.yaml", "--studies", 2, "--jobs", 1, "--set", f"study.objective={objective}")
    assert found["metric"] == f"test_{objective.partition('_')[2]}"
    assert found["status"] == "completed"


def test_several_tasks_are_told_together(tmp_path):
    arguments = ("--optimizers", "sgd,adam", "--trials", 2, "--studies", 2, "--set", "training.epochs=2", "--jobs", 1)
    found = document(tmp_path, "--suite", "small", *arguments)
    assert found["schema"] == "hpt.compare-tasks/1"
    assert [t["data"] for t in found["tasks"]] == ["iris", "wine", "breast_cancer", "digits", "diabetes"]
    assert {o["name"] for o in found["across"]["optimizers"]} == {"sgd", "adam"}
    assert [p["verdict"] in ("better", "worse", "unresolved") for p in found["across"]["pairs"]] == [True]


def test_two_tasks_give_no_verdict(task):
    (task / "other.yaml").write_text(TASK.replace("iris", "wine"))
    found = document(task, "task.yaml", "other.yaml", "--studies", 2, "--jobs", 1)
    assert [p["verdict"] for p in found["across"]["pairs"]] == [None]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "CONFIG: expected a file"),
        (("task.yaml", "--optimizers", "sgd,adm"), "Did you mean adam?"),
        (("task.yaml", "--optimizers", "sgd"), "at least two optimizers"),
        (("task.yaml", "--reference", "adam"), "compare.reference"),
        (("task.yaml", "--set", "compare.metric=test_rmse"), "compare.metric"),
        (("task.yaml", "--set", "data.test=0"), "data.test"),
        (("--suite", "large"), "--suite: expected small"),
        (("task.yaml", "iris", "--optimizers", "sgd,adam", "--name", "x"), "--name"),
        (("task.yaml", "iris"), "Say which with --optimizers"),
    ],
)
def test_what_cannot_be_compared_is_refused_and_nothing_written(task, arguments, expected):
    out, err = hpt(task, "compare", *arguments, code=2)
    assert not out
    assert expected in err
    assert not (task / "runs").exists()


def test_where_every_run_diverges_it_fails(task):
    hopeless = "optimizer={choose: {a: {name: sgd, learning_rate: 1e30}, b: {name: sgd, learning_rate: 1e31}}}"
    sets = [("--set", item) for item in (hopeless, "training.loss=mse", "model=mlp")]
    found = document(task, "task.yaml", "--studies", 2, "--jobs", 1, *(word for pair in sets for word in pair), code=1)
    assert found["status"] == "failed"
    assert all(o["divergence_rate"] == 1 and o["capped"] == 4 for o in found["optimizers"])


def test_the_configuration_that_comes_with_the_project_compares(tmp_path):
    config = Path(__file__).parents[2] / "configs" / "compare.yaml"
    found = document(tmp_path, config, "--trials", 1, "--studies", 1, "--jobs", 1, "--set", "training.epochs=1")
    assert [o["name"] for o in sorted(found["optimizers"], key=lambda o: o["name"])] == [
        "adagrad", "adam", "adamw", "rmsprop", "sgd",
    ]  # fmt: skip
