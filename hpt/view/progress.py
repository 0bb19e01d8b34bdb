"""What the progress of a study and of a comparison have in common."""

from __future__ import annotations

import math

from hpt.view.formats import duration

# Before so many seconds the time left is a guess.
_FIRST_ESTIMATE = 1.0


def seconds_left(elapsed: float, before: float, share: float) -> float | None:
    """Wall seconds to go at the pace so far: `elapsed` seconds from the share `before` to `share`. None before it can be told."""
    if elapsed < _FIRST_ESTIMATE or share <= before:
        return None
    return elapsed * (1 - share) / (share - before)


def time_text(elapsed: float, left: float | None) -> str:
    """How long it will take; how long it took so far, where that cannot be told or nothing is left."""
    return f"about {duration(math.ceil(left))} left" if left else duration(elapsed)


def jobs_text(jobs: int) -> str:
    """`1 job`, `2 jobs`."""
    return "1 job" if jobs == 1 else f"{jobs} jobs"
