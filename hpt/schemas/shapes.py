"""JSON Schemas of plain data from the types that declare it: TypedDicts, dataclasses, and what stands in their annotations."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Annotated, Any, Literal, NotRequired, is_typeddict

from hpt.documents.fields import FieldsOf, Others
from hpt.runs.fields import AtLeast

Schema = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
_SIMPLE: Mapping[Any, Schema] = {
    Any: {},
    bool: {"type": "boolean"},
    float: {"type": "number"},
    int: {"type": "integer"},
    str: {"type": "string"},
    type(None): {"type": "null"},
}


def schema_of(*hints: Any) -> Schema:
    """The schema (2020-12) of what any of `hints` declares; kinds that they name stand once, under `$defs`.

    Fields that nobody declares are allowed, as later versions may add some.
    """
    definitions: dict[str, Schema] = {}
    whole = [_schema(hint, definitions) for hint in hints]
    body = whole[0] if len(whole) == 1 else {"anyOf": whole}
    return {"$schema": DRAFT, **body, "$defs": definitions}


def _schema(hint: Any, definitions: dict[str, Schema]) -> Schema:
    """The schema of a type as it is annotated; those of TypedDicts are put into `definitions`."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _annotated(arguments[0], hint.__metadata__, definitions)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is not None:
        return _generic(origin, [_schema(argument, definitions) for argument in arguments if argument is not Ellipsis])
    if is_typeddict(hint):
        if hint.__name__ not in definitions:
            definitions[hint.__name__] = {}  # a kind that holds itself finds its name taken
            definitions[hint.__name__] = {"description": _first_line(hint), **_object([hint], (), definitions)}
        return {"$ref": f"#/$defs/{hint.__name__}"}
    return dict(_SIMPLE[hint])


def _generic(origin: Any, parts: list[Schema]) -> Schema:
    """The schema of a type that is made of others, whose schemas are `parts`."""
    if origin in (list, tuple, Sequence):
        return {"type": "array", "items": parts[0]}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": parts[1]}
    if origin is NotRequired:
        return parts[0]
    return _union(parts)


def _annotated(inner: Any, extras: Sequence[Any], definitions: dict[str, Schema]) -> Schema:
    """The schema of `inner`, narrowed and described by what stands beside it."""
    found = _schema(inner, definitions)
    for extra in extras:
        if isinstance(extra, FieldsOf):
            found = _fields(extra, definitions)
        elif isinstance(extra, Others):
            found = {**found, "unevaluatedProperties": _schema(extra.hint, definitions)}
        elif isinstance(extra, AtLeast):
            found = {**found, "minimum": extra.least}
        elif isinstance(extra, str):
            found = {**found, "description": extra}
    return found


def _fields(of: FieldsOf, definitions: dict[str, Schema]) -> Schema:
    """A mapping that holds certain fields: the schema of the one kind that has them, or one of its own."""
    if len(of.kinds) == 1 and not of.without:
        return _schema(of.kinds[0], definitions)
    return _object(of.kinds, of.without, definitions)


def _union(parts: list[Schema]) -> Schema:
    """Any of `parts`; simple types in one list."""
    if all(part.keys() == {"type"} and isinstance(part["type"], str) for part in parts):
        return {"type": [part["type"] for part in parts]}
    return {"anyOf": parts}


def _object(kinds: Sequence[type[Any]], without: Sequence[str], definitions: dict[str, Schema]) -> Schema:
    """A mapping that holds the fields of all `kinds`."""
    properties: dict[str, Schema] = {}
    required = []
    for kind in kinds:
        for name, hint in declared(kind).items():
            if name not in without:
                properties[name] = _schema(hint, definitions)
                required += [] if may_be_absent(kind, name, hint) else [name]
    return {"type": "object", "properties": properties, "required": required}


def declared(kind: type[Any]) -> dict[str, Any]:
    """The annotation of each field of a TypedDict or dataclass."""
    hints = typing.get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in fields(kind)} if is_dataclass(kind) else hints


def may_be_absent(kind: type[Any], name: str, hint: Any) -> bool:
    """Whether a document may be without the field; records are written without fields at their defaults."""
    if is_dataclass(kind):
        (field,) = (field for field in fields(kind) if field.name == name)
        return field.default is not MISSING or field.default_factory is not MISSING
    return typing.get_origin(hint) is NotRequired


def _first_line(kind: type[Any]) -> str:
    return (kind.__doc__ or "").partition("\n")[0]
