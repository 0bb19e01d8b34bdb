"""When to send a piece of work a second time: one worker in a hundred is slow, and a generation waits for its last piece."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping
from statistics import median
from typing import TypeVar

Task = TypeVar("Task", bound=Hashable)

TIMES = 1.5
"""A piece is due for a copy when it has taken so many times the median of the latest pieces, …"""
LEAST = 0.5
"""… and so many seconds: below, a copy costs more than it saves."""
LATEST = 64


class Backups:
    """Which pieces are due for a copy, learnt from the seconds that others took."""

    def __init__(self) -> None:
        self._took: deque[float] = deque(maxlen=LATEST)

    def learn(self, seconds: float) -> None:
        """Notes what a piece took."""
        self._took.append(seconds)

    def due(self, ages: Mapping[Task, float], free: int) -> list[Task]:
        """At most `free` of the tasks, the oldest first; `ages` are seconds since their latest copies were sent."""
        if not self._took:
            return []
        late = max(LEAST, TIMES * median(self._took))
        return sorted((task for task in ages if ages[task] > late), key=lambda task: -ages[task])[:free]
