"""The sweep of the learning-rate range test: the rate rises by a constant factor after every update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hpt.numerics.stack import arithmetic
from hpt.numerics.types import Doubles
from hpt.training.cohort import begin
from hpt.training.problem import Problem
from hpt.training.settings import Member
from hpt.training.stack import Stack

LOWEST, HIGHEST, UPDATES = 1e-7, 10.0, 150


@arithmetic()
def sweep(members: Sequence[Member], problem: Problem) -> tuple[Doubles, Doubles]:
    """The rates (U,) and the mean batch losses (S, U) of `members`, one stack, before the update at each rate.

    Their schedule and decay are put aside.
    """
    factor = (HIGHEST / LOWEST) ** (1 / (UPDATES - 1))
    rising = {"type": "exponential", "rate": factor, "per": "update", "warmup": 0.0}
    swept = [changed(member, {"learning_rate": LOWEST, "decay": 1.0}, {"schedule": rising}) for member in members]
    stack = Stack(begin(swept, problem), problem)
    rates: list[float] = []
    losses: list[Doubles] = []
    while len(losses) < UPDATES:
        for of_rows, rate, _ in stack.steps(norms=False):
            rates.append(float(rate[0]))
            losses.append(of_rows.mean(axis=1, dtype=np.float64))
            if len(losses) == UPDATES:
                break
        cohort = stack.cohort
        stack.cohort = replace(cohort, epoch=cohort.epoch + 1, step=cohort.step + stack.updates)
    return np.array(rates), np.array(losses).T


def changed(member: Member, optimizer: Mapping[str, Any], training: Mapping[str, Any]) -> Member:
    """`member` with some of its settings changed."""
    settings = member.settings
    new = replace(settings, optimizer={**settings.optimizer, **optimizer}, training={**settings.training, **training})
    return replace(member, settings=new)
