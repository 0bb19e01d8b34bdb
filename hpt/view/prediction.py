"""Predictions as a table: text for a CSV file, and a JSON document."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from hpt.data.encoding import NewRows
from hpt.study.predicting import Predictions
from hpt.tables import dates
from hpt.tables.plans import Plan

PREDICT_SCHEMA = "hpt.predict/1"
PREDICTION, PROBABILITY = "prediction", "probability."


def predictions_csv(found: Predictions, rows: NewRows, target: Plan, *, probabilities: bool) -> str:
    """A CSV with a line for each row: `prediction`, then `probability.<class>` for each class where they are wanted.

    Classes are written as in the source, amounts in the shortest digits that give the number back, dates as dates. The cells
    of a row that is not complete are empty.
    """
    shares = found.probabilities if probabilities else None
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([PREDICTION, *(f"{PROBABILITY}{name}" for name in found.classes or () if shares is not None)])
    for index, (value, complete) in enumerate(zip(_values(found, target), rows.complete.tolist(), strict=True)):
        cells = [value, *(shares[index].tolist() if shares is not None else ())]
        writer.writerow(cells if complete else [""] * len(cells))
    return text.getvalue()


def predict_document(
    run: str, target: str, found: Predictions, rows: NewRows, plan: Plan, *, probabilities: bool
) -> dict[str, Any]:
    """What `hpt predict --json` prints: `predictions` in the order of the rows, null where a row is not complete."""
    complete = rows.complete.tolist()
    shares = found.probabilities if probabilities else None
    document = {
        "schema": PREDICT_SCHEMA,
        "run": run,
        "target": target,
        "rows": len(complete),
        "predictions": _present(list(_values(found, plan)), complete),
        "warnings": list(rows.warnings),
    }
    if shares is not None and found.classes is not None:
        columns = zip(found.classes, shares.T.tolist(), strict=True)
        document["probabilities"] = {name: _present(column, complete) for name, column in columns}
    return document


def _present(values: Sequence[Any], complete: Sequence[bool]) -> list[Any]:
    return [value if there else None for value, there in zip(values, complete, strict=True)]


def _values(found: Predictions, target: Plan) -> Iterator[str | float]:
    for value in found.values.tolist():
        if found.classes is not None:
            yield found.classes[int(value)]
        else:
            yield dates.shown(value) if target.kind == "date" else value
