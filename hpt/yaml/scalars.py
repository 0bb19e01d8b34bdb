"""Plain YAML scalars, read and written: the core schema of YAML 1.2 without its traps.

Numbers are decimal. What other readers turn into something else (`010`, `0x10`, `1_000`, `12:30`, `no`, dates) is text.
"""

from __future__ import annotations

import json
import math
import re

Constant = bool | int | float | str | None

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
NUMBER = re.compile(r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SAFE_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
# YAML 1.1 readers take these for booleans; quoting them keeps our files safe there.
_BOOLEAN_ELSEWHERE = frozenset(("y", "n", "yes", "no", "on", "off"))
_DIGITS = 40


def resolve(text: str) -> Constant:
    """What a plain scalar stands for. Raises ValueError (`expected …, found …`) where a number is out of hand."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        if len(text.lstrip("+-")) > _DIGITS:
            raise ValueError(f"expected an integer of at most {_DIGITS} digits, found one of {len(text.lstrip('+-'))}")
        return int(text)
    if NUMBER.fullmatch(text):
        value = float(text)
        vanished = value == 0 and any(digit in "123456789" for digit in re.split("[eE]", text)[0])
        if vanished or math.isinf(value):
            raise ValueError(f"expected a number that a 64-bit float can hold, found {text[:40]}")
        return value
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"expected a finite number, found {text}")
    return printable(text)


def printable(text: str) -> str:
    """`text` itself. Raises ValueError where it holds control characters (line breaks and tabs are fine)."""
    if bad := _UNPRINTABLE.search(text):
        raise ValueError(f"expected printable text, found the character U+{ord(bad.group()):04X}")
    return text


def spell(value: Constant) -> str:
    """`value` as a scalar that `resolve` (and a YAML 1.1 reader) takes for the same value, floats to the bit.

    Raises ValueError for a float that is not finite.
    """
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} has no place in a configuration")
        mantissa, e, exponent = repr(value).partition("e")
        # YAML 1.1 knows no exponent without a point before it.
        return f"{mantissa}.0e{exponent}" if e and "." not in mantissa else repr(value)
    return json.dumps(value)


def number(value: float) -> str:
    """`value` for a message: 1e-5 rather than 1e-05."""
    text = str(value) if isinstance(value, int) else f"{value:.15g}"
    return re.sub(r"e([-+])0*", lambda sign: "e" + sign[1].replace("+", ""), text)


def _text(text: str) -> str:
    if _SAFE_PLAIN.fullmatch(text) and text not in _WORDS and text.lower() not in _BOOLEAN_ELSEWHERE:
        return text
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    return f"\\U{ord(character):08x}"
