"""The docs hold what the code says."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from hpt.configuration.catalogue import KINDS

ROOT = Path(__file__).parent.parent.parent


def load_derive() -> ModuleType:
    spec = importlib.util.spec_from_file_location("derive", ROOT / "docs" / "derive.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", load_derive().PAGES)
def test_no_page_is_behind_the_code(page: str) -> None:
    assert load_derive().render(page) == (ROOT / page).read_text(encoding="utf-8"), "run: python docs/derive.py"


def test_every_kind_of_the_catalogue_has_its_section() -> None:
    page = (ROOT / "docs/catalogue.md").read_text(encoding="utf-8")
    assert re.findall(r"<!-- derived: catalogue (\w+) -->", page) == list(KINDS)


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target
