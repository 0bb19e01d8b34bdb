"""What a benchmark is, and the ways to take time that are the same for all of them."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType


class MissingError(Exception):
    """What a benchmark needs is not on this machine; the message names it."""


@dataclass(frozen=True, slots=True)
class Effort:
    """repeat: how often short measurements are repeated. quick: sizes so small that the figures mean nothing."""

    repeat: int
    quick: bool

    @property
    def long(self) -> int:
        """How often measurements of minutes are repeated."""
        return max(1, self.repeat // 3)

    def size(self, full: int, quick: int) -> int:
        """A count of trials, rows or seeds."""
        return quick if self.quick else full


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read for one row, a value a repetition.

    values: what the row's target speaks of. ours, theirs: the quantities behind it, in `unit`; empty where there is no such side.
    interval: what stands in the place of the spread of the values, where that says more.
    """

    values: Sequence[float]
    ours: Sequence[float] = ()
    theirs: Sequence[float] = ()
    unit: str = "s"
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """The readings of a benchmark by the names of its rows, and a line that says where the time went."""

    readings: Mapping[str, Reading]
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `unit` is that of its values; `target` and `stretch` are None where it is for reading only."""

    name: str
    what: str
    target: float | None = None
    stretch: float | None = None
    unit: str = "×"
    better: str = "more"

    def reaches(self, value: float, bar: float) -> bool:
        """Whether `value` is as good as `bar`."""
        return value >= bar if self.better == "more" else value <= bar


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One measurement and the rows it fills. It runs in a process of its own, pinned to `cores` cores.

    products: whether it measures matrix products, so that it says as much of the BLAS kernel; then it is measured on each.
    """

    measure: Callable[[Effort], Measured]
    rows: tuple[Row, ...]
    cores: int = 1
    products: bool = False


def faster(ours: Sequence[float], theirs: Sequence[float], unit: str = "s", scale: float = 1.0) -> Reading:
    """How many times as fast ours is, turn by turn; both sides are shown times `scale`, in `unit`."""
    values = [their / our for our, their in zip(ours, theirs, strict=True)]
    return Reading(values, [scale * v for v in ours], [scale * v for v in theirs], unit)


def costlier(ours: Sequence[float], theirs: Sequence[float], unit: str = "s", scale: float = 1.0) -> Reading:
    """How many times the time of theirs ours takes, turn by turn."""
    turned = faster(theirs, ours, unit, scale)
    return Reading(turned.values, turned.theirs, turned.ours, unit)


def interleave(repeat: int, **calls: Callable[[], object]) -> dict[str, list[float]]:
    """Wall seconds of each call, `repeat` times in turns, so that all meet the same machine; each is called once before."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(repeat):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - started)
    return seconds


def median(values: Sequence[float]) -> float:
    """The middle of `values`, the mean of the two in the middle of an even number; nan of none."""
    ordered = sorted(values)
    count = len(ordered)
    if not count:
        return math.nan
    low, high = ordered[(count - 1) // 2], ordered[count // 2]
    return low if low == high else (low + high) / 2


def usable_cores() -> list[int]:
    """The cores this process may run on; made up from their number where the system does not say."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


def pin(cores: int) -> None:
    """Keeps this process, and those it starts, on the last `cores` usable cores, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, usable_cores()[-cores:])


def peer(package: str) -> ModuleType:
    """The peer that is written with `package`. Raises MissingError where that is not installed."""
    if find_spec(package) is None:
        raise MissingError(f"{package} is not installed")
    return import_module(f"benchmarks.peers.{package}_")
