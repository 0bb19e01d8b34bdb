"""`python -m benchmarks.real_tables`: which rows are held out, and what is said of the scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hpt

pd = pytest.importorskip("pandas", reason="pandas is an extra: hpt[bench]")
pytest.importorskip("sklearn", reason="scikit-learn is an extra: hpt[bench]")

from benchmarks import real_tables  # noqa: E402  where the packages that it needs are there
from benchmarks.table_peers import Fitted, measure  # noqa: E402
from benchmarks.table_sources import RealTable  # noqa: E402


def made(folder: Path) -> tuple[Path, RealTable]:
    """A table of 40 rows, three without a target, one without an input."""
    generator = np.random.default_rng(3)
    frame = pd.DataFrame({"a": generator.normal(size=40), "b": generator.normal(size=40)})
    frame["y"] = (frame["a"] - frame["b"]).round(4)
    frame.loc[[4, 17, 30], "y"] = np.nan
    frame.loc[9, "a"] = np.nan
    table = RealTable("made", "nowhere", "y", lambda _: frame, missing=True)
    frame.to_csv(folder / "made.csv", index=False)
    return folder / "made.csv", table


def test_the_held_out_rows_are_those_that_training_never_sees(tmp_path: Path) -> None:
    path, table = made(tmp_path)
    held_out, classes = real_tables.held_out_rows(path, table, 5)
    assert not classes
    assert held_out.sum() == round(0.2 * 37)
    assert not held_out[[4, 17, 30]].any()
    frame = pd.read_csv(path)

    def losses(name: str, changed: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[float]:
        frame.assign(y=frame["y"] + 50 * changed).to_csv(tmp_path / name, index=False)
        history = hpt.train(
            tmp_path / name, settings={"seed": 5, "data.target": "y", "data.missing": "mean", "training.epochs": 2}
        ).history
        return [epoch[key] for epoch in history for key in ("train_loss", "validation_loss")]

    plain = losses("plain.csv", np.zeros(40, dtype=bool))
    assert losses("held-out.csv", held_out) == plain
    known = np.flatnonzero(~held_out & frame["y"].notna())
    for row in known[::9]:
        assert losses(f"row-{row}.csv", np.arange(40) == row) != plain


def test_the_difference_of_scores_has_the_sign_and_the_noise_of_the_predictions() -> None:
    truth = np.array(["a", "b"] * 50)
    wrong = np.where(np.arange(100) < 20, "c", truth)
    _, score = measure(classes=True)
    gap, low, high = real_tables._gap(truth, truth, wrong, score)
    assert gap == pytest.approx(0.2)
    assert 0.1 < low < 0.2 < high < 0.3
    assert real_tables._gap(truth, wrong, wrong, score) == (0, 0, 0)
    assert measure(classes=False)[1](np.array([1.0, 2, 3]), np.array([2.0, 2, 2])) == 0


def test_what_a_peer_predicted_is_kept(tmp_path: Path) -> None:
    asked = []

    def way() -> Fitted:
        asked.append(1)
        return Fitted(np.array(["x", "y"]), 2.5)

    for _ in range(2):
        found = real_tables._kept(tmp_path / "peers", "some", way)
        assert (found.predictions.tolist(), found.seconds) == (["x", "y"], 2.5)
    assert len(asked) == 1
