"""Numbers that are not finite are None in every record and document: JSON has no word for them."""

from __future__ import annotations

import math
from collections.abc import Sequence


def finite(value: float | None) -> float | None:
    """`value`, None where it is not finite."""
    return value if value is not None and math.isfinite(value) else None


def all_finite(values: Sequence[float]) -> tuple[float | None, ...]:
    """`values` with None in the place of each that is not finite."""
    # Most histories are, as a whole; and there are many.
    return tuple(values) if all(map(math.isfinite, values)) else tuple(map(finite, values))
