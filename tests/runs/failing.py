"""Calls of the system that fail, in this process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

CHANGING = ("open", "write", "fsync", "replace", "unlink", "mkdir", "ftruncate")


@dataclass
class Calls:
    """How many were made."""

    count: int = 0


@contextmanager
def failing_after(allowed: int, make: Callable[[], BaseException]) -> Iterator[Calls]:
    """Within, so many calls of `os` that change files are made; every one after that raises what `make` gives."""
    calls = Calls()
    real = {name: getattr(os, name) for name in CHANGING}

    def double(name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            calls.count += 1
            if calls.count > allowed:
                raise make()
            return real[name](*arguments, **named)

        return call

    for name in CHANGING:
        setattr(os, name, double(name))
    try:
        yield calls
    finally:
        for name, function in real.items():
            setattr(os, name, function)
