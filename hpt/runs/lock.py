"""The lock of a run folder: only one process at a time may write to it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hpt.foundation.errors import InputError, RunError

LOCK_FILE = ".lock"


def held(folder: Path) -> bool:
    """Whether another process has locked `folder`."""
    try:
        with (folder / LOCK_FILE).open("r+b", buffering=0) as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Locks `folder` for this process as long as the context lasts.

    Raises InputError where another process has locked it, with the pid of that one, or where the file cannot be written; RunError
    where the disk is full.

    A POSIX record lock: the system drops it when its owner dies, however that happens, and no child process inherits it. Nothing else
    may open the file in this process, since closing it would drop the lock.
    """
    try:
        file = (folder / LOCK_FILE).open("a+b", buffering=0)
    except OSError as error:
        raise InputError(f"{folder / LOCK_FILE}: cannot be written: {error.strerror}. Choose another --runs.") from error
    with file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as error:
            file.seek(0)
            owner = file.read().decode("ascii", "replace").strip() or "unknown"
            raise InputError(f"{folder}: another hpt works on this run (pid {owner}). Wait for it, or stop it.") from error
        try:
            file.truncate(0)
            file.write(str(os.getpid()).encode())
        except OSError as error:
            raise RunError(f"{folder}: {error.strerror}. Make room, or choose another folder.") from error
        yield
