"""The JSON documents of curves and of several runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypedDict

from hpt.configuration.space import plain
from hpt.documents.fields import TrialState
from hpt.documents.study_fields import Parameters, TuneDocument
from hpt.runs.trial_record import TrialRecord


class Curve(TypedDict):
    """The curve of a trial."""

    trial: Annotated[int, "its number"]
    state: TrialState
    parameters: Parameters
    values: Annotated[list[float | None], "the metric, one an epoch"]


class CurvesDocument(TypedDict):
    """What `hpt show RUN --curves TRIALS` prints."""

    schema: Literal["hpt.curves/1"]
    run: Annotated[str, "its folder"]
    metric: Annotated[str, "what the curves show"]
    curves: Annotated[list[Curve], "one a trial, in the order asked for"]
    left_out: Annotated[list[int], "trials that were asked for and have no room in one picture"]


class SideBySideDocument(TypedDict):
    """What `hpt show RUN RUN...` prints: several runs side by side."""

    schema: Literal["hpt.side-by-side/1"]
    metric: Annotated[str | None, "what the curves of the winners show, null where there are none yet"]
    runs: Annotated[list[TuneDocument], "the document of each run"]
    warnings: Annotated[list[str], "why they cannot be compared"]


def curves_document(
    run: str, records: Sequence[TrialRecord], metric: str, left_out: Sequence[TrialRecord] = ()
) -> CurvesDocument:
    """What `hpt show RUN --curves … --json` prints: the values of `metric` of each trial, one an epoch.

    left_out: trials that were asked for and have no curve.
    """
    return {
        "schema": "hpt.curves/1",
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
        "left_out": [record.trial for record in left_out],
    }


def side_by_side_document(
    documents: Sequence[TuneDocument], metric: str | None, warnings: Sequence[str]
) -> SideBySideDocument:
    """What `hpt show RUN RUN --json` prints: the document of each run, and the metric of their winners' curves."""
    return {"schema": "hpt.side-by-side/1", "metric": metric, "runs": list(documents), "warnings": list(warnings)}
