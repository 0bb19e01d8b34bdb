"""Figures as plain data, for pages that can show pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hpt.view.curves import Series
from hpt.view.page import Block


@dataclass(frozen=True, slots=True)
class Points:
    """Points of one kind. texts: what each says when it is pointed at; none where there are none."""

    label: str
    xs: Sequence[float]
    ys: Sequence[float]
    texts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Scatter:
    """Points over two axes, a line of steps where there is one, and a straight one beside which they are read: a guide.

    log_x, log_y: whether an axis is logarithmic; None where its positive values span more than two decades.
    x_ticks: names of whole numbers on the x axis, where it has no scale but places. x_marks: places on it and what stands there,
        where its scale is its own. colours: of each of `points`, by its number; from 0 on where there are none.
    """

    points: Sequence[Points]
    x_name: str
    y_name: str
    log_x: bool | None = False
    log_y: bool | None = None
    x_ticks: Sequence[str] = ()
    x_marks: Sequence[tuple[float, str]] = ()
    colours: Sequence[int] = ()
    steps: Series | None = None
    guide: Series | None = None


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves over two axes. bands: below and above each series, where there is an interval. colours: as in `Scatter`."""

    series: Sequence[Series]
    x_name: str
    y_name: str
    log_x: bool | None = False
    log_y: bool | None = None
    bands: Sequence[tuple[Sequence[float], Sequence[float]]] = ()
    colours: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Intervals:
    """A value a label, with the ends of its interval; from a line at `origin`, where there is one. bars: drawn as bars from 0."""

    labels: Sequence[str]
    values: Sequence[float]
    intervals: Sequence[tuple[float, float] | None]
    x_name: str
    origin: float | None = None
    bars: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of parallel coordinates. places: of each line, 0 to 1, None where it has none. ticks: place and text."""

    label: str
    places: Sequence[float | None]
    ticks: Sequence[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Parallel:
    """A line for each trial through all axes. shares: of each line, 0 the best and 1 the worst, which colours it."""

    axes: Sequence[Axis]
    shares: Sequence[float]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Counts by the class that is true (rows) and the class that was predicted (columns)."""

    labels: Sequence[str]
    counts: Sequence[Sequence[int]]


Figure = Scatter | Plot | Intervals | Parallel | Matrix


@dataclass(frozen=True, slots=True)
class Captioned:
    """A figure, its title, and a sentence that says how to read it. wide: takes the whole width of the page."""

    title: str
    figure: Figure
    caption: str = ""
    wide: bool = False


Part = Block | Captioned
"""What a chapter is made of."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a report under one heading: blocks and figures in the order in which they are read."""

    title: str
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report. findings: what was found, in sentences."""

    title: str
    findings: Sequence[Block]
    chapters: Sequence[Chapter]
