"""What other tools keep of a run is read back with their own means."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import numpy as np
import optuna
import pytest
from typer.testing import CliRunner

from hpt.cli.app import app
from hpt.foundation.errors import InputError
from tests.black_box.hpt_command import records

STUDY = """
data: iris
model: {hidden: {values: [[3], [4, 2]]}, activation: {values: [relu, tanh]}}
optimizer:
  choose:
    sgd: {learning_rate: {min: 1e-3, max: 1e9, scale: log}, momentum: {min: 0.5, max: 0.99, scale: reverse_log}}
    adam: default
training: {epochs: 4, batch_size: {min: 16, max: 64, step: 16}}
study: {trials: 12, population: 4, pruner: {type: halving, eta: 2, min_epochs: 1}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the run `study`: two branches, lists, steps, scales, trials that were pruned and some that diverged."""
    path = tmp_path_factory.mktemp("trackers")
    (path / "study.yaml").write_text(STUDY)
    hpt(path, "tune", str(path / "study.yaml"), "--jobs", "1", "--quiet")
    return path


def hpt(folder: Path, *words: str) -> str:
    ended = CliRunner().invoke(app, [*words, "--runs", str(folder / "runs")], catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return ended.stdout


@contextmanager
def stored(url: str, name: str) -> Iterator[optuna.Study]:
    """The study `name` in a database, which is closed in the end."""
    storage = optuna.storages.RDBStorage(url)
    yield optuna.load_study(study_name=name, storage=storage)
    storage.engine.dispose()


def test_an_optuna_study_holds_every_trial_in_the_users_units(folder: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    assert url in hpt(folder, "export", "study", "--to", "optuna", url)
    with stored(url, "study") as study:
        trials, best_trial, direction = study.trials, study.best_trial, study.direction
    kept = records(folder / "runs/study")
    assert {record["state"] for record in kept} >= {"completed", "pruned"}
    assert direction == optuna.study.StudyDirection.MINIMIZE
    for trial, record in zip(trials, kept, strict=True):
        states = {"completed": "COMPLETE", "pruned": "PRUNED", "diverged": "FAIL", "failed": "FAIL"}
        assert trial.state.name == states[record["state"]]
        assert trial.params == {
            path: json.dumps(value) if isinstance(value, list) else value for path, value in record["parameters"].items()
        }
        curve = record["history"]["validation_loss"]
        assert trial.intermediate_values == {e: v for e, v in enumerate(curve, 1) if v is not None}
        if record["state"] == "completed":
            assert trial.value == record["value"]
    best = min((r for r in kept if r["state"] == "completed"), key=lambda record: record["value"])
    assert best_trial.user_attrs["hpt:trial"] == best["trial"]
    distribution = next(t.distributions for t in trials if t.params["optimizer"] == "sgd")
    rate = distribution["optimizer.sgd.learning_rate"]
    assert (rate.low, rate.high, rate.log) == (1e-3, 1e9, True)
    assert distribution["training.batch_size"].step == 16


def test_the_database_is_closed(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[optuna.storages.RDBStorage] = []

    class Remembered(optuna.storages.RDBStorage):
        def __init__(self, url: str) -> None:
            super().__init__(url)
            made.append(self)

    monkeypatch.setattr(optuna.storages, "RDBStorage", Remembered)
    url = f"sqlite:///{tmp_path}/study.db"
    hpt(folder, "export", "study", "--to", "optuna", url)
    with pytest.raises(InputError, match="is there already"):
        hpt(folder, "export", "study", "--to", "optuna", url)
    assert [storage.engine.pool.checkedin() for storage in made] == [0, 0]


def test_objectives_and_constraints_are_optunas_too(folder: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    (tmp_path / "two.yaml").write_text(
        "data: iris\nmodel: {hidden: [{min: 2, max: 40}]}\noptimizer: sgd\ntraining: {epochs: 2}\n"
        "study: {trials: 12, sampler: grid, objective: [validation_accuracy, parameters], constraints: [parameters<=99]}\n"
    )
    hpt(tmp_path, "tune", str(tmp_path / "two.yaml"), "--jobs", "1", "--quiet", "--set", "model.hidden.0.step=1")
    hpt(tmp_path, "export", "two", "--to", "optuna", url)
    with stored(url, "two") as study:
        trials, directions = study.trials, study.directions
    assert [direction.name for direction in directions] == ["MAXIMIZE", "MINIMIZE"]
    kept = records(tmp_path / "runs/two")
    assert {record["state"] for record in kept} == {"completed", "pruned"}
    for trial, record in zip(trials, kept, strict=True):
        assert trial.constraints == record["constraints"]
        assert trial.values == (record["values"] if record["state"] == "completed" else None)


def test_optuna_dashboard_opens_the_study(folder: Path, tmp_path: Path) -> None:
    dashboard = pytest.importorskip("optuna_dashboard", reason="not in the extra `test`: too large for what it tests there")
    url = f"sqlite:///{tmp_path}/study.db"
    hpt(folder, "export", "study", "--to", "optuna", url)
    storage = optuna.storages.RDBStorage(url)
    app = dashboard.wsgi(storage)
    (study,) = asked(app, "/api/studies")["study_summaries"]
    assert study["study_name"] == "study"
    found = asked(app, f"/api/studies/{study['study_id']}")
    assert len(found["trials"]) == len(records(folder / "runs/study"))
    assert "<html" in asked(app, "/dashboard/", text=True)
    storage.engine.dispose()


def asked(app: Any, path: str, *, text: bool = False) -> Any:
    """What a web application answers."""
    environment: dict[str, Any] = {"PATH_INFO": path}
    setup_testing_defaults(environment)
    status: list[str] = []
    body = b"".join(app(environment, lambda code, headers, info=None: status.append(code)))
    assert status == ["200 OK"]
    return body.decode() if text else json.loads(body)


def test_a_study_that_is_there_and_no_database_are_refused(folder: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/one.db"
    hpt(folder, "export", "study", "--to", "optuna", url, "--trial", "3")
    with stored(url, "study") as study:
        assert len(study.trials) == 1
    words = ["export", "study", "--runs", str(folder / "runs"), "--to", "optuna"]
    for destination, why in (([url], "is there already"), (["nonsense"], "expected a database"), ([], "DESTINATION")):
        with pytest.raises(InputError, match=why):
            CliRunner().invoke(app, [*words, *destination], catch_exceptions=False)


def test_tensorboard_holds_the_curves_and_final_metrics(folder: Path, tmp_path: Path) -> None:
    reason = "in the extra `test`; not where that was installed before"
    pytest.importorskip("tensorboardX", reason=reason)
    from tensorboardX.proto.event_pb2 import Event

    hpt(folder, "export", "study", "--to", "tensorboard", str(tmp_path / "logs"))
    for record in records(folder / "runs/study"):
        (path,) = (tmp_path / "logs" / f"trial-{record['trial']:05d}").iterdir()
        found: dict[str, dict[int, float]] = {}
        for content in _records_of(path.read_bytes()):
            event = Event.FromString(content)
            for value in event.summary.value:
                if value.HasField("simple_value"):
                    found.setdefault(value.tag, {})[event.step] = value.simple_value
        for metric, values in record["history"].items():
            expected = {e: np.float32(v) for e, v in enumerate(values, 1) if v is not None}
            assert found.get(metric, {}) == expected
        finals = {name for name in found if name.startswith("final/")}
        assert finals == {f"final/{name}" for name, value in record["metrics"].items() if value is not None}


def test_tensorboard_reads_it(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX", reason="in the extra `test`; not where that was installed before")
    accumulators = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator",
        reason="not in the extra `test`: too large for what it tests",
    )
    hpt(folder, "export", "study", "--to", "tensorboard", str(tmp_path / "logs"))
    for record in records(folder / "runs/study"):
        for path in (tmp_path / "logs" / f"trial-{record['trial']:05d}").iterdir():
            read = accumulators.EventAccumulator(str(path)).Reload()
        curve = [(event.step, event.value) for event in read.Scalars("train_loss")]
        expected = [(e, v) for e, v in enumerate(record["history"]["train_loss"], 1) if v is not None]
        np.testing.assert_allclose(curve, expected, rtol=1e-6)
        assert "_hparams_/session_start_info" in read.summary_metadata


def _records_of(content: bytes) -> list[bytes]:
    """The records of an event file: a length, a checksum, so many bytes, a checksum."""
    found = []
    while content:
        (length,) = struct.unpack("<Q", content[:8])
        found.append(content[12 : 12 + length])
        content = content[16 + length :]
    return found


@pytest.mark.filterwarnings("ignore")  # of mlflow's own database
def test_mlflow_holds_a_run_for_each_trial(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("mlflow", reason="not in the extra `test`: too large for what it tests there")
    from mlflow.tracking import MlflowClient

    hpt(folder, "export", "study", "--to", "mlflow", str(tmp_path / "kept"))
    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/kept/mlflow.db")
    experiment = client.get_experiment_by_name("study")
    runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    kept = records(folder / "runs/study")
    assert len(runs) == len(kept)
    for record in kept:
        run = runs[f"trial-{record['trial']:05d}"]
        assert run.data.params == {path: str(value) for path, value in record["parameters"].items()}
        curve = [m.value for m in client.get_metric_history(run.info.run_id, "train_loss")]
        assert curve == [value for value in record["history"]["train_loss"] if value is not None]


def test_wandb_keeps_runs_offline(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wandb = pytest.importorskip("wandb", reason="not in the extra `test`: too large for what it tests there")
    monkeypatch.setenv("WANDB_MODE", "offline")
    hpt(folder, "export", "study", "--to", "wandb", str(tmp_path / "kept"), "--trial", "0")
    wandb.teardown()  # what writes the files is another process, which may take its time
    (run,) = (tmp_path / "kept" / "wandb").glob("offline-run-*")
    from wandb.proto.wandb_internal_pb2 import Record

    losses = []
    for content in _logged(next(run.glob("*.wandb")).read_bytes()):
        items = Record.FromString(content).history.item
        steps = {item.key or ".".join(item.nested_key): json.loads(item.value_json) for item in items}
        losses += [steps["train_loss"]] if "train_loss" in steps else []
    kept = next(r for r in records(folder / "runs/study") if r["trial"] == 0)
    assert losses == pytest.approx([value for value in kept["history"]["train_loss"] if value is not None])


def _logged(content: bytes) -> list[bytes]:
    """The records of a W&B file: seven bytes, then LevelDB's log, in blocks of 32 KiB: a checksum, a length, which part it is, the part."""
    found, at, record = [], 7, b""
    while at + 7 <= len(content):
        left = 2**15 - at % 2**15
        if left < 7:
            at += left
            continue
        _, length, part = struct.unpack("<IHB", content[at : at + 7])
        record += content[at + 7 : at + 7 + length]
        at += 7 + length
        if part in (1, 4):
            found.append(record)
            record = b""
    return found
