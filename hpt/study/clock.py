"""Where the time of a command goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, get_args

Phase = Literal["start", "sampling", "training", "records", "display"]


class Clock:
    """Wall seconds by phase, on the monotonic clock. It is always in exactly one phase, so the parts add up to the total."""

    def __init__(self, started: float | None = None) -> None:
        """started: the `time.perf_counter()` from which to count, now if it is None."""
        self._started = self._since = time.perf_counter() if started is None else started
        self._phase: Phase = "start"
        self._seconds: dict[str, float] = dict.fromkeys(get_args(Phase), 0.0)

    @contextmanager
    def during(self, phase: Phase) -> Iterator[None]:
        """Within, time is counted for `phase`; after, for the phase before."""
        before = self._switch(phase)
        try:
            yield
        finally:
            self._switch(before)

    def _switch(self, phase: Phase) -> Phase:
        now = time.perf_counter()
        before = self._phase
        self._seconds[before] += now - self._since
        self._since, self._phase = now, phase
        return before

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._started

    def seconds(self) -> dict[str, float]:
        """Seconds so far by phase, and their `total`."""
        self._switch(self._phase)
        return {"total": sum(self._seconds.values()), **self._seconds}
