"""The whole catalogue: every kind of thing a user can name, for `hpt list` and the docs."""

from __future__ import annotations

from typing import Any

from hpt.configuration.aliases import NAMES
from hpt.configuration.options import PRUNERS, SAMPLERS
from hpt.configuration.space import plain
from hpt.data.datasets import DATASETS
from hpt.foundation.catalogue import Entry, Hyperparameter, Table, nearest
from hpt.foundation.errors import InputError
from hpt.models import MODELS
from hpt.numerics.activations import ACTIVATIONS
from hpt.numerics.initializers import INITIALIZERS
from hpt.numerics.losses import LOSSES
from hpt.numerics.metrics import METRICS
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.numerics.schedules import SCHEDULES

LIST = "hpt.list/1"
KINDS: dict[str, Table[Entry]] = {
    "optimizers": OPTIMIZERS,
    "schedules": SCHEDULES,
    "losses": LOSSES,
    "activations": ACTIVATIONS,
    "initializers": INITIALIZERS,
    "models": MODELS,
    "datasets": DATASETS,
    "metrics": METRICS,
    "samplers": SAMPLERS,
    "pruners": PRUNERS,
}


def kinds(kind: str | None) -> dict[str, Table[Entry]]:
    """The tables of `kind`, of all kinds where it is None. Raises InputError for a kind that there is not."""
    if kind is None:
        return KINDS
    if kind in KINDS:
        return {kind: KINDS[kind]}
    near = nearest(kind, KINDS)
    hint = f"Did you mean {near}?" if near else f"There are: {', '.join(KINDS)}."
    raise InputError(f"KIND: expected a kind of thing, found '{kind}'. {hint}")


def named(kind: str | None, name: str) -> dict[str, Table[Entry]]:
    """The one entry `name` of `kind`, in any case. Raises InputError where there is none."""
    ((kind, rows),) = kinds(kind).items()
    entry = rows.get(name.lower())
    if entry is None:
        near = nearest(name, rows, NAMES)
        hint = f"Did you mean {near}?" if near else f"There are: {', '.join(rows)}."
        raise InputError(f"NAME: expected one of {kind}, found '{name}'. {hint}")
    return {kind: {entry.name: entry}}


def list_document(tables: dict[str, Table[Entry]]) -> dict[str, Any]:
    """What `hpt list --json` prints."""
    return {"schema": LIST, **{kind: [_entry(entry) for entry in rows.values()] for kind, rows in tables.items()}}


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
