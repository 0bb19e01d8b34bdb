"""A cohort with all that training needs: its buffers, its networks, its update rules."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt.foundation.catalogue import Hyperparameter
from hpt.foundation.randomness import generator
from hpt.models.family import Network, Rows, Streams, Views
from hpt.numerics.losses import LossEntry
from hpt.numerics.schedules import rates
from hpt.numerics.stack import segments
from hpt.numerics.types import Doubles, Floats
from hpt.training.class_weights import class_weights, weighted
from hpt.training.cohort import Cohort, architecture, batch_rows, family_of, optimizer_row, rule_key
from hpt.training.problem import Problem, laid_out

_UPDATES_AHEAD = 256
"""Updates whose coefficients are computed at once: bounds their memory, (256, K, 1) each, and nothing depends on it."""


_CACHED_ROWS = 1 << 14
"""Orders of so many rows or fewer are cached: the trials of a study share them."""

_PIECE = 1 << 18
"""Entries of each array that a rule passes over before the next piece; a rule is elementwise, so nothing depends on it."""


@dataclass(frozen=True, slots=True)
class _Coming:
    """The updates that follow the first `done`: their learning rates (T, K, 1), and a rule for each segment of members."""

    done: int
    rates: Doubles
    rules: list[Iterator[None]]


class Stack:
    """Trains the members of `cohort` in place, an epoch at a time.

    Allocates before the first update, which allocates nothing of its size; a stack that is only measured has no buffers to train.
    """

    def __init__(self, cohort: Cohort, problem: Problem) -> None:
        settings = cohort.members[0].settings
        training = settings.training
        self.cohort = cohort
        self.members = len(cohort.members)
        self.dtype = cohort.parameters.dtype
        self.architecture = architecture(settings, problem)
        self.loss = bound(problem.loss(training["loss"]), training["loss"])
        weights = class_weights(problem, training["class_weights"])
        self.training_loss = (
            self.loss
            if weights is None
            else weighted(self.loss, weights, training["label_smoothing"], problem.outputs(training["loss"]))
        )
        self.source = self.laid_out(problem, "train", training["label_smoothing"])
        self.rows = len(self.source)
        self.batch = batch_rows(settings, self.rows)
        self.updates = -(-self.rows // self.batch)
        self.total = self.updates * training["epochs"]
        self.weights = self.architecture.views(cohort.parameters)
        self.rules = segments(["/".join(rule_key(m.settings)) for m in cohort.members])
        self.orders = [m.order for m in cohort.members]
        if len(set(self.orders)) == 1:
            self.orders = self.orders[:1]
        self._measuring: dict[int, Network] = {}
        self._coming: _Coming | None = None

    def laid_out(self, problem: Problem, part: str, label_smoothing: float = 0.0) -> Rows:
        """The part `part` of `problem` as the networks read it."""
        settings = self.cohort.members[0].settings
        outputs = problem.outputs(settings.training["loss"])
        return laid_out(family_of(settings), problem, part, outputs, settings.training["dtype"], label_smoothing)

    @cached_property
    def gradient(self) -> Floats:
        """The gradient (K, P) of the loss."""
        return np.zeros_like(self.cohort.parameters)

    @cached_property
    def gradient_views(self) -> Views:
        """The gradient as a network fills it."""
        return self.architecture.views(self.gradient)

    @cached_property
    def scratch(self) -> Floats:
        """Room (2, K, P) for the update rules."""
        return np.empty((2, *self.cohort.parameters.shape), self.dtype)

    @cached_property
    def batches(self) -> dict[int, _Batch]:
        """The buffers for a batch by its rows; the last of an epoch may have fewer."""
        sizes = {self.batch, self.rows - (self.updates - 1) * self.batch}
        return {size: _Batch(self, size) for size in sizes}

    def network(self, rows: int, *, train: bool) -> Network:
        """Buffers for batches of `rows` rows."""
        models = [m.settings.model for m in self.cohort.members]
        return self.architecture.network(models, rows, self.dtype, self.source if train else None, len(self.orders))

    def measuring(self, rows: int) -> Network:
        """Buffers to measure `rows` rows at once, which stay for the next epoch."""
        if rows not in self._measuring:
            self._measuring[rows] = self.network(rows, train=False)
        return self._measuring[rows]

    def remember(self, better: NDArray[np.bool_]) -> None:
        """Puts the parameters of the members that are `better` (K,) than ever in the place of their best ones."""
        self.cohort.best_parameters[better] = self.cohort.parameters[better]

    def epoch(self, *, norms: bool) -> tuple[Doubles, Doubles, Doubles]:
        """One epoch: the row-weighted mean training loss, the last learning rate and the last gradient's norm, (K,) each.

        norms: whether the norm is wanted although no member clips by it; else it may be nan.
        """
        ((_, rate, norm),) = deque(self.steps(norms=norms), maxlen=1)
        losses = np.zeros(self.members)
        for batch in self.batches.values():
            losses += batch.take_losses()
        return losses / self.rows, rate, norm

    def steps(self, *, norms: bool) -> Iterator[tuple[Floats, Doubles, Doubles]]:
        """The updates of one epoch; after each the losses (K, B) of its rows, the learning rate (K,), the norm (K,).

        The losses are in an array that a later update fills again.
        """
        cohort = self.cohort
        clip = _limits(cohort, "clip_norm"), _limits(cohort, "clip_value")
        norms = norms or clip[0] is not None
        order = self._order()
        draws = any(batch.network.random for batch in self.batches.values())
        streams = [generator("dropout", *m.initial, cohort.epoch) for m in cohort.members] if draws else []
        norm = np.full(self.members, np.nan)
        for update in range(self.updates):
            done = cohort.step + update
            coming = self._coming_after(done)
            batch = self.batches[min(self.batch, self.rows - update * self.batch)]
            batch.forward_backward(order[:, update * self.batch : update * self.batch + batch.rows], streams)
            if norms:
                norm = self._norms()
            self._clip(norm, *clip)
            for rule in coming.rules:
                next(rule)
            yield batch.network.outputs.losses, coming.rates[done - coming.done, :, 0], norm

    def _order(self) -> NDArray[np.intp]:
        """The order of the rows (1 or K, n) in this epoch; with full batches there is none."""
        if self.batch == self.rows:
            return np.arange(self.rows)[None]
        shuffle = _cached_order if self.rows <= _CACHED_ROWS else _new_order
        return np.stack([shuffle(order, self.cohort.epoch, self.rows) for order in self.orders])

    def _coming_after(self, done: int) -> _Coming:
        """The updates that follow the first `done`, which are computed when those before are used up."""
        coming = self._coming
        if coming is None or done >= coming.done + len(coming.rates):
            # The first epoch may be the last that this stack trains; a sweep of learning rates goes on beyond the total.
            most = self.updates if coming is None else max(self.total - done, self.updates)
            rates = self._rates(done, min(most, _UPDATES_AHEAD))
            coming = self._coming = _Coming(done, rates, list(self._updates(done, rates)))
        return coming

    def _rates(self, done: int, ahead: int) -> Doubles:
        """Learning rates (T, K, 1) of the next `ahead` updates."""
        steps = np.arange(done, done + ahead, dtype=np.float64)
        members = [m.settings for m in self.cohort.members]
        columns = [
            rates(
                s.optimizer["learning_rate"], s.optimizer["decay"], s.training["schedule"], steps, self.total, self.updates
            )
            for s in members
        ]
        return np.stack(columns, axis=1)[:, :, None]

    def _updates(self, done: int, rate: Doubles) -> Iterator[Iterator[None]]:
        """The update rules of the next updates, one for each segment of members that share one."""
        steps = np.arange(done + 1, done + 1 + len(rate), dtype=np.float64)[:, None, None]
        cohort = self.cohort
        for segment in self.rules:
            row = optimizer_row(cohort.members[segment.start].settings)
            for piece in _pieces(segment.start, segment.stop, self.architecture.size):
                members = piece[0]
                values = {
                    h.name: _column(h, [m.settings.optimizer[h.name] for m in cohort.members[members]])
                    for h in row.hyperparameters
                    if h.name not in ("learning_rate", "decay")
                }
                slots = {name: slot[piece] for name, slot in zip(row.state, cohort.slots, strict=False)}
                # A member's numbers change once an update, however many pieces its parameters are in.
                numbers = {
                    name: slot[members].copy() if piece[1].start else slot[members]
                    for name, slot in zip(row.numbers, cohort.numbers, strict=False)
                }
                yield row.function(
                    cohort.parameters[piece],
                    self.gradient[piece],
                    slots | numbers,
                    tuple(array[piece] for array in self.scratch[: row.scratch]),
                    steps,
                    learning_rate=rate[:, members],
                    **values,
                )

    def _norms(self) -> Doubles:
        """The Euclidean norm of each member's gradient, (K,)."""
        np.multiply(self.gradient, self.gradient, out=self.scratch[0])
        return np.asarray(np.sqrt(np.add.reduce(self.scratch[0], axis=1)), dtype=np.float64)

    def _clip(self, norms: Doubles, norm_limits: Doubles | None, value_limits: Doubles | None) -> None:
        if norm_limits is not None:
            shares = np.minimum(1, norm_limits / np.maximum(norms, np.finfo(np.float64).tiny))
            # A norm can overflow where the gradient has not: a member without a limit keeps what it would have alone.
            shares[np.isinf(norm_limits)] = 1
            self.gradient *= shares[:, None].astype(self.dtype)
        if value_limits is not None:
            reach = value_limits[:, None].astype(self.dtype)
            np.clip(self.gradient, -reach, reach, out=self.gradient)


class _Batch:
    """The network for batches of one size, and the losses of the rows that it has trained on.

    It holds no reference to its stack: a cycle would keep the memory of both until Python's collector of cycles runs.
    """

    def __init__(self, stack: Stack, rows: int) -> None:
        self.rows = rows
        self.network = stack.network(rows, train=True)
        self._weights, self._gradients, self._loss = stack.weights, stack.gradient_views, stack.training_loss
        self._losses = np.zeros((stack.members, rows))

    def forward_backward(self, order: NDArray[np.intp], streams: Streams) -> None:
        """Fills the stack's gradient with that of the rows at `order` (1 or K, rows)."""
        self.network.forward_backward(self._weights, self._gradients, order, self._loss, streams)
        # The sum over the rows is left to `take_losses`: it takes longer than to add arrays.
        self._losses += self.network.outputs.losses

    def take_losses(self) -> Doubles:
        """The sum (K,) of the losses of all rows since the last call."""
        total = np.add.reduce(self._losses, axis=1)
        self._losses.fill(0)
        return np.asarray(total)


def _new_order(order: tuple[int, ...], epoch: int, rows: int) -> NDArray[np.intp]:
    """The order of `rows` rows in `epoch`."""
    return generator("order", *order, epoch).permutation(rows)


_cached_order = lru_cache(maxsize=256)(_new_order)


def bound(entry: LossEntry, chosen: Mapping[str, Any] | None) -> Callable[..., None]:
    """The function of `entry` with the hyperparameters that `chosen` gives it."""
    return partial(entry.function, **{**entry.defaults(), **{k: v for k, v in (chosen or {}).items() if k != "type"}})


def _pieces(start: int, stop: int, parameters: int) -> Iterator[tuple[slice, slice]]:
    """Members `start:stop` and their parameters in pieces that stay in cache over the passes of an update rule."""
    members, width = max(_PIECE // parameters, 1), min(_PIECE, parameters)
    for first in range(start, stop, members):
        for column in range(0, parameters, width):
            yield slice(first, min(first + members, stop)), slice(column, column + width)


def _limits(cohort: Cohort, name: str) -> Doubles | None:
    """The limit `name` of each member, inf where it has none; None where no member has one."""
    limits = [m.settings.training[name] for m in cohort.members]
    return None if all(v is None for v in limits) else np.array([np.inf if v is None else v for v in limits])


def _column(row: Hyperparameter, values: Sequence[Any]) -> Any:
    """The members' values of one hyperparameter as its rule reads them: (K, 1), a tuple of them for a list, or the one value."""
    if row.scope == "stack":
        return values[0]
    if row.length is not None:
        return tuple(np.array(column, dtype=np.float64)[:, None] for column in zip(*values, strict=True))
    return np.array(values, dtype=np.float64)[:, None]
