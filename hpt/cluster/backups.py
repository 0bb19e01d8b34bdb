"""When to send a piece of work a second time: one worker in a hundred is slow, and a generation waits for its last piece."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping
from statistics import median
from typing import TypeVar

Task = TypeVar("Task", bound=Hashable)

TIMES = 1.5
"""A piece is due for a copy when it has taken so many times what the latest pieces took for their estimated costs, …"""
LEAST = 0.5
"""… and so many seconds: below, a copy costs more than it saves."""
LATEST = 64


class Backups:
    """Which pieces are due for a copy, learnt from the seconds that others took. A cost is in any unit, the same for all."""

    def __init__(self) -> None:
        self._rates: deque[float] = deque(maxlen=LATEST)

    def learn(self, seconds: float, cost: float) -> None:
        """Notes what a piece of so much cost took."""
        self._rates.append(seconds / cost)

    def due(self, out: Mapping[Task, tuple[float, float]], free: int) -> list[Task]:
        """At most `free` of the tasks, the latest first; `out` holds the seconds since the latest copy was sent, and the cost."""
        if not self._rates or not free:
            return []
        rate = TIMES * median(self._rates)
        late = {task: age - max(LEAST, rate * cost) for task, (age, cost) in out.items()}
        return sorted((task for task in late if late[task] > 0), key=lambda task: -late[task])[:free]
