"""Functions of ours, with all that they use, as the text of a file that stands alone.

An exported model reads cells by the code that training read them by, not by a copy that somebody has to keep the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_OURS = "hpt."


@dataclass(frozen=True, slots=True)
class _Module:
    """What a module defines, by name, and what its imports give: (module, name), or (module, "") for a module itself.

    external: imports from elsewhere by the name that they give, as statements.
    """

    definitions: dict[str, list[ast.stmt]]
    imports: dict[str, tuple[str, str]]
    external: dict[str, str]


@cache
def _module(name: str) -> _Module:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    definitions: dict[str, list[ast.stmt]] = {}
    imports: dict[str, tuple[str, str]] = {}
    external: dict[str, str] = {}
    for node in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            definitions[node.name] = [node]
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                for each in ast.walk(target):
                    if isinstance(each, ast.Name):
                        definitions.setdefault(each.id, []).append(node)
        elif isinstance(node, ast.Import):
            external |= {alias.asname or alias.name: f"import {ast.unparse(alias)}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            _read_import(node, imports, external)
    return _Module(definitions, imports, external)


def _read_import(node: ast.ImportFrom, imports: dict[str, tuple[str, str]], external: dict[str, str]) -> None:
    """Adds what `from … import …` gives."""
    for alias in node.names:
        given = alias.asname or alias.name
        if not (node.module or "").startswith(_OURS):
            external[given] = f"from {node.module} import {ast.unparse(alias)}"
        elif _is_module(f"{node.module}.{alias.name}"):
            imports[given] = (f"{node.module}.{alias.name}", "")
        else:
            imports[given] = (str(node.module), alias.name)


def _is_module(name: str) -> bool:
    parent = find_spec(name.rpartition(".")[0])
    return bool(parent and parent.submodule_search_locations) and find_spec(name) is not None


@dataclass(slots=True)
class Bundle:
    """Definitions collected so far, each after those it uses. Two of one name get the names of their modules before it.

    reserved: names that the file has for others.
    """

    reserved: frozenset[str] = frozenset()
    statements: list[ast.stmt] = field(default_factory=list)
    imports: dict[str, None] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, module: str, name: str) -> str:
        """The name in the bundle of `name` of `module`, which is added with all that it uses."""
        if (module, name) in self.names:
            return self.names[module, name]
        given = (
            name if name not in {*self.reserved, *self.names.values()} else f"{module.rpartition('.')[2]}_{name.lstrip('_')}"
        )
        self.names[module, name] = given
        renamer = _Renamer(self, module)
        self.statements += [renamer.visit(_without_hints(node)) for node in _fresh(_module(module).definitions[name])]
        return given

    def text(self) -> tuple[str, str]:
        """The imports, and the definitions."""
        return "\n".join(sorted(self.imports)), "\n\n\n".join(map(ast.unparse, self._grouped()))

    def _grouped(self) -> Iterator[ast.Module]:
        """The definitions, constants that follow each other together."""
        group: list[ast.stmt] = []
        for node in self.statements:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                if group:
                    yield ast.Module(group, [])
                group = []
                yield ast.Module([node], [])
            else:
                group.append(node)
        if group:
            yield ast.Module(group, [])


def _fresh(nodes: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Copies, which may be changed."""
    return [ast.parse(ast.unparse(node)).body[0] for node in nodes]


class _Renamer(ast.NodeTransformer):
    """Adds what a definition of `module` uses to `bundle`, and calls it by its name there."""

    def __init__(self, bundle: Bundle, module: str) -> None:
        self._bundle = bundle
        self._name = module
        self._module = _module(module)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._bundle.names.get((self._name, node.name), node.name)
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        # The methods of a class have names of their own.
        node.name, inner = self._bundle.names[self._name, node.name], node.body
        node.body = []
        self.generic_visit(node)
        node.body = [self.generic_visit(each) for each in inner]  # type: ignore[misc]
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name):
            module, name = self._module.imports.get(node.value.id, ("", "-"))
            if not name:
                return ast.Name(self._bundle.add(module, node.attr), node.ctx)
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self._module.definitions:
            return ast.Name(self._bundle.add(self._name, node.id), node.ctx)
        if node.id in self._module.imports:
            return ast.Name(self._bundle.add(*self._module.imports[node.id]), node.ctx)
        if node.id in self._module.external:
            self._bundle.imports[self._module.external[node.id]] = None
        return node


def _without_hints(node: ast.stmt) -> ast.stmt:
    """`node` without annotations, but for the fields of a class, whose annotations become `object`."""
    for each in ast.walk(node):
        if isinstance(each, ast.FunctionDef):
            each.returns = None
        elif isinstance(each, ast.arg):
            each.annotation = None
        elif isinstance(each, ast.AnnAssign):
            each.annotation = ast.Name("object", ast.Load())
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        return ast.fix_missing_locations(ast.Assign([node.target], node.value, lineno=node.lineno))
    return node
