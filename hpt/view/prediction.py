"""Predictions as text for a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from hpt.data.encoding import NewRows
from hpt.study.predicting import Predictions
from hpt.tables import dates
from hpt.tables.plans import Plan

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
    for index, (value, complete) in enumerate(zip(spelled(found, target), rows.complete.tolist(), strict=True)):
        cells = [value, *(shares[index].tolist() if shares is not None else ())]
        writer.writerow(cells if complete else [""] * len(cells))
    return text.getvalue()


def spelled(found: Predictions, target: Plan) -> Iterator[str | float]:
    """The prediction of each row as it is written."""
    for value in found.values.tolist():
        if found.classes is not None:
            yield found.classes[int(value)]
        else:
            yield dates.shown(value) if target.kind == "date" else value
