"""The exit codes stand in one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from hpt.foundation import errors
from tests.architecture.house import PACKAGE

ENDS = {"exit", "_exit", "Exit", "SystemExit"}


def literal_codes(source: str) -> Iterator[int]:
    """The lines of `source` that end the process, or an error, with a number written there."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ENDS and any(isinstance(value, ast.Constant) for value in node.args):
                yield node.lineno
        elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(getattr(target, "id", "").lower() == "exit_code" for target in targets):
                yield node.lineno


def test_a_number_is_found_where_a_name_is_wanted() -> None:
    assert sorted(literal_codes("sys.exit(2)\nos._exit(130)\nraise Exit(1)\nexit_code: int = 1\nsys.exit(FAILED)\n")) == [
        1,
        2,
        3,
        4,
    ]


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_exit_codes_are_used_by_name(file) -> None:
    assert list(literal_codes(file.read_text(encoding="utf-8"))) == []


def test_the_codes_are_those_that_were_promised() -> None:
    promised = {"DONE": 0, "FAILED": 1, "REFUSED": 2, "REQUIREMENT_MISSED": 3, "INTERRUPTED": 130}
    assert {name: getattr(errors, name) for name in promised} == promised
    assert errors.InputError("x").exit_code == errors.REFUSED
    assert errors.RunError("x").exit_code == errors.FAILED
