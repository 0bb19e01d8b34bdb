"""Text of SVG elements. Colours are classes of the page's style, so that light, dark and print need one drawing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from hpt.report.axes import Axis
from hpt.view.text import plain

WIDTH, WIDE, HEIGHT = 480, 960, 270
"""A picture in a grid of pictures, one across the page, and how high both are."""
LEFT, RIGHT, TOP, BOTTOM = 66, 12, 12, 40
COLOURS = 8
_CHARACTER = 6.4
_LONG = 30


def text_of(value: object) -> str:
    """`value` as text of a page: without control characters, special characters escaped."""
    return escape(plain(value))


def whole(text: str) -> str:
    """An attribute that shows all of `text` when it is pointed at, where its place in a table may be too narrow for it."""
    return f' title="{text_of(text)}"' if len(text) > _LONG else ""


def number(value: float) -> str:
    """A coordinate, to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def element(name: str, content: str = "", **attributes: object) -> str:
    """`<name …>content</name>`; `class_` is class, `_` in names is `-`."""
    spelled = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{number(value) if isinstance(value, float) else escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{spelled}>{content}</{name}>" if content else f"<{name}{spelled}/>"


def drawing(title: str, parts: Iterable[str], width: int = WIDTH, height: int = HEIGHT) -> str:
    """A whole picture that takes the width it is given. title: what a screen reader says of it."""
    body = element("title", text_of(title)) + "".join(parts)
    return element("svg", body, viewBox=f"0 0 {width} {height}", role="img", class_="figure")


def label(x: float, y: float, text: str, *, anchor: str = "middle", kind: str = "tick", turned: bool = False) -> str:
    """A text at (x, y)."""
    rotation = f"rotate(-90 {number(x)} {number(y)})" if turned else None
    return element("text", text_of(text), x=x, y=y, text_anchor=anchor, class_=kind, transform=rotation)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return element("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), class_=kind)


def path(points: Iterable[tuple[float, float] | None], kind: str, title: str = "") -> str:
    """A line through `points`; None leaves a gap."""
    steps: list[str] = []
    pen = "M"
    for point in points:
        if point is None:
            pen = "M"
        else:
            steps.append(f"{pen}{number(point[0])} {number(point[1])}")
            pen = "L"
    return element("path", element("title", text_of(title)) if title else "", d="".join(steps), class_=kind)


def dots(points: Iterable[tuple[float, float]], kind: str) -> str:
    """Round dots, many in one element: lines of no length with round ends."""
    return element("path", d="".join(f"M{number(x)} {number(y)}h0" for x, y in points), class_=kind)


def cut(text: str, width: float) -> str:
    """`text` cut to about `width` units of the drawing."""
    most = max(1, int(width / _CHARACTER))
    text = plain(text)
    return text if len(text) <= most else text[: most - 1] + "…"


def frame(
    xs: Axis | None, ys: Axis | None, x_name: str, y_name: str, width: int, marks: Sequence[tuple[float, str]] = ()
) -> list[str]:
    """Grid lines, ticks and names of the axes of a picture of the usual size. Logarithmic axes say so. marks: in place of ticks."""
    bottom, right = HEIGHT - BOTTOM, width - RIGHT
    parts = [line(LEFT, bottom, right, bottom, "axis")]
    if xs is not None:
        for value, text in marks or xs.ticks():
            parts += [line(xs.at(value), bottom, xs.at(value), bottom + 4, "axis"), label(xs.at(value), bottom + 16, text)]
    if ys is not None:
        for value, text in ys.ticks():
            parts.append(line(LEFT, ys.at(value), right, ys.at(value), "grid"))
            parts.append(label(LEFT - 6, ys.at(value) + 4, text, anchor="end"))
    middle = (LEFT + right) / 2
    parts.append(label(middle, HEIGHT - 6, named(x_name, xs), kind="name"))
    parts.append(label(12, (TOP + bottom) / 2, named(y_name, ys), kind="name", turned=True))
    return parts


def named(name: str, scale: Axis | None) -> str:
    """The name of an axis, which says where its scale is logarithmic."""
    return f"{name}, logarithmic" if scale is not None and scale.scale.log else name


def legend(labels: Sequence[str], kinds: Sequence[str]) -> str:
    """The names of what is drawn, in HTML below the picture, where they can break into lines."""
    items = [
        f'<li><svg viewBox="0 0 22 10" class="key"><path d="M2 5h18" class="{kind}"/></svg>{text_of(name)}</li>'
        for name, kind in zip(labels, kinds, strict=True)
    ]
    return f'<ul class="legend">{"".join(items)}</ul>' if len(labels) > 1 else ""
