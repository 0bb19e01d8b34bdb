"""The house stays one that can be read: no room, file or function grows too long, no files import each other in a circle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.architecture.house import PACKAGE, ROOMS, ROOT

ROOM, FILE, FUNCTION = 2500, 300, 60
FILES = sorted(PACKAGE.rglob("*.py"))


def lines(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


def functions(source: str) -> Iterator[tuple[str, int]]:
    """Each function in `source`, wherever it stands, with its lines from `def` to its end."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def module(file: Path, root: Path = ROOT) -> str:
    """The dotted name of a file; a package's is that of its folder."""
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(name: str, source: str, known: set[str], *, package: bool = False) -> set[str]:
    """The modules among `known` that the module `name` imports anywhere in `source`, for types alone too."""
    found: set[str] = set()
    above = name.split(".") if package else name.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = above[: len(above) - node.level + 1] if node.level else []
            base = ".".join([*start, *filter(None, [node.module])])
            found |= {inner if (inner := f"{base}.{alias.name}") in known else base for alias in node.names}
    return found & known - {name}


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The modules of a circle in the graph, in its order; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_is_too_large(room: str) -> None:
    assert sum(map(lines, (PACKAGE / room).rglob("*.py"))) <= ROOM


def test_no_file_is_too_long() -> None:
    assert {module(file): count for file in FILES if (count := lines(file)) > FILE} == {}


def test_no_function_is_too_long() -> None:
    found = {
        f"{module(file)}.{name}": count
        for file in FILES
        for name, count in functions(file.read_text(encoding="utf-8"))
        if count > FUNCTION
    }
    assert found == {}


def test_no_files_import_each_other_in_a_circle() -> None:
    known = {module(file) for file in FILES}
    graph = {
        module(file): imports(module(file), file.read_text(encoding="utf-8"), known, package=file.name == "__init__.py")
        for file in FILES
    }
    assert sum(map(len, graph.values())) > len(FILES)
    assert circle(graph) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from hpt.a.c import x", {"hpt.a.c"}),
        ("from hpt.a import c, x", {"hpt.a.c", "hpt.a"}),
        ("import hpt.b, os", {"hpt.b"}),
        ("from . import c", {"hpt.a.c"}),
        ("from .c import x", {"hpt.a.c"}),
        ("from ..b import x", {"hpt.b"}),
        ("if TYPE_CHECKING:\n    from hpt.b import x", {"hpt.b"}),
        ("def f():\n    from hpt.b import x", {"hpt.b"}),
        ("import numpy", set()),
        ("from hpt.a.me import x", set()),
    ],
)
def test_every_kind_of_import_is_seen(source: str, found: set[str]) -> None:
    assert imports("hpt.a.me", source, {"hpt", "hpt.a", "hpt.a.c", "hpt.b", "hpt.a.me"}) == found


def test_a_package_imports_from_itself() -> None:
    assert imports("hpt.a", "from .c import x", {"hpt.a", "hpt.a.c"}, package=True) == {"hpt.a.c"}


def test_a_circle_is_found() -> None:
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}
    assert circle({"a": {"b", "c"}, "b": {"c"}}) == []


def test_the_lines_of_a_function_are_counted() -> None:
    source = "class A:\n    def f(self):\n        def g():\n            pass\n        return g\n\n\nasync def h(): ...\n"
    assert sorted(functions(source)) == [("f", 4), ("g", 2), ("h", 1)]
