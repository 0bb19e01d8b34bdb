"""What makes an optimizer's result doubtful, in words that say what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hpt.compare.diagnosis import OUTER, edges
from hpt.compare.random_search import outer_chance, position_of
from hpt.compare.records import RunRecord
from hpt.compare.verdicts import Ranking
from hpt.configuration.space import SearchSpace
from hpt.configuration.widening import row_of, widened, written
from hpt.foundation.catalogue import Range, Values

_MANY_UPDATES = 2


def edge_warnings(space: SearchSpace, name: str, selected: Sequence[RunRecord]) -> Iterator[str]:
    """A warning for each end of a range at which the selected values of one optimizer crowd, with the range to try."""
    for dimension in space.dimensions(name):
        search = dimension.search
        if not isinstance(search, Range):
            continue
        positions = [position_of(search, record.parameters[dimension.path]) for record in selected]
        for edge in edges(positions, outer_chance(dimension, OUTER)):
            wider = widened(search, edge.end, row_of(space, name, dimension))
            if wider is not None:
                yield (
                    f"{dimension.path}: {edge.count} of {len(selected)} studies selected a value at the {edge.end} end "
                    f"of its range, which may cut off the best. Try {written(wider)}."
                )


def nested_warnings(space: SearchSpace, ranking: Ranking) -> dict[str, list[str]]:
    """By the name of the general branch, a warning where it lost to a special case that its own ranges contain."""
    lost = {(p.a, p.b) if p.verdict == "worse" else (p.b, p.a) for p in ranking.pairs if p.verdict in ("better", "worse")}
    found: dict[str, list[str]] = {}
    for general, special in sorted(lost):
        outer, inner = space.branches[general], space.branches[special]
        if outer != inner and contains(outer, inner):
            text = f"it is worse than {special}, whose settings are among its own: it is under-tuned. Raise --trials."
            found.setdefault(general, []).append(text)
    return found


def contains(outer: Any, inner: Any) -> bool:
    """Whether every setting of the cell `inner` is one of the cell `outer`."""
    if isinstance(outer, Range):
        ends = (inner.min, inner.max) if isinstance(inner, Range) else (inner, inner)
        return all(isinstance(e, (int, float)) and not isinstance(e, bool) and outer.min <= e <= outer.max for e in ends)
    if isinstance(outer, Values):
        return all(value in outer.values for value in (inner.values if isinstance(inner, Values) else (inner,)))
    if isinstance(outer, Mapping):
        return (
            isinstance(inner, Mapping) and outer.keys() == inner.keys() and all(contains(outer[k], inner[k]) for k in outer)
        )
    if isinstance(outer, tuple):
        return isinstance(inner, tuple) and len(outer) == len(inner) and all(map(contains, outer, inner))
    return bool(outer == inner)


def update_warnings(updates: Mapping[str, int]) -> dict[str, list[str]]:
    """By name, a warning where an optimizer makes far fewer updates than another from the same examples."""
    most = max(updates.values(), default=0)
    remark = "the examples are equal, the updates are not"
    return {
        name: [f"it makes {count} updates in the epochs in which others make {most}: {remark}."]
        for name, count in updates.items()
        if count * _MANY_UPDATES < most
    }
