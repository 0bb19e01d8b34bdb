"""YAML text to a small tree of nodes that know their line, and plain data back to text.

Only what a configuration needs: scalars, lists, mappings with text keys. Aliases, anchors, tags and further documents are
refused, size and depth are bounded, so that no text takes long to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from hpt.configuration.diagnostics import Complaints, Place, shortened
from hpt.configuration.yaml_scalars import Constant, printable, resolve, spell

MAX_BYTES = 1_000_000
MAX_DEPTH = 50
MAX_NODES = 10_000
WIDTH = 100

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Scalar:
    """`value` is what the scalar stands for, `text` how it was written. A value in a mapping has the place of its key."""

    value: Constant
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Map:
    """Nodes by key, and the place of each key."""

    items: Mapping[str, Node]
    keys: Mapping[str, Place]
    place: Place

    @classmethod
    def of(cls, plain: Mapping[str, Any], place: Place) -> Map:
        """A mapping of plain data as nodes that all have `place`."""
        return cls({key: tree(value, place) for key, value in plain.items()}, dict.fromkeys(plain, place), place)

    def replaced(self, key: str, node: Node) -> Map:
        """The same with `node` under `key`, which stays where it was written."""
        return Map({**self.items, key: node}, {key: node.place, **self.keys}, self.place)

    def overridden(self, key: str, node: Node) -> Map:
        """The same with `key` and `node` from where the node is."""
        return Map({**self.items, key: node}, {**self.keys, key: node.place}, self.place)


@dataclass(frozen=True, slots=True)
class List:
    """Nodes in order."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Broken:
    """Stands where something was that has been complained about."""

    place: Place


Node = Scalar | Map | List | Broken


def parse(text: str, source: Place, complaints: Complaints, path: str = "") -> Node | None:
    """The tree of `text`, None where it is empty or no YAML. Complaints go to `complaints`.

    source: the file with line 1, so that places count its lines; with line 0 every node has that very place.
    path: the dotted path of the whole, for complaints.
    """
    builder = _Builder(source, complaints, path)
    if len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        complaints.add(source, path, f"expected at most {MAX_BYTES:,} bytes, found more.")
        return None
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if not builder.take(event):
                break
    except yaml.YAMLError as error:
        number = _line_of(error, text)
        complaints.add(builder.place(number), path, _problem(error, "".join(text.split("\n")[number : number + 1])))
    except ValueError:
        complaints.add(source, path, "expected text in UTF-8, found characters that are none.")
    return builder.root


def tree(plain: Any, place: Place) -> Node:
    """Plain data (None, numbers, texts, lists, tuples, mappings) as nodes that all have `place`."""
    if isinstance(plain, Mapping):
        return Map.of(plain, place)
    if isinstance(plain, (list, tuple)):
        return List(tuple(tree(item, place) for item in plain), place)
    return Scalar(plain, plain if isinstance(plain, str) else spell(plain), place)


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
    place: Place
    members: list[Node] = field(default_factory=list)
    items: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    awaits_value: bool = False
    key: str | None = None
    key_place: Place | None = None

    def closed(self) -> Node:
        return Map(self.items, self.keys, self.place) if self.mapping else List(tuple(self.members), self.place)


class _Builder:
    """Builds the tree from parser events without recursion."""

    def __init__(self, source: Place, complaints: Complaints, path: str) -> None:
        self.root: Node | None = None
        self._source = source
        self._prefix = path
        self._complaints = complaints
        self._open: list[_Open] = []
        self._documents = 0
        self._nodes = 0

    def place(self, line: int) -> Place:
        """Line `line`, counted from 0, of the source."""
        return Place(self._source.source, line + 1) if self._source.line else self._source

    def take(self, event: yaml.Event) -> bool:
        """Takes in one event; False where reading should end."""
        place = self.place(event.start_mark.line if event.start_mark else 0)
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._complaints.add(place, "", "expected one document, found a second. Remove it.")
                return False
        elif isinstance(event, yaml.NodeEvent):
            return self._node(event, place)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._add(self._open.pop().closed(), place)
        return True

    def _complain(self, place: Place, text: str) -> None:
        """Adds a complaint about the node in hand."""
        steps = [opened.key if opened.mapping else str(len(opened.members)) for opened in self._open]
        path = ".".join(shortened(step) for step in (self._prefix, *steps) if step)
        self._complaints.add(place, shortened(path, 200), text)

    def _node(self, event: yaml.NodeEvent, place: Place) -> bool:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._complain(place, f"expected at most {MAX_NODES:,} values, found more.")
            return False
        if isinstance(event, yaml.AliasEvent):
            self._complain(place, f"expected a value, found the alias *{shortened(str(event.anchor))}. Write the value out.")
            self._add(Broken(place), place)
            return True
        if event.anchor is not None:
            self._complain(place, f"expected a value, found the anchor &{shortened(event.anchor)}. Remove it.")
        if (tag := getattr(event, "tag", None)) is not None:
            self._complain(place, f"expected a value, found the tag {shortened(tag)}. Remove it.")
        if isinstance(event, yaml.ScalarEvent):
            self._add(self._scalar(event, place), place)
            return True
        # The key may stand lines above its block.
        waiting = self._open[-1].key_place if self._open and self._open[-1].awaits_value else None
        self._open.append(_Open(isinstance(event, yaml.MappingStartEvent), waiting or place))
        if len(self._open) > MAX_DEPTH:
            self._complain(place, f"expected at most {MAX_DEPTH} levels, found more.")
            return False
        return True

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> Scalar | Broken:
        plain = event.style is None or event.style == ""
        try:
            return Scalar(resolve(event.value) if plain else printable(event.value), event.value, place)
        except ValueError as error:
            self._complain(place, f"{error}.")
            return Broken(place)

    def _add(self, node: Node, place: Place) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if not parent.mapping:
            parent.members.append(node)
        elif not parent.awaits_value:
            parent.key, parent.key_place = self._key(node, place), node.place
            parent.awaits_value = True
        else:
            parent.awaits_value = False
            if parent.key is not None and parent.key_place is not None:
                self._insert(parent, parent.key, parent.key_place, node)
            parent.key = None

    def _key(self, node: Node, place: Place) -> str | None:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return node.value
        if not isinstance(node, Broken):
            found = shortened(node.text) or "nothing" if isinstance(node, Scalar) else "a list or mapping"
            self._complain(place, f"expected a text as key, found {found}. Put it in quotes.")
        return None

    def _insert(self, parent: _Open, key: str, place: Place, node: Node) -> None:
        if key in parent.items:
            first = parent.keys[key]
            self._complain(place, f"expected each key once, found {shortened(key)} again, first on line {first.line}.")
            return
        moved = Scalar(node.value, node.text, place) if isinstance(node, Scalar) else node
        parent.items[key] = moved
        parent.keys[key] = place


def _line_of(error: yaml.YAMLError, text: str) -> int:
    """The line, counted from 0, that `error` speaks of."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        return int(mark.line)
    position = getattr(error, "position", None) or 0
    return text.count("\n", 0, position)


def _problem(error: yaml.YAMLError, line: str) -> str:
    """What the parser says of `line`, as a complaint."""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "expected spaces, found a tab. Indent with spaces."
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "a syntax error")
    remedy = " Put such a text in quotes." if "cannot start any token" in problem else ""
    return f"expected valid YAML, found: {shortened(problem, 120)}.{remedy}"
