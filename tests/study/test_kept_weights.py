"""The weights of the winner, where settings were trained again: there without another training."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpt.runs.winner import read_winner
from hpt.study import session
from hpt.study.clock import Clock
from hpt.study.lifecycle import RunRequest
from hpt.study.selection import REFIT
from hpt.terminal.watchers import Silent

STUDY = """
data: {source: breast_cancer, validation: 0.3}
optimizer: {name: sgd, learning_rate: {min: 1e-3, max: 0.3, scale: log}}
training: {epochs: 3}
study: {trials: 40}
"""


def test_the_run_that_wins_is_not_trained_once_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the run in the middle of its setting, rarely the lowest of its stack."""
    (tmp_path / "small.yaml").write_text(STUDY)
    monkeypatch.setattr(session, "trained_once", lambda *_, **__: pytest.fail("the winner was trained once more"))
    ended = session.tune(RunRequest(tmp_path / "small.yaml", (), tmp_path / "runs", jobs=1), Silent(), Clock())
    best = ended.leaderboard.best
    assert best is not None
    assert best.phase == REFIT
    assert read_winner(ended.folder).weights
