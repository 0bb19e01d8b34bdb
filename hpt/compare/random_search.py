"""The random search of one study, and the position of a value in its range."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from hpt.configuration.space import BRANCH, Coordinates, SearchSpace
from hpt.foundation.catalogue import Range
from hpt.foundation.dimension import Dimension
from hpt.foundation.randomness import generator


def random_settings(space: SearchSpace, label: str, trials: int, seed: int, study: int) -> list[Coordinates]:
    """`trials` independent random settings of the branch `label`.

    The branch's own hyperparameters come from a random stream of its label, so that one optimizer under two labels gets two
    independent searches. A hyperparameter outside `choose` has a stream of its path: its values are the same for every branch.
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
    scale = search.scaling
    first, last = scale.ends(search.min, search.max)
    if search.integer:
        # Each integer owns the half on either side of it, so the ends are as likely as the others.
        low, high = scale.level(search.min - 0.5), scale.level(search.max + 0.5)
        return min(max(round(scale.coordinate(low + position * (high - low))), first), last)
    low, high = scale.level(search.min), scale.level(search.max)
    return min(max(scale.coordinate(low + position * (high - low)), first), last)


def position_of(search: Range, value: float) -> float:
    """The position of `value` in the range, on its scale: 0 is `min`, 1 is `max`."""
    level = search.scaling.level
    low, high = level(search.min), level(search.max)
    return (level(value) - low) / (high - low)


def outer_chance(dimension: Dimension, share: float) -> float:
    """The probability that a random value lies in the outer `share` at one end of the range; with few steps it exceeds `share`."""
    search = dimension.search
    assert isinstance(search, Range)
    if search.step is not None:
        return search.scaling.end_chance(0, dimension.count() - 1, share)
    return search.scaling.end_chance(int(search.min), int(search.max), share) if search.integer else share
