"""The JSON document of the catalogue."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict

from hpt.configuration.space import plain
from hpt.documents.fields import FieldsOf, Others
from hpt.foundation.catalogue import Entry, Hyperparameter, Table


class HyperparameterRow(TypedDict):
    """A hyperparameter."""

    name: Annotated[str, "its key"]
    kind: Annotated[str, "float, integer, boolean, text, constant, choice, row or settings"]
    default: Annotated[Any, "what it is where it is not written"]
    low: Annotated[float | None, "the least value, null where there is none"]
    high: Annotated[float | None, "the greatest value, null where there is none"]
    open_low: Annotated[bool, "whether `low` itself is left out"]
    open_high: Annotated[bool, "whether `high` itself is left out"]
    choices: Annotated[list[str], "the names and words that it may be"]
    length: Annotated[int | None, "how many members a list has, 0 for any number; null where it is no list"]
    optional: Annotated[bool, "whether it may be none"]
    search: Annotated[Any, "what `default` in a branch searches, as a user writes it; null for nothing"]
    varies: Annotated[str, "never: a constant in every study; stack, member: may be searched"]
    help: Annotated[str, "what it is"]


class CatalogueRow(TypedDict):
    """An entry of the catalogue."""

    name: Annotated[str, "its name"]
    summary: Annotated[str, "what it is"]
    formula: Annotated[str, "its formula, empty where there is none"]
    reference: Annotated[str, "where it comes from"]
    hyperparameters: Annotated[list[HyperparameterRow], "its keys"]


class CatalogueFacts(TypedDict):
    """What `hpt list` prints; each kind that was asked for stands beside this under its name, a list of entries."""

    schema: Literal["hpt.list/1"]


CatalogueDocument = Annotated[dict[str, Any], FieldsOf((CatalogueFacts,)), Others(list[CatalogueRow])]


def list_document(tables: dict[str, Table[Entry]]) -> CatalogueDocument:
    """What `hpt list --json` prints."""
    return {"schema": "hpt.list/1", **{kind: [_entry(entry) for entry in rows.values()] for kind, rows in tables.items()}}


def _entry(entry: Entry) -> CatalogueRow:
    return {
        "name": entry.name,
        "summary": entry.summary,
        "formula": entry.formula,
        "reference": entry.reference,
        "hyperparameters": [_hyperparameter(row) for row in entry.hyperparameters],
    }


def _hyperparameter(row: Hyperparameter) -> HyperparameterRow:
    """The row as plain data; `search` in the form a user would write."""
    return {
        "name": row.name,
        "kind": row.kind,
        "default": plain(row.default),
        "low": row.low,
        "high": row.high,
        "open_low": row.open_low,
        "open_high": row.open_high,
        "choices": [*(row.choices or row.table or ()), *row.words],
        "length": row.length,
        "optional": row.optional,
        "search": plain(row.search),
        "varies": row.scope,
        "help": row.help,
    }
