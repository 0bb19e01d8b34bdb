"""Curves as one SVG file that needs nothing else: its style, light and dark, and its legend are inside."""

from __future__ import annotations

from hpt.figures.figure import Plot
from hpt.report import svg
from hpt.report.drawings import plot_parts, stroke_kinds
from hpt.report.source import source

_ROW = 20
_KEY = 26
_COLUMNS = 2


def picture(figure: Plot, title: str) -> str:
    """The whole file. title: what stands above the curves."""
    width, top = svg.WIDE, _ROW + 8
    names = [series.label for series in figure.series]
    legend = _legend(names, stroke_kinds(figure), top + svg.HEIGHT + _ROW, width) if len(names) > 1 else []
    height = top + svg.HEIGHT + (_ROW * (1 + -(-len(names) // _COLUMNS)) if legend else 0)
    body = [
        svg.element("title", svg.text_of(title)),
        # Text of an XML file, where a style in HTML is none.
        svg.element("style", source("figures.css").replace("&", "&amp;").replace("<", "&lt;")),
        svg.element("rect", width=width, height=height, class_="paper"),
        svg.label(svg.LEFT, _ROW, title, anchor="start", kind="name"),
        svg.element("g", "".join(plot_parts(figure, width)), transform=f"translate(0 {top})"),
        *legend,
    ]
    size = {"viewBox": f"0 0 {width} {height}", "width": width, "height": height}
    return svg.element("svg", "".join(body), xmlns="http://www.w3.org/2000/svg", role="img", **size) + "\n"


def _legend(names: list[str], kinds: list[str], top: float, width: int) -> list[str]:
    """The name of each curve beside a piece of it, in columns."""
    parts, room = [], (width - svg.LEFT - svg.RIGHT) / _COLUMNS
    for index, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        x, y = svg.LEFT + index % _COLUMNS * room, top + index // _COLUMNS * _ROW
        parts.append(svg.path([(x, y - 4), (x + _KEY - 6, y - 4)], kind))
        parts.append(svg.label(x + _KEY, y, svg.cut(name, room - _KEY), anchor="start"))
    return parts
