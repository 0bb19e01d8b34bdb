"""Reads and checks `run.json`, which another program or the user may have written or changed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from hpt.foundation.errors import InputError
from hpt.numerics.metrics import MeasuredMetric

SCHEMA = "hpt.run/1"


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _moment(value: Any) -> bool:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True


def _objective(value: Any) -> bool:
    return isinstance(value, str) and MeasuredMetric.parse(value).known


def _mapping(value: Any) -> bool:
    return isinstance(value, dict)


def _mapping_or_none(value: Any) -> bool:
    return value is None or _mapping(value)


def _number_or_none(value: Any) -> bool:
    return value is None or isinstance(value, (int, float))


def _counts_or_none(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(map(_count, value)))


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "kind": _text,
    "status": _text,
    "begun": _moment,
    "changed": _moment,
    "versions": _mapping,
    "space": _text,
    "data": _text,
    "objective": _objective,
    "records": _count,
    "trials": _count,
    "best": _number_or_none,
    "extended": _counts_or_none,
    "seconds": _mapping_or_none,
}


def read_metadata(path: Path) -> dict[str, Any]:
    """The content of `run.json` at `path`. Raises InputError where it is not as this version writes it."""

    def refused(why: str) -> InputError:
        return InputError(f"{path}: not the file of a run: {why}.")

    try:
        metadata = json.loads(path.read_bytes(), parse_constant=_finite, parse_float=_finite)
    except OSError as error:
        raise refused(error.strerror or "it cannot be read") from error
    except (ValueError, RecursionError) as error:
        raise refused(f"no JSON ({error})") from error
    if not isinstance(metadata, dict) or "schema" not in metadata:
        raise refused("it has no schema")
    if metadata["schema"] != SCHEMA:
        raise InputError(f"{path}: written as {metadata['schema']}, this hpt reads {SCHEMA}. Use the hpt that wrote it.")
    if odd := [name for name, check in _CHECKS.items() if not check(metadata.get(name))]:
        raise refused(f"{', '.join(odd)} missing or not as a run has it")
    return metadata


def _finite(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise ValueError(f"{text} is not finite")
    return value
