"""A model as a Python file that stands alone: it reads cells as training did, holds the weights, and says how it was trained."""

from __future__ import annotations

import base64
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pprint import pformat
from textwrap import indent
from typing import Any

import numpy as np

import hpt
from hpt.export.bundling import Bundle
from hpt.export.counterparts import Counterpart
from hpt.export.model import ExportedModel
from hpt.foundation.errors import InputError
from hpt.numerics.types import Doubles, Floats
from hpt.runs.files import packed
from hpt.tables.dialect import said_delimiter

WIDTH = 120

_HEAD = '''
"""A model that hpt trained, how it was trained, and how it is used.

predict(rows), predict_proba(rows): rows are mappings from the names in COLUMNS to cells, texts as the training file writes
them, numbers, or None for a missing cell; or an array of numbers (n, columns) in the order of COLUMNS.
outputs(inputs): those of the model, for inputs (n, D) as encode(rows) gives them.
On the command line: python FILE rows.csv
"""
'''

_READING = '''
ENCODERS = [Encoder.of(column) for column in ENCODING["columns"]]
COLUMNS = [encoder.column for encoder in ENCODERS]
INPUTS = [name for encoder in ENCODERS for name in encoder.names]
CLASSES = ENCODING["classes"]


def encode(rows):
    """The inputs (n, D) of rows, filled in and scaled as in training. Raises KeyError where a row lacks a column."""
    if isinstance(rows, np.ndarray):
        cells = [np.asarray(column, dtype=np.float64) for column in rows.T]
    else:
        cells = [convert([_written(row[e.column], e.plan) for row in rows], e.plan).column for e in ENCODERS]
    if MISSING_CELLS == "error" and any(_missing(column) for column in cells):
        raise ValueError("a cell is missing, and the model was trained without missing cells")
    return np.concatenate([encoder.apply(column) for encoder, column in zip(ENCODERS, cells, strict=True)], axis=1)


def _written(cell, plan):
    """A cell as the training file would write it."""
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, str):
        return cell
    return str(cell).replace(".", plan.decimal) + plan.unit if plan.kind == "number" else str(cell)


def _missing(column):
    return any(cell is None or cell != cell or cell in (math.inf, -math.inf) for cell in column.tolist())


def weights():
    """The trained parameters by name: layers.0.weight (in, out), layers.0.bias (out,), and so on."""
    with np.load(io.BytesIO(base64.b64decode(WEIGHTS)), allow_pickle=False) as stored:
        return dict(stored)
'''

_CLASSES = '''
def predict(rows):
    """The class of each row."""
    found = outputs(encode(rows))
    codes = found.argmax(axis=1) if found.shape[1] > 1 else (found[:, 0] > 0).astype(int)
    return [CLASSES[code] for code in codes.tolist()]
'''
_PROBABILITIES = '''
def predict_proba(rows):
    """The probabilities (n, classes) in the order of CLASSES."""
    return {function}(outputs(encode(rows)))
'''
_AMOUNTS = '''
def predict(rows):
    """The amount of each row (n,), in the target's own units; of a date, the days since 1970."""
    return outputs(encode(rows))[:, 0] * ENCODING["target_sd"] + ENCODING["target_mean"]
'''
_MAIN = '''
def rows_of(path):
    """The rows of a delimited text file; hpt predict reads other kinds of files too."""
    reading = ENCODING["reading"]
    with open(path, encoding=reading["encoding"] or "utf-8-sig", newline="") as stream:
        lines = list(stream)[reading["skip_rows"] or 0 :]
    delimiter = reading["delimiter"] or max(",;\\t|", key=lines[0].count)
    below = iter(lines)
    names = [name.strip() for name in next(csv.reader(below, delimiter=delimiter, skipinitialspace=True))]
    if reading["header"] == "none":
        names, below = [f"column_{index}" for index in range(1, len(names) + 1)], lines
    return list(csv.DictReader(below, names, delimiter=delimiter, skipinitialspace=True))


if __name__ == "__main__":
    print("prediction", *predict(rows_of(sys.argv[1])), sep="\\n")
'''


@dataclass(frozen=True, slots=True)
class Library:
    """What a library adds to a file: its imports, the definition of `outputs`, and how to go on training."""

    imports: tuple[str, ...]
    model: str
    training: str


def python_file(model: ExportedModel, library: Library) -> str:
    """The text of the file. Names of the user's stand in it as Python literals alone."""
    predictor = model.predictor
    encoding = predictor.encoding.data()
    constants = {
        "WRITTEN_BY": f"hpt {hpt.__version__}",
        "RUN": model.run,
        "TRIAL": model.trial,
        "SETTINGS": model.written_settings,
        "MISSING_CELLS": predictor.missing,
        "ENCODING": encoding
        | {"reading": encoding["reading"] | {"delimiter": said_delimiter(encoding["reading"]["delimiter"])}},
    }
    own_text = f"{_READING}\n{_CLASSES}\n{_PROBABILITIES}\n{library.model}\n{library.training}\n{_MAIN}"
    bundle = Bundle(frozenset(re.findall(r"^(?:def |class )?([A-Za-z_]+)", own_text, re.MULTILINE)) | constants.keys())
    for module, name in (("hpt.data.encode", "Encoder"), ("hpt.tables.plans", "convert")):
        bundle.add(module, name)
    answers = [_AMOUNTS]
    if predictor.encoding.classes is not None:
        probabilities = predictor.loss.probabilities
        function = bundle.add(probabilities.__module__, probabilities.__name__) if probabilities is not None else ""
        answers = [_CLASSES, *([_PROBABILITIES.format(function=function)] if function else [])]
    imports, reading = bundle.text()
    own = ("import base64", "import csv", "import io", "import math", "import sys", "import numpy as np")
    parts = [
        _HEAD,
        "\n".join(sorted({*imports.splitlines(), *own, *library.imports})),
        "\n".join(f"{name} = {pformat(value, width=WIDTH, sort_dicts=False)}" for name, value in constants.items()),
        "# How cells are read and encoded: hpt's own functions.",
        reading,
        _READING,
        library.model,
        *answers,
        library.training,
        f"WEIGHTS = (\n{_weights(model)}\n)",
        _MAIN,
    ]
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n"


def _weights(model: ExportedModel) -> str:
    """The weights as lines of text."""
    arrays = {
        f"layers.{index}.{name}": _shortest(array)
        for index, layer in enumerate(model.layers)
        for name, array in (("weight", layer.weight), ("bias", layer.bias))
    }
    text = base64.b64encode(packed(arrays, zipfile.ZIP_DEFLATED)).decode()
    return "\n".join(f'    "{text[start : start + WIDTH - 10]}"' for start in range(0, len(text), WIDTH - 10))


def _shortest(array: Doubles) -> Floats:
    """In single precision where that loses nothing."""
    single = array.astype(np.float32)
    return single if np.array_equal(single, array) else array


def counterpart_of(what: str, name: str, known: Mapping[str, str], library: str) -> str:
    """What `library` calls our `name`. Raises InputError where it has none."""
    if name not in known:
        raise InputError(f"--to {library}: expected {what} that it has, found {name}. It has {', '.join(known)}.")
    return known[name]


def loss_call(model: ExportedModel, known: Mapping[str, str], library: str) -> str:
    """The call that makes the loss."""
    training = model.settings.training
    values = {"label_smoothing": training["label_smoothing"], **(training["loss"] or {})}
    return counterpart_of("a loss", model.predictor.loss.name, known, library).format(**values)


def missing_function(signature: str, why: str) -> str:
    """The text of a function in the place of one that the library has no counterpart for: a call says why."""
    return f"def {signature}:\n    raise NotImplementedError({why!r})"


def optimizer_function(model: ExportedModel, known: Mapping[str, Counterpart], signature: str, first: str = "") -> str:
    """The text of a function that makes the optimizer, with what its arguments mean; one that raises where there is none.

    signature: of the function. first: the call's first argument.
    """
    settings = model.settings.optimizer
    found = known.get(settings["name"])
    if found is None:
        why = f"no counterpart of {settings['name']}: hpt list optimizers {settings['name']} has its formula"
        return missing_function(signature, why)
    arguments = {theirs: _value(settings, ours) for ours, theirs in found.arguments.items() if _has(settings, ours)}
    written = ", ".join([*filter(None, [first]), *(f"{k}={v!r}" for k, v in {**arguments, **found.fixed}.items())])
    differing = [
        f"hpt trained with {name}: {settings[name]!r}, which {found.call} does not have"
        for name, value in found.same.items()
        if name in settings and settings[name] != value
    ]
    if (decay := settings.get("decay", 1.0)) != 1:
        differing.append(f"hpt multiplied the learning rate by {decay!r} after every update")
    if model.settings.training["schedule"]:
        differing.append("hpt changed the learning rate by SETTINGS['training']['schedule']")
    notes = "".join(f"# {note}.\n" for note in (*found.notes, *differing))
    return f'def {signature}:\n    """The optimizer as it was tuned."""\n{indent(f"{notes}return {found.call}({written})", "    ")}'


def _has(settings: Mapping[str, Any], path: str) -> bool:
    return path.partition(".")[0] in settings


def _value(settings: Mapping[str, Any], path: str) -> Any:
    name, _, index = path.partition(".")
    return settings[name][int(index)] if index else settings[name]
