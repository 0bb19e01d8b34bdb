"""What documents say of the choice of a winner, and of whether the study is enough."""

from __future__ import annotations

from hpt.analysis.outlook import outlook
from hpt.documents.study_fields import Expected, More, Outlook, Selection
from hpt.study.leaderboard import Leaderboard


def selection_fields(board: Leaderboard) -> Selection:
    """What a document says of the winner beside its own trial.

    seen: the lowest value of its setting in the search. setting: the trial that had it. expected: what the setting is worth with fresh
    initialisations, None where it was not trained again.
    """
    chosen, best = board.chosen, board.best
    if chosen is None or chosen.expected is None:
        return {"seen": best.value if best else None, "setting": best.trial if best else None, "expected": None}
    worth = chosen.expected
    expected: Expected = {"value": worth.value, "low": worth.low, "high": worth.high, "runs": worth.runs}
    return {"seen": chosen.setting.value, "setting": chosen.setting.trial, "expected": expected}


def outlook_fields(board: Leaderboard, matters: str | None) -> Outlook:
    """What a document says of going on. more: None with too few trials. alike: trials of settings that cannot be told apart."""
    found = outlook(board)
    gain = found.more
    more: More | None = None if gain is None else {"trials": gain.trials, "gain": gain.gain, "high": gain.high}
    return {"more": more, "unsure": found.unsure, "enough": found.enough, "alike": list(found.alike), "matters": matters}
