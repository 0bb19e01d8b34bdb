"""What the rows and the rules of several optimizers share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

import numpy as np

from hpt.foundation.catalogue import Hyperparameter, Range
from hpt.numerics.types import Doubles, Floats

DECAY = Hyperparameter(
    "decay",
    "float",
    1.0,
    "learning rate x decay after every update; the first update uses the learning rate as given",
    low=0,
    open_low=True,
    high=1,
    aliases=("lr_decay", "learning_rate_decay"),
)


def learning_rate(default: float, low: float, high: float) -> Hyperparameter:
    """The row of `learning_rate` with its default search from `low` to `high`, log-uniform."""
    return Hyperparameter(
        "learning_rate",
        "float",
        default,
        "step size",
        low=0,
        search=Range(low, high, "log"),
        aliases=("lr", "alpha", "step_size", "eta"),
    )


def epsilon(
    default: float, search: Range | None = None, note: str = "added to the root in the denominator"
) -> Hyperparameter:
    """The row of `eps`, which is outside the root unless `note` says otherwise."""
    return Hyperparameter("eps", "float", default, note, low=0, search=search, aliases=("epsilon",))


def mean_decay(default: float, search: Range) -> Hyperparameter:
    """The row of `rho`, for rules that keep one moving mean of the squared gradient."""
    return Hyperparameter(
        "rho",
        "float",
        default,
        "decay of the mean of the squared gradient",
        low=0,
        high=1,
        open_high=True,
        search=search,
        aliases=("alpha", "discounting_factor"),
    )


EPS_ROOT = Hyperparameter("eps_root", "float", 0.0, "added to the mean square inside the root", low=0)
WEIGHT_DECAY = Hyperparameter(
    "weight_decay",
    "float",
    0.0,
    "L2 penalty: weight_decay x parameters is added to the gradient",
    low=0,
    aliases=("wd", "l2"),
)
DECOUPLED_WEIGHT_DECAY = Hyperparameter(
    "weight_decay",
    "float",
    0.01,
    "parameters shrink by the share learning_rate x weight_decay at each update, apart from the gradient",
    low=0,
    search=Range(1e-4, 1.0, "log"),
    aliases=("wd",),
)


def decays(second: float, note: str = "decay of the means of the gradient and of its square") -> Hyperparameter:
    """The row of `betas`, (0.9, `second`) by default."""
    return Hyperparameter(
        "betas",
        "float",
        (0.9, second),
        note,
        low=0,
        high=1,
        open_high=True,
        length=2,
        search=(Range(0.5, 0.99, "reverse_log"), Range(0.9, 0.9999, "reverse_log")),
        aliases=("beta", "beta1", "beta2", "beta_1", "beta_2"),
    )


BETAS = decays(0.999)
MOMENT_EPS = epsilon(1e-8, Range(1e-10, 1.0, "log"))


def cast(parameters: Floats, coefficients: Doubles) -> Floats:
    """`coefficients` (K, 1) in the dtype of `parameters`, which the product of the two then has.

    If all members have the same one, the result is that number, of shape (): NumPy multiplies an array by one number faster
    than each of its rows by a number of its own.
    """
    agreed = bool((coefficients == coefficients[:1]).all())
    return np.asarray(coefficients[0, 0] if agreed else coefficients, dtype=parameters.dtype)


def each(parameters: Floats, coefficients: Doubles) -> list[Floats]:
    """`coefficients` (T, K, 1) as an array for each of T updates, in the dtype of `parameters`.

    If in every update all members have the same one, the arrays are numbers, as in `cast`; else they are (K, 1).
    """
    if (coefficients == coefficients[:, :1]).all():
        agreed = coefficients[:, 0, 0].astype(parameters.dtype)
        return [agreed[update, ...] for update in range(len(agreed))]
    return list(coefficients.astype(parameters.dtype))


def powers(base: Doubles, exponents: Doubles) -> Doubles:
    """base ** exponents: (K, 1) and (T, 1 or K, 1) give (T, K, 1).

    The powers of each member are computed in a contiguous array of its own. For other strides NumPy's power takes other code
    paths, whose results differ in the last bits, so a member's would depend on its neighbours. A number that was broadcast
    has the stride 0 and counts as contiguous: hence the copy.
    """
    bases = base[:, 0].tolist()
    columns = np.array(np.broadcast_to(exponents[:, :, 0].T, (len(bases), len(exponents))), order="C")
    return np.stack([np.power(b, column) for b, column in zip(bases, columns, strict=True)], axis=1)[:, :, None]


def penalised(parameters: Floats, gradients: Floats, weight_decay: Doubles, scratch: Floats) -> Iterator[Floats]:
    """The gradient with the L2 penalty added, update by update, each computed in `scratch` when it is asked for.

    The gradient itself where no member has a penalty.
    """
    if not weight_decay.any():
        return repeat(gradients)
    share = cast(parameters, weight_decay)
    return (np.add(np.multiply(parameters, share, out=scratch), gradients, out=scratch) for _ in repeat(None))
