"""Small problems and cohorts to train."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hpt.data.load import load
from hpt.data.options import DATA
from hpt.data.prepare import prepare
from hpt.models import MODELS
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.training.cohort import Cohort, begin
from hpt.training.objective import Objective
from hpt.training.options import TRAINING
from hpt.training.problem import Problem
from hpt.training.settings import Member, Settings


def a_problem(source: str = "iris") -> Problem:
    """A bundled data set, split by seed 7."""
    options = {row.name: row.default for row in DATA} | {"source": source}
    table = load(options, Path()).source
    parts = ("train", "validation")
    return Problem(prepare(table, options, (7,)), Objective.parse("validation_loss"), parts[1:], parts)


def some_settings(optimizer: str, training: dict[str, Any] | None = None, **changes: Any) -> Settings:
    """An mlp with every default, but for `training` and the optimizer's `changes`."""
    return Settings(
        {"type": "mlp", **MODELS["mlp"].defaults()},
        {"name": optimizer, **OPTIMIZERS[optimizer].defaults(), **changes},
        {row.name: row.default for row in TRAINING} | (training or {}),
    )


def some_cohort(problem: Problem, optimizers: Sequence[str], **training: Any) -> Cohort:
    """A full-batch member of each of `optimizers`, in one stack."""
    full = {"batch_size": "full"} | training
    members = [Member(i, some_settings(name, full), (7, i), (7,)) for i, name in enumerate(optimizers)]
    return begin(members, problem)
