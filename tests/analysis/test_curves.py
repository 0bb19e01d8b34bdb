"""Which trials are drawn, and what is said of those that are not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from hpt.analysis.curves import BEST_PER_BRANCH, MOST_CURVES, chosen
from hpt.analysis.showing import Shown
from hpt.documents.curves import curves_document
from hpt.figures.trial_curves import curves_page
from hpt.view.page import Sentence
from tests.terminal.samples import make_leaderboard, make_record

METRIC = "validation_loss"


def shown(branches: int) -> Shown:
    """A study in which branch 0 is best, each with a second trial that is worse."""
    records = [
        make_record(2 * at + worse, 0.1 * (1 + at + worse), optimizer=f"b{at}") for at in range(branches) for worse in (0, 1)
    ]
    return cast(Shown, SimpleNamespace(board=make_leaderboard(records), run=SimpleNamespace(name="many")))


def test_branches_for_which_there_is_no_room_are_named() -> None:
    picked = chosen(shown(MOST_CURVES + 2), BEST_PER_BRANCH, METRIC)
    assert [record.trial for record in picked.records] == list(range(0, 2 * MOST_CURVES, 2))
    assert [record.trial for record in picked.left_out] == [24, 26]
    page = curves_page("many", picked.records, METRIC, picked.left_out)
    (said,) = page.sections[-1]
    assert said == Sentence("Drawn are the best 12 of 14 branches, not b12, b13: --curves 24,26.", "warning")
    assert curves_document("runs/many", picked.records, METRIC, picked.left_out)["left_out"] == [24, 26]


def test_nothing_is_said_where_all_have_room() -> None:
    picked = chosen(shown(MOST_CURVES), BEST_PER_BRANCH, METRIC)
    assert len(picked.records) == MOST_CURVES
    assert picked.left_out == ()
    assert not curves_page("many", picked.records, METRIC).sections[-1]
