"""The room that former frames of a display took."""

from __future__ import annotations


class Footprint:
    """What takes no less room than in former frames stands still when it is redrawn."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def least(self, name: str, size: int) -> int:
        """`size`, or the largest that was asked for under `name` so far."""
        taken = self._taken[name] = max(size, self._taken.get(name, 0))
        return taken
