"""YAML text to a small tree of nodes that know their line, and plain data back to text.

Only what a configuration needs: scalars, lists, mappings with text keys. Aliases, anchors, tags and further documents are
refused, size and depth are bounded, so that no text takes long to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from hpt.yaml.diagnostics import Location, Problems, shortened
from hpt.yaml.scalars import Constant, printable, resolve, spell

MAX_BYTES = 1_000_000
MAX_DEPTH = 50
MAX_NODES = 10_000
WIDTH = 100

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Scalar:
    """`value` is what the scalar stands for, `text` how it was written. A value in a mapping has the location of its key."""

    value: Constant
    text: str
    location: Location


@dataclass(frozen=True, slots=True)
class Map:
    """Nodes by key, and the location of each key."""

    items: Mapping[str, Node]
    keys: Mapping[str, Location]
    location: Location

    @classmethod
    def of(cls, plain: Mapping[str, Any], location: Location) -> Map:
        """A mapping of plain data as nodes that all have `location`."""
        return cls({key: tree(value, location) for key, value in plain.items()}, dict.fromkeys(plain, location), location)

    def with_item(self, key: str, node: Node) -> Map:
        """The same with `node` under `key`, from where the node is."""
        return Map({**self.items, key: node}, {**self.keys, key: node.location}, self.location)


@dataclass(frozen=True, slots=True)
class List:
    """Nodes in order."""

    items: tuple[Node, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Broken:
    """Stands in place of a node whose problem has been reported."""

    location: Location


Node = Scalar | Map | List | Broken


def parse(text: str, source: Location, problems: Problems, path: str = "") -> Node | None:
    """The tree of `text`, None where it is empty or no YAML. Problems go to `problems`.

    source: the file with line 1, so that locations count its lines; with line 0 every node has that very location.
    path: the dotted path of the whole, for problems.
    """
    builder = _Builder(source, problems, path)
    if len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        problems.add(source, path, f"expected at most {MAX_BYTES:,} bytes, found more.")
        return None
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if not builder.take(event):
                break
    except yaml.YAMLError as error:
        number = _line_of(error, text)
        problems.add(builder.location(number), path, _problem(error, "".join(text.split("\n")[number : number + 1])))
    except ValueError:
        problems.add(source, path, "expected text in UTF-8, found characters that are none.")
    return builder.root


def tree(plain: Any, location: Location) -> Node:
    """Plain data (None, numbers, texts, lists, tuples, mappings) as nodes that all have `location`."""
    if isinstance(plain, Mapping):
        return Map.of(plain, location)
    if isinstance(plain, (list, tuple)):
        return List(tuple(tree(item, location) for item in plain), location)
    return Scalar(plain, plain if isinstance(plain, str) else spell(plain), location)


def dump(plain: Mapping[str, Any]) -> str:
    """Plain data as YAML that `parse` reads back to the same values and types, floats to the bit.

    Mappings in block style; lists, and mappings of constants below the sections (ranges), on one line.
    """
    return "".join(_block(plain, 0))


def _block(plain: Mapping[str, Any], depth: int) -> list[str]:
    lines = []
    for key, value in plain.items():
        start = "  " * depth + spell(key) + ":"
        inline = _inline(value)
        nested = isinstance(value, Mapping) and value
        holds_mappings = nested and any(isinstance(inner, Mapping) for inner in value.values())
        if nested and (depth == 0 or holds_mappings or len(start) + len(inline) >= WIDTH):
            lines += [start + "\n", *_block(value, depth + 1)]
        else:
            lines.append(f"{start} {inline}\n")
    return lines


def _inline(plain: Any) -> str:
    if isinstance(plain, Mapping):
        return "{" + ", ".join(f"{spell(key)}: {_inline(value)}" for key, value in plain.items()) + "}"
    if isinstance(plain, (list, tuple)):
        return "[" + ", ".join(_inline(item) for item in plain) + "]"
    return spell(plain)


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet; `key` waits for its value."""

    mapping: bool
    location: Location
    members: list[Node] = field(default_factory=list)
    items: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Location] = field(default_factory=dict)
    awaits_value: bool = False
    key: str | None = None
    key_location: Location | None = None

    def closed(self) -> Node:
        return Map(self.items, self.keys, self.location) if self.mapping else List(tuple(self.members), self.location)


class _Builder:
    """Builds the tree from parser events without recursion."""

    def __init__(self, source: Location, problems: Problems, path: str) -> None:
        self.root: Node | None = None
        self._source = source
        self._prefix = path
        self._problems = problems
        self._open: list[_Open] = []
        self._documents = 0
        self._nodes = 0

    def location(self, line: int) -> Location:
        """Line `line`, counted from 0, of the source."""
        return Location(self._source.source, line + 1) if self._source.line else self._source

    def take(self, event: yaml.Event) -> bool:
        """Takes in one event; False where reading should end."""
        location = self.location(event.start_mark.line if event.start_mark else 0)
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._problems.add(location, "", "expected one document, found a second. Remove it.")
                return False
        elif isinstance(event, yaml.NodeEvent):
            return self._node(event, location)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._add(self._open.pop().closed(), location)
        return True

    def _report(self, location: Location, text: str) -> None:
        """Reports a problem of the node in hand."""
        steps = [opened.key if opened.mapping else str(len(opened.members)) for opened in self._open]
        self._problems.add(location, ".".join(step for step in (self._prefix, *steps) if step), text)

    def _node(self, event: yaml.NodeEvent, location: Location) -> bool:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._report(location, f"expected at most {MAX_NODES:,} values, found more.")
            return False
        if isinstance(event, yaml.AliasEvent):
            self._report(
                location, f"expected a value, found the alias *{shortened(str(event.anchor))}. Write the value out."
            )
            self._add(Broken(location), location)
            return True
        if event.anchor is not None:
            self._report(location, f"expected a value, found the anchor &{shortened(event.anchor)}. Remove it.")
        if (tag := getattr(event, "tag", None)) is not None:
            self._report(location, f"expected a value, found the tag {shortened(tag)}. Remove it.")
        if isinstance(event, yaml.ScalarEvent):
            self._add(self._scalar(event, location), location)
            return True
        # The key may stand lines above its block.
        waiting = self._open[-1].key_location if self._open and self._open[-1].awaits_value else None
        self._open.append(_Open(isinstance(event, yaml.MappingStartEvent), waiting or location))
        if len(self._open) > MAX_DEPTH:
            self._report(location, f"expected at most {MAX_DEPTH} levels, found more.")
            return False
        return True

    def _scalar(self, event: yaml.ScalarEvent, location: Location) -> Scalar | Broken:
        plain = event.style is None or event.style == ""
        try:
            return Scalar(resolve(event.value) if plain else printable(event.value), event.value, location)
        except ValueError as error:
            self._report(location, f"{error}.")
            return Broken(location)

    def _add(self, node: Node, location: Location) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if not parent.mapping:
            parent.members.append(node)
        elif not parent.awaits_value:
            parent.key, parent.key_location = self._key(node, location), node.location
            parent.awaits_value = True
        else:
            parent.awaits_value = False
            if parent.key is not None and parent.key_location is not None:
                self._insert(parent, parent.key, parent.key_location, node)
            parent.key = None

    def _key(self, node: Node, location: Location) -> str | None:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return node.value
        if not isinstance(node, Broken):
            found = shortened(node.text) or "nothing" if isinstance(node, Scalar) else "a list or mapping"
            self._report(location, f"expected a text as key, found {found}. Put it in quotes.")
        return None

    def _insert(self, parent: _Open, key: str, location: Location, node: Node) -> None:
        if key in parent.items:
            first = parent.keys[key]
            self._report(location, f"expected each key once, found {shortened(key)} again, first on line {first.line}.")
            return
        moved = Scalar(node.value, node.text, location) if isinstance(node, Scalar) else node
        parent.items[key] = moved
        parent.keys[key] = location


def _line_of(error: yaml.YAMLError, text: str) -> int:
    """The line, counted from 0, that `error` speaks of."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        return int(mark.line)
    position = getattr(error, "position", None) or 0
    return text.count("\n", 0, position)


def _problem(error: yaml.YAMLError, line: str) -> str:
    """What the parser says of `line`, as a problem's text."""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "expected spaces, found a tab. Indent with spaces."
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "a syntax error")
    remedy = " Put such a text in quotes." if "cannot start any token" in problem else ""
    return f"expected valid YAML, found: {shortened(problem, 120)}.{remedy}"
