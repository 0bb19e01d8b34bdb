"""User strings, shown literally: never as markup, never as orders to whatever shows them."""

from __future__ import annotations

import unicodedata

MISSING = "-"

# Control characters, invisible and direction-changing ones, halves of surrogate pairs, line and paragraph separators.
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def plain(text: object) -> str:
    """`text` on one line: tabs and line breaks become a space, other control characters are stripped."""
    spaced = (" " if character in "\t\n\r" else character for character in str(text))
    return "".join(character for character in spaced if unicodedata.category(character) not in _UNSHOWN)
