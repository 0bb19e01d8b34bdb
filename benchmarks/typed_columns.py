"""Columns as people write them, of which it is known what each cell means. Shares no code with `hpt`: a cell is made from its meaning."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

Meaning = float | str | None
"""A number, days since 1970, a text as it stands, or nothing."""
MOST_STRAYS = 0.1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOTHING_AMONG_NUMBERS = (
    "",
    "-",
    ".",
    "?",
    "*",
    "NA",
    "N/A",
    "n/a",
    "#N/A",
    "<NA>",
    "None",
    "null",
    "nan",
    "unknown",
    "UNKNOWN",
)
NOTHING_AMONG_TEXTS = ("", "?", "NA", "NaN", "null")
STRAYS = ("see below", "abc", "n.b.", "too low", "lost!", "err", "yes & no")
WORDS: Sequence[Sequence[str]] = (
    ("red", "green", "blue"),
    ("yes", "no"),
    ("true", "false"),
    ("a", "A", "b"),
    ("None", "some", "-"),
    ("x,y", "x;y", "x"),
    ('say "hi"', "say 'hi'", '"'),
    ("one\nline", "one line", "line"),
    ("é", "e", "e\u0301"),
    ("T1", "T2", "T11"),
    ("<b>", "[/]", "&amp;"),
    ("=1+1", "@x", "+-"),
    ("0-4", "5-9", "10-14"),
    ("<5", ">=5", "5+5"),
    ("inf.", "nan?", "NA!"),
    ("Zürich", "Genève", "Łódź", "東京"),
)
CODES: Sequence[Sequence[str]] = (
    ("007", "7", "07"),
    ("0101", "0102", "1000", "0999"),
    ("9007199254740992", "9007199254740993", "9007199254740995"),
    ("12345678901234567890", "12345678901234567891"),
    ("00", "0", "01"),
)
NAMES = ("size", "a b", "prix €", "Größe", "[/]", "w (kg)", "x,1", "y;2", "p|q", 'the "q"', "<b>", "tab", "Z", "été", "n.b")
CURRENCIES = ("${}", "€ {}", "£{}", "US${}", "{} €", "{} zł", "{} kr", "USD {}", "{}$")
UNITS = ("{} kg", "{}kg", "{} km/h", "{} m²", "{}ms", "{} °C", "{} sq ft", "{}%", "{} %")
DATES: Mapping[str, Callable[[datetime], str]] = {
    "2021-03-04": lambda at: f"{at:%Y-%m-%d}",
    "2021/3/4": lambda at: f"{at.year}/{at.month}/{at.day}",
    "04.03.2021": lambda at: f"{at:%d.%m.%Y}",
    "4.3.21": lambda at: f"{at.day}.{at.month}.{at:%y}",
    "04/03/2021": lambda at: f"{at:%d/%m/%Y}",
    "03/04/2021": lambda at: f"{at:%m/%d/%Y}",
    "4 March 2021": lambda at: f"{at.day} {at:%B %Y}",
    "4-Mar-21": lambda at: f"{at.day}-{at:%b-%y}",
    "Mar 4, 2021": lambda at: f"{at:%b} {at.day}, {at.year}",
    "Thursday, March 4, 2021": lambda at: f"{at:%A}, {at:%B} {at.day}, {at.year}",
}
TIMES: Mapping[str, Callable[[datetime], str]] = {
    "2021-03-04T05:06:07Z": lambda at: f"{at:%Y-%m-%dT%H:%M:%SZ}",
    "2021-03-04 05:06:07": lambda at: f"{at:%Y-%m-%d %H:%M:%S}",
    "2021-03-04 07:06:07+02:00": lambda at: f"{at.astimezone(timezone(timedelta(hours=2))):%Y-%m-%d %H:%M:%S}+02:00",
    "04.03.2021 05:06:07": lambda at: f"{at:%d.%m.%Y %H:%M:%S}",
    "3/4/2021 5:06:07 AM": lambda at: f"{at.month}/{at.day}/{at.year} {at.hour % 12 or 12}:{at:%M:%S} {at:%p}",
}


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """A column. cells: as written. means: what each says. kind: as a reader should call it. strays: how many cells are none of it."""

    name: str
    kind: str
    cells: Sequence[str]
    means: Sequence[Meaning]
    strays: int = 0


@dataclass(frozen=True, slots=True)
class Writing:
    """How a table is written: what stands between cells, ends lines and encodes text, the decimal sign, and what stands around.

    told: whether a column tells the decimal sign beyond doubt.
    """

    delimiter: str
    newline: str
    encoding: str
    decimal: str
    told: bool
    quote_all: bool
    separator_line: bool
    comment: bool
    blank_rows: bool
    trailing: bool
    total: bool
    packed: bool

    @classmethod
    def drawn(cls, source: random.Random) -> Writing:
        """Any."""
        delimiter = source.choice(",,,;\t|")

        def rarely() -> bool:
            return source.random() < 0.1

        decimal = source.choice(".,") if delimiter != "," or rarely() else "."
        return cls(
            delimiter,
            source.choice(("\n", "\n", "\r\n", "\r")),
            source.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16")),
            decimal,
            decimal == "," or source.random() < 0.3,
            *(rarely() for _ in range(7)),
        )


def drawn_amount(source: random.Random, places: int) -> str:
    """A number as `float` reads it."""
    return f"{source.gauss(0, 10 ** source.uniform(0, 7)):.{places}f}"


def _spelled(source: random.Random, amount: str, decimal: str, gap: str, minus: str) -> str:
    """A number as people write it: its decimal sign, what stands between thousands, and how it is below zero."""
    digits, _, fraction = amount.lstrip("-").partition(".")
    if gap:
        groups = [digits[max(0, end - 3) : end] for end in range(len(digits), 0, -3)]
        digits = gap.join(reversed(groups))
    body = f"{digits}{decimal}{fraction}" if fraction else digits
    if fraction and digits == "0" and source.random() < 0.2:
        body = f"{decimal}{fraction}"
    return minus.format(body) if amount.startswith("-") else body


def numbers(source: random.Random, name: str, rows: int, writing: Writing) -> TypedColumn:
    """Numbers with one dress a column: thousands, currency, unit, per cent, a sign below zero; some missing, some strays."""
    dress = source.choice(("{}", "{}", source.choice(CURRENCIES), source.choice(UNITS)))
    gap = source.choice([gap for gap in ("", "", ",", ".", " ", "'", "\u00a0", "\u202f", "’") if gap != writing.decimal])
    places = source.choice((0, 1, 2, 4))
    # `1,234` says nothing of the sign: where no other column does, there are fractions too.
    places = places or 2 if gap in (",", ".") and not writing.told else places
    minus = source.choice(("-{}", "−{}", "({})")) if dress in ("{}", "${}", "£{}") else "-{}"
    means: list[Meaning] = []
    cells: list[str] = []
    for _ in range(rows):
        amount = drawn_amount(source, places)
        below = amount.startswith("-")
        cell = _spelled(source, amount, writing.decimal, gap, minus if dress == "{}" else "{}")
        if dress != "{}":
            cell = minus.format(dress.format(cell)) if below else dress.format(cell)
        elif not gap and source.random() < 0.1:
            cell, amount = _powered(source, amount, writing.decimal)
        means.append(float(amount))
        cells.append(cell)
    return _holed(source, TypedColumn(name, "number", cells, means), NOTHING_AMONG_NUMBERS, STRAYS)


def _powered(source: random.Random, amount: str, decimal: str) -> tuple[str, str]:
    written = f"{float(amount):.3e}"
    cell = written.replace(".", decimal).replace("e", source.choice("eE"))
    return cell, written


def whole(source: random.Random, name: str, rows: int, writing: Writing) -> TypedColumn:
    """Counts, which stay numbers."""
    means: list[Meaning] = [float(source.randrange(source.choice((3, 1000)))) for _ in range(rows)]
    cells = [f"{mean:.0f}" for mean in means]
    return _holed(source, TypedColumn(name, "number", cells, means), NOTHING_AMONG_NUMBERS, STRAYS)


def shortened(source: random.Random, name: str, rows: int, writing: Writing) -> TypedColumn:
    """Numbers from hundreds to billions, shortened by `k`, `M` and `B`, of which the first rows have two."""
    dress, thousands = source.choice(("{}", "{}", "${}", "€{}")), source.choice("kK")
    means: list[Meaning] = []
    cells: list[str] = []
    for number in range(rows):
        power, letter = ((3, thousands), (6, "M"), (9, "B"), (0, ""))[number % 2 if number < 2 else source.randrange(4)]
        digits = f"{source.uniform(1, 999):.{source.randrange(3)}f}"
        means.append(float(f"{digits}e{power}"))
        cells.append(dress.format(digits.replace(".", writing.decimal) + letter))
    return _holed(source, TypedColumn(name, "number", cells, means), NOTHING_AMONG_NUMBERS, STRAYS)


def telling(source: random.Random, name: str, rows: int, writing: Writing) -> TypedColumn:
    """Numbers that can only have the decimal sign that they have."""
    amounts = [f"{source.gauss(0, 10):.2f}" for _ in range(rows)]
    cells = [amount.replace(".", writing.decimal) for amount in amounts]
    return TypedColumn(name, "number", cells, [float(amount) for amount in amounts])


def words(source: random.Random, name: str, rows: int, writing: Writing) -> TypedColumn:
    """A few texts, which stay apart as they are written."""
    made = labels(source, name, rows, source.choice(WORDS))
    return _holed(source, made, NOTHING_AMONG_TEXTS, ())


def codes(source: random.Random, name: str, rows: int, writing: Writing) -> TypedColumn:
    """Digits that a number would merge."""
    return labels(source, name, rows, source.choice(CODES))


def labels(source: random.Random, name: str, rows: int, texts: Sequence[str]) -> TypedColumn:
    """Some texts, each equally often, a few with blanks around them."""
    # Each often enough for any split.
    cells = [texts[number % len(texts)] for number in range(rows)]
    source.shuffle(cells)
    padded = [f" {cell} " if source.random() < 0.05 else cell for cell in cells]
    return TypedColumn(name, "category", padded, cells)


def names(source: random.Random, name: str, rows: int, writing: Writing) -> TypedColumn:
    """A text of its own in each row."""
    cells = [f"u_{number}_{source.randrange(1000)}" for number in range(rows)]
    source.shuffle(cells)
    return TypedColumn(name, "identifier", cells, cells)


def days(source: random.Random, name: str, rows: int, writing: Writing) -> TypedColumn:
    """Dates in one format; the days go beyond the twelfth, which tells them from months."""
    timed = source.random() < 0.4
    form = source.choice(list((TIMES if timed else DATES).values()))
    means: list[Meaning] = []
    cells: list[str] = []
    for number in range(rows):
        at = datetime(source.randrange(1970, 2060), source.randrange(1, 13), source.randrange(1, 29), tzinfo=UTC)
        at = at.replace(day=25) if number < 3 else at
        at += timedelta(seconds=source.randrange(86400)) * timed
        means.append((at - EPOCH) / timedelta(days=1))
        cells.append(form(at))
    return _holed(source, TypedColumn(name, "date", cells, means), NOTHING_AMONG_NUMBERS, STRAYS)


def two_days(source: random.Random, name: str, other: str, rows: int) -> list[TypedColumn]:
    """Two columns of dates in one format, of which one alone tells days from months."""
    form = source.choice((DATES["04/03/2021"], DATES["03/04/2021"]))
    days = [EPOCH + timedelta(days=source.randrange(20_000)) for _ in range(rows)]
    early = [day.replace(day=day.day % 12 + 1) for day in days]
    days[0] = days[0].replace(day=25)

    def column(name: str, every: Sequence[datetime]) -> TypedColumn:
        return TypedColumn(name, "date", [form(at) for at in every], [(at - EPOCH) / timedelta(days=1) for at in every])

    return [column(name, days), column(other, early)]


def _holed(source: random.Random, column: TypedColumn, nothing: Sequence[str], strays: Sequence[str]) -> TypedColumn:
    """The column with cells that hold nothing, and some that are none of its kind; the first rows stay, which may look like units."""
    cells, means = list(column.cells), list(column.means)
    share = source.choice((0.0, 0.0, 0.1, 0.3))
    stray_share = source.choice((0.0, 0.0, 0.0, 0.04)) if strays else 0.0
    count = 0
    for number in range(5, len(cells)):
        if source.random() < share:
            cells[number], means[number] = source.choice(nothing), None
        elif source.random() < stray_share and count < MOST_STRAYS * len(cells) / 2:
            cells[number], means[number] = source.choice(strays), None
            count += 1
    return TypedColumn(column.name, column.kind, cells, means, count)
