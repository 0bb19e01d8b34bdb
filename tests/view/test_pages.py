"""A page is plain data, and all there is to show: who renders it adds no words of its own."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime

import pytest
from rich.console import Console

from hpt.configuration.catalogue import KINDS
from hpt.runs.run_metadata import RunMetadata
from hpt.study.findings import Findings
from hpt.terminal.page import RichPage
from hpt.view.catalogue import catalogue_page
from hpt.view.comparison import comparison_page
from hpt.view.page import BLANK, Chart, Column, Page, Sparklines
from hpt.view.runs import runs_page
from hpt.view.study import run_page, study_page
from hpt.view.trial import trial_page
from tests.terminal.samples import make_study
from tests.terminal.test_comparison import made

METADATA = RunMetadata(
    schema="hpt.run/1",
    kind="tune",
    name="a",
    status="interrupted",
    begun="2025-03-01T12:00:00+00:00",
    changed="2025-03-01T12:05:00+00:00",
    versions={},
    space="",
    data="",
    objective="validation_loss",
    records=12,
    trials=24,
    best=0.08,
)
FINDINGS = Findings(
    {
        "constant": {"validation_loss": 2.3, "validation_accuracy": 0.1},
        "linear": {"validation_loss": 0.02, "validation_accuracy": 0.97},
    }
)


@pytest.fixture
def pages(tmp_path) -> dict[str, Page]:
    board = make_study(12)
    return {
        "study": study_page("runs/a b", "completed", board, FINDINGS, "hpt tune a.yaml --resume", test=True),
        "cut short": study_page("runs/a", "interrupted", board, FINDINGS, "hpt tune a.yaml --resume", test=False),
        "run": run_page("a", "running", board, FINDINGS, 5, ["train_loss"], 24),
        "no trials": run_page("a", "running", make_study(0), FINDINGS, 5, [], 24),
        "trial": trial_page(board.records[0], board),
        "runs": runs_page([METADATA]),
        "no runs": runs_page([]),
        "catalogue": catalogue_page(KINDS, full=False),
        "optimizers": catalogue_page({"optimizers": KINDS["optimizers"]}, full=True),
        "comparison": comparison_page(made(tmp_path)),
        "no study": comparison_page(made(tmp_path, studies=0), "hpt compare a.yaml --resume"),
    }


def leaves(thing: object) -> Iterator[object]:
    """The values that `thing` is made of, but for how cells are spelled."""
    if is_dataclass(thing):
        for field in fields(thing):
            if not (isinstance(thing, Column) and field.name in ("spell", "cells")):
                yield from leaves(getattr(thing, field.name))
        if isinstance(thing, Column):
            yield from thing.spelled()
    elif isinstance(thing, Sequence) and not isinstance(thing, str):
        for part in thing:
            yield from leaves(part)
    else:
        yield thing


def test_a_page_is_plain_data(pages) -> None:
    for name, page in pages.items():
        kinds = {type(leaf) for leaf in leaves(page) if leaf is not BLANK}
        assert kinds <= {str, int, float, bool, type(None), datetime}, name


def test_the_terminal_adds_no_words(pages) -> None:
    for name, page in pages.items():
        shown = Page([[b for b in section if not isinstance(b, Chart | Sparklines)] for section in page.sections])
        known = {word for leaf in leaves(shown) if isinstance(leaf, str) for word in leaf.split()}
        console = Console(file=io.StringIO(), width=2000, color_system=None)
        console.print(RichPage(shown))
        printed = {word for word in console.file.getvalue().split() if not set(word) <= set("█·")}
        assert printed
        assert printed <= known, name


def test_cells_keep_their_values_beside_their_spelling(pages) -> None:
    table = pages["study"].sections[0][0]
    (values,) = (column for column in table.columns if column.title == "value")
    assert values.cells[0] == make_study(12).best.value
    assert values.spelled()[0] != str(values.cells[0])
