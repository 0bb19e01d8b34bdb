"""Python's collector of cycles, which looks through all that imports make, again and again, and finds next to nothing to free."""

from __future__ import annotations

import gc

_held_back = False


def hold_back() -> None:
    """Collects no cycles until `collect`: a command imports first."""
    global _held_back
    if gc.isenabled():
        gc.disable()
        _held_back = True


def collect() -> None:
    """Collects cycles again where that was held back, but never looks at what is there by now: it stays to the end."""
    global _held_back
    if _held_back:
        gc.freeze()
        gc.enable()
        _held_back = False
