"""What the progress of a study and of a comparison have in common."""

from __future__ import annotations

import math

from hpt.view.formats import duration

# Before so many seconds the time left is a guess.
_FIRST_ESTIMATE = 1.0


def seconds_left(elapsed: float, before: float, share: float, waited: float) -> float | None:
    """Wall seconds to go at the pace so far: `elapsed` seconds from the share `before` to `share`, reached `waited` seconds ago.

    None before it can be told, and where it has taken longer than that.
    """
    if elapsed < _FIRST_ESTIMATE or share <= before:
        return None
    left = elapsed * (1 - share) / (share - before) - waited
    return left if left > 0 else None


def time_texts(elapsed: float, left: float | None) -> list[str]:
    """How long it took so far and, where that can be told, will take: `12s, about 1m 20s left`, and the shorter of the two."""
    so_far = duration(math.floor(elapsed))
    if left is None:
        return [so_far]
    rest = f"about {duration(math.ceil(left))} left"
    return [f"{so_far}, {rest}", rest]


def jobs_text(jobs: int) -> str:
    """`1 job`, `2 jobs`."""
    return "1 job" if jobs == 1 else f"{jobs} jobs"
