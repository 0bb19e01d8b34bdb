"""How messages about data spell names, lists and remedies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

MOST_COMPLAINTS = 10


def shown(text: str, length: int = 60) -> str:
    """`text` in quotes for an error: on one line, control characters escaped, cut at `length` characters."""
    return repr(text if len(text) <= length else text[: length - 1] + "…")


def drop_hint(column: str) -> str:
    """`data.drop: [column]` as a user can paste it; the name in quotes where plain YAML would not read it back."""
    return f"data.drop: [{_pasted(column)}]"


def columns_hint(column: str, kind: str) -> str:
    """`data.columns: {column: kind}` as a user can paste it."""
    return f"data.columns: {{{_pasted(column)}: {kind}}}"


def _pasted(column: str) -> str:
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_ .()-]*", column)
    return column if plain else shown(column, len(column))


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names one after the other, the first `most` of them."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(shown(name) for name in islice(every, most)) + more


def counted(count: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def first_few(complaints: Sequence[str], name: str) -> list[str]:
    """The first complaints, and how many more there are."""
    more = len(complaints) - MOST_COMPLAINTS
    return [*complaints[:MOST_COMPLAINTS], *([f"{name}: {counted(more, 'more complaint')}."] if more > 0 else [])]
