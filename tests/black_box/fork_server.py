"""A process that has imported `hpt`, and forks itself for each command that is asked for.

    python -m tests.black_box.fork_server DESCRIPTOR

To start Python and to import takes longer than most commands do. DESCRIPTOR is a socket: for each message, a command's arguments and
folder with its standard streams, comes the number of its process, and when that has ended, its exit code.
"""

from __future__ import annotations

import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from hpt.cli import THREADS

_MOST = 1 << 20
# What a command may import, but for the extras: who does without them must not have them either.
_MODULES = ("numpy", "optuna", "rich.live", "typer", "yaml", "hpt.cli.app", "hpt.study.session", "hpt.compare.session")


class ForkServer:
    """Such a process, with the variables `environment`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", __name__, str(theirs.fileno())]
            self._process = subprocess.Popen(
                command, env=environment, pass_fds=[theirs.fileno()], cwd=Path(__file__).parents[2]
            )

    def run(self, folder: Path, arguments: Sequence[str], seconds: float) -> tuple[int, str, str]:
        """The exit code of `hpt` with `arguments` in `folder`, and what it printed on stdout and stderr.

        Raises subprocess.TimeoutExpired, the command killed, where it or a process that it left has not ended in so many seconds.
        """
        until = time.monotonic() + seconds
        nothing = os.open(os.devnull, os.O_RDONLY)
        (out, its_out), (err, its_err) = os.pipe(), os.pipe()
        given = (nothing, its_out, its_err)
        try:
            message = json.dumps({"folder": str(folder), "arguments": list(arguments)}).encode()
            socket.send_fds(self._socket, [message], list(given))
        finally:
            for descriptor in given:
                os.close(descriptor)
        pid = int(self._socket.recv(_MOST))
        try:
            texts = _read({out: b"", err: b""}, until)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            self._socket.recv(_MOST)
            raise subprocess.TimeoutExpired(["hpt", *arguments], seconds) from None
        finally:
            os.close(out)
            os.close(err)
        return int(self._socket.recv(_MOST)), texts[out].decode(), texts[err].decode()

    def close(self) -> None:
        """Ends the process."""
        self._socket.close()
        self._process.wait()


def _read(texts: dict[int, bytes], until: float) -> dict[int, bytes]:
    """What comes from the descriptors of `texts` before all are closed. Raises TimeoutError."""
    waiting = set(texts)
    while waiting:
        ready, _, _ = select.select(list(waiting), [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        for descriptor in ready:
            if more := os.read(descriptor, _MOST):
                texts[descriptor] += more
            else:
                waiting.remove(descriptor)
    return texts


def _asked(descriptor: int) -> None:
    """Returns in a process for each command, which it has become; never in the one that forks."""
    asking = socket.socket(fileno=descriptor)
    while True:
        message, given, _, _ = socket.recv_fds(asking, _MOST, 3)
        if not message:
            os._exit(0)
        child = os.fork()
        if child == 0:
            asking.close()
            _become(json.loads(message), given)
            return
        for each in given:
            os.close(each)
        asking.send(str(child).encode())
        _, status = os.waitpid(child, 0)
        asking.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(command: Mapping[str, Any], given: Sequence[int]) -> None:
    for number, descriptor in enumerate(given):
        os.dup2(descriptor, number)
        os.close(descriptor)
    # As the interpreter has them where none is a terminal.
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr
    os.chdir(command["folder"])
    sys.argv = ["hpt", *command["arguments"]]
    sys.path[0] = command["folder"]
    sys.modules["hpt.cli"].__dict__["STARTED"] = time.perf_counter()


if __name__ == "__main__":
    os.environ.update(dict.fromkeys(THREADS, "1"))
    for module in _MODULES:
        import_module(module)
    _asked(int(sys.argv[1]))
    runpy.run_module("hpt", run_name="__main__", alter_sys=True)
