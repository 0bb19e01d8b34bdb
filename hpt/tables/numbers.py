"""How people write numbers: currency, per cent, units, thousands, decimal commas, brackets, and what stands for nothing."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

Decimal = Literal[".", ","]

_WORDS = r"""
    - -- --- – — − . .. ... … ? ?? ??? * ** *** _ / \n na n/a n.a. n.a n/d n.d. nd nil none null (null) nan -nan nat
    #n/a #na <na> unknown unk unkn missing undefined (none) (blank) blank [null] <null> (unknown) (missing) (-) n.v.
    k.a. tba tbd #value! #div/0! #ref! #num! #name? #null! 1.#qnan 1.#ind -1.#qnan -1.#ind #error!
"""
NOTHING = frozenset(("", *_WORDS.split(), "#n/a n/a", "not available", "not applicable", "not known"))
"""What stands for nothing where the rest of a column is numbers or dates, in small letters. In a column of texts `none` or
`-` may well be a category, so there only `MISSING` counts."""

MAGNITUDES = {
    **dict.fromkeys(("k", "K", "thousand", "Tsd"), 1000.0),
    **dict.fromkeys(("M", "MM", "mn", "mln", "million", "Mio"), 1000000.0),
    **dict.fromkeys(("B", "bn", "billion", "Mrd"), 1000000000.0),
}
"""What multiplies the number before it, where a column has more than one of them."""

LARGEST_EXACT = 2**53
_SURE_DIGITS = 16
_LONGEST = 80
_LONGEST_WORD = 5
_BLANKS = "\u00a0\u2007\u2009\u202f"
_SIGNS = {ord(sign): "-" for sign in "−–‒﹣－"}
_CODES = "USD|EUR|GBP|JPY|CNY|CHF|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|KRW|RUB|TRY|SGD|HKD"
_CURRENCY = rf"(?:(?:US|AU|CA|NZ|HK|MX|[ACRS])?[$]|[€£¥₹₽₩₺₴₪฿₫₦₱₡₲₵₸₿¢]|(?:{_CODES}|Rs|kr|Fr)\.?|zł|Kč|Ft)"
_UNIT = rf"{_CURRENCY}|[%‰×]|[\"″′°µμΩ]?(?!e$|x\w)[^\W\d_](?:[^\W\d_]|[/²³·^*. -]|[23](?!\d)){{0,14}}|[\"″′°µμΩ]"
_SHAPE = re.compile(
    rf"(?P<sign>[+-]?)\s?(?P<before>{_CURRENCY})?\s?(?P<inner>[+-]?)"
    rf"(?P<body>\d[\d.,'’ {_BLANKS}]*|[.,]\d+)(?P<power>e[+-]?\d+|d[+-]\d+)?(?P<last>-)?\s{{0,3}}(?P<after>{_UNIT})?",
    re.IGNORECASE,
)
_GROUPED = re.compile(rf"\d{{1,3}}(?P<gap>[.,'’ {_BLANKS}])\d{{2,3}}(?:(?P=gap)\d{{2,3}})*(?<=(?P=gap)\d{{3}})")
_LEADING_ZERO = re.compile(r"[+-]?0\d+")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Written:
    """One cell that reads as a number.

    value: per cent as written, 15 for `15%`. unit: what stands beside the digits, `""` for nothing. magnitude: the end of that, where it
    is one of MAGNITUDES.
    code: whether a number would lose what was written: a leading zero, or an integer beyond 2**53.
    """

    value: float
    unit: str
    code: bool
    magnitude: str = ""

    def multiplied(self) -> Written:
        """The number with its magnitude, to fifteen digits: 1100 for `1.1k`."""
        unit = self.unit.removesuffix(self.magnitude).strip()
        return Written(float(f"{self.value * MAGNITUDES.get(self.magnitude, 1.0):.15g}"), unit, self.code)


def is_nothing(cell: str, extra: frozenset[str] = frozenset()) -> bool:
    """Whether a stripped `cell` stands for nothing in a column of numbers or dates; `extra` are the user's own."""
    return cell.casefold() in NOTHING or cell in extra


def is_code(cell: str) -> bool:
    """Whether a stripped `cell` of digits would not keep its identity as a float64: `007`, or an integer beyond 2**53."""
    if _LEADING_ZERO.fullmatch(cell):
        return True
    digits = cell.lstrip("+-")
    if not digits.isascii() or not digits.isdecimal():
        return False
    # Python refuses to read integers of thousands of digits.
    return len(digits) > _SURE_DIGITS or (len(digits) == _SURE_DIGITS and int(digits) > LARGEST_EXACT)


def is_plain(cell: str) -> bool:
    """Whether a stripped `cell` is a number as programs write it: digits, one point, a power of ten."""
    return _PLAIN.fullmatch(cell) is not None


def read(cell: str, decimal: Decimal) -> Written | None:
    """The number in a stripped `cell`, None where it holds none or something beside it that is no unit."""
    if len(cell) > _LONGEST:
        return None
    text, negative = _unwrapped(cell.translate(_SIGNS))
    shape = _SHAPE.fullmatch(text)
    if shape is None or sum(bool(shape[sign]) for sign in ("sign", "inner", "last")) > 1:
        return None
    # `1. White` is a numbered label, `2 Middle Atlantic` no unit.
    if shape["after"] and (shape["last"] or shape["body"].rstrip()[-1] in ".," or not _short(shape["after"])):
        return None
    digits = _digits(shape["body"].rstrip(f" {_BLANKS}"), decimal)
    if digits is None:
        return None
    value = float(digits + (shape["power"] or "").lower().replace("d", "e"))
    if negative or "-" in shape["sign"] + shape["inner"] + (shape["last"] or ""):
        value = -value
    before, after = shape["before"] or "", " ".join((shape["after"] or "").split()).removesuffix(".")
    # `300 K` are kelvins, as `5 B` are bytes.
    sure = before or len(after) > 1 or not text[: len(text) - len(after)].endswith(" ")
    magnitude = after if sure and after in MAGNITUDES else ""
    if not math.isfinite(value) or (before and after and not magnitude):
        return None
    return Written(value, before + after, not before + after and is_code(text), magnitude)


def _short(unit: str) -> bool:
    """Whether a unit is one word, or several of the length that units have: `sq ft`, `km / h`."""
    words = unit.split()
    return len(words) == 1 or all(len(word) <= _LONGEST_WORD for word in words)


def _unwrapped(text: str) -> tuple[str, bool]:
    """`(12)` is minus twelve, as bookkeepers write; `[12]` is twelve with a remark."""
    inner = text[1:-1].strip()
    if text[:1] + text[-1:] == "()" and inner[:1] not in ("-", "+"):
        return inner, True
    currency = re.fullmatch(rf"({_CURRENCY}\s?)\((.+)\)", text)
    if currency:
        return currency[1] + currency[2], True
    return (inner, False) if text[:1] + text[-1:] == "[]" else (text, False)


def _digits(body: str, decimal: Decimal) -> str | None:
    """The body of a number as `float` reads it: thousands taken out, the decimal sign a point."""
    whole, sign, fraction = body.partition(decimal)
    if sign and not (fraction.isdecimal() or (not fraction and whole)):
        return None
    if not whole.isdecimal():
        if whole and not _GROUPED.fullmatch(whole):
            return None
        whole = re.sub(r"\D", "", whole)
    return f"{whole or '0'}.{fraction}" if sign else whole


def decimal_of(cell: str) -> Decimal | None:
    """The decimal sign that a stripped `cell` can only have: `,` of `0,5` and `1.234,56`; None of `12` and `1,234`."""
    text, _ = _unwrapped(cell.translate(_SIGNS))
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return None
    body = shape["body"].rstrip(f" {_BLANKS}")
    found = [sign for sign in ".," if sign in body]
    if len(found) == 2:
        last: Decimal = "." if body.rindex(".") > body.rindex(",") else ","
        return last if _digits(body, last) is not None else None
    if not found:
        return None
    sign = found[0]
    other: Decimal = "," if sign == "." else "."
    if body.count(sign) > 1:
        return other if _digits(body, other) is not None else None
    whole, _, fraction = body.partition(sign)
    if len(fraction) == 3 and re.fullmatch(r"[1-9]\d{0,2}", whole):
        return None
    return "." if sign == "." else ","
