"""The formats, a row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from hpt.export.keras_file import keras_file
from hpt.export.model import ExportedModel
from hpt.export.onnx_file import onnx_file
from hpt.export.sklearn_file import sklearn_file
from hpt.export.source import Source
from hpt.export.texts import as_csv, as_json, as_markdown, as_yaml
from hpt.export.torch_file import torch_file
from hpt.foundation.catalogue import Entry, nearest, table
from hpt.foundation.errors import InputError


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


def format_of(name: str) -> ExportFormat:
    """The format of that name. Raises InputError where there is none, or where its package is not installed."""
    found = FORMATS.get(name.lower())
    if found is None:
        near = nearest(name, FORMATS)
        hint = f" Nearest: {near}." if near else ""
        raise InputError(f"--to: expected one of {', '.join(FORMATS)}, found {name!r}.{hint}")
    expect_package(f"--to {found.name}", found.package)
    return found


def expect_package(where: str, package: str | None) -> None:
    """Raises InputError, with the command that installs it, where `package` is not there."""
    if package is not None and find_spec(package) is None:
        raise InputError(f"{where}: expected the package {package}, found none. Try pip install {package}.")
