"""The JSON document of predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from hpt.data.encoding import NewRows
from hpt.study.predicting import Predictions
from hpt.tables.plans import Plan
from hpt.view.prediction import spelled


class PredictDocument(TypedDict):
    """What `hpt predict` prints: predictions for new rows."""

    schema: Literal["hpt.predict/1"]
    run: Annotated[str, "the folder whose model predicts"]
    target: Annotated[str, "the column that is predicted"]
    rows: Annotated[int, "how many rows there were"]
    predictions: Annotated[list[Any], "in the order of the rows, null where a row is not complete"]
    warnings: Annotated[list[str], "cells that training never saw, and the like"]
    probabilities: NotRequired[
        Annotated[Mapping[str, list[float | None]], "by class, in the order of the rows; only with --proba"]
    ]


def predict_document(
    run: str, target: str, found: Predictions, rows: NewRows, plan: Plan, *, probabilities: bool
) -> PredictDocument:
    """What `hpt predict --json` prints: `predictions` in the order of the rows, null where a row is not complete."""
    complete = rows.complete.tolist()
    shares = found.probabilities if probabilities else None
    document: PredictDocument = {
        "schema": "hpt.predict/1",
        "run": run,
        "target": target,
        "rows": len(complete),
        "predictions": _present(list(spelled(found, plan)), complete),
        "warnings": list(rows.warnings),
    }
    if shares is not None and found.classes is not None:
        columns = zip(found.classes, shares.T.tolist(), strict=True)
        document["probabilities"] = {name: _present(column, complete) for name, column in columns}
    return document


def _present(values: Sequence[Any], complete: Sequence[bool]) -> list[Any]:
    return [value if there else None for value, there in zip(values, complete, strict=True)]
