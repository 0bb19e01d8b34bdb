"""Each kind of figure as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import singledispatch
from itertools import pairwise

from hpt.figures.figure import Figure, Intervals, Matrix, Parallel, Plot, Points, Scatter
from hpt.report import svg
from hpt.report.axes import Axis, axis, limits
from hpt.view.curves import Series

# A figure of more points is drawn in a fraction of the bytes, without what each says when it is pointed at.
MOST_TEXTS = 400
_ROW = 24
_TALL = 340


@singledispatch
def drawn(figure: Figure, title: str, width: int) -> str:
    """`figure` as HTML: a picture `width` units wide, with a legend below it where one is needed."""
    raise TypeError(f"no drawing of {type(figure).__name__}")


@drawn.register
def _(figure: Scatter, title: str, width: int) -> str:
    xs = [x for points in figure.points for x in points.xs]
    ys = [y for points in figure.points for y in points.ys]
    across = axis(
        [-0.5, len(figure.x_ticks) - 0.5] if figure.x_ticks else [*xs, *(place for place, _ in figure.x_marks)],
        svg.LEFT,
        width - svg.RIGHT,
        log=False if figure.x_ticks else figure.log_x,
    )
    low, high = limits(ys)
    up = axis([y for y in ys if low <= y <= high], svg.HEIGHT - svg.BOTTOM, svg.TOP, log=figure.log_y)
    beyond = sum(math.isfinite(y) and not low <= y <= high for y in ys)
    parts = svg.frame(None if figure.x_ticks else across, up, figure.x_name, figure.y_name, width, figure.x_marks)
    room = (width - svg.LEFT - svg.RIGHT) / max(1, len(figure.x_ticks))
    for index, text in enumerate(figure.x_ticks):
        parts.append(svg.label(across.at(index), svg.HEIGHT - svg.BOTTOM + 16, svg.cut(text, room)))
    colours = _colours(figure.colours, len(figure.points))
    parts += [_dots(points, across, up, colour) for points, colour in zip(figure.points, colours, strict=True)]
    if figure.guide is not None:
        ends = zip(figure.guide.xs, figure.guide.ys, strict=True)
        parts.append(svg.path([(across.at(x), up.at(y)) for x, y in ends if y is not None], "origin"))
    if figure.steps is not None:
        parts.append(svg.path(_steps(figure.steps, across, up), "best"))
    kinds = [f"dot c{colour % svg.COLOURS}" for colour in colours]
    note = f'<p class="note">{beyond} far beyond the others: drawn at the edge.</p>' if beyond else ""
    return svg.drawing(title, parts, width) + svg.legend([points.label for points in figure.points], kinds) + note


@drawn.register
def _(figure: Plot, title: str, width: int) -> str:
    labels = [series.label for series in figure.series]
    return svg.drawing(title, plot_parts(figure, width), width) + svg.legend(labels, stroke_kinds(figure))


@drawn.register
def _(figure: Intervals, title: str, width: int) -> str:
    left = min(width // 2.5, max(60, *(7 * len(text) for text in figure.labels), 0) + 10)
    height = svg.TOP + _ROW * len(figure.labels) + svg.BOTTOM
    ends = [end for interval in figure.intervals if interval for end in interval]
    origin = [0.0] if figure.bars else [figure.origin] if figure.origin is not None else []
    across = axis([*figure.values, *ends, *origin], left, width - svg.RIGHT, log=False)
    bottom = height - svg.BOTTOM
    parts = [svg.line(left, bottom, width - svg.RIGHT, bottom, "axis")]
    for value, text in across.ticks():
        parts += [
            svg.line(across.at(value), svg.TOP, across.at(value), bottom, "grid"),
            svg.label(across.at(value), bottom + 16, text),
        ]
    if figure.origin is not None:
        parts.append(svg.line(across.at(figure.origin), svg.TOP, across.at(figure.origin), bottom, "origin"))
    rows = zip(figure.labels, figure.values, figure.intervals, strict=True)
    for index, (text, value, interval) in enumerate(rows):
        y = svg.TOP + _ROW * (index + 0.5)
        parts.append(svg.label(left - 6, y + 4, svg.cut(text, left - 10), anchor="end"))
        if figure.bars:
            start, end = sorted((across.at(0.0), across.at(value)))
            parts.append(svg.element("rect", x=start, y=y - 7, width=max(1.0, end - start), height=14, class_="bar c0"))
        if interval is not None:
            parts.append(svg.line(across.at(interval[0]), y, across.at(interval[1]), y, "whisker"))
        if not figure.bars:
            parts.append(svg.dots([(across.at(value), y)], "dot c0 large"))
    parts.append(svg.label((left + width - svg.RIGHT) / 2, height - 6, figure.x_name, kind="name"))
    return svg.drawing(title, parts, width, height)


@drawn.register
def _(figure: Parallel, title: str, width: int) -> str:
    gap = (width - 140) / max(1, len(figure.axes) - 1)
    columns = [70 + gap * index for index in range(len(figure.axes))]
    top, bottom = 40, _TALL - 20

    def height(place: float) -> float:
        return bottom + (top - bottom) * place

    parts = []
    # The best lie on top.
    for index in sorted(range(len(figure.shares)), key=lambda at: -figure.shares[at]):
        places = [(x, a.places[index]) for x, a in zip(columns, figure.axes, strict=True)]
        points = [None if place is None else (x, height(place)) for x, place in places]
        # A branch without an axis goes past it: its line joins what it has.
        known = [point for point in points if point is not None]
        if len(known) > 1:
            parts.append(svg.path(known, f"trial q{min(9, int(figure.shares[index] * 10))}"))
    for x, a in zip(columns, figure.axes, strict=True):
        parts.append(svg.line(x, top, x, bottom, "axis strong"))
        parts.append(svg.label(x, 18, svg.cut(a.label, gap), kind="name"))
        parts += [
            svg.label(x + 5, height(place) + 4, svg.cut(text, gap - 10), anchor="start", kind="tick over")
            for place, text in a.ticks
        ]
    scale = "".join(f'<span class="q{share}"></span>' for share in range(10))
    return svg.drawing(title, parts, width, _TALL) + f'<p class="shades">best {scale} worst</p>'


@drawn.register
def _(figure: Matrix, title: str, width: int) -> str:
    most = max((count for row in figure.counts for count in row), default=0)
    head = "".join(f"<th{svg.whole(name)}>{svg.text_of(name)}</th>" for name in figure.labels)
    rows = []
    for name, counts in zip(figure.labels, figure.counts, strict=True):
        cells = "".join(f'<td class="heat h{math.ceil(9 * count / most) if most else 0}">{count}</td>' for count in counts)
        rows.append(f"<tr><th{svg.whole(name)}>{svg.text_of(name)}</th>{cells}</tr>")
    note = '<p class="note">rows: what is true; columns: what was predicted</p>'
    return f'<div class="scroll"><table class="matrix"><tr><th></th>{head}</tr>{"".join(rows)}</table></div>{note}'


def stroke_kinds(figure: Plot) -> list[str]:
    """How each curve of `figure` is drawn."""
    return [f"curve c{at % svg.COLOURS} d{at // svg.COLOURS % 3}" for at in _colours(figure.colours, len(figure.series))]


def _colours(known: Sequence[int], count: int) -> Sequence[int]:
    """The numbers of `count` colours: `known`, or the first ones."""
    return known or range(count)


def plot_parts(figure: Plot, width: int) -> list[str]:
    """The elements of a picture of curves, `width` units wide, without a legend."""
    across = axis([x for s in figure.series for x in s.xs], svg.LEFT, width - svg.RIGHT, log=figure.log_x)
    values = [y for s in figure.series for y in s.ys] + [end for low, high in figure.bands for end in (*low, *high)]
    up = axis(values, svg.HEIGHT - svg.BOTTOM, svg.TOP, log=figure.log_y)
    parts = svg.frame(across, up, figure.x_name, figure.y_name, width)
    colours = _colours(figure.colours, len(figure.series))
    for (low, high), series, colour in zip(figure.bands, figure.series, colours, strict=False):
        around = [*zip(series.xs, high, strict=True), *reversed(list(zip(series.xs, low, strict=True)))]
        corners = " ".join(f"{svg.number(across.at(x))},{svg.number(up.at(y))}" for x, y in around if up.scale.shows(y))
        parts.append(svg.element("polygon", points=corners, class_=f"band c{colour % svg.COLOURS}"))
    for series, kind in zip(figure.series, stroke_kinds(figure), strict=True):
        places = [
            (across.at(x), up.at(y)) if y is not None and up.scale.shows(y) and across.scale.shows(x) else None
            for x, y in zip(series.xs, series.ys, strict=False)
        ]
        parts.append(svg.path(places, kind, series.label))
    return parts


def _dots(points: Points, across: Axis, up: Axis, colour: int) -> str:
    shown = [
        (across.at(x), up.at(min(max(y, up.scale.low), up.scale.high)), at)
        for at, (x, y) in enumerate(zip(points.xs, points.ys, strict=True))
        if across.scale.shows(x) and up.scale.shows(y)
    ]
    kind = f"dot c{colour % svg.COLOURS}"
    if not points.texts or len(shown) > MOST_TEXTS:
        return svg.dots([(x, y) for x, y, _ in shown], kind)
    return "".join(
        svg.element(
            "path", svg.element("title", svg.text_of(points.texts[at])), d=f"M{svg.number(x)} {svg.number(y)}h0", class_=kind
        )
        for x, y, at in shown
    )


def _steps(series: Series, across: Axis, up: Axis) -> list[tuple[float, float] | None]:
    """The line of steps through a series: level until it changes."""
    shown = [(x, y) for x, y in zip(series.xs, series.ys, strict=True) if y is not None and up.scale.shows(y)]
    known = [(x, min(max(y, up.scale.low), up.scale.high)) for x, y in shown]
    corners: list[tuple[float, float] | None] = []
    for (x, y), (following, _) in pairwise([*known, known[-1]] if known else []):
        corners += [(across.at(x), up.at(y)), (across.at(following), up.at(y))]
    return corners
