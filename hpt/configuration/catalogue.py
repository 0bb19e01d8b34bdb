"""The whole catalogue: every kind of thing a user can name, for `hpt list` and the docs."""

from __future__ import annotations

from hpt.configuration.aliases import NAMES
from hpt.configuration.options import PRUNERS, SELECTIONS
from hpt.configuration.samplers import SAMPLERS
from hpt.data.datasets import DATASETS
from hpt.foundation.catalogue import Entry, Table, nearest
from hpt.foundation.errors import InputError
from hpt.models import MODELS
from hpt.numerics.activations import ACTIVATIONS
from hpt.numerics.initializers import INITIALIZERS
from hpt.numerics.losses import LOSSES
from hpt.numerics.metrics import METRICS
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.numerics.schedules import SCHEDULES
from hpt.training.objectives import COSTS

KINDS: dict[str, Table[Entry]] = {
    "optimizers": OPTIMIZERS,
    "schedules": SCHEDULES,
    "losses": LOSSES,
    "activations": ACTIVATIONS,
    "initializers": INITIALIZERS,
    "models": MODELS,
    "datasets": DATASETS,
    "metrics": METRICS,
    "costs": COSTS,
    "samplers": SAMPLERS,
    "pruners": PRUNERS,
    "selections": SELECTIONS,
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
