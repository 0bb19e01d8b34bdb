"""Faults at chosen calls of the system, and commands that run in a fork of this process so that they start at once."""

from __future__ import annotations

import contextlib
import io
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

CALLS = ("open", "write", "fsync", "replace", "unlink", "mkdir", "ftruncate")
"""What changes files or can fail for want of something."""
STOPPED_SECONDS = 0.05


def at_call(number: int, act: Callable[[], None]) -> None:
    """From now on the call `number` of those in `CALLS`, counted from 1, does `act` first, which may raise."""
    made = 0

    def double(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal made
            made += 1
            if made == number:
                act()
            return real(*arguments, **named)

        return call

    for name in CALLS:
        setattr(os, name, double(getattr(os, name)))


def failing(number: int) -> Callable[[], None]:
    """Raises OSError with the errno `number`."""

    def act() -> None:
        raise OSError(number, os.strerror(number))

    return act


def signalled(number: int) -> Callable[[], None]:
    """Sends this process a signal."""
    return lambda: os.kill(os.getpid(), number)


def limited(what: int, amount: int) -> None:
    """From now on this process may take so much."""
    resource.setrlimit(what, (amount, amount))


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended. code: negative where a signal ended it."""

    code: int
    out: str
    err: str
    seconds: float


def forked(
    folder: Path, arguments: Sequence[str], prepare: Callable[[], None] = lambda: None, *, patience: float = 60
) -> Ended:
    """`hpt` with `arguments` in `folder`, in a fork of this process, after `prepare` there. Killed after `patience` seconds."""
    began = time.monotonic()
    paths = [folder / ".stdout", folder / ".stderr"]
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _run(folder, arguments, prepare, paths)
    while True:
        pid, status = os.waitpid(child, os.WNOHANG | os.WUNTRACED)
        if pid and os.WIFSTOPPED(status):
            time.sleep(STOPPED_SECONDS)
            os.kill(child, signal.SIGCONT)
        elif pid:
            break
        elif time.monotonic() - began > patience:
            os.kill(child, signal.SIGKILL)
        else:
            time.sleep(0.002)
    out, err = (path.read_text("utf-8", "replace") if path.exists() else "" for path in paths)
    return Ended(os.waitstatus_to_exitcode(status), out, err, time.monotonic() - began)


def called(folder: Path, arguments: Sequence[str]) -> Ended:
    """`hpt` with `arguments` in `folder`, in this process: for commands that take milliseconds. What they raise comes out."""
    from hpt.cli import main

    began = time.monotonic()
    before, argv = Path.cwd(), sys.argv
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    out, err = io.StringIO(), io.StringIO()
    code = 1
    try:
        os.chdir(folder)
        sys.argv = ["hpt", *arguments]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        os.chdir(before)
        sys.argv = argv
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return Ended(code, out.getvalue(), err.getvalue(), time.monotonic() - began)


def import_all() -> None:
    """What commands import, once for all forks."""
    import optuna  # noqa: F401


def _run(folder: Path, arguments: Sequence[str], prepare: Callable[[], None], paths: Sequence[Path]) -> NoReturn:
    """The child: never comes back into what its parent was doing."""
    code = 1
    try:
        os.chdir(folder)
        for stream, path in zip((1, 2), paths, strict=True):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8")
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1)
        sys.argv = ["hpt", *arguments]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        prepare()
        from hpt.cli import main

        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001  as the interpreter would
        import traceback

        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
        except OSError:
            code = code or 1
        os._exit(code)
