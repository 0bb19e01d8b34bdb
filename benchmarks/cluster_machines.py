"""A cluster of processes on this machine, each started by the command line."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 300.0
"""Seconds for whatever should come about by itself; much, for machines that have other things to do."""


class Machines:
    """A scheduler and workers, started again when a fault has ended them. jobs: worker processes of each of two `hpt worker`."""

    def __init__(self, folder: Path, jobs: int) -> None:
        self.folder = folder
        self.file = folder / "s.json"
        self.jobs = jobs
        self.start()

    def start(self) -> None:
        """All of it anew."""
        self.file.unlink(missing_ok=True)
        self.scheduler = hpt(self.folder, "scheduler", self.file, "--port", 0)
        until(self.file.exists)
        self.workers = [self.machine(), self.machine()]

    def machine(self) -> subprocess.Popen[bytes]:
        """One more `hpt worker`."""
        return hpt(self.folder, "worker", self.file, "--jobs", self.jobs)

    def processes(self) -> list[int]:
        """The processes that train."""
        parents = {machine.pid for machine in self.workers}
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(status.read_text().rpartition(")")[2].split()[1])
                spawned = b"spawn_main" in (status.parent / "cmdline").read_bytes()
            except OSError:
                continue
            if parent in parents and spawned:
                found.append(int(status.parent.name))
        return found

    def everyone(self) -> list[int]:
        """All processes of the cluster."""
        return [self.scheduler.pid, *(machine.pid for machine in self.workers), *self.processes()]

    def close(self) -> None:
        """Ends it."""
        for process in (self.scheduler, *self.workers):
            process.kill()
            process.wait()


def hpt(folder: Path, *arguments: object) -> subprocess.Popen[bytes]:
    """The command, started."""
    with (folder / "log").open("ab") as log:
        # The command under test, with what is written above.
        return subprocess.Popen([sys.executable, "-m", "hpt", *map(str, arguments)], cwd=folder, stdout=log, stderr=log)  # noqa: S603


def until(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Waits until something holds. Raises TimeoutError where it does not come about."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)
