"""The JSON document of the catalogue."""

from __future__ import annotations

from typing import Any

from hpt.configuration.space import plain
from hpt.foundation.catalogue import Entry, Hyperparameter, Table

LIST_SCHEMA = "hpt.list/1"


def list_document(tables: dict[str, Table[Entry]]) -> dict[str, Any]:
    """What `hpt list --json` prints."""
    return {"schema": LIST_SCHEMA, **{kind: [_entry(entry) for entry in rows.values()] for kind, rows in tables.items()}}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "summary": entry.summary,
        "formula": entry.formula,
        "reference": entry.reference,
        "hyperparameters": [_hyperparameter(row) for row in entry.hyperparameters],
    }


def _hyperparameter(row: Hyperparameter) -> dict[str, Any]:
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
