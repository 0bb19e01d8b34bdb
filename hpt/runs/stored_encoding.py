"""`encoding` in `best.npz`: how a file becomes inputs, checked as the lines of `trials.jsonl` are, since a run may come from anyone."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Literal

from hpt.data.encode import Encoder
from hpt.data.encoding import SCHEMA, Encoding
from hpt.runs.fields import MismatchError, found, read_record, unreadable, written
from hpt.tables.dates import FORMATS, PARTS


@dataclass(frozen=True, slots=True)
class _Reading:
    """`Encoding.reading`: values of the keys of `data` that say how a file is read."""

    missing_values: tuple[str, ...]
    decimal: Literal[".", ",", "point", "comma"] | None
    day_first: bool | None
    delimiter: str | None
    encoding: str | None
    header: Literal["first", "none"]
    skip_rows: int | None


def read_encoding(text: str) -> Encoding:
    """The encoding in a text of JSON. Raises MismatchError for the first field that holds what no encoding does."""
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MismatchError("encoding", "JSON", unreadable(error)) from None
    schema = content.get("schema") if isinstance(content, dict) else None
    if schema != SCHEMA:
        raise MismatchError("encoding.schema", SCHEMA, found(schema))
    encoding = read_record(content, Encoding, "encoding")
    if not encoding.columns:
        raise MismatchError("encoding.columns", "at least one", "none")
    for index, encoder in enumerate(encoding.columns):
        _check(encoder, f"encoding.columns.{index}")
    return replace(encoding, reading=written(read_record(encoding.reading, _Reading, "encoding.reading")))


def _check(encoder: Encoder, path: str) -> None:
    """What the types of the fields do not say."""
    plan = encoder.plan
    formats = tuple(FORMATS) if plan.kind == "date" else ("",)
    if plan.date not in formats:
        raise MismatchError(f"{path}.plan.date", " or ".join(formats) or "nothing", found(plan.date))
    if plan.numeric != (encoder.categories is None):
        raise MismatchError(
            f"{path}.categories", f"{'null' if plan.numeric else 'a list'} for kind {plan.kind}", "the other"
        )
    if encoder.sd <= 0:
        raise MismatchError(f"{path}.sd", "a number above 0", found(encoder.sd))
    for part in encoder.parts:
        if part not in PARTS:
            raise MismatchError(f"{path}.parts", " or ".join(PARTS), found(part))
