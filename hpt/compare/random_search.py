"""Where in its range a value lies, and random values: the search of one study."""

from __future__ import annotations

import math
from typing import Any
from zlib import crc32

from hpt.configuration.space import BRANCH, Coordinates, Dimension, SearchSpace
from hpt.foundation.catalogue import Range
from hpt.foundation.randomness import generator


def draws(space: SearchSpace, label: str, trials: int, seed: int, study: int) -> list[Coordinates]:
    """`trials` independent settings of the branch `label`.

    What the branch owns is drawn from a stream of its name, so that one optimizer under two names is searched twice. What
    stands outside `choose` is drawn by its own path: the same values for every branch.
    """
    dimensions = space.dimensions(label)
    own = [d for d in dimensions if d.path.startswith(f"{space.prefix(label)}.")]
    table = generator("compare-draws", seed, study, crc32(label.encode())).random((trials, len(own)))
    positions = {d.path: table[:, column] for column, d in enumerate(own)}
    for dimension in dimensions:
        if dimension.path not in positions:
            shared = generator("compare-shared-draws", seed, study, crc32(dimension.path.encode()))
            positions[dimension.path] = shared.random(trials)
    return [
        {BRANCH: label} | {d.path: coordinate(d, float(positions[d.path][trial])) for d in dimensions}
        for trial in range(trials)
    ]


def coordinate(dimension: Dimension, position: float) -> Any:
    """The coordinate at `position`, 0 <= `position` < 1, of the range: uniform positions sample it on its scale."""
    search = dimension.search
    if dimension.countable():
        return dimension.point(int(position * dimension.count()))
    assert isinstance(search, Range)
    if isinstance(search.min, int):
        # Each integer owns the half on either side of it, so the ends are as likely as the others.
        low, high = _scaled(search, search.min - 0.5), _scaled(search, search.max + 0.5)
        return min(max(round(_unscaled(search, low + position * (high - low))), search.min), int(search.max))
    low, high = _scaled(search, search.min), _scaled(search, search.max)
    ends = (1 - search.max, 1 - search.min) if search.scale == "reverse_log" else (search.min, search.max)
    return min(max(_unscaled(search, low + position * (high - low)), ends[0]), ends[1])


def position_of(search: Range, value: float) -> float:
    """Where in the range `value` lies on its scale: 0 is `min`, 1 is `max`."""
    low, high = _scaled(search, search.min), _scaled(search, search.max)
    return (_scaled(search, value) - low) / (high - low)


def outer_chance(dimension: Dimension, share: float) -> float:
    """How likely one draw lies in the outer `share` at an end of the range; with few steps that is more than `share`."""
    search = dimension.search
    assert isinstance(search, Range)
    if search.step is None and not isinstance(search.min, int):
        return share
    count = dimension.count() if search.step is not None else int(search.max - search.min) + 1
    if search.scale == "log":
        first, end = search.min + 0.5, search.max + 0.5
        return max(share, math.log(first / (search.min - 0.5)) / math.log(end / (search.min - 0.5)))
    return (math.floor(share * (count - 1)) + 1) / count


def _scaled(search: Range, value: float) -> float:
    """`value` on an axis along which draws are uniform, growing with it."""
    if search.scale == "log":
        return math.log(value)
    return -math.log1p(-value) if search.scale == "reverse_log" else float(value)


def _unscaled(search: Range, scaled: float) -> float:
    """The coordinate (1 - x where the scale is reverse_log) that `_scaled` puts there."""
    if search.scale == "log":
        return math.exp(scaled)
    return math.exp(-scaled) if search.scale == "reverse_log" else scaled
