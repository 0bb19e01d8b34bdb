"""The dotted paths that `--set` takes, and the values of those that have choices, from the schema and a configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hpt.schemas.configuration import configuration_schema

_RANGE = frozenset({"min", "max", "scale", "step"})
_NAMES = ("name", "type")


def offered(incomplete: str, written: Any) -> list[str]:
    """The next steps of a path: `training.` where more follows, `training.epochs=` where a value does; after `=` values.

    written: the configuration, None where there is none.
    """
    path, equals, _ = incomplete.partition("=")
    *above, _ = path.split(".")
    schema = configuration_schema()
    places = [_Place(schema["$defs"], [schema], written)]
    for step in path.split(".") if equals else above:
        places = [place.children()[step] for place in places if step in place.children()]
    if equals:
        return [f"{path}={value}" for place in places for value in place.values()]
    lead = "".join(f"{step}." for step in above)
    return [f"{lead}{step}{end}" for place in places for step, child in place.children().items() for end in child.ends()]


def branches(written: Any) -> list[str]:
    """The labels under `optimizer.choose`."""
    chosen = _under(_under(written, "optimizer"), "choose")
    return [label for label in chosen if isinstance(label, str)] if isinstance(chosen, (Mapping, list)) else []


class _Place:
    """A node of the schema with its alternatives, and what the configuration has written there."""

    def __init__(self, definitions: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]], written: Any) -> None:
        self._definitions = definitions
        self._nodes = [inner for node in nodes for inner in self._alternatives(node)]
        self._written = written

    def children(self) -> dict[str, _Place]:
        """What can stand below, by name: branches by their label, as in the records, without `choose`."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for node in self._nodes:
            properties = node.get("properties", {})
            if "choose" in properties:
                for label, branch in self._branches(properties["choose"]).items():
                    found.setdefault(label, []).append(branch)
                continue
            fits = self._fits(properties)
            for name, child in properties.items():
                if fits or (name == "type" and "const" in child):
                    found.setdefault(name, []).append(child)
        return {name: _Place(self._definitions, nodes, self._below(name)) for name, nodes in found.items()}

    def ends(self) -> list[str]:
        """What follows the name of the place: a point where there is something below, `=` where it has a value of its own."""
        plain = any(node.get("type") != "object" for node in self._nodes)
        return [*(["."] if self.children() else []), *(["="] if plain or not self.children() else [])]

    def values(self) -> list[str]:
        """The values of a place that has choices."""
        found: list[str] = []
        for node in self._nodes:
            found += [value for value in node.get("enum", ()) if isinstance(value, str)]
            found += [node["const"]] if isinstance(node.get("const"), str) else []
            found += ["true", "false"] if node.get("type") == "boolean" else []
        return list(dict.fromkeys(found))

    def _alternatives(self, node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        while "$ref" in node:
            node = self._definitions[node["$ref"].rpartition("/")[2]]
        if "anyOf" not in node:
            yield node
        for inner in node.get("anyOf", ()):
            yield from self._alternatives(inner)

    def _branches(self, choose: Mapping[str, Any]) -> dict[str, Any]:
        """The branches that are written, else all of the catalogue; none where one optimizer is written."""
        known = {
            name: node
            for alternative in self._alternatives(choose)
            for name, node in alternative.get("properties", {}).items()
        }
        chosen = _under(self._written, "choose")
        if chosen is None:
            return known if self._written is None else {}
        names = {label: _under(_under(chosen, label), "name") or label for label in chosen if isinstance(label, str)}
        return {label: known[name] for label, name in names.items() if name in known}

    def _fits(self, properties: Mapping[str, Any]) -> bool:
        """Whether an alternative is the one that is written; where nothing is, every one that is no range may be."""
        if properties.keys() <= _RANGE or properties.keys() == {"values"}:
            return isinstance(self._written, Mapping) and bool(properties.keys() & self._written.keys())
        if isinstance(self._written, Mapping) and "choose" in self._written:
            return False
        for key in _NAMES:
            said = self._written if isinstance(self._written, str) else _under(self._written, key)
            if said is not None and "const" in properties.get(key, {}):
                return bool(properties[key]["const"] == said)
        return True

    def _below(self, name: str) -> Any:
        found = _under(self._written, name)
        if found is None:
            found = _under(_under(self._written, "choose"), name)
        return None if found == "default" else found


def _under(written: Any, key: str) -> Any:
    return written.get(key) if isinstance(written, Mapping) else None
