"""The JSON documents of curves and of several runs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hpt.configuration.space import plain
from hpt.runs.trial_record import TrialRecord

CURVES_SCHEMA = "hpt.curves/1"
SIDE_BY_SIDE_SCHEMA = "hpt.side-by-side/1"


def curves_document(run: str, records: Sequence[TrialRecord], metric: str) -> dict[str, Any]:
    """What `hpt show RUN --curves … --json` prints: the values of `metric` of each trial, one an epoch."""
    return {
        "schema": CURVES_SCHEMA,
        "run": run,
        "metric": metric,
        "curves": [
            {
                "trial": record.trial,
                "state": record.state,
                "parameters": plain(record.parameters),
                "values": list(record.history.get(metric, ())),
            }
            for record in records
        ],
    }


def side_by_side_document(
    documents: Sequence[Mapping[str, Any]], metric: str | None, warnings: Sequence[str]
) -> dict[str, Any]:
    """What `hpt show RUN RUN --json` prints: the document of each run, and the metric of their winners' curves."""
    return {"schema": SIDE_BY_SIDE_SCHEMA, "metric": metric, "runs": list(documents), "warnings": list(warnings)}
