from __future__ import annotations

import pytest
from rich.cells import cell_len

from hpt.foundation.catalogue import Entry, Hyperparameter, Range, Search, Values, table
from hpt.terminal.page import RichPage
from hpt.view.catalogue import allowed, catalogue_table, entry_sections, searched
from hpt.view.page import Page

RATE = Hyperparameter("learning_rate", "float", 1e-3, "step size", low=0, open_low=True, search=Range(1e-5, 0.1, "log"))
BETAS = Hyperparameter(
    "betas",
    "float",
    (0.9, 0.9999),
    "decay rates",
    low=0,
    high=1,
    open_high=True,
    length=2,
    search=(Range(0.5, 0.99, "reverse_log"), Range(0.9, 0.9999, "reverse_log")),
)
ENTRY = Entry("adam", "adaptive moments [/]", (RATE, BETAS), "m ← β m; θ ← θ - m", "Kingma & Ba 2015")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_an_entry_in_full(shown, width: int) -> None:
    lines = shown(RichPage(Page(entry_sections(ENTRY))), width)
    assert all(cell_len(line) <= width for line in lines)
    words = " ".join(" ".join(lines).split())
    for part in (
        "adaptive moments [/]",
        "m ← β m",
        "Kingma & Ba 2015",
        "(0, ∞) step size",
        "1e-5 to 0.1 log",
        "betas.1 0.9999",
    ):
        assert part in words
    if width > 40:
        assert "0.9 to 0.9999 reverse_log" in words


def test_an_entry_without_hyperparameters(shown) -> None:
    assert shown(RichPage(Page(entry_sections(Entry("relu", "max(0, x)")))), 80) == ["relu", "  max(0, x)"]


def test_the_catalogue_has_one_line_an_entry(shown) -> None:
    lines = shown(RichPage(Page([[catalogue_table(table(ENTRY, Entry("relu", "x" * 99)))]])), 60)
    assert len(lines) == 3
    assert lines[1].split()[:2] == ["adam", "adaptive"]
    assert lines[2].endswith("…")


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        (None, ""),
        (Range(0, 0.5), "0 to 0.5"),
        (Range(1e-5, 0.1, "log"), "1e-5 to 0.1 log"),
        (Range(16, 256, step=16), "16 to 256 step 16"),
        (Values(("relu", True, (64, 32))), "relu, true, [64, 32]"),
    ],
)
def test_search_spaces(search: Search | None, expected: str) -> None:
    assert searched(search) == expected


@pytest.mark.parametrize(
    ("hyperparameter", "expected"),
    [
        (RATE, "(0, ∞)"),
        (BETAS, "list of 2: [0, 1)"),
        (Hyperparameter("batch_size", "integer", 32, "", low=1, words=("full",)), "integer [1, ∞) | full"),
        (Hyperparameter("nesterov", "boolean", False, ""), "true | false"),
        (Hyperparameter("init", "choice", "he", "", choices=("he", "zeros")), "he | zeros"),
        (Hyperparameter("clip", "float", None, "", optional=True), "(-∞, ∞) | none"),
        (Hyperparameter("schedule", "row", "step", "", table=table(Entry("step", ""))), "step"),
        (Hyperparameter("hidden", "integer", (32,), "", low=1, length=0), "list of any: integer [1, ∞)"),
    ],
)
def test_allowed_values(hyperparameter: Hyperparameter, expected: str) -> None:
    assert allowed(hyperparameter) == expected
