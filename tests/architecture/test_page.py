"""The page on the architecture says what import-linter checks."""

from __future__ import annotations

import re

from tests.architecture.house import ROOMS, ROOT, floors

PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")


def test_the_floors_are_those_of_the_contract() -> None:
    rows = re.findall(r"^\| (`[^|]*`) \|", PAGE, re.MULTILINE)
    assert [re.findall(r"`(\w+)`", row) for row in rows] == floors()


def test_every_room_has_a_floor() -> None:
    assert sorted(room for floor in floors() for room in floor) == sorted([*ROOMS, "__main__"])
