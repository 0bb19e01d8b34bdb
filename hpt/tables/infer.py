"""What each column is, by all of its cells: number, category, date, text, identifier or constant."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hpt.foundation.errors import InputError
from hpt.tables import dates, numbers
from hpt.tables.numbers import Decimal
from hpt.tables.plans import MISSING, Kind, Plan, extra_nothing, fits_unit
from hpt.tables.wording import columns_hint, counted, drop_hint, shown

MOSTLY = 0.8
"""The share of the cells that must read alike for the rest to be strays."""
HALF = 0.5
FEW = 20
"""So many different texts are categories, however few the rows."""
SAMPLE = 2000
CODES = "codes with leading zeros or more digits than a number holds"
_LEAST_FOR_IDENTIFIERS = 10
_DATE_NAME = re.compile(r"date|datum|day|fecha|yyyymmdd", re.IGNORECASE)
_NUMBER_WITHIN = re.compile(r"\d+(?:[.,]\d+)*")
_COMPACT = re.compile(r"(?:19|20)[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a file or its user says of all columns: see `DATA`. decimal, day_first: None where the cells decide."""

    decimal: Decimal | None = None
    day_first: bool | None = None
    nothing: tuple[str, ...] = ()


class UndecidedOrderError(InputError):
    """Day and month of a column's dates cannot be told apart by its cells."""


@dataclass(slots=True)
class _Evidence:
    """The different cells of a column that hold something, with how often each stands there."""

    counts: Counter[str]
    where: str
    place: Callable[[str], str]
    column: str

    @property
    def present(self) -> int:
        return self.counts.total()

    def share(self, texts: Sequence[str]) -> float:
        return sum(self.counts[text] for text in texts) / self.present if self.present else 0.0


def infer(
    column: str,
    written: Sequence[str],
    asked: Asked,
    where: str,
    place: Callable[[int], str],
    said: Kind | None,
    *,
    plain: bool,
) -> Plan:
    """The plan of a column. where, place: what errors call the column and a row. said: the kind that the user gave it.

    plain: whether all cells are written as programs write numbers, see `plain_numbers`.
    Raises InputError, naming cells and rows, where the cells are of two kinds, or not of the kind that was said.
    """
    if plain and said in (None, "number"):
        dated = said is None and _DATE_NAME.search(column) and _all_compact_dates(written)
        return Plan("date", date="yyyymmdd", note="yyyymmdd") if dated else Plan("number")
    stripped = [cell.strip() for cell in written]
    counts = Counter(stripped)
    extra = extra_nothing(asked.nothing)
    held = Counter({text: count for text, count in counts.items() if not numbers.is_nothing(text, extra)})
    evidence = _Evidence(held, where, lambda text: place(stripped.index(text)), column)
    if said == "number":
        return _said_number(evidence, asked)
    if said == "date":
        return _said_date(evidence, asked)
    if said is not None:
        return Plan(said, nothing=asked.nothing)
    if (found := _number(evidence, asked) or _date(evidence, asked)) is not None:
        return found
    texts = Counter({text: count for text, count in counts.items() if text not in MISSING | set(asked.nothing)})
    return _text(_Evidence(texts, where, evidence.place, column), asked)


def _all_compact_dates(written: Sequence[str]) -> bool:
    """Whether the cells are dates of this or the last century, written as numbers of eight digits."""
    held = {cell.strip() for cell in written if cell.strip()}
    likely = bool(held) and all(_COMPACT.fullmatch(cell) for cell in held)
    return likely and all(dates.read(cell, "yyyymmdd") is not None for cell in held)


def _numbers(evidence: _Evidence, asked: Asked) -> dict[str, numbers.Written]:
    return {text: number for text in evidence.counts if (number := numbers.read(text, asked.decimal or ".")) is not None}


def _unit(found: Mapping[str, numbers.Written], counts: Mapping[str, int]) -> str:
    """The unit of the column: the one that most cells with a unit have, unless most cells have none."""
    units = Counter[str]()
    for text, number in found.items():
        units[number.unit] += counts[text]
    (unit, count), *others = units.most_common()
    if unit or not others:
        return unit
    other, often = others[0]
    return other if often > 0.3 * count and other not in ("%", "‰") else ""


def _plan_of_numbers(evidence: _Evidence, found: Mapping[str, numbers.Written], asked: Asked) -> tuple[Plan, list[str]]:
    """A plan that reads `found`, and the texts that it reads."""
    unit = _unit(found, evidence.counts)
    fitting = [text for text, number in found.items() if fits_unit(number, unit)]
    whole = {text: number.multiplied() for text, number in found.items()}
    of_whole = _unit(whole, evidence.counts)
    multiplied = [text for text, number in whole.items() if fits_unit(number, of_whole)]
    magnitudes = list(dict.fromkeys(found[text].magnitude for text in multiplied))
    note = f"unit {unit}" if unit else ""
    # Where all have the same one it is a unit like others.
    if several := len(magnitudes) > 1 and evidence.share(multiplied) >= evidence.share(fitting):
        note = f"{of_whole} times {', '.join(filter(None, magnitudes))}".strip()
        unit, fitting = of_whole, multiplied
    return Plan("number", asked.decimal or ".", unit, nothing=asked.nothing, note=note, magnitudes=several), fitting


def _codes(found: Mapping[str, numbers.Written]) -> list[str]:
    """Texts that say that the column is of codes: leading zeros, integers too long, and no fraction anywhere."""
    if any(number.unit or "." in text or "," in text for text, number in found.items()):
        return [text for text, number in found.items() if number.code and not text.lstrip("+-").startswith("0")]
    return [text for text, number in found.items() if number.code]


def _number(evidence: _Evidence, asked: Asked) -> Plan | None:
    found = _numbers(evidence, asked)
    if not evidence.counts and not found:
        return Plan("number", asked.decimal or ".", nothing=asked.nothing)
    if not found or _codes(found):
        return None
    plan, fitting = _plan_of_numbers(evidence, found, asked)
    if evidence.share(fitting) >= MOSTLY:
        return plan
    strays = [text for text in evidence.counts if text not in set(fitting)]
    if evidence.share(list(found)) > HALF and len(evidence.counts) > FEW and len(found) > FEW // 2:
        raise InputError(_two_kinds(evidence, "numbers", evidence.share(fitting), strays))
    return None


def _two_kinds(evidence: _Evidence, kind: str, share: float, strays: Sequence[str]) -> str:
    one = kind.removesuffix("s")
    few = ", ".join(f"{shown(text)} ({evidence.place(text)})" for text in strays[:3])
    more = f" and {len(strays) - 3} more texts" if len(strays) > 3 else ""
    return (
        f"{evidence.where}: only {share:.0%} of its cells are {kind} of one kind; others are {few}{more}."
        f" Say {columns_hint(evidence.column, 'category')}, {drop_hint(evidence.column)}, or"
        f" {columns_hint(evidence.column, one)} with data.missing: mean, where the others are missing."
    )


def _said_number(evidence: _Evidence, asked: Asked) -> Plan:
    found = _numbers(evidence, asked)
    if evidence.counts and not found:
        text = next(iter(evidence.counts))
        hint = columns_hint(evidence.column, "category")
        raise InputError(f"{evidence.where}: expected numbers, found {shown(text)} ({evidence.place(text)}). Say {hint}.")
    return _plan_of_numbers(evidence, found, asked)[0] if found else Plan("number", asked.decimal or ".")


def _fits(evidence: _Evidence, formats: Sequence[str]) -> dict[str, list[str]]:
    """The texts that fit each of `formats`, those that none fits left out."""
    every = list(evidence.counts)
    first = every[:: max(1, len(every) // SAMPLE)]
    likely = [name for name in formats if any(dates.read(text, name) is not None for text in first)]
    return {name: [text for text in every if dates.read(text, name) is not None] for name in likely}


def _date(evidence: _Evidence, asked: Asked) -> Plan | None:
    fits = _fits(evidence, [name for name in dates.FORMATS if name not in dates.NUMBERS_TOO])
    if not fits:
        return None
    best = max(fits, key=lambda name: evidence.share(fits[name]))
    share = evidence.share(fits[best])
    if share >= MOSTLY:
        return _ordered(evidence, fits, best, asked)
    if share > HALF and len(evidence.counts) > FEW:
        strays = [text for text in evidence.counts if text not in set(fits[best])]
        raise InputError(_two_kinds(evidence, "dates", share, strays))
    return None


def _ordered(evidence: _Evidence, fits: Mapping[str, list[str]], best: str, asked: Asked) -> Plan:
    """The plan of dates, day and month in the order that the cells or the user decide."""
    if best in dates.AMBIGUOUS:
        both = [name for name in dates.AMBIGUOUS if name in fits and len(fits[name]) == len(fits[best])]
        if asked.day_first is not None:
            best = dates.AMBIGUOUS[0 if asked.day_first else 1]
        elif len(both) == len(dates.AMBIGUOUS):
            text = next((t for t in fits[best] if dates.read(t, both[0]) != dates.read(t, both[1])), "")
            if text:
                raise UndecidedOrderError(
                    f"{evidence.where}: {shown(text)} ({evidence.place(text)}) may be day/month or month/day, and no cell"
                    " tells. Set data.day_first to true or false."
                )
    return Plan("date", date=best, nothing=asked.nothing, note=best)


def _said_date(evidence: _Evidence, asked: Asked) -> Plan:
    fits = _fits(evidence, list(dates.FORMATS))
    if not fits:
        text = next(iter(evidence.counts), "")
        known = ", ".join(dates.FORMATS)
        raise InputError(f"{evidence.where}: expected dates, found {shown(text)}. Formats that are known: {known}.")
    return _ordered(evidence, fits, max(fits, key=lambda name: evidence.share(fits[name])), asked)


def _text(evidence: _Evidence, asked: Asked) -> Plan:
    """A category, a constant, or texts too different for categories."""
    different, present = len(evidence.counts), evidence.present
    found = _numbers(evidence, asked)
    codes = _codes(found)
    example = f", such as {shown(codes[0])} ({evidence.place(codes[0])})" if codes else ""
    note = f"{CODES}{example}" if codes else ""
    if different == 1 and present > 1:
        return Plan("constant", nothing=asked.nothing, note=note)
    if different <= FEW or different <= HALF * present or present < _LEAST_FOR_IDENTIFIERS:
        if not codes and found and evidence.share(list(found)) > HALF:
            strays = [text for text in evidence.counts if text not in found]
            note = f"most cells are numbers, but not {', '.join(map(shown, strays[:3]))}" if strays else "units differ"
        elif different > FEW and not codes and len({_NUMBER_WITHIN.sub("0", text) for text in evidence.counts}) == 1:
            note = (
                f"texts that hold numbers, as {shown(next(iter(evidence.counts)))}: in columns of their own these say more"
            )
        return Plan("category", nothing=asked.nothing, note=note)
    kind: Kind = "identifier" if different >= 0.9 * present else "text"
    said = f"{counted(different, 'different text')} in {counted(present, 'row')}"
    return Plan(kind, nothing=asked.nothing, note=f"{said}; {note}" if note else said)
