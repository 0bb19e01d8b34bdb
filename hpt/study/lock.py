"""One process at a time works on a run."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hpt.foundation.errors import InputError


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Within, this process owns the run in `folder`. Raises InputError with the owner's pid where another does.

    A POSIX record lock: the system drops it when its owner dies, however that happens, and no child process inherits it. Nothing else
    may open the file in this process, since closing it would drop the lock.
    """
    with open(folder / ".lock", "a+", encoding="ascii") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            raise InputError(f"{folder}: another hpt works on this run (pid {owner}). Wait for it, or stop it.") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
