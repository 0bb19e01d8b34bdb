"""The array types of the training core."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
"""Numbers of a stack, in its dtype."""
Doubles = NDArray[np.float64]
"""Hyperparameters and what is computed from them before it meets the stack."""
Integers = NDArray[np.integer[Any]]
State = Mapping[str, Floats]
"""The slots of an optimizer by name: (K, P) in the stack's dtype, or (K, 1) in float64 for a slot of one number a member."""

Task = Literal["classification", "regression"]


class Rule(Protocol):
    """An update rule: a generator that changes `parameters` and `state` in place at each `next`, and nothing else.

    parameters, gradients: (K, P); the caller refills `gradients` before each `next`.
    scratch: arrays like `parameters`, as many as the row asks for; their contents are the rule's to overwrite.
    steps: (T, 1, 1) float64, the numbers of the T updates to come, the first update of a run being 1.
    hyperparameters: keyword-only, those of the rule's own row; `learning_rate` (T, K, 1) float64, decay and schedule
        included; numbers (K, 1) float64, lists of them as tuples; booleans and choices plain values, which are the same
        for the whole stack.
    """

    def __call__(
        self,
        parameters: Floats,
        gradients: Floats,
        state: State,
        scratch: tuple[Floats, ...],
        steps: Doubles,
        /,
        # Two open ends say that a rule has keywords of its own.
        *none: Any,
        **hyperparameters: Any,
    ) -> Iterator[None]: ...
