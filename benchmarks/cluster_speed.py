"""A study whose trials take a second, on a pool and on a cluster of more workers than cores, in turns; and a cluster that waits."""

from __future__ import annotations

import ctypes
import os
import time
from pathlib import Path
from statistics import median

from benchmarks.cluster_machines import Machines, hpt, until
from hpt.cluster.connection import roster_of

STUDY = """
data: digits
model: {hidden: [256, 256]}
optimizer: {choose: [sgd, adam]}
training: {epochs: 40, batch_size: 16}
study: {trials: 24, population: 12}
"""
SETTLING = 10.0
WINDOW, WINDOWS = 10.0, 6
"""Seconds in which it is seen what a cluster does that waits, and how often."""
_SUBREAPER = 36
"""Of prctl(2): whoever of our descendants outlives its parent becomes our child, and so can be waited for and counted."""


def speed(folder: Path, workers: int, jobs: int, turns: int) -> int:
    """Wall and CPU seconds on a pool and on a cluster; prints the medians over the turns and what the cluster loses."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    (folder / "study.yaml").write_text(STUDY)
    machines = Machines(folder, workers // 2)
    kinds = {f"pool, {jobs} jobs": ("--jobs", jobs), f"cluster, {workers} workers": ("--cluster", machines.file)}
    took: dict[str, list[tuple[float, float]]] = {kind: [] for kind in kinds}
    try:
        _settled(machines, workers)
        for turn in range(turns):
            # Each goes first as often as the other.
            for kind in list(kinds)[:: 1 if turn % 2 else -1]:
                took[kind].append(_timed(folder, machines, f"{kind[:4]}-{turn}", kinds[kind]))
                print("{}: {:.2f} s, {:.2f} CPU s".format(kind, *took[kind][-1]), flush=True)
    finally:
        machines.close()
    for index, what in enumerate(("wall", "CPU")):
        pool, cluster = (median(each[index] for each in seconds) for seconds in took.values())
        ratios = sorted(c[index] / p[index] for p, c in zip(*took.values(), strict=True))
        print(
            f"{what} seconds, median of {turns}: pool {pool:.2f}, cluster {cluster:.2f}; cluster against pool, turn by turn: "
            f"{100 * (median(ratios) - 1):+.1f}% ({100 * (ratios[0] - 1):+.1f} to {100 * (ratios[-1] - 1):+.1f})"
        )
    return 0


def idle(folder: Path, workers: int) -> int:
    """Prints what a cluster takes of a core while it waits, before it has trained anything and after."""
    (folder / "study.yaml").write_text(STUDY)
    machines = Machines(folder, workers // 2)
    try:
        _settled(machines, workers)
        print(f"a scheduler and {workers} workers that wait: {_waiting(machines)}", flush=True)
        hpt(folder, "tune", "study.yaml", "--cluster", machines.file, "--quiet").wait()
        time.sleep(SETTLING)
        print(f"after a study: {_waiting(machines)}", flush=True)
    finally:
        machines.close()
    return 0


def _waiting(machines: Machines) -> str:
    shares = []
    for _ in range(WINDOWS):
        before = _busy(machines)
        time.sleep(WINDOW)
        shares.append(100 * (_busy(machines) - before) / WINDOW)
    low, high = min(shares), max(shares)
    return f"{median(shares):.1f}% of a core ({low:.1f} to {high:.1f} in {WINDOWS} windows of {WINDOW:.0f} s)"


def _settled(machines: Machines, workers: int) -> None:
    """Waits until so many workers have come and have nothing more to load."""
    until(lambda: roster_of(machines.file).alike == workers)
    time.sleep(SETTLING)


def _timed(folder: Path, machines: Machines, name: str, options: tuple[object, ...]) -> tuple[float, float]:
    """Wall seconds of the command, and the CPU seconds of all that worked for it."""
    before, began = _busy(machines), time.perf_counter()
    command = hpt(folder, "tune", "study.yaml", *options, "--quiet", "--name", name)
    _, status, usage = os.wait4(command.pid, 0)
    command.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if command.returncode:
        raise RuntimeError(f"{name} ended with {command.returncode}: {(folder / 'log').read_text()[-2000:]}")
    cpu = usage.ru_utime + usage.ru_stime + _orphans(machines)
    return seconds, cpu + _busy(machines) - before


def _orphans(machines: Machines) -> float:
    """CPU seconds of the processes that a command started and that end after it."""
    alive = {machines.scheduler.pid, *(machine.pid for machine in machines.workers)}
    found = 0.0
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    for pid in set(map(int, children.read_text().split())) - alive:
        _, _, usage = os.wait4(pid, 0)
        found += usage.ru_utime + usage.ru_stime
    return found


def _busy(machines: Machines) -> float:
    """CPU seconds that the processes of the cluster have had."""
    ticks = 0
    for pid in machines.everyone():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
