"""The weights of the winner, where settings were trained again: there without another training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hpt.configuration.config import read
from hpt.evaluate.executors import one_blas_thread
from hpt.models.networks import apart
from hpt.runs.winner import read_winner
from hpt.study import session
from hpt.study.clock import Clock
from hpt.study.kept_weights import trained_to_keep
from hpt.study.lifecycle import RunRequest
from hpt.study.selection import REFIT
from hpt.study.study_data import StudyData, study_data
from hpt.terminal.watchers import Silent

STUDY = """
data: {source: breast_cancer, validation: 0.3}
optimizer: {name: sgd, learning_rate: {min: 1e-3, max: 0.3, scale: log}}
training: {epochs: 3}
study: {trials: 40, select: refit}
"""


def test_the_run_that_wins_is_not_trained_once_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the run in the middle of its setting, rarely the lowest of its stack."""
    (tmp_path / "small.yaml").write_text(STUDY)
    monkeypatch.setattr(session, "trained_to_keep", lambda *_, **__: pytest.fail("the winner was trained once more"))
    ended = session.tune(RunRequest(tmp_path / "small.yaml", (), tmp_path / "runs", jobs=1), Silent(), Clock())
    best = ended.leaderboard.best
    assert best is not None
    assert best.phase == REFIT
    assert read_winner(ended.folder).weights


def kept(data: StudyData, networks: int) -> list[dict[str, np.ndarray]]:
    settings = data.config.space.constants()
    with one_blas_thread():
        result = trained_to_keep(data, settings, 7, settings.training["epochs"], {}, networks=networks)
    assert result is not None
    return apart(result.weights)


@pytest.mark.parametrize("folds", ["none", "3"])
def test_the_first_of_several_networks_is_the_one_that_is_kept_alone(tmp_path: Path, folds: str) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(f"data: {{source: wine, folds: {folds}}}\noptimizer: adam\ntraining: {{epochs: 4}}\n")
    data = study_data(read(config, mode="train"))
    (alone,), several = kept(data, 1), kept(data, 3)
    assert len(several) == 3
    for name, weights in alone.items():
        np.testing.assert_array_equal(several[0][name], weights)
    firsts = [each["layers.0.weight"] for each in several]
    assert all(not np.array_equal(firsts[i], firsts[j]) for i in range(3) for j in range(i))
    for one, other in zip(kept(data, 2)[1].values(), several[1].values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_network_that_diverged_is_not_kept(tmp_path: Path) -> None:
    """At this rate some initialisations end, others do not."""
    config = tmp_path / "c.yaml"
    config.write_text(
        "data: {source: diabetes, folds: 3}\noptimizer: {name: sgd, learning_rate: 0.15}\ntraining: {epochs: 6, batch_size: 64}\n"
    )
    found = kept(study_data(read(config, mode="train")), 30)
    assert 0 < len(found) < 30
    assert all(np.isfinite(array).all() for each in found for array in each.values())
