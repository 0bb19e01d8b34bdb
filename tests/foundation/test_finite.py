"""Numbers for JSON."""

from __future__ import annotations

import math

from hpt.foundation.finite import all_finite, finite


def test_what_is_not_finite_is_none() -> None:
    assert [finite(value) for value in (1.5, -0.0, math.inf, -math.inf, math.nan, None)] == [
        1.5,
        0.0,
        None,
        None,
        None,
        None,
    ]
    assert all_finite([1.0, 2.0]) == (1.0, 2.0)
    assert all_finite([1.0, math.nan, -math.inf, 2.0]) == (1.0, None, None, 2.0)
    assert all_finite([]) == ()
