"""Hypothesis strategies made from the rows of the catalogue, so that a new row is drawn without a word here."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from hpt.foundation.catalogue import Hyperparameter
from hpt.numerics.optimizers import OPTIMIZERS


def numbers(row: Hyperparameter) -> st.SearchStrategy[float]:
    """Values of one number of `row` that keep 20 updates far from overflow: its default, and what lies inside its bounds."""
    low = 0.0 if row.low is None else row.low
    high = 0.9 if row.high is not None else 0.5
    inside = st.floats(max(low, 1e-3), high)
    return inside if row.open_low or row.name == "learning_rate" else st.one_of(st.just(low), inside)


def values(row: Hyperparameter) -> st.SearchStrategy[Any]:
    """Values of `row` of any kind that a rule reads."""
    if row.length is not None:
        return st.tuples(*(numbers(row) for _ in row.default))
    if row.kind == "boolean":
        return st.booleans()
    if row.kind == "choice":
        return st.sampled_from(row.choices)
    return numbers(row)


@st.composite
def settings(draw: st.DrawFn, name: str, members: int) -> list[dict[str, Any]]:
    """Hyperparameters of `members` members of optimizer `name`; what the whole stack shares is the same for all."""
    rows = OPTIMIZERS[name].hyperparameters
    shared = {row.name: draw(values(row)) for row in rows if row.scope == "stack"}
    return [
        {row.name: shared[row.name] if row.name in shared else draw(values(row)) for row in rows} for _ in range(members)
    ]
