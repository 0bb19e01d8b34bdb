"""What the functions give: a run, a comparison, a training run."""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hpt.analysis.showing import load
from hpt.compare import report
from hpt.configuration import config as configuration
from hpt.configuration.space import plain
from hpt.data.encoding import NewRows
from hpt.documents.comparison import compare_document
from hpt.documents.comparison_fields import CompareDocument
from hpt.documents.study import history_rows
from hpt.figures.comparison_report import ranking_figures
from hpt.figures.figure import Captioned, Plot
from hpt.figures.study_report import losses
from hpt.foundation.errors import InputError
from hpt.python.rows import table, written
from hpt.report.html import piece
from hpt.runs.finding import BEST_CONFIG
from hpt.runs.finding import Run as Folder
from hpt.study.findings import Findings
from hpt.study.goals import front_of
from hpt.study.predicting import Predictor, predictor_in
from hpt.training.result import TrainingResult
from hpt.view.comparison import comparison_page
from hpt.view.formats import metric_name, number
from hpt.view.page import Facts, Page
from hpt.view.study import run_page

if TYPE_CHECKING:
    from hpt.analysis.showing import Shown

_TOP = 10

Rows = str | os.PathLike[str] | Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]] | Any
"""New rows: a data file, columns by name, rows by name, a data frame, or an array (n, columns) in the order of the columns."""


class Run:
    """A study in its folder. Shows its leaderboard in a notebook."""

    def __init__(self, folder: Folder) -> None:
        self._run = folder

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._run.folder

    @property
    def name(self) -> str:
        """What it is called."""
        return self._run.name

    @property
    def status(self) -> str:
        """How it stands: running, completed, timeout, interrupted or failed."""
        return self._run.metadata.status

    @cached_property
    def _shown(self) -> Shown:
        return load(self.folder.parent, str(self.folder), None)

    @property
    def trials(self) -> list[dict[str, Any]]:
        """The trials, best first: number, state, value, epochs, parameters by dotted path, metrics, violated constraints."""
        return [
            {
                "trial": record.trial,
                "state": record.state,
                "value": record.value,
                "epochs": record.epochs,
                "parameters": plain(record.parameters),
                "metrics": dict(record.metrics),
                "violates": list(record.violates),
            }
            for record in self._shown.board.records
        ]

    @property
    def best(self) -> dict[str, Any] | None:
        """The winner, as in `trials`; None while there is none."""
        best = self._shown.board.best
        return next((trial for trial in self.trials if best is not None and trial["trial"] == best.trial), None)

    @property
    def front(self) -> list[dict[str, Any]]:
        """With several objectives the trials that no other dominates, by the first, as in `trials`, with their values by name."""
        names = self._run.metadata.objectives
        trials = {trial["trial"]: trial for trial in self.trials}
        front = front_of(names, self._shown.board.records)
        return [{**trials[record.trial], "values": dict(zip(names, record.values, strict=True))} for record in front]

    @property
    def settings(self) -> dict[str, Any]:
        """What the winner trained with: the sections `model`, `optimizer` and `training` of best.yaml."""
        config = configuration.read(self.folder / BEST_CONFIG, mode="train", data_needed=False)
        constants = config.space.constants()
        return {name: plain(getattr(constants, name)) for name in ("model", "optimizer", "training")}

    def history(self, trial: int) -> list[dict[str, Any]]:
        """The epochs of a trial, with every metric that was followed. Raises InputError where there is no such trial."""
        record = next((record for record in self._shown.board.records if record.trial == trial), None)
        if record is None:
            raise InputError(f"{trial}: no such trial in {self.name}.")
        return history_rows(record.history)

    def frame(self) -> Any:
        """The trials as a data frame of pandas, or of polars where there is no pandas; a column a parameter and metric.

        Raises ImportError where neither is installed.
        """
        rows = [
            {**{key: trial[key] for key in ("trial", "state", "value", "epochs")}, **trial["parameters"], **trial["metrics"]}
            for trial in self.trials
        ]
        names = list(dict.fromkeys(name for row in rows for name in row))
        columns = {name: [_cell(row.get(name)) for row in rows] for name in names}
        if find_spec("pandas") is not None:
            import pandas as pd

            return pd.DataFrame(columns)
        import polars as pl

        return pl.DataFrame(columns, strict=False)

    @cached_property
    def _predictor(self) -> Predictor:
        return predictor_in(self.folder)

    def predict(self, rows: Rows) -> NDArray[Any]:
        """(n,) classes as text, or amounts in the target's own units, of dates days since 1970.

        None or NaN for a row that lacks a cell, where `data.missing` is drop. What a file's cells are not is warned of.
        Raises InputError where the rows do not fit.
        """
        given = self._read(rows)
        codes_or_amounts = self._predictor.predict(given.inputs).values  # noqa: PD011  no data frame
        if self.classes is None:
            return np.where(given.complete, codes_or_amounts, np.nan)
        answers = zip(codes_or_amounts.tolist(), given.complete.tolist(), strict=True)
        return np.array([self.classes[int(code)] if complete else None for code, complete in answers], dtype=object)

    def predict_proba(self, rows: Rows) -> NDArray[np.float64]:
        """(n, classes) in the order of `classes`, NaN for a row without a prediction. Raises InputError where the model gives none."""
        given = self._read(rows)
        found = self._predictor.predict(given.inputs).probabilities
        if found is None:
            raise InputError(f"{self.name}: its model gives no probabilities.")
        return np.where(given.complete[:, None], found, np.nan)

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The classes as text; None in regression."""
        return self._predictor.encoding.classes

    def _read(self, rows: Rows) -> NewRows:
        given = self._encoded(rows)
        for text in given.warnings:
            warnings.warn(text, stacklevel=3)
        return given

    def _encoded(self, rows: Rows) -> NewRows:
        if isinstance(rows, str | os.PathLike):
            return self._predictor.read(Path(rows))
        encoding = self._predictor.encoding
        plans = {encoder.column: encoder.plan for encoder in encoding.columns}
        names, *cells = table(rows, list(plans))
        with tempfile.TemporaryDirectory(prefix="hpt-") as folder:
            # The same reading as that of a file: numbers, dates and categories mean what they meant in training. Lines of JSON, since
            # neither a delimiter nor a header that the training file had is looked for there, and a row without a cell is one.
            path = Path(folder, "rows.jsonl")
            with path.open("w", encoding=encoding.reading["encoding"] or "utf-8") as file:
                for row in cells:
                    texts = {str(name): written(cell, plans.get(str(name))) for name, cell in zip(names, row, strict=True)}
                    file.write(json.dumps(texts) + "\n")
            return self._predictor.read(path)

    def __repr__(self) -> str:
        best = self.best
        value = f", {self._run.metadata.objective} {best['value']:.4g}" if best and best["value"] is not None else ""
        return f"<hpt run {self.name}: {self.status}, {len(self.trials)} trials{value}>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        shown = self._shown
        metadata = self._run.metadata
        page = run_page(self.name, metadata.status, shown.board, Findings.of(metadata), _TOP, [], metadata.trials)
        best = shown.board.best
        if best is None or best.epochs < 2:
            return piece(page)
        return piece(page, [Captioned(f"The winner, trial {best.trial}", Plot(losses(best.history), "epoch", "loss"))])


class Comparison:
    """A comparison of optimizers. Shows its verdicts in a notebook."""

    def __init__(self, comparison: report.Comparison) -> None:
        self._comparison = comparison

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return Path(self._comparison.run)

    @property
    def status(self) -> str:
        """How it stands."""
        return self._comparison.status

    @property
    def document(self) -> CompareDocument:
        """What `hpt compare --json` prints: ranks, scores, pairs and their verdicts."""
        return compare_document(self._comparison, None)

    @property
    def best_set(self) -> list[str]:
        """The optimizers that may be best."""
        return list(self.document["best_set"])

    def __repr__(self) -> str:
        return f"<hpt comparison {self.folder.name}: {self.status}, may be best: {', '.join(self.best_set)}>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        figures = [*ranking_figures(self._comparison)] if self._comparison.ranking is not None else []
        return piece(comparison_page(self._comparison), figures)


class Training:
    """One training run. Shows its curves in a notebook."""

    def __init__(self, result: TrainingResult) -> None:
        self._result = result

    @property
    def metrics(self) -> dict[str, float]:
        """Every metric at the end, by its name with the part."""
        return dict(self._result.metrics)

    @property
    def history(self) -> list[dict[str, Any]]:
        """A mapping an epoch."""
        return history_rows(self._result.history)

    @property
    def weights(self) -> dict[str, NDArray[Any]]:
        """The weights by name."""
        return dict(self._result.weights)

    @property
    def reason(self) -> str:
        """Why it ended: epochs, converged, patience or diverged."""
        return self._result.reason

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        page = Page([[Facts([f"{metric_name(name)} {number(value)}" for name, value in self.metrics.items()])]])
        title = f"Ended at epoch {self._result.epochs}: {self.reason}"
        curves = Captioned(title, Plot(losses(self._result.history), "epoch", "loss"))
        return piece(page, [curves] if self._result.epochs > 1 else [])

    def __repr__(self) -> str:
        return f"<hpt training: {self.reason} at epoch {self._result.epochs}>"


def _cell(value: Any) -> Any:
    return str(value) if isinstance(value, list | dict) else value
