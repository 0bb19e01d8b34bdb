"""The JSON document of predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpt.data.encoding import NewRows
from hpt.study.predicting import Predictions
from hpt.tables.plans import Plan
from hpt.view.prediction import spelled

PREDICT_SCHEMA = "hpt.predict/1"


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
        "predictions": _present(list(spelled(found, plan)), complete),
        "warnings": list(rows.warnings),
    }
    if shares is not None and found.classes is not None:
        columns = zip(found.classes, shares.T.tolist(), strict=True)
        document["probabilities"] = {name: _present(column, complete) for name, column in columns}
    return document


def _present(values: Sequence[Any], complete: Sequence[bool]) -> list[Any]:
    return [value if there else None for value, there in zip(values, complete, strict=True)]
