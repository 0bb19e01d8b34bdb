"""How people write dates and times, and the days since 1970 that they become."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache, partial

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<name>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
)
_MONTH += r"|Nov(?:ember)?|Dec(?:ember)?)\.?"
_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,?\s+)?"
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?(?:\s?(?P<half>[AaPp])\.?[Mm]\.?)?"
)
_ZONE = r"(?:\s?(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}))?"
_TIME = rf"(?:(?:[T,]?\s*){_CLOCK}{_ZONE})?"
_YEAR = r"(?P<year>\d{4})"
_SHORT_YEAR = r"(?P<year>\d{4}|'?\d{2})"

FORMATS: Mapping[str, str] = {
    "year-month-day": rf"{_YEAR}(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}}){_TIME}",
    "day.month.year": rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?{_SHORT_YEAR}{_TIME}",
    "day/month/year": rf"(?P<day>\d{{1,2}})(?P<mark>[-/])(?P<month>\d{{1,2}})(?P=mark){_SHORT_YEAR}{_TIME}",
    "month/day/year": rf"(?P<month>\d{{1,2}})(?P<mark>[-/])(?P<day>\d{{1,2}})(?P=mark){_SHORT_YEAR}{_TIME}",
    "day month year": rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s.-]*{_MONTH}[\s,.-]*{_SHORT_YEAR}{_TIME}",
    "month day, year": rf"{_WEEKDAY}{_MONTH}\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}{_TIME}",
    "year month day": rf"{_YEAR}[\s-]*{_MONTH}[\s-]*(?P<day>\d{{1,2}}){_TIME}",
    "month year": rf"{_MONTH}[\s,.-]*{_SHORT_YEAR}",
    "year-month": rf"{_YEAR}[-/](?P<month>\d{{1,2}})",
    "month/year": rf"(?P<month>\d{{1,2}})[-/]{_YEAR}",
    "year quarter": rf"{_YEAR}[\s-]?Q(?P<quarter>[1-4])",
    "quarter year": rf"Q(?P<quarter>[1-4])[\s-]?{_YEAR}",
    "year-week": rf"{_YEAR}-?W(?P<week>\d{{2}})(?:-?(?P<weekday>[1-7]))?",
    "time": _CLOCK,
    "days and time": rf"(?P<days>\d{{1,6}}) days?,? {_CLOCK}",
    "yyyymmdd": rf"{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})(?:T?(?P<hour>\d{{2}})(?P<minute>\d{{2}})(?P<second>\d{{2}}))?",
}
"""Patterns of a whole cell, in either case, by the name of the format; `time` counts within a day, `days and time` from 0."""

AMBIGUOUS = ("day/month/year", "month/day/year")
NUMBERS_TOO = frozenset(("yyyymmdd",))
"""Formats whose cells are plain numbers: taken only where a user says that the column is a date."""

# Where dates are read: to compile all of them takes longer than to import what reads tables.
_compiled = cache(partial(re.compile, flags=re.IGNORECASE))
_LONGEST = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(cell: str, name: str) -> float | None:
    """The days since 1970-01-01 UTC, with a fraction for the time of day, of a stripped `cell`; None where it is no such date."""
    found = _compiled(FORMATS[name]).fullmatch(cell) if len(cell) <= _LONGEST else None
    if found is None:
        return None
    try:
        return _days(found.groupdict())
    except (ValueError, OverflowError):
        return None


def formats_of(cell: str) -> list[str]:
    """The formats that a stripped `cell` fits."""
    return [name for name in FORMATS if read(cell, name) is not None]


def _days(parts: Mapping[str, str | None]) -> float:
    year = _year(parts.get("year"))
    zone = _zone(parts.get("zone"))
    if parts.get("week"):
        day = datetime.combine(
            date.fromisocalendar(year, int(parts["week"] or 1), int(parts.get("weekday") or 1)), _MIDNIGHT
        )
        return (day.replace(tzinfo=UTC) - _EPOCH) / timedelta(days=1)
    if parts.get("quarter"):
        month = 3 * int(parts["quarter"] or 1) - 2
    elif parts.get("name"):
        month = _MONTHS.index((parts["name"] or "")[:3].lower()) + 1
    else:
        month = int(parts.get("month") or 1)
    hour = _hour(parts)
    second, fraction = int(parts.get("second") or 0), float(f"0.{parts.get('part') or 0}")
    day = datetime(year, month, int(parts.get("day") or 1), hour, int(parts.get("minute") or 0), second, tzinfo=zone)
    return (day - _EPOCH) / timedelta(days=1) + fraction / 86400 + int(parts.get("days") or 0)


_MIDNIGHT = datetime.min.time()


def _year(text: str | None) -> int:
    if text is None:
        return 1970
    year = int(text.lstrip("'"))
    # As POSIX reads two digits: 69 to 99 are the last century.
    return year if len(text.lstrip("'")) == 4 else year + (1900 if year >= 69 else 2000)


def _hour(parts: Mapping[str, str | None]) -> int:
    hour, half = int(parts.get("hour") or 0), (parts.get("half") or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError("no hour of half a day")
    return hour % 12 + (12 if half == "p" else 0) if half else hour


def _zone(text: str | None) -> timezone:
    if text is None or text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-away if text[0] == "-" else away)


@dataclass(frozen=True, slots=True)
class DatePart:
    """What a date can be taken apart into: the names of its values, and which of them a day is."""

    names: tuple[str, ...]
    of: Callable[[datetime], int]


PARTS: Mapping[str, DatePart] = {
    "weekday": DatePart(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), datetime.weekday),
    "month": DatePart(tuple(name.title() for name in _MONTHS), lambda day: day.month - 1),
    "hour": DatePart(tuple(map(str, range(24))), lambda day: day.hour),
}


def moment(days: float) -> datetime:
    """The moment that is so many days after 1970-01-01 UTC."""
    # A time of day is a binary fraction of a day: rounded to a millisecond it is what was written.
    return _EPOCH + timedelta(milliseconds=round(days * 86_400_000))


def shown(days: float) -> str:
    """A date for a message: `2015-01-31`, with the time where it has one."""
    found = moment(days)
    return found.strftime("%Y-%m-%d" if found.time() == _MIDNIGHT else "%Y-%m-%d %H:%M")
