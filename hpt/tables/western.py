"""Whether bytes that are no UTF-8 are surely text of a western language in cp1252, of which latin-1 is a part."""

from __future__ import annotations

import re

_ALPHABETS = (
    "äöüß",  # German
    "àâæçéèêëîïôœùûüÿ",  # French
    "áéíñóúü",  # Spanish
    "áàâãçéêíóôõúü",  # Portuguese
    "àèéìíîòóùú",  # Italian
    "æøåéóòôü",  # Danish, Norwegian
    "åäöéü",  # Swedish, Finnish
    "ëïéèêáíóöü",  # Dutch
)
"""The letters that each language writes beside a to z. Another code page turns its letters into a mix that no language has."""

_LETTERS = "À-ÖØ-öø-ÿŒœŠšŽžŸƒ"
_WORD = re.compile(rf"[A-Za-z]*(?:[{_LETTERS}]+[A-Za-z]*)+")
_LETTERS_IN_A_ROW = re.compile(rf"[{_LETTERS}]{{3}}")
_CAPITAL_WITHIN = re.compile(r"[a-zß-öø-ÿ][À-ÖØ-ÞŒ]")
_SIGN = re.compile(rf"(?=([A-Za-z{_LETTERS}]?)([^\x00-\x7f{_LETTERS}])([A-Za-z{_LETTERS}]?))", re.DOTALL)
_SIGNS = "€£¥°±²³µ½¼¾·–—…“”„‘’«»•™©®º¿¡§\u00a0"
_BESIDE_LETTERS = {"°": ("", "CFKcf"), "µ": ("", "mglsLAVW"), "²": ("m", ""), "³": ("m", ""), "£": ("", ""), "€": ("", "")}
"""Signs that may touch a letter: after which ones, before which ones. In a word a sign is a letter of another code page."""
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def western_word(raw: bytes) -> str | None:
    """A word or a sign that shows that the text is cp1252; None where that is not certain.

    It is where all letters beyond ASCII are of one language's alphabet, stand in words with other letters, and signs stand
    where signs do.
    """
    if _CONTROLS.search(raw):
        return None
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return None
    words = dict.fromkeys(_WORD.findall(text))
    letters = {letter.lower() for word in words for letter in word if not letter.isascii()}
    if not any(letters <= set(alphabet) for alphabet in _ALPHABETS) or not all(map(_is_word, words)):
        return None
    signs = dict.fromkeys(_SIGN.findall(text))
    if not all(_stands_alone(*sign) for sign in signs):
        return None
    return next(iter(words), None) or next((sign for _, sign, _ in signs if sign.isprintable()), None)


def _is_word(word: str) -> bool:
    """Whether it is written as words are: no more than two letters beyond ASCII in a row, none that stands alone, no odd capital."""
    alone = all(not letter.isascii() for letter in word) and word not in ("à", "À")
    return not (alone or _LETTERS_IN_A_ROW.search(word) or _CAPITAL_WITHIN.search(word))


def _stands_alone(before: str, sign: str, after: str) -> bool:
    """Whether a sign stands where signs do, with the letters that touch it."""
    known_before, known_after = _BESIDE_LETTERS.get(sign, ("", ""))
    fits = (not before or before in known_before) and (not after or after in known_after)
    # Blanks and quotes may follow a word, or go before one; between two letters they are letters of another code page.
    if sign in "\u00a0–—…“”„‘’«»¿¡":
        fits = not (before and after)
    return sign in _SIGNS and fits
