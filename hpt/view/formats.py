"""How numbers, constants, metrics and times are spelled, in this one place."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hpt.view.text import MISSING, plain

VALUE_DIGITS = 4
PARAMETER_DIGITS = 3
ESTIMATE_DIGITS = 2
# Below 1e-4 and from 1e7 on a number is easier to read as 3.2e-5.
_FIXED_EXPONENTS = range(-4, 7)
_MOST_DECIMALS = 7
# Of the ends of an interval.
_MOST_DIGITS = 6


def number(value: float | None, digits: int = VALUE_DIGITS) -> str:
    """`value` with `digits` significant digits: 0.0812, 0.9993, 3.2e-5. Integers keep all of theirs; None is a dash.

    Just below 1 it is the distance to 1 that is significant (0.99996 is no 1.000): that gets two digits.
    """
    if value is None:
        return MISSING
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    if int(exponent) not in _FIXED_EXPONENTS:
        return f"{mantissa}e{int(exponent)}"
    decimals = max(0, digits - 1 - int(exponent))
    if 0.9 <= abs(value) < 1:
        decimals = max(decimals, min(_MOST_DECIMALS, 1 - math.floor(math.log10(1 - abs(value)))))
    return f"{value:.{decimals}f}"


def with_error(value: float | None, error: float | None) -> str:
    """`value`, and its standard error where there is one: 0.0812 ± 0.0034."""
    return number(value) if error is None else f"{number(value)} ± {number(error, ESTIMATE_DIGITS)}"


def literal(value: Any, digits: int = PARAMETER_DIGITS) -> str:
    """A constant as YAML spells it, `[64, 32]` or `true`; floats by `digits` significant digits, no trailing zeros."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        mantissa, mark, exponent = number(value, digits).partition("e")
        return (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + mark + exponent
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{plain(key)}: {literal(item, digits)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(literal(item, digits) for item in value) + "]"
    return plain(value)


def duration(seconds: float) -> str:
    """A span of time in its two largest units: 6.1s, 42s, 1m 20s, 2h 05m."""
    if seconds < 9.95:
        return f"{seconds:.1f}".removesuffix(".0") + "s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02}s"
    return f"{whole // 3600}h {whole % 3600 // 60:02}m"


def metric_name(metric: str) -> str:
    """`test_loss` as a reader says it: test loss."""
    return metric.replace("_", " ")


def interval(bounds: tuple[float, float]) -> str:
    """`0.10 to 0.30`: both ends are spelled as finely as their distance is worth."""
    width = bounds[1] - bounds[0]
    first = math.floor(math.log10(width)) if width > 0 and math.isfinite(width) else None

    def end(value: float) -> str:
        if first is None or value == 0:
            return number(value, ESTIMATE_DIGITS)
        needed = math.floor(math.log10(abs(value))) - first + ESTIMATE_DIGITS
        return number(value, min(max(needed, 1), _MOST_DIGITS))

    return f"{end(bounds[0])} to {end(bounds[1])}"


def difference(value: float) -> str:
    """A difference, with its sign."""
    return f"{'+' if value > 0 else ''}{number(value, ESTIMATE_DIGITS)}"


def percentage(share: float) -> str:
    """A share of 1 in whole percent."""
    return f"{share:.0%}"


def p_value(p: float | None) -> str:
    """A probability as papers print it: .004, < .001."""
    if p is None:
        return MISSING
    if p < 0.001:
        return "< .001"
    return f"{p:.3f}".removeprefix("0") if p < 1 else "1"
