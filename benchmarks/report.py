"""The table as Markdown, with the machine and the versions it was measured on."""

from __future__ import annotations

import os
import platform
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import hpt
from benchmarks.measuring import Measured, Reading, Row, median, usable_cores

PACKAGES = ("numpy", "optuna", "typer", "rich", "torch", "scikit-learn", "jax")
HEADER = ("row", "what", "kernel", "median", "spread", "ours", "theirs", "target", "stretch", "")


@dataclass(frozen=True, slots=True)
class Line:
    """A row, its reading or the word that says why there is none, and the BLAS kernel it was read on."""

    row: Row
    reading: Reading | str
    kernel: str

    @property
    def verdict(self) -> str:
        """`met`, `**missed**`, nothing where there is no target, or why it was not measured."""
        if isinstance(self.reading, str):
            return f"skipped: {self.reading}"
        if self.row.target is None:
            return ""
        value = median(self.reading.values)
        if not self.row.reaches(value, self.row.target):
            return "**missed**"
        return (
            "met, and the stretch" if self.row.stretch is not None and self.row.reaches(value, self.row.stretch) else "met"
        )

    def cells(self) -> tuple[str, ...]:
        """The texts of this line under `HEADER`."""
        row, reading = self.row, self.reading
        bars = [bar(row, row.target), bar(row, row.stretch)]
        if isinstance(reading, str):
            return (row.name, row.what, self.kernel, "", "", "", "", *bars, self.verdict)
        low, high = reading.interval or (min(reading.values), max(reading.values))
        shown = quantity(median(reading.values), row.unit)
        sides = [quantity(median(side), reading.unit) if side else "" for side in (reading.ours, reading.theirs)]
        return (row.name, row.what, self.kernel, shown, f"{number(low)} … {number(high)}", *sides, *bars, self.verdict)


def lines_of(rows: Sequence[Row], outcome: Measured | str, kernel: str) -> list[Line]:
    """The lines of one benchmark on one kernel. Raises KeyError where it left a row out."""
    return [Line(row, outcome if isinstance(outcome, str) else outcome.readings[row.name], kernel) for row in rows]


def number(value: float) -> str:
    """Three significant digits, without an exponent where that is short."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:#.3g}".rstrip(".")


def quantity(value: float, unit: str) -> str:
    """A number with its unit, as the table shows it."""
    return f"{number(value)} {unit}".rstrip()


def bar(row: Row, value: float | None) -> str:
    """A target as the table shows it."""
    return "" if value is None else f"{'≥' if row.better == 'more' else '≤'} {value:g} {row.unit}".rstrip()


def markdown_table(lines: Sequence[Line]) -> str:
    """The lines as a Markdown table."""
    rows = [HEADER, ("---",) * len(HEADER), *(line.cells() for line in lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def document(lines: Sequence[Line], profiles: Sequence[str], repeat: int, arguments: Sequence[str]) -> str:
    """The whole page."""
    command = shlex.join(["python", "-m", "benchmarks", *arguments])
    about = (
        f"Written by `{command}`. Median and spread (least … most) over {repeat} repetitions, {max(1, repeat // 3)} where one "
        "takes minutes; ours and theirs in turns on the same cores, one thread a process. A ratio is taken turn by turn. "
        "`kernel` is the one that NumPy's BLAS took: the machine's own, and Haswell, that of machines without AVX-512 "
        "(`OPENBLAS_CORETYPE=Haswell`), where matrix products are measured. Peers that bring another BLAS keep the machine's own."
    )
    parts = [
        "# Results",
        about,
        markdown_table(lines),
        "## Where the time goes",
        "\n".join(f"- {profile}." for profile in profiles),
        "## Machine and versions",
        "\n".join(f"- {name}: {value}" for name, value in machine().items()),
    ]
    return "\n\n".join(parts) + "\n"


def machine() -> Mapping[str, str]:
    """What the figures depend on."""
    found = {"hpt": hpt.__version__, "Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    pinned = "pinned" if hasattr(os, "sched_setaffinity") else "not pinned: the system cannot"
    system = f"{platform.system()}, {platform.machine()}"
    return {"processor": processor(), "cores": f"{len(usable_cores())} usable, {pinned}", "system": system, **found}


def processor() -> str:
    """The processor's name, with its BLAS kernel where threadpoolctl knows it."""
    name = platform.processor() or platform.machine()
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        models = [
            line.partition(":")[2].strip() for line in listing.read_text().splitlines() if line.startswith("model name")
        ]
        name = models[0] if models else name
    import numpy as np  # noqa: F401  threadpoolctl sees the libraries that are loaded
    from threadpoolctl import threadpool_info

    kernels = {f"{pool['internal_api']} {pool.get('architecture', '')}".strip() for pool in threadpool_info()}
    return f"{name} ({', '.join(sorted(kernels))})"
