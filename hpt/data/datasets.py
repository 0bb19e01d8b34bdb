"""The bundled data sets, one row each. Sources and licences: `bundled/LICENCES.md`."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hpt.foundation.catalogue import Entry, table
from hpt.tables.plans import Column
from hpt.tables.table import Table

BUNDLED = Path(__file__).with_name("bundled")
UCI = "CC BY 4.0 (UCI); this copy BSD-3-Clause (scikit-learn)"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetEntry(Entry):
    """A bundled data set. function: reads it. task: `classification` or `regression`. columns: without the target."""

    function: Callable[[], Table]
    task: str
    target: str
    rows: int
    columns: int
    licence: str


def line() -> Table:
    """100 points about the line y = 2x + 1: x uniform in [0, 1), noise uniform in [-0.1, 0.1).

    Drawn by the standard library's generator, whose sequence for a seed does not change between versions.
    """
    draw = random.Random(0).random
    x = np.array([draw() for _ in range(100)])
    noise = np.array([draw() for _ in range(100)]) * 0.2 - 0.1
    return Table.of("line", {"x": x, "y": 2 * x + 1 + noise}, "y")


def bundled(name: str) -> Table:
    """The set stored as `bundled/<name>.npz`.

    Its arrays: `inputs` (n, D) and their `names` (D,); `target` (n,) and its `target_name`. With `classes`, the target
    holds indices into them.
    """
    with np.load(BUNDLED / f"{name}.npz", allow_pickle=False) as stored:
        inputs = np.ascontiguousarray(stored["inputs"].T, dtype=np.float64)
        columns: dict[str, Column] = dict(zip(stored["names"].tolist(), inputs, strict=True))
        target = stored["target"]
        classes = stored["classes"].astype(object) if "classes" in stored else None
        target_name = str(stored["target_name"])
    columns[target_name] = target.astype(np.float64) if classes is None else classes[target]
    return Table.of(name, columns, target_name)


def _stored(name: str, summary: str, reference: str, **facts: Any) -> DatasetEntry:
    return DatasetEntry(name, summary, reference=reference, function=partial(bundled, name), **facts)


DATASETS = table(
    DatasetEntry(
        "line",
        "100 points about a line: the smallest regression",
        function=line,
        formula="y = 2x + 1 + noise, x uniform in [0, 1), noise uniform in [-0.1, 0.1)",
        task="regression",
        target="y",
        rows=100,
        columns=1,
        licence="this project's",
    ),
    _stored(
        "iris",
        "three species of iris by the sizes of sepal and petal",
        "Fisher (1936), Annals of Eugenics 7, 179-188; UCI, doi:10.24432/C56C76",
        task="classification",
        target="species",
        rows=150,
        columns=4,
        licence=UCI,
    ),
    _stored(
        "wine",
        "three cultivars by the chemistry of their wine",
        "Aeberhard, Forina (1991), UCI, doi:10.24432/C5PC7J",
        task="classification",
        target="cultivar",
        rows=178,
        columns=13,
        licence=UCI,
    ),
    _stored(
        "breast_cancer",
        "malignant or benign, by measures of cell nuclei",
        "Wolberg, Mangasarian, Street, Street (1993), UCI, doi:10.24432/C5DW2B",
        task="classification",
        target="diagnosis",
        rows=569,
        columns=30,
        licence=UCI,
    ),
    _stored(
        "digits",
        "handwritten digits, 8 x 8 pixels of 0 to 16",
        "Alpaydin, Kaynak (1998), UCI, doi:10.24432/C50P49",
        task="classification",
        target="digit",
        rows=1797,
        columns=64,
        licence=UCI,
    ),
    _stored(
        "diabetes",
        "progress of the disease in a year, by ten measures of the patient, in their own units",
        "Efron, Hastie, Johnstone, Tibshirani (2004), Annals of Statistics 32, 407-499",
        task="regression",
        target="progression",
        rows=442,
        columns=10,
        licence="none stated by its source; this copy BSD-3-Clause (scikit-learn)",
    ),
)
