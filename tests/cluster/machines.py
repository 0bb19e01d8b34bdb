"""A cluster on this machine: a scheduler and workers, each a process of its own, and studies on it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen
from typing import Any

from tests.black_box.hpt_command import Hpt, children

SECONDS = 240
"""For what takes a few: the machine may have much else to do, and each test starts many processes."""


class Machines:
    """Starts what a cluster is made of with `hpt`; its scheduler file lies in the folder `keys` of the test."""

    def __init__(self, hpt: Hpt) -> None:
        self.hpt = hpt
        self.file = hpt.folder / "cluster" / "s.json"
        self.file.parent.mkdir(exist_ok=True)
        self.log = hpt.folder / "cluster" / "log"

    def scheduler(self, *options: object, port: int = 0, **environment: str) -> Popen[str]:
        """A scheduler that has written its file."""
        self.file.unlink(missing_ok=True)
        process = self._start("scheduler", self.file, "--port", port, *options, environment=environment)
        until(self.file.exists)
        return process

    def workers(self, count: int = 2, *options: object, wait: bool = True, **environment: str) -> Popen[str]:
        """`count` more workers that the scheduler knows."""
        before = len(self.roster()["workers"]) if wait else 0
        process = self._start("worker", self.file, "--jobs", count, *options, environment=environment)
        if wait:
            until(lambda: len(self.roster()["workers"]) == before + count)
        return process

    def roster(self) -> Any:
        """What `hpt workers --json` says, taken in this process, which is much faster."""
        from hpt.cluster.connection import roster_of
        from hpt.documents.workers import workers_document
        from hpt.foundation.errors import InputError

        end = time.monotonic() + SECONDS
        while True:
            try:
                return workers_document(roster_of(self.file))
            except InputError:
                if time.monotonic() > end:
                    raise

    def tune(self, name: str, *options: object, config: str = "small.yaml", **environment: str) -> Popen[str]:
        """A study on the cluster."""
        return self.hpt.start("tune", config, "--cluster", self.file, "--name", name, *options, environment=environment)

    def lines(self, name: str) -> bytes:
        """The record of a run."""
        return (self.hpt.folder / "runs" / name / "trials.jsonl").read_bytes()

    def facts(self, name: str) -> Any:
        """The `run.json` of a run."""
        return json.loads((self.hpt.folder / "runs" / name / "run.json").read_text())

    def generations(self, name: str) -> int:
        """How many lines a run has so far."""
        path = self.hpt.folder / "runs" / name / "trials.jsonl"
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def _start(self, *arguments: object, environment: dict[str, str]) -> Popen[str]:
        with self.log.open("a") as log:
            return self.hpt.start(*arguments, environment=environment, stdout=log, stderr=log)


def until(holds: Callable[[], Any], seconds: float = SECONDS) -> None:
    """Waits until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def processes_of(worker: Popen[str]) -> list[int]:
    """The processes that an `hpt worker` trains in, which call themselves otherwise where setproctitle is installed."""
    lines = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children(worker.pid)}
    return [pid for pid, line in lines.items() if b"spawn_main" in line or line.startswith(b"dask worker")]


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Sends a signal."""
    os.kill(pid, number)
