"""Groups of a generation share what shapes a stack."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from hpt.configuration.space import Coordinates, SearchSpace
from hpt.foundation.catalogue import Range, Values
from hpt.runs.trial_record import TrialRecord
from hpt.search.history import History
from hpt.search.sampling import Sampling
from hpt.search.shapes import GROUP, Shapes, dealt

RATE = Range(1e-4, 1.0, "log")
BATCH = {"batch_size": Range(8, 128)}
BRANCHES = {"adam": {"name": "adam", "learning_rate": RATE}, "gd": {"name": "gd", "learning_rate": RATE}}
MODEL = {"type": "mlp", "hidden": (Range(4, 200), 8), "dropout": Range(0.0, 0.5)}
SPACE = SearchSpace(MODEL, BRANCHES, BATCH, chosen=True)


def second_generation(space: SearchSpace, count: int) -> list[Coordinates]:
    sampling = Sampling(space, "tpe", "minimize", 3, 100)
    first = sampling.generation(0, 20)
    sampling.learn(
        TrialRecord(i, 0, 20, "completed", 1, "epochs", None, math.sin(i), at, at, {}) for i, at in enumerate(first)
    )
    return sampling.generation(20, count)


def test_only_what_shapes_a_stack_is_shared() -> None:
    assert SPACE.shaping() == {"model.hidden.0", "training.batch_size"}


@pytest.mark.parametrize("count", [4, GROUP, 3 * GROUP])
def test_a_generation_falls_into_few_stacks(count: int) -> None:
    drawn = second_generation(SPACE, count)
    stacks = Counter((at["model.hidden.0"], at.get("training.batch_size")) for at in drawn)
    full = sum(size for (_, batch), size in stacks.items() if batch is None)
    assert 0 < full < count, "gd ignores the batch size, adam has it"
    # gd's trials share the widths of the groups, and train apart from adam's.
    assert len(stacks) <= 2 * math.ceil(count / GROUP)
    assert len({at["model.dropout"] for at in drawn}) == count


def test_trials_are_free_where_a_group_could_not_be_told_apart() -> None:
    choices = {"adam": {"name": "adam", "learning_rate": Values((0.1, 0.01))}}
    small = SearchSpace({"type": "mlp", "hidden": Values(tuple((n,) for n in range(1, 30)))}, choices, {}, chosen=True)
    drawn = second_generation(small, 12)
    assert len({repr(dict(at)) for at in drawn}) == 12
    assert Shapes(small, History(small)).groups(12) == 0
    nothing = SearchSpace({"type": "linear"}, BRANCHES, {}, chosen=True)
    assert Shapes(nothing, History(nothing)).groups(12) == 0


def test_shapes_are_dealt_evenly() -> None:
    shapes = [{"a": float(index)} for index in range(3)]
    parts = dealt(shapes, np.array([5, 0, 7]), np.random.default_rng(0))
    assert [len(part) for part in parts] == [5, 0, 7]
    assert Counter(shape["a"] for part in parts for shape in part) == {0.0: 4, 1.0: 4, 2.0: 4}
