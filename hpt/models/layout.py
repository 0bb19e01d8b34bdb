"""How the parameters of one member stand in its row of the flat (K, P) array."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from hpt.numerics.initializers import Draw
from hpt.numerics.types import Doubles, Floats


@dataclass(frozen=True, slots=True)
class Block:
    """The weights and biases of one layer: (out, in + 1), the bias last.

    A layer whose input ends in a row of ones needs no other sum for its bias; and (out, in) before a (in, rows) batch is the
    product order that BLAS runs fastest at these sizes.
    """

    name: str
    fan_in: int
    fan_out: int

    @property
    def shape(self) -> tuple[int, int]:
        return (self.fan_out, self.fan_in + 1)

    @property
    def size(self) -> int:
        return self.fan_out * (self.fan_in + 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """The blocks that make a member's parameters, one after the other. A block may serve several layers."""

    blocks: tuple[Block, ...]

    @property
    def size(self) -> int:
        """P, the number of parameters of one member."""
        return sum(block.size for block in self.blocks)

    def views(self, flat: Floats) -> list[Floats]:
        """The blocks (K, out, in + 1) as views into `flat` (K, P)."""
        return [flat[:, at].reshape(len(flat), *block.shape) for block, at in self._places()]

    def initial(self, random: np.random.Generator, draw: Draw) -> Doubles:
        """Parameters (P,) whose weights `draw` gives, block by block, and whose biases are 0."""
        flat = np.zeros((1, self.size))
        for block, view in zip(self.blocks, self.views(flat), strict=True):
            view[0, :, :-1] = draw(random, block.fan_in, block.fan_out)
        return np.asarray(flat[0])

    def named(self, flat: Floats) -> dict[str, Floats]:
        """Copies of one member's parameters (P,): for each block `NAME.weight` (in, out) and `NAME.bias` (out,)."""
        arrays: dict[str, Floats] = {}
        for block, view in zip(self.blocks, self.views(flat[None]), strict=True):
            arrays[f"{block.name}.weight"] = np.ascontiguousarray(view[0, :, :-1].T)
            arrays[f"{block.name}.bias"] = view[0, :, -1].copy()
        return arrays

    def flat(self, named: Mapping[str, Floats]) -> Floats:
        """The parameters (P,) of which `named` gives that. Raises KeyError where an array is missing."""
        blocks = [
            np.concatenate([named[f"{block.name}.weight"].T, named[f"{block.name}.bias"][:, None]], axis=1).ravel()
            for block in self.blocks
        ]
        return np.concatenate(blocks)

    def _places(self) -> Iterator[tuple[Block, slice]]:
        start = 0
        for block in self.blocks:
            yield block, slice(start, start + block.size)
            start += block.size
