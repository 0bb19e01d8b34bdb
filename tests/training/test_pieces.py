"""An update rule may pass over its parameters in pieces: no bit depends on where they are cut."""

from __future__ import annotations

import numpy as np
import pytest

from hpt.numerics.optimizers import OPTIMIZERS
from hpt.training import stack
from hpt.training.loop import advance
from tests.training.samples import a_problem, some_cohort


@pytest.mark.parametrize("piece", [7, 40, 1000])
def test_pieces_change_nothing(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = a_problem()
    cohort = some_cohort(problem, [*OPTIMIZERS, *OPTIMIZERS])
    whole = advance(cohort, problem, 3).cohort
    monkeypatch.setattr(stack, "_PIECE", piece)
    cut = advance(cohort, problem, 3).cohort
    assert whole is not None
    assert cut is not None
    assert np.array_equal(whole.parameters, cut.parameters)
    assert np.array_equal(whole.slots, cut.slots)
    assert np.array_equal(whole.numbers, cut.numbers)
