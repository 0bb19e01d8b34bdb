"""The documents that commands print with --json, by name, and their JSON Schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpt.documents.catalogue import CatalogueDocument
from hpt.documents.comparison_fields import CompareDocument, TasksDocument
from hpt.documents.curves import CurvesDocument, SideBySideDocument
from hpt.documents.drafting import InitDocument
from hpt.documents.export import ExportDocument, ExportedDocument
from hpt.documents.failure import ErrorDocument
from hpt.documents.importing import ImportDocument
from hpt.documents.planning import CheckDocument
from hpt.documents.prediction import PredictDocument
from hpt.documents.replay import ReplayDocument
from hpt.documents.report import ReportDocument
from hpt.documents.study_fields import LrFindDocument, RunsDocument, TrainDocument, TrialDocument, TuneDocument
from hpt.documents.widening import WidenDocument
from hpt.documents.workers import WorkersDocument
from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError
from hpt.schemas.configuration import configuration_schema
from hpt.schemas.shapes import Schema, schema_of

DOCUMENTS: Mapping[str, Any] = {
    "check": CheckDocument,
    "compare": CompareDocument,
    "compare-tasks": TasksDocument,
    "curves": CurvesDocument,
    "error": ErrorDocument,
    "export": ExportDocument,
    "exported": ExportedDocument,
    "import": ImportDocument,
    "init": InitDocument,
    "list": CatalogueDocument,
    "lr-find": LrFindDocument,
    "predict": PredictDocument,
    "replay": ReplayDocument,
    "report": ReportDocument,
    "runs": RunsDocument,
    "side-by-side": SideBySideDocument,
    "train": TrainDocument,
    "trial": TrialDocument,
    "tune": TuneDocument,
    "widen": WidenDocument,
    "workers": WorkersDocument,
}
"""By the name that a document has in its `schema`, as `hpt.NAME/1`."""

SEVERAL: Mapping[str, tuple[str, ...]] = {"show": ("runs", "tune", "compare", "trial", "curves", "side-by-side")}
"""The documents of a command that prints one of several."""

CONFIGURATION = "configuration"
NAMES = (CONFIGURATION, *DOCUMENTS, *SEVERAL)


def schema(name: str) -> Schema:
    """The schema of the configuration, of a document, or of what a command prints. Raises InputError where there is no such name."""
    if name == CONFIGURATION:
        return configuration_schema()
    names = SEVERAL.get(name, (name,))
    if not set(names) <= DOCUMENTS.keys():
        near = nearest(name, NAMES)
        hint = f"Did you mean {near}?" if near else f"Known: {', '.join(NAMES)}."
        raise InputError(f"--of: expected a command or a document, found {name!r}. {hint}")
    return {"title": f"hpt {name}", **schema_of(*(DOCUMENTS[each] for each in names))}
