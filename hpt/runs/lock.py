"""The lock of a run folder: only one process at a time may write to it."""

from __future__ import annotations

import fcntl
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hpt.foundation.errors import InputError
from hpt.runs.files import open_lock, write_owner

LOCK_FILE = ".lock"
_OWNER_BYTES = 20


def held(folder: Path) -> bool:
    """Whether another process has locked `folder`. Only asks: a lock taken for a moment would turn away one who wants it."""
    try:
        descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        # There is none, or who may not write to it cannot ask: then nobody of ours holds it.
        return False
    try:
        return _asked(descriptor)
    except OSError:
        return False
    finally:
        os.close(descriptor)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Locks `folder` for this process as long as the context lasts.

    Raises InputError where another process has locked it, with the pid of that one, or where the file cannot be written.

    A POSIX record lock: the system drops it when its owner dies, however that happens, and no child process inherits it. Nothing else
    may open the file in this process, since closing it would drop the lock.
    """
    path = folder / LOCK_FILE
    try:
        descriptor = open_lock(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}. Choose another --runs.") from error
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as error:
            owner = os.read(descriptor, _OWNER_BYTES).decode("ascii", "replace").strip()
            named = owner if owner.isdecimal() else "unknown"
            raise InputError(f"{folder}: another hpt works on this run (pid {named}). Wait for it, or stop it.") from error
        except OSError as error:
            raise InputError(f"{path}: cannot be locked: {error.strerror}. Choose another --runs.") from error
        # The lock holds without the pid too, which a full disk may not take.
        with suppress(OSError):
            write_owner(descriptor, str(os.getpid()))
        yield
    finally:
        os.close(descriptor)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Waits until no other command is here, and lets none in as long as the context lasts. Leaves no file, unlike `locked`.

    For moments, not for a run: who waits is told nothing. Where the file system has no such locks, nobody waits.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _asked(descriptor: int) -> bool:
    """Whether a lock of another process stands in the way of ours."""
    # `struct flock`: type, whence, start, length, pid; macOS begins with the long ones.
    if sys.platform == "darwin":
        answer = fcntl.fcntl(descriptor, fcntl.F_GETLK, struct.pack("qqihh", 0, 0, 0, fcntl.F_WRLCK, os.SEEK_SET))
        kind = struct.unpack("qqihh", answer)[3]
    else:
        answer = fcntl.fcntl(descriptor, fcntl.F_GETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
        kind = struct.unpack("hhqqi4x", answer)[0]
    return bool(kind != fcntl.F_UNLCK)
