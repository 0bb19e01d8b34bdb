"""From `data.source` to a table."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hpt.data.datasets import DATASETS
from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError
from hpt.tables.files import ENDINGS, ending_of, foreign_ending, read_file
from hpt.tables.plans import Plan
from hpt.tables.table import Table
from hpt.tables.wording import listed, shown


class Tables(NamedTuple):
    """The rows to be split, and those that come from files of their own."""

    source: Table
    test: Table | None = None
    validation: Table | None = None


def load(options: Mapping[str, Any], folder: Path) -> Tables:
    """The table of `source`, with `split: fixed` the one of `test_source`, and the one of `validation_source` where it is set.

    Their cells are read as those of the source.

    options: every key of `DATA`. A source is the name of a bundled set, in any case, or a file relative to `folder`.
    """
    fixed = options["split"] == "fixed"
    if fixed and options["test_source"] is None:
        raise InputError("data.test_source: expected a file, as data.split is fixed, found none.")
    if not fixed and options["test_source"] is not None:
        raise InputError("data.test_source: only read with data.split: fixed. Add that, or take this away.")
    table = _source("data.source", options["source"], options, options["target"], folder)
    plans = {name: fact.plan for name, fact in table.facts.items()}

    def apart(key: str) -> Table | None:
        source, target = options[key], options["target"] or table.target
        return _source(f"data.{key}", source, options, target, folder, plans) if source is not None else None

    return Tables(table, apart("test_source"), apart("validation_source"))


def _source(
    key: str,
    source: str,
    options: Mapping[str, Any],
    target: str | None,
    folder: Path,
    like: Mapping[str, Plan] | None = None,
) -> Table:
    names = {name.lower(): name for name in DATASETS}
    if source.lower() in names:
        table: Table = DATASETS[names[source.lower()]].function()
        if target not in (None, table.target):
            raise InputError(
                f"data.target: the target of {table.name} is {shown(table.target)}, found {shown(str(target))}."
            )
        _refuse_columns(table, options)
        return table
    path = folder / source
    readable = ending_of(path) is not None
    if readable and os.path.exists(path):  # noqa: PTH110  Path.exists raises on a name that is too long
        table = read_file(path, options, target, like)
        if not table.facts:
            _refuse_columns(table, options)
        return table
    if readable:
        found = f"no such file: {shown(str(path), 200)}"
    else:
        found = f"{shown(source)} is neither a data set nor a file ending in {', '.join(ENDINGS)}"
        if (better := foreign_ending(source)) is not None:
            found = f"{found}. Save it as {better}"
    near = nearest(path.stem, DATASETS)
    raise InputError(f"{key}: {found}.{f' Nearest data set: {near}.' if near else ''} Data sets: {', '.join(DATASETS)}.")


def _refuse_columns(table: Table, options: Mapping[str, Any]) -> None:
    """Raises InputError where `data.columns` speaks of arrays, whose columns are numbers."""
    if options["columns"]:
        raise InputError(
            f"data.columns: only for tables of text; {table.name} holds arrays. Found {listed(options['columns'])}."
        )
