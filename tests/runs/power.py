"""A disk that loses power: the calls that change files are recorded, and replayed as far as a disk need have got."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MOST_PENDING = 8
"""Of more changes than that which are not synced, not every subset is tried but every prefix and every one left out."""


@dataclass
class Disk:
    """What was done below `root`, which is empty at first.

    calls: ("name", folder, name, file or None) where a name came to mean a file, or nothing; ("write", file, offset, bytes),
    ("cut", file, size), ("sync", file or folder); ("said", what) where a promise was made. A file is a number, a folder its path.
    """

    root: Path
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def say(self, what: Any) -> None:
        self.calls.append(("said", what))

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Within, calls of `os` that change files are recorded."""
        recorder = _Recorder(self)
        for name in _CALLS:
            setattr(os, name, getattr(recorder, name))
        try:
            yield
        finally:
            for name in _CALLS:
                setattr(os, name, recorder.real[name])

    def crashes(self) -> Iterator[tuple[list[Any], list[tuple[Any, ...]]]]:
        """What was promised and what may be on disk, for power that goes after each call."""
        seen = set()
        for end in range(len(self.calls) + 1):
            calls = self.calls[:end]
            said = [call[1] for call in calls if call[0] == "said"]
            pending = [at for at, call in enumerate(calls) if call[0] in ("name", "write", "cut") and not _synced(calls, at)]
            for lost in _subsets(pending):
                kept = tuple(at for at, call in enumerate(calls) if call[0] in ("name", "write", "cut") and at not in lost)
                if (kept, len(said)) not in seen:
                    seen.add((kept, len(said)))
                    yield said, [calls[at] for at in kept]


_CALLS = ("open", "write", "fsync", "ftruncate", "replace", "unlink", "mkdir", "close")


class _Recorder:
    """Stands in for functions of `os`, does what they do, and writes it down."""

    def __init__(self, disk: Disk) -> None:
        self.real = {name: getattr(os, name) for name in _CALLS}
        self._disk = disk
        self._files: dict[str, int] = {}
        self._open: dict[int, Any] = {}
        self._numbers = itertools.count()

    def _note(self, *call: Any) -> None:
        self._disk.calls.append(call)

    def _name(self, path: Any, now: Any) -> None:
        self._note("name", str(Path(path).parent), Path(path).name, now)

    def open(self, path: Any, flags: int, mode: int = 0o777, **rest: Any) -> int:
        fresh = bool(flags & os.O_CREAT) and not os.path.lexists(path)
        descriptor = int(self.real["open"](path, flags, mode, **rest))
        if Path(path).is_relative_to(self._disk.root):
            if fresh:
                self._files[str(path)] = next(self._numbers)
                self._name(path, self._files[str(path)])
            self._open[descriptor] = str(path) if Path(path).is_dir() else self._files[str(path)]
        return descriptor

    def write(self, descriptor: int, content: Any) -> int:
        at = os.lseek(descriptor, 0, os.SEEK_CUR) if descriptor in self._open else 0
        done = int(self.real["write"](descriptor, content))
        if descriptor in self._open:
            # A disk may keep one half and lose the other, the first as well as the second.
            for start, end in ((0, done // 2), (done // 2, done)):
                self._note("write", self._open[descriptor], at + start, bytes(content[start:end]))
        return done

    def ftruncate(self, descriptor: int, size: int) -> None:
        self.real["ftruncate"](descriptor, size)
        self._note("cut", self._open[descriptor], size)

    def fsync(self, descriptor: int) -> None:
        self.real["fsync"](descriptor)
        self._note("sync", self._open[descriptor])

    def replace(self, source: Any, target: Any, **rest: Any) -> None:
        self.real["replace"](source, target, **rest)
        moved = self._files[str(target)] = self._files.pop(str(source))
        # One change of the folder: the old name goes as the new one comes.
        self._note("name", str(Path(target).parent), (Path(source).name, Path(target).name), moved)

    def unlink(self, path: Any, **rest: Any) -> None:
        self.real["unlink"](path, **rest)
        self._name(path, None)

    def mkdir(self, path: Any, mode: int = 0o777, **rest: Any) -> None:
        self.real["mkdir"](path, mode, **rest)
        self._name(path, str(path))

    def close(self, descriptor: int) -> None:
        self._open.pop(descriptor, None)
        self.real["close"](descriptor)


def lay_out(kept: list[tuple[Any, ...]], root: Path, target: Path) -> None:
    """Makes at `target` what the disk has of `root` after the calls `kept`; a name whose folder is not there is lost with it."""
    contents: dict[Any, bytearray] = {}
    names: dict[tuple[str, str], Any] = {}
    for kind, *rest in kept:
        if kind == "write":
            inode, at, content = rest
            held = contents.setdefault(inode, bytearray())
            held.extend(bytes(max(0, at - len(held))))
            held[at : at + len(content)] = content
        elif kind == "cut":
            inode, size = rest
            del contents.setdefault(inode, bytearray())[size:]
        else:
            folder, name, inode = rest
            old, new = name if isinstance(name, tuple) else (None, name)
            if old is not None:
                names.pop((folder, old), None)
            names[folder, new] = inode
    for (folder, name), inode in names.items():
        place = target / Path(folder).relative_to(root) / name
        if isinstance(inode, str):
            place.mkdir(parents=True, exist_ok=True)
    for (folder, name), inode in names.items():
        place = target / Path(folder).relative_to(root) / name
        if isinstance(inode, int) and place.parent.is_dir():
            place.write_bytes(contents.get(inode, b""))


def _synced(calls: list[tuple[Any, ...]], at: int) -> bool:
    what = calls[at][1]
    return any(call[0] == "sync" and call[1] == what for call in calls[at + 1 :])


def _subsets(pending: list[int]) -> Iterator[frozenset[int]]:
    if len(pending) <= MOST_PENDING:
        for count in range(len(pending) + 1):
            yield from map(frozenset, itertools.combinations(pending, count))
        return
    for end in range(len(pending) + 1):
        yield frozenset(pending[end:])
        yield frozenset(pending[end : end + 1])
