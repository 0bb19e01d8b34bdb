"""`python -m benchmarks.several_networks`: the mean of networks beside each of them, and what is said of the gaps."""

from __future__ import annotations

import numpy as np
import pytest

pd = pytest.importorskip("pandas", reason="pandas is an extra: hpt[bench]")
pytest.importorskip("sklearn", reason="scikit-learn is an extra: hpt[bench]")

from benchmarks import several_networks  # noqa: E402  where the packages that it needs are there
from benchmarks.several_networks import Row  # noqa: E402
from benchmarks.table_sources import RealTable  # noqa: E402


def test_a_small_table_gives_the_scores_of_five_networks_and_of_their_mean() -> None:
    generator = np.random.default_rng(3)
    frame = pd.DataFrame({"a": generator.normal(size=60), "b": generator.normal(size=60)})
    frame["y"] = (frame["a"] * frame["b"]).round(4)
    table = RealTable("made", "sklearn", "y", lambda _: frame)
    row = several_networks.measured(table, 2, 0)
    assert row is not None
    assert row.metric == "R²"
    assert len(set(row.alone)) == 5
    # The squared error of a mean is that of its members less their spread.
    assert row.gap > 0
    assert row.low <= row.gap <= row.high
    rare = RealTable("many", "sklearn", "y", lambda _: pd.concat([frame] * 34))
    assert several_networks.measured(rare, 2, 0) is None


def test_the_page_counts_what_is_better_and_what_is_more_than_noise() -> None:
    tables = [RealTable(name, "sklearn", "y", lambda folder: pd.DataFrame()) for name in ("one", "two")]
    rows = [
        Row(tables[0], "accuracy", (0.5, 0.7), 0.7, 0.05, 0.2),
        Row(tables[0], "accuracy", (0.6, 0.6), 0.6, -0.1, 0.1),
        Row(tables[1], "R²", (0.9, 0.8), 0.8, -0.1, -0.01),
    ]
    page = several_networks.document(rows, 9, [1, 2])
    assert "| one | accuracy | 0.600 | 0.071 | 0.650 | +0.050 |" in page
    assert (
        "Of 3 searches five were better than one on 1, by more than noise on 1;\nworse on 1, by more than noise on 1."
        in page
    )
