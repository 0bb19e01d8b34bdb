"""What a run can be exported to, a row each: files, and tools that keep trials themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from hpt.export.keras_file import keras_file
from hpt.export.model import ExportedModel
from hpt.export.onnx_file import onnx_file
from hpt.export.optuna_study import write_optuna
from hpt.export.sklearn_file import sklearn_file
from hpt.export.source import Source
from hpt.export.texts import as_csv, as_json, as_markdown, as_yaml
from hpt.export.torch_file import torch_file
from hpt.export.trackers import write_mlflow, write_tensorboard, write_wandb
from hpt.foundation.catalogue import Entry, nearest, table
from hpt.foundation.errors import InputError
from hpt.runs.trial_record import TrialRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFormat(Entry):
    """A format of one file. function: its content, from the trial and the folder that the file will lie in.

    package: what must be installed to write it.
    """

    function: Callable[[Source, Path], str | bytes]
    package: str | None = None


def _of_model(write: Callable[[ExportedModel], str | bytes]) -> Callable[[Source, Path], str | bytes]:
    """What writes the trained model of a trial, wherever the file will lie."""

    def written(source: Source, folder: Path) -> str | bytes:
        return write(ExportedModel.of(source.run.name, source.record.trial, source.predictor()))

    return written


FORMATS = table(
    ExportFormat("yaml", "the configuration with the trial's constants, for hpt train", function=as_yaml),
    ExportFormat("csv", "a line for each trial", function=as_csv),
    ExportFormat("json", "the trial's settings, parameters and metrics", function=as_json),
    ExportFormat("markdown", "the leaderboard and the trial", function=as_markdown),
    ExportFormat(
        "sklearn", "the trained model as a scikit-learn estimator in a Python file", function=_of_model(sklearn_file)
    ),
    ExportFormat("keras", "the trained model as a Python file for Keras 3", function=_of_model(keras_file)),
    ExportFormat("torch", "the trained model as a Python file for PyTorch", function=_of_model(torch_file)),
    ExportFormat("onnx", "the trained model from cells to predictions", function=_of_model(onnx_file), package="onnx"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker(Entry):
    """A tool that keeps trials itself. function: gives it the trials, and says what became of them.

    destination: what it is told where to, as an error names it. package: what must be installed.
    """

    function: Callable[[Source, Sequence[TrialRecord], str], str]
    destination: str
    package: str | None = None


TRACKERS = table(
    Tracker("optuna", "a study in a database", function=write_optuna, destination="a database, such as sqlite:///study.db"),
    Tracker(
        "tensorboard",
        "event files, a folder for each trial",
        function=write_tensorboard,
        destination="a folder",
        package="tensorboardX",
    ),
    Tracker("mlflow", "a run for each trial", function=write_mlflow, destination="a folder", package="mlflow"),
    Tracker("wandb", "an offline run for each trial", function=write_wandb, destination="a folder", package="wandb"),
)


def format_of(name: str) -> ExportFormat | Tracker:
    """The format or tool of that name. Raises InputError where there is none, or where its package is not installed."""
    known: dict[str, ExportFormat | Tracker] = {**FORMATS, **TRACKERS}
    found = known.get(name.lower())
    if found is None:
        near = nearest(name, known)
        hint = f" Nearest: {near}." if near else ""
        raise InputError(f"--to: expected one of {', '.join(known)}, found {name!r}.{hint}")
    expect_package(f"--to {found.name}", found.package)
    return found


def expect_package(where: str, package: str | None) -> None:
    """Raises InputError, with the command that installs it, where `package` is not there."""
    if package is not None and find_spec(package) is None:
        raise InputError(f"{where}: expected the package {package}, found none. Try pip install {package}.")
