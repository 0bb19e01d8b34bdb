"""How processes are started: on Linux forked from one that has the modules already, elsewhere begun anew."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import BaseContext

_FORKED = sys.platform == "linux"  # elsewhere a library may have started threads that a fork leaves behind


def context() -> BaseContext:
    """How `multiprocessing` starts processes here."""
    return multiprocessing.get_context("forkserver" if _FORKED else "spawn")


@contextmanager
def deaf() -> Iterator[None]:
    """Processes started within never hear Ctrl-C, from their first instruction on: they inherit what is blocked."""
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)


def warm(*modules: str) -> None:
    """Begins to import `modules`, in the background, for all processes of `context` that are started later."""
    if _FORKED:
        from multiprocessing import forkserver, resource_tracker

        forkserver.set_forkserver_preload(list(modules))
        resource_tracker.ensure_running()  # which may leave Ctrl-C unblocked in what it returns to
        with deaf():
            forkserver.ensure_running()
