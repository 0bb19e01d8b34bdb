"""What a model family is: the one place that knows what a model is made of.

A family says what a model is for given inputs, outputs and hyperparameters; an architecture says what its parameters are
and what it costs; a network holds the buffers and computes. Training, packing and records know these protocols only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hpt.data.dataset import Shape
from hpt.foundation.catalogue import Entry
from hpt.models.outputs import Outputs
from hpt.numerics.types import Doubles, Floats

Hyperparameters = Mapping[str, Any]
"""Those of one member's model, as `Settings.model` holds them."""
Views = Any
"""A flat array (K, P) as the networks of one architecture read it; what `Architecture.views` gives."""
Streams = Sequence[np.random.Generator]
"""The random numbers of each member, drawn by nobody else during an epoch."""


class Rows(Protocol):
    """The rows of one part of a split in the form in which the family gathers batches of them.

    targets: (C, n) in the stack's dtype, one-hot (or smoothed) for classification.
    """

    @property
    def targets(self) -> Floats: ...
    def __len__(self) -> int: ...


class Network(Protocol):
    """The buffers of K members for batches of B rows. Nothing of their size is allocated after it is made.

    A member's numbers are the same bits in any company: no sum runs over members. Whether they are worked through all at once or
    a few after the other, in buffers that they share, is the family's affair; no number may depend on it.

    outputs: what the last pass gave; (K, C, B) values and (K, B) losses.
    random: whether training draws from the members' streams.
    """

    outputs: Outputs
    random: bool

    def forward_backward(
        self, weights: Views, gradients: Views, order: NDArray[np.intp], loss: Callable[..., None], streams: Streams
    ) -> None:
        """Trains on the rows at `order` (1 or K, B) of the source: fills `gradients`, and `outputs` with the losses.

        Only for a network that was made with a source. streams: empty where it is not `random`.
        """

    def forward(self, weights: Views, rows: Any, chunk: slice) -> None:
        """Fills `outputs` with the values for the B rows `chunk` of `rows`, as `Family.lay_out` gave them; draws nothing."""


class Architecture(Protocol):
    """A model without its weights. Compares by value: members of equal architectures can share a stack.

    size: P, the parameters of a member. values, operations: for one row of training, the numbers that a member computes
    and keeps, and its floating-point operations; what it costs is estimated from them.
    """

    @property
    def size(self) -> int: ...
    @property
    def values(self) -> int: ...
    @property
    def operations(self) -> int: ...
    def __hash__(self) -> int: ...

    def initial(self, random: np.random.Generator, model: Hyperparameters) -> Doubles:
        """The parameters (P,) with which a member starts. The draws do not depend on the stack's dtype."""

    def entries(self, models: Sequence[Hyperparameters], rows: int, *, train: bool) -> int:
        """How many numbers of the stack's dtype the buffers of a network for batches of `rows` rows hold, divided by its members.

        models: one for each member.
        """

    def views(self, flat: Floats) -> Views:
        """`flat` (K, P), parameters or a gradient, as the networks read or fill it: views, no copies."""

    def network(
        self, models: Sequence[Hyperparameters], rows: int, dtype: np.dtype[Any], source: Any = None, orders: int = 1
    ) -> Network:
        """Buffers for the members of a stack, one of `models` each, and batches of `rows` rows.

        source: what to train on, as `Family.lay_out` gave it; None for a network that only measures.
        orders: 1 where all members see the same batches, else one for each.
        """

    def named(self, flat: Floats) -> dict[str, Floats]:
        """Copies of one member's parameters (P,) by name."""

    def flat(self, named: Mapping[str, Floats]) -> Floats:
        """The parameters (P,) of which `named` gives that. Raises KeyError where an array is missing."""


class Family(Protocol):
    """What a row of `MODELS` holds. It is stateless, and hashable."""

    def __hash__(self) -> int: ...

    def architecture(self, inputs: tuple[Shape, ...], outputs: int, model: Hyperparameters) -> Architecture:
        """The model for inputs of these shapes, which stand in a row one after the other, and so many outputs."""

    def place(self, model: Hyperparameters) -> tuple[Any, ...]:
        """What members must share to be neighbours in a stack; it sorts. The family may work on neighbours at once."""

    def lay_out(self, inputs: Doubles, targets: Doubles, dtype: np.dtype[Any]) -> Rows:
        """`inputs` (n, D) and `targets` (n, C) in the form in which networks of this family gather batches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry(Entry):
    """A model that a user can name."""

    family: Family
