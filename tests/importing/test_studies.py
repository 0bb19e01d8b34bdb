"""A study of Optuna becomes the configuration that searches the same; its file is only read."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import optuna
import pytest

from hpt.configuration.config import read
from hpt.foundation.errors import InputError
from hpt.importing.foreign import Choice, Constant, Interval
from hpt.importing.imported import Imported, imported
from hpt.importing.optuna_database import read_study


def objective(trial: Any) -> float:
    name = trial.suggest_categorical("optimizer", ["Adam", "SGD"])
    rate = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    for layer in range(trial.suggest_int("n_layers", 1, 2)):
        trial.suggest_int(f"n_units_l{layer}", 4, 128, log=True)
        trial.suggest_float(f"dropout_l{layer}", 0.2, 0.5)
    if name == "SGD":
        trial.suggest_float("sgd_momentum", 0.1, 0.9, step=0.1)
    trial.suggest_int("batch_size", 16, 64, step=16)
    trial.suggest_float("weight_decay", 0.0, 0.1 if trial.number % 2 else 0.2)
    return float(rate)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("study") / "study #1.db"
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    study = optuna.create_study(storage=storage, study_name="first", sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(objective, n_trials=20)
    several = optuna.create_study(storage=storage, study_name="second", directions=["maximize", "minimize"])
    several.optimize(lambda trial: (trial.suggest_float("lr", 0.1, 1), 1.0), n_trials=2)
    storage.engine.dispose()
    return path


def taken(path: Path, study: str | None, folder: Path) -> Imported:
    made = imported(str(path), study, None, None, folder)
    (folder / "made.yaml").write_text(f"data: iris\n{made.text}", encoding="utf-8")
    read(folder / "made.yaml", mode="tune")
    return made


def test_a_study(database: Path, tmp_path: Path) -> None:
    before = hashlib.sha256(database.read_bytes()).digest()
    made = taken(database, "first", tmp_path)
    rate, decay = {"min": 1e-5, "max": 0.1, "scale": "log"}, {"min": 0.0, "max": 0.2}
    width = {"min": 4, "max": 128, "scale": "log"}
    assert made.configuration == {
        "name": "first",
        "model": {"hidden": {"values": [[width], [width, width]]}},
        "optimizer": {
            "choose": {
                "adam": {"learning_rate": rate, "weight_decay": decay},
                "sgd": {"learning_rate": rate, "momentum": {"min": 0.1, "max": 0.9, "step": 0.1}, "weight_decay": decay},
            }
        },
        "training": {"batch_size": {"min": 16, "max": 64, "step": 16}},
        "study": {"trials": 20},
    }
    assert [each.name for each in made.refused] == ["dropout_l0", "dropout_l1"]
    assert any("weight_decay: its trials had different ranges" in notice for notice in made.notices)
    assert hashlib.sha256(database.read_bytes()).digest() == before
    assert [entry.name for entry in database.parent.iterdir()] == [database.name]


def test_a_url_and_several_objectives(database: Path, tmp_path: Path) -> None:
    made = imported(f"sqlite:///{database}", "second", None, None, tmp_path)
    assert made.configuration["optimizer"] == {"name": "adam", "learning_rate": {"min": 0.1, "max": 1.0}}
    assert [each.name for each in made.refused] == ["objectives", "objective"]


@pytest.mark.parametrize(
    ("distribution", "expected"),
    [
        ('{"name": "UniformDistribution", "attributes": {"low": 0.1, "high": 0.2}}', Interval(0.1, 0.2)),
        ('{"name": "LogUniformDistribution", "attributes": {"low": 0.1, "high": 0.2}}', Interval(0.1, 0.2, log=True)),
        (
            '{"name": "DiscreteUniformDistribution", "attributes": {"low": 0.0, "high": 1.0, "q": 0.5}}',
            Interval(0.0, 1.0, step=0.5),
        ),
        ('{"name": "IntUniformDistribution", "attributes": {"low": 1, "high": 9, "step": 2}}', Interval(1, 9, step=2)),
        ('{"name": "IntLogUniformDistribution", "attributes": {"low": 1, "high": 9}}', Interval(1, 9, log=True, step=1)),
        ('{"name": "FloatDistribution", "attributes": {"low": 0.1, "high": 0.1}}', Constant(0.1)),
        ('{"name": "CategoricalDistribution", "attributes": {"choices": [1, "a", null]}}', Choice((1, "a", None))),
        ('{"name": "OtherDistribution", "attributes": {}}', None),
        ('{"name": "FloatDistribution", "attributes": {"low": "x"}}', None),
        ("[[[", None),
        ("[" * 100_000, None),
    ],
)
def test_what_a_distribution_means(database: Path, tmp_path: Path, distribution: str, expected: Any) -> None:
    path = tmp_path / "study.db"
    shutil.copy(database, path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE trial_params SET distribution_json = ? WHERE param_name = 'lr'", (distribution,))
    connection.close()
    found = read_study(path, "first")
    (search,) = [each.search for each in found.parameters if each.name == "lr"] or [None]
    assert search == expected
    assert ["lr"] * (expected is None) == [each.name for each in found.refused]


def refused(path: Path, study: str | None = None) -> str:
    with pytest.raises(InputError) as complaint:
        imported(str(path), study, None, None, path.parent)
    assert "\n" not in str(complaint.value)
    return str(complaint.value)


def test_which_study(database: Path) -> None:
    assert "found none. There are: first, second." in refused(database)
    assert "found 'frist'. Did you mean first?" in refused(database, "frist")


@pytest.mark.parametrize(("version", "advice"), [(11, "optuna storage upgrade"), (13, "Take a newer hpt.")])
def test_tables_of_another_version(database: Path, tmp_path: Path, version: int, advice: str) -> None:
    path = tmp_path / "study.db"
    shutil.copy(database, path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE version_info SET schema_version = ?", (version,))
    connection.close()
    said = refused(path)
    assert f"expected Optuna's tables of version 12, found version {version}." in said
    assert advice in said


def test_what_is_no_study(database: Path, tmp_path: Path) -> None:
    other, broken, cut = tmp_path / "other.db", tmp_path / "broken.db", tmp_path / "cut.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE studies (x)")
    connection.close()
    assert "no such table: version_info" in refused(other)
    broken.write_bytes(b"SQLite format 3\x00" + b"junk" * 100)
    assert "cannot be read as one" in refused(broken)
    cut.write_bytes(database.read_bytes()[:50_000])
    assert "cannot be read as one" in refused(cut, "first")
    assert "No such file" in refused(tmp_path / "none.db")
    with pytest.raises(InputError, match=r"^mysql://host/db: expected a file or sqlite:///FILE, found another URL"):
        imported("mysql://host/db", None, None, None, tmp_path)
