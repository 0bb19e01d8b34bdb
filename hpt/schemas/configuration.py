"""The JSON Schema of a configuration, for editors: derived from the rows that the reader checks by.

It describes one key at a time. What must hold between keys, and that a range wants `hpt tune`, is the reader's to say.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hpt.configuration.cells import default_cell, only_entry
from hpt.configuration.sections import CHOOSE, DEFAULT, OPTIMIZER, ROOT
from hpt.configuration.space import plain
from hpt.foundation.catalogue import Entry, Hyperparameter
from hpt.foundation.scales import SCALES

Schema = dict[str, Any]
_WORTH_SHARING = 150
_TYPES: dict[str, str | list[str]] = {
    "float": "number",
    "integer": "integer",
    "boolean": "boolean",
    "text": "string",
    "choice": "string",
    "settings": "object",
    "constant": ["number", "boolean", "string"],
}


def configuration_schema() -> Schema:
    """The schema of a whole file (JSON Schema 2020-12)."""
    return _shared(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "hpt configuration",
            "type": "object",
            "properties": {row.name: _optimizer() if row is OPTIMIZER else _row(row) for row in ROOT},
            "required": [row.name for row in ROOT if row.kind == "row" and row.default is None],
            "additionalProperties": False,
        }
    )


def _optimizer() -> Schema:
    """One optimizer, or `choose` between branches."""
    branches = {label: _branch(entry) for label, entry in (OPTIMIZER.table or {}).items()}
    named = {"anyOf": [_entry(entry, OPTIMIZER.row_key, named=True) for entry in (OPTIMIZER.table or {}).values()]}
    choice = {
        "anyOf": [
            {"type": "array", "items": {"enum": list(branches)}, "minItems": 1},
            {"type": "object", "properties": branches, "additionalProperties": named, "minProperties": 1},
        ]
    }
    choose = {"type": "object", "properties": {CHOOSE: choice}, "required": [CHOOSE], "additionalProperties": False}
    return {"description": OPTIMIZER.help, "anyOf": [choose, *_named(OPTIMIZER)]}


def _branch(entry: Entry) -> Schema:
    return {"anyOf": [{"const": DEFAULT}, _entry(entry, OPTIMIZER.row_key, named=False)]}


def _row(row: Hyperparameter) -> Schema:
    """One key: its constant, or what is searched in its place."""
    described: Schema = {"description": row.help}
    if row.default is not None:
        described["default"] = plain(row.default)
    constants = [*_constants(row), *_none(row)]
    if row.scope == "never" or only_entry(row) is not None:
        return {**described, "anyOf": constants}
    member = [*_constant(row), *_range(row), _values(_constant(row))] if row.length is not None else []
    searched = [_array(row, member)] if member else _range(row)
    return {**described, "anyOf": [*constants, *searched, _values(constants)]}


def _constants(row: Hyperparameter) -> list[Schema]:
    """One key as a constant that is not `none`."""
    if row.kind == "row":
        return _named(row)
    if row.keyed:
        kind, *words = _constant(row)
        return [{"type": "object", "additionalProperties": {"anyOf": [kind]}}, *words]
    alone = _constant(row) if row.length is None or row.alone else []
    return alone if row.length is None else [*alone, _array(row, _constant(row))]


def _array(row: Hyperparameter, members: list[Schema]) -> Schema:
    """A list of as many `members` as the row has."""
    count = {"minItems": row.length, "maxItems": row.length} if row.length else {}
    return {"type": "array", "items": {"anyOf": members}, **count}


def _named(row: Hyperparameter) -> list[Schema]:
    """A row of a table by its name, or with its hyperparameters; the only row of a table is a plain mapping."""
    table = row.table or {}
    if (only := only_entry(row)) is not None:
        short = [{"type": "string"}] if row.row_key else []
        return [*short, _entry(only, "", named=False)]
    start = default_cell(row)
    default = start[row.row_key] if start else None
    entries = [_entry(entry, row.row_key, named=entry.name != default) for entry in table.values()]
    return [{"enum": list(table)}, *entries]


def _entry(entry: Entry, row_key: str, *, named: bool) -> Schema:
    """The mapping of one table row; `named`: it must say which row it is."""
    properties = {row.name: _row(row) for row in entry.hyperparameters}
    if row_key:
        properties = {row_key: {"const": entry.name}, **properties}
    required = {"required": [row_key]} if named else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **required}


def _constant(row: Hyperparameter) -> list[Schema]:
    kind: Schema = {"type": _TYPES[row.kind]}
    if row.choices:
        kind["enum"] = list(row.choices)
    if row.low is not None:
        kind["exclusiveMinimum" if row.open_low else "minimum"] = row.low
    if row.high is not None:
        kind["exclusiveMaximum" if row.open_high else "maximum"] = row.high
    return [kind, *([{"enum": list(row.words)}] if row.words else [])]


def _none(row: Hyperparameter) -> list[Schema]:
    return [{"type": "null"}, {"const": "none"}] if row.optional else []


def _range(row: Hyperparameter) -> list[Schema]:
    if row.kind not in ("float", "integer"):
        return []
    bound, *_ = _constant(row)
    step = {"type": bound["type"], "exclusiveMinimum": 0}
    keys = {"min": bound, "max": bound, "scale": {"enum": list(SCALES)}, "step": step}
    return [{"type": "object", "properties": keys, "required": ["min", "max"], "additionalProperties": False}]


def _values(constants: list[Schema]) -> Schema:
    values = {"type": "array", "minItems": 1, "items": {"anyOf": constants}}
    return {"type": "object", "properties": {"values": values}, "required": ["values"], "additionalProperties": False}


def _shared(whole: Schema) -> Schema:
    """The same schema with what stands in it several times defined once, which makes it several times smaller."""
    counts: Counter[str] = Counter(json.dumps(node) for node in _schemas(whole))
    names: dict[str, str] = {}
    definitions: Schema = {}

    def placed(node: Any) -> Any:
        if isinstance(node, list):
            return [placed(item) for item in node]
        if not isinstance(node, dict):
            return node
        text = json.dumps(node)
        if not _is_schema(node) or counts[text] < 2 or len(text) < _WORTH_SHARING:
            return {key: placed(value) for key, value in node.items()}
        if text not in names:
            names[text] = f"part-{len(names) + 1}"
            definitions[names[text]] = {key: placed(value) for key, value in node.items()}
        return {"$ref": f"#/$defs/{names[text]}"}

    return {**placed(whole), "$defs": definitions}


def _schemas(node: Any) -> Iterator[Schema]:
    """The schemas in `node`, itself included."""
    if isinstance(node, dict):
        if _is_schema(node):
            yield node
        for value in node.values():
            yield from _schemas(value)
    elif isinstance(node, list):
        for item in node:
            yield from _schemas(item)


def _is_schema(node: Schema) -> bool:
    """Whether it is a schema, and not the mapping of the names under `properties`, one of which may be `type`."""
    return isinstance(node.get("type"), str) or isinstance(node.get("anyOf"), list)
