"""How processes are started: on Linux forked from one that has the modules already, else begun anew."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

StartMethod = Literal["spawn", "forkserver"]


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Processes started within never receive Ctrl-C, from their first instruction on: they inherit what is blocked."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def preload(*modules: str) -> StartMethod:
    """How to start processes from now on; where they can be forked, the process to fork from begins to import `modules`.

    Only on Linux is a fork safe beside the threads of libraries, and the process to fork from listens in the folder for temporary
    files, whose path may be too long for that.
    """
    if sys.platform != "linux":
        return "spawn"
    from multiprocessing import forkserver, resource_tracker

    forkserver.set_forkserver_preload(list(modules))
    resource_tracker.ensure_running()  # which may leave Ctrl-C unblocked in what it returns to
    with without_interrupts():
        try:
            forkserver.ensure_running()
        except OSError:
            return "spawn"
    return "forkserver"
