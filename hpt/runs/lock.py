"""One process at a time works on a run."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hpt.foundation.errors import InputError, RunError

LOCK_FILE = ".lock"


def held(folder: Path) -> bool:
    """Whether a process, not this one, works on the run in `folder`."""
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
    """Within, this process owns the run in `folder`.

    Raises InputError, with the owner's pid where another process does; RunError where the disk is full.

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
