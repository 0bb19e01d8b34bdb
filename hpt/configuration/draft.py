"""A configuration as it is checked, before it is put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hpt.configuration.space import SearchSpace
from hpt.data.drawing import fold_count

Mode = Literal["train", "tune", "compare", "lr-find"]
Findings = Iterator[tuple[str, str]]
"""Dotted paths, and what is wrong there."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A configuration whose keys are checked each by itself. space: without branches where `optimizer` could not be read."""

    mode: Mode
    folder: Path
    name: str
    data: Mapping[str, Any]
    training: Mapping[str, Any]
    study: Mapping[str, Any]
    compare: Mapping[str, Any]
    space: SearchSpace


def validates(data: Mapping[str, Any]) -> bool:
    """Whether there are validation rows."""
    return bool(data["validation"]) or data["validation_source"] is not None or fold_count(data) > 1
