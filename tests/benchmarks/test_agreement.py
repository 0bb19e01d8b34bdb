"""How alike the winners of two seeds are, in two checkouts."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from benchmarks import agreement
from benchmarks.agreement import SEVERAL, Pairs, Winner, table
from benchmarks.commands import ROOT

WINNERS = [
    Winner("iris", 0, "sgd", 0.1),
    Winner("iris", 1, "sgd", 0.001),
    Winner("iris", 2, "adam", 0.1),
    Winner("wine", 0, "adam", 0.1),
    Winner("wine", 1, "adam", 0.01),
]


def test_pairs_are_of_one_problem() -> None:
    pairs = Pairs.of(WINNERS)
    assert pairs.seeds.tolist() == [[0, 1], [0, 2], [1, 2], [0, 1]]
    assert pairs.same.tolist() == [1, 0, 0, 1]
    assert pairs.apart == pytest.approx([2, 0, 2, 1])


@pytest.mark.parametrize(
    ("times", "share", "apart"),
    [
        ([1, 1, 1], 0.5, 1.0),
        ([2, 1, 0], 1.0, 1.0),
        # Seeds 0 and 2: the only pair differs. Seed 2 twice: of five pairs two agree.
        ([1, 0, 2], 0.0, None),
        ([1, 1, 2], 2 / 6, 1.0),
        # A seed is no pair with itself.
        ([3, 0, 0], None, None),
    ],
)
def test_a_seed_counts_as_often_as_it_was_drawn(times: list[int], share: float | None, apart: float | None) -> None:
    found = Pairs.of(WINNERS).likeness(np.array(times))
    assert found == pytest.approx((np.nan if share is None else share, np.nan if apart is None else apart), nan_ok=True)


def test_the_table_says_what_the_new_one_has_more() -> None:
    random = np.random.default_rng(3)
    old = [Winner("iris", seed, str(random.choice(["sgd", "adam"])), 10 ** random.uniform(-3, 0)) for seed in range(30)]
    new = [Winner("iris", seed, "sgd", 10 ** random.uniform(-1.1, -1)) for seed in range(30)]
    *_, last = table(old, new).splitlines()
    more, apart = (cell.split() for cell in last.strip("| ").split(" | ")[1:])
    assert 40 < float(more[0].rstrip("%")) < 60
    assert float(more[1].strip("[,%")) > 20
    assert -1.2 < float(apart[0]) < -0.5
    assert float(apart[2].strip("]")) < -0.3
    *_, level = table(old, old).splitlines()
    assert "| +0% [+0%, +0%] |" in level


def test_a_checkout_agrees_with_its_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(ROOT / "hpt", tmp_path / "hpt", ignore=shutil.ignore_patterns("__pycache__"))
    asked = ["--old", str(tmp_path), "--seeds", "2", "--trials", "4", "--problems", "diabetes"]
    assert agreement.main(asked) == 0
    old, new, more = capsys.readouterr().out.splitlines()[2:]
    assert old.removeprefix("| old") == new.removeprefix("| new")
    assert more.startswith("| new minus old | +0% ")


def test_problems_with_one_optimizer_have_nothing_to_agree_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert "iris" in SEVERAL
    assert "friedman" not in SEVERAL
    assert agreement.main(["--old", str(ROOT)]) == 2
    assert "expected another checkout" in capsys.readouterr().err
