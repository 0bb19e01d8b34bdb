"""How processes are started: on Linux forked from one that has the modules already, else begun anew; and what dead ones left."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

StartMethod = Literal["spawn", "forkserver"]

_PREFIX = f"hpt-{os.getuid()}-"
_OWNER = "owner"


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

    Only on Linux is a fork safe beside the threads of libraries, and the process to fork from listens in a folder for temporary
    files, whose path may be too long for that.
    """
    if sys.platform != "linux":
        return "spawn"
    from multiprocessing import forkserver, resource_tracker

    forkserver.set_forkserver_preload(list(modules))
    with without_interrupts(), _silent():
        try:
            _listen_in_own_folder()
            resource_tracker.ensure_running()
            # That may have left Ctrl-C unblocked.
            with without_interrupts():
                forkserver.ensure_running()
        except OSError:
            return "spawn"
    return "forkserver"


def sweep() -> None:
    """Removes the folders for temporary files of commands that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            descriptor = os.open(folder / _OWNER, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                # Its owner holds the lock as long as it lives.
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                os.close(descriptor)


def _listen_in_own_folder() -> None:
    """Sockets of worker processes lie in a folder that says whose it is, so that `sweep` knows when nobody needs it."""
    config = multiprocessing.current_process()._config  # type: ignore[attr-defined]  # noqa: SLF001  where get_temp_dir() looks
    if config.get("tempdir") is not None:
        return
    sweep()
    folder = tempfile.mkdtemp(prefix=_PREFIX)
    # Open as long as the process lives: closing it would drop the lock.
    descriptor = os.open(Path(folder) / _OWNER, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    from multiprocessing import util

    util.Finalize(None, shutil.rmtree, args=(folder, True), exitpriority=-100)
    config["tempdir"] = folder


@contextmanager
def _silent() -> Iterator[None]:
    """What is started within has nothing to say on stderr: why a worker died is told by who started it."""
    kept = os.dup(2) if sys.stderr is not None else None
    if kept is None:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
