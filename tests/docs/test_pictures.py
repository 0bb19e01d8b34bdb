"""The pictures of the docs show what hpt shows today."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pictures() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pictures", ROOT / "docs" / "pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_picture_is_behind_the_code(pictures: ModuleType) -> None:
    drawn = pictures.drawn()
    assert {path.name for path in (ROOT / "docs/pictures").iterdir()} == set(drawn)
    for name, content in drawn.items():
        kept = (ROOT / "docs/pictures" / name).read_text(encoding="utf-8")
        assert pictures.words(kept) == pictures.words(content), f"{name}: run python docs/pictures.py"
        assert len(pictures.words(kept)) > 5


def test_a_picture_asks_for_nothing_from_elsewhere() -> None:
    for path in (ROOT / "docs/pictures").iterdir():
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"https?://[^\"' )]+", text)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml"}
        assert "<script" not in text
