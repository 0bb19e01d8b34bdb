"""Runs update rules of the catalogue by hand: K members, each with its own hyperparameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hpt.foundation.catalogue import Hyperparameter
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.numerics.schedules import rates

CONSTANT = {"type": "constant"}


def column(row: Hyperparameter, values: Sequence[Any]) -> Any:
    """The members' values of one hyperparameter in the form of `hpt.numerics.types.Rule`."""
    if row.scope == "stack":
        (value,) = set(values)
        return value
    if row.length is not None:
        return tuple(np.array(members, dtype=np.float64)[:, None] for members in zip(*values, strict=True))
    return np.array(values, dtype=np.float64)[:, None]


class Run:
    """`len(members)` members of optimizer `name` from `start` (K, P); the hyperparameters not given are the defaults."""

    def __init__(self, name: str, members: Sequence[Mapping[str, Any]], start: np.ndarray) -> None:
        self.row = OPTIMIZERS[name]
        self.members = [{**self.row.defaults(), **member} for member in members]
        self.parameters = np.array(start)
        self.done = 0
        self.state = {}
        for slot, initial in self.row.state.items():
            values = [member[initial] if isinstance(initial, str) else initial for member in self.members]
            self.state[slot] = np.broadcast_to(np.array(values)[:, None], start.shape).astype(start.dtype)
        for number, initial in self.row.numbers.items():
            self.state[number] = np.full((len(start), 1), float(initial))

    def advance(self, gradients: np.ndarray) -> np.ndarray:
        """Takes the updates that `gradients` (T, K, P) hold and gives the parameters after each, (T, K, P)."""
        updates = len(gradients)
        done = np.arange(self.done, self.done + updates, dtype=np.float64)
        rate = [rates(m["learning_rate"], m["decay"], CONSTANT, done, 10**6, 1) for m in self.members]
        values = {
            h.name: column(h, [member[h.name] for member in self.members])
            for h in self.row.hyperparameters
            if h.name not in ("learning_rate", "decay")
        }
        buffer = np.empty_like(self.parameters)
        rule = self.row.function(
            self.parameters,
            buffer,
            self.state,
            tuple(np.full_like(self.parameters, 1e30) for _ in range(self.row.scratch)),
            (done + 1)[:, None, None],
            learning_rate=np.stack(rate, axis=1)[:, :, None],
            **values,
        )
        path = []
        with np.errstate(all="ignore"):
            for gradient in gradients:
                buffer[...] = gradient
                next(rule)
                path.append(self.parameters.copy())
        self.done += updates
        return np.array(path)

    def keep(self, indices: Sequence[int]) -> None:
        """Drops the members that are not at `indices`."""
        self.members = [self.members[i] for i in indices]
        self.parameters = self.parameters[indices]
        self.state = {name: values[indices] for name, values in self.state.items()}


def path(name: str, settings: Mapping[str, Any], gradients: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The parameters (T, P) of one float64 member after each of the updates with `gradients` (T, P), from `start` (P,)."""
    return Run(name, [settings], start[None]).advance(gradients[:, None])[:, 0]
