"""Curves drawn in text: charts of braille dots, and sparklines of one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from hpt.terminal.fitted_text import clean, cut
from hpt.view.curves import Scale, Series
from hpt.view.formats import literal, number
from hpt.view.page import Chart, Sparklines
from hpt.view.text import plain

SPARKS = "▁▂▃▄▅▆▇█"
_LEAST_SPARKS = 8
_WIDEST_SPARKLINES = 100

# The bits of the eight dots of a braille character (Unicode, U+2800), by row and column.
_BRAILLE = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_CELL_WIDTH, _CELL_HEIGHT = 2, 4

# Dots drawn of each so many along a line, and its style: series differ without colour too.
# Colours as those of `styles`.
_STROKES = (
    (1, 1, "turquoise4"),
    (1, 3, "magenta3"),
    (3, 6, "royal_blue1"),
    (1, 5, "indian_red"),
    (1, 1, "green4"),
    (1, 3, "medium_orchid"),
    (3, 6, "red3"),
    (1, 5, "grey46"),
)


def sparkline(values: Sequence[float | None], width: int) -> str:
    """`values` as at most `width` block characters, the lowest as the lowest block; blanks for gaps.

    Where there are more values than characters, each shows the last value of its share. Log scale over more than two
    decades, as `logarithmic` says.
    """
    count = min(width, len(values))
    shown = [values[(index + 1) * len(values) // count - 1] for index in range(count)]
    scale = Scale.over(shown, log=logarithmic(values))
    return "".join(
        SPARKS[round(scale.share(value) * (len(SPARKS) - 1))] if value is not None and scale.shows(value) else " "
        for value in shown
    )


def logarithmic(values: Sequence[float | None]) -> bool:
    """Whether `values` are drawn by their logarithms."""
    return Scale.over(values, log=None).log


def sparkline_lines(sparklines: Sparklines, width: int) -> list[Text]:
    """A line for each series: its label, its curve, its first and its last value."""
    label = max((len(series.label) for series in sparklines.series), default=0)
    lines = []
    for series in sparklines.series:
        span = f"{number(series.ys[0])} to {number(series.ys[-1])}{', log scale' if logarithmic(series.ys) else ''}"
        room = max(_LEAST_SPARKS, min(width, _WIDEST_SPARKLINES) - label - len(span) - 4)
        lines.append(clean(f"{series.label:<{label}}  {sparkline(series.ys, room)}  {span}"))
    return lines


class _Canvas:
    """Braille dots, `columns` x `rows` characters. Where strokes meet in one, the earlier keeps its colour."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.bits = [[0] * columns for _ in range(rows)]
        self.styles = [[""] * columns for _ in range(rows)]

    def point(self, x_share: float, y_share: float) -> tuple[int, int]:
        """The dot of a place given as shares of the width (from the left) and of the height (from below)."""
        return (
            round(x_share * (self.columns * _CELL_WIDTH - 1)),
            round((1 - y_share) * (self.rows * _CELL_HEIGHT - 1)),
        )

    def dot(self, x: int, y: int, style: str) -> None:
        row, column = y // _CELL_HEIGHT, x // _CELL_WIDTH
        self.bits[row][column] |= _DOTS[y % _CELL_HEIGHT][x % _CELL_WIDTH]
        self.styles[row][column] = self.styles[row][column] or style

    def character(self, row: int, column: int) -> str:
        return chr(_BRAILLE + self.bits[row][column]) if self.bits[row][column] else " "


def chart_text(chart: Chart, width: int, height: int) -> Text:
    """`chart` drawn into `width` x `height` characters, the axes, the labels and a line for each mark included.

    The label of a series stands at the right, level with its last point. Numbers a log scale cannot show leave gaps.
    """
    series, marks = chart.series, chart.marks
    x_scale = Scale.over([*(x for line in series for x in line.xs), *(mark.x for mark in marks)], log=chart.log_x)
    y_scale = Scale.over([y for line in series for y in line.ys], log=chart.log_y)
    rows = max(3, height - 2 - len(marks))
    ticks = {0: literal(y_scale.at(1.0)), rows // 2: literal(y_scale.at(1 - (rows // 2) / (rows - 1)))}
    ticks[rows - 1] = literal(y_scale.at(0.0))
    if y_scale.low == y_scale.high:
        ticks = {rows // 2: literal(y_scale.low)}
    gutter = max(map(len, (*ticks.values(), "log")))
    labels = [cut(plain(line.label), width // 3) for line in series]
    label_width = max(map(cell_len, labels), default=0)
    canvas = _Canvas(max(4, width - gutter - 3 - label_width), rows)
    ends = _draw(canvas, series, x_scale, y_scale)
    marked = {canvas.point(x_scale.share(mark.x), 0)[0] // _CELL_WIDTH: mark for mark in marks if x_scale.shows(mark.x)}

    drawn = Text(no_wrap=True, overflow="crop")
    named = dict(zip(_spread(ends, rows), range(len(series)), strict=True))
    for row in range(rows):
        name = ticks.get(row, "log" if y_scale.log and row == 1 else "")
        drawn.append(f"{name:>{gutter}} {'┤' if row in ticks else '│'}", style="dim")
        for column in range(canvas.columns):
            empty_mark = column in marked and not canvas.bits[row][column]
            drawn.append(*(("┊", "dim") if empty_mark else (canvas.character(row, column), canvas.styles[row][column])))
        if row in named:
            drawn.append(" " + labels[named[row]], style=_stroke(named[row])[2])
        drawn.append("\n")
    margin = " " * (gutter + 2)
    axis = "".join("┴" if column in marked else "─" for column in range(canvas.columns))
    drawn.append(f"{' ' * (gutter + 1)}└{axis}\n", style="dim")
    drawn.append(margin + _x_labels(x_scale, canvas.columns, chart.x_name), style="dim")
    for column, mark in marked.items():
        note = cut(f"▲ {literal(mark.x)} {plain(mark.label)}", width - gutter - 2)
        start = min(column, width - gutter - 2 - cell_len(note))
        drawn.append(f"\n{margin}{' ' * start}{note}")
    return drawn


def _stroke(index: int) -> tuple[int, int, str]:
    return _STROKES[index % len(_STROKES)]


def _draw(canvas: _Canvas, series: Sequence[Series], x_scale: Scale, y_scale: Scale) -> list[int]:
    """Draws each series; returns the row of the last point of each, the top row for one without points."""
    ends = []
    for index, line in enumerate(series):
        drawn, every, style = _stroke(index)
        travelled = 0
        last: tuple[int, int] | None = None
        end = 0
        for x, y in zip(line.xs, line.ys, strict=True):
            if y is None or not y_scale.shows(y) or not x_scale.shows(x):
                last = None
                continue
            here = canvas.point(x_scale.share(x), y_scale.share(y))
            for dot in _between(last or here, here):
                if travelled % every < drawn:
                    canvas.dot(*dot, style)
                travelled += 1
            last, end = here, here[1] // _CELL_HEIGHT
        ends.append(end)
    return ends


def _between(start: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The dots from `start` to `end`, without `start` unless they are one."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    if steps == 0:
        yield end
    for step in range(1, steps + 1):
        share = step / steps
        yield round(start[0] + (end[0] - start[0]) * share), round(start[1] + (end[1] - start[1]) * share)


def _spread(ends: Sequence[int], rows: int) -> list[int]:
    """A row of its own for each end, as near to it as the order allows."""
    order = sorted(range(len(ends)), key=lambda index: (ends[index], index))
    placed = [ends[index] for index in order]
    for index in range(1, len(placed)):
        placed[index] = max(placed[index], placed[index - 1] + 1)
    for index in range(len(placed)):
        placed[index] = min(placed[index], rows - len(placed) + index)
    return [placed[order.index(index)] for index in range(len(ends))]


def _x_labels(scale: Scale, columns: int, name: str) -> str:
    left, right = literal(scale.low), literal(scale.high)
    name = ", ".join(filter(None, (name, "log scale" if scale.log else "")))
    middle = cut(name, max(0, columns - len(left) - len(right) - 2)).center(columns - len(left) - len(right))
    return (left + middle + right)[:columns]
