"""How processes are started: on Linux forked from one that has the modules already, else begun anew."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import BaseContext

_method = "spawn"


def context() -> BaseContext:
    """How `multiprocessing` starts processes here."""
    return multiprocessing.get_context(_method)


@contextmanager
def deaf() -> Iterator[None]:
    """Processes started within never hear Ctrl-C, from their first instruction on: they inherit what is blocked."""
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)


def warm(*modules: str) -> None:
    """Begins to import `modules`, in the background, for all processes of `context` that are started later.

    Does nothing where that is not to be had: only on Linux is a fork safe beside the threads of libraries, and the process
    to fork from listens in the folder for temporary files, whose path may be too long for that.
    """
    global _method  # how all later processes are started
    if sys.platform != "linux":
        return
    from multiprocessing import forkserver, resource_tracker

    forkserver.set_forkserver_preload(list(modules))
    resource_tracker.ensure_running()  # which may leave Ctrl-C unblocked in what it returns to
    with deaf(), suppress(OSError):
        forkserver.ensure_running()
        _method = "forkserver"
