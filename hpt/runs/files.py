"""Files of a run folder, which may come from anyone and must survive a power cut.

What is written is found whole or not at all, and is on disk with its name when a function returns: files are synced, then the folder that
names them. No link is followed. What is read are regular files of bounded size: a pipe would be waited on for ever.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import stat
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt.foundation.errors import InputError, RunError

MOST_BYTES = 2**31
"""So large a file at most is read; a million trials take less."""
_NO_LINK = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_BLOCK = 2**20

_REMEDIES: Mapping[int, str] = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "Make room, or choose another folder"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "Allow writing there, or choose another folder"),
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), "Allow more open files, or take fewer --jobs"),
    **dict.fromkeys((errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG), "Name a file in a folder that is there"),
    errno.ELOOP: "In a run folder no link is followed: put the file itself there",
    errno.ENOENT: "Was the folder removed meanwhile? Choose another",
}


def remedy(error: OSError) -> str:
    """What a user can do about an error of the file system, without a full stop."""
    return _REMEDIES.get(error.errno or 0, "The disk may be failing: look at the system's log, or choose another folder")


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes | None:
    """The content of a regular file, None where there is no such name.

    Raises InputError where it is anything else, larger than `most` bytes, or cannot be read.
    """
    with _reading(path, most) as descriptor:
        return None if descriptor is None else b"".join(_blocks(descriptor))


def read_lines(path: Path, longest: int, most: int = MOST_BYTES) -> Iterator[bytes]:
    """The lines of a regular file, each with its end, none where there is no such name. The last may have no end.

    Of a line that is longer than `longest` bytes so many and one come, and no more lines. Errors as in `read_bytes`.
    """
    with _reading(path, most) as descriptor:
        if descriptor is None:
            return
        with os.fdopen(os.dup(descriptor), "rb") as stream:
            while line := stream.readline(longest + 1):
                yield line
                if len(line) > longest:
                    return


def digest(path: Path, most: int = MOST_BYTES) -> str | None:
    """SHA-256 of a regular file; None and errors as in `read_bytes`."""
    with _reading(path, most) as descriptor:
        if descriptor is None:
            return None
        found = hashlib.sha256()
        for block in _blocks(descriptor):
            found.update(block)
        return found.hexdigest()


def check_regular(path: Path, most: int = MOST_BYTES) -> None:
    """Raises InputError where there is a file that `read_bytes` would refuse."""
    with _reading(path, most):
        pass


def write_bytes(path: Path, content: bytes) -> None:
    """Replaces `path` at once. Raises RunError where the disk does not take it; what was there is there then."""
    beside = path.with_name(f".{path.name}.new")
    with _writing(path):
        # What a killed command left, or a link that someone laid there: never opened, only removed.
        _unlink(beside)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK, 0o666)
        try:
            _write(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        beside.replace(path)
        _sync_folder(path.parent)


def write_named(path: Path, content: bytes) -> None:
    """Writes where a user says: a link is followed, and a device or pipe takes the content as it stands, never its name.

    A regular file is replaced at once. Raises RunError where that cannot be done.
    """
    with _writing(path):
        there = path.resolve()
        if there.is_dir():
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not there.exists() or there.is_file():
            write_bytes(there, content)
            return
        with there.open("wb", buffering=0) as stream:
            _write(stream.fileno(), content)


def append_bytes(path: Path, content: bytes, size: int) -> None:
    """Writes after the first `size` bytes of `path` and drops the rest. Raises RunError where the disk does not take it.

    The first `size` bytes are intact whatever happens; a file that has fewer is left as it is, with a RunError.
    """
    with _writing(path):
        descriptor = _open_regular(path)
        try:
            if (found := os.fstat(descriptor).st_size) < size:
                raise RunError(
                    f"{path}: expected the {size:,} bytes that were recorded, found {found:,}: who changed it meanwhile?"
                )
            if found > size:
                # Before anything is written: a disk may keep one of two changes that were not synced, and mix old with new.
                os.ftruncate(descriptor, size)
                os.fsync(descriptor)
            os.lseek(descriptor, size, os.SEEK_SET)
            _write(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if not size:
            _sync_folder(path.parent)


def write_text(path: Path, content: str) -> None:
    """`write_bytes` of UTF-8 text."""
    write_bytes(path, content.encode())


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """`write_text` of indented JSON. Raises ValueError on a number that is not finite."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def packed(arrays: Mapping[str, NDArray[Any]], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Named arrays as .npz, which loads with `allow_pickle=False`. Raises ValueError where one could not.

    compression: as `zipfile` names it. The bytes are those of `np.savez`, which in NumPy 2.0 cannot be told not to pickle.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
                np.lib.format.write_array(stream, np.asanyarray(array), allow_pickle=False)
    return buffer.getvalue()


def remove(path: Path) -> None:
    """Removes a file or link, if there is one. Raises RunError where that cannot be done."""
    with _writing(path):
        _unlink(path)
        _sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Makes a folder and those above it; with their names on disk. Raises OSError, FileExistsError where it is there."""
    if not path.parent.is_dir():
        try:
            make_folder(path.parent)
        except FileExistsError:
            if not path.parent.is_dir():
                raise
    path.mkdir()
    _sync_folder(path.parent)


def open_lock(path: Path) -> int:
    """A descriptor of a file to be locked, made where there is none. Raises OSError where it is anything but a regular file."""
    return _open_regular(path)


def write_owner(descriptor: int, owner: str) -> None:
    """Makes `owner` the content of a lock. Raises OSError."""
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    _write(descriptor, owner.encode())


@contextmanager
def _reading(path: Path, most: int) -> Iterator[int | None]:
    descriptor = None
    try:
        try:
            descriptor = os.open(path, os.O_RDONLY | _NO_LINK)
            status = os.fstat(descriptor)
        except FileNotFoundError:
            yield None
            return
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path}: expected a regular file, found {_kind(status.st_mode)}. Remove it.")
        if status.st_size > most:
            raise InputError(f"{path}: expected at most {most:,} bytes, found {status.st_size:,}. Remove it.")
        yield descriptor
    except OSError as error:
        found = "a link" if error.errno == errno.ELOOP else error.strerror
        raise InputError(f"{path}: expected a regular file that can be read, found: {found}.") from error
    finally:
        if descriptor is not None:
            os.close(descriptor)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RunError(f"{path}: {error.strerror}. {remedy(error)}.") from error


def _open_regular(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _NO_LINK, 0o666)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, f"{_kind(mode)}, not a regular file")


def _kind(mode: int) -> str:
    return next((name for test, name in _KINDS if test(mode)), "something else")


_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def _blocks(descriptor: int) -> Iterator[bytes]:
    while block := os.read(descriptor, _BLOCK):
        yield block


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _unlink(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()


def _sync_folder(folder: Path) -> None:
    """Puts the names in a folder on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some file systems cannot sync a folder, and say so; then its names are theirs to keep.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(descriptor)
