"""The command as a user runs it: another process, what it prints, what it leaves in a folder."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from jsonschema import Draft202012Validator

from hpt.cli import THREADS
from hpt.schemas.documents import schema
from tests.black_box.fork_server import ForkServer

Refused = Callable[..., list[str]]
"""A call of the command that must end with exit code 2 and nothing on stdout: its lines on stderr."""

# What tests set, what a machine may and a user's has not, and what the command or a library sets for itself, also in this process.
_OURS = {"COLUMNS", "NO_COLOR", "FORCE_COLOR", "PYTEST_CURRENT_TEST", "PYTHONUNBUFFERED", *THREADS}
_OURS |= {"DASK_LOGGING__DISTRIBUTED", "KMP_DUPLICATE_LIB_OK"}
COMMAND = (sys.executable, "-m", "hpt")
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document that stdout holds, which must be as its schema says."""
        document = json.loads(self.out, parse_constant=_refuse)
        kind, _, number = document["schema"].removeprefix("hpt.").partition("/")
        assert number == "1"
        validator(kind).validate(document)
        return document

    @property
    def errors(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith("error: ")]


class Hpt:
    """Runs `hpt` in `folder`. seconds: how long a command may take."""

    def __init__(self, folder: Path, seconds: float = SECONDS) -> None:
        self.folder = folder
        self._seconds = seconds
        self._started: list[subprocess.Popen[str]] = []

    def __call__(self, *arguments: object, code: int = 0, **options: Any) -> Ended:
        """Runs to the end, which must come with exit code `code` and without a traceback.

        In a fork of a process that has imported the command, where nothing is asked for that only a new one has.
        """
        server = None if options else fork_server(tuple(sorted(_variables().items())))
        if server is None:
            return self.ended(self.start(*arguments, **options), code=code)
        return _as_expected(Ended(*server.run(self.folder, [*map(str, arguments)], self._seconds)), code)

    def start(self, *arguments: object, environment: dict[str, str] | None = None, **options: Any) -> subprocess.Popen[str]:
        """Starts the command. environment: variables changed or added."""
        pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            cwd=self.folder,
            env=_variables() | (environment or {}),
            text=True,
            encoding="utf-8",
            **(pipes | options),
        )
        self._started.append(process)
        return process

    def ended(self, process: subprocess.Popen[str], *, code: int = 0) -> Ended:
        """Waits for a command that was started."""
        try:
            out, err = process.communicate(timeout=self._seconds)
        finally:
            process.kill()
        return _as_expected(Ended(process.returncode, out or "", err or ""), code)

    def close(self) -> None:
        """Leaves nothing running, whatever became of the test."""
        for process in self._started:
            process.kill()
            process.wait()
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()

    def write(self, name: str, text: str) -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def files(self) -> list[str]:
        """What lies in the folder and below, by relative path."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))


def _as_expected(ended: Ended, code: int) -> Ended:
    assert ended.code == code, f"exit code {ended.code}, expected {code}\n{ended.err}\n{ended.out}"
    assert "Traceback" not in ended.err
    return ended


def _variables() -> dict[str, str]:
    """What a command finds in its environment."""
    return {name: value for name, value in os.environ.items() if name not in _OURS}


_FIRST = tuple(sorted(_variables().items()))
"""As they were before any test."""


@cache
def fork_server(variables: tuple[tuple[str, str], ...]) -> ForkServer | None:
    """Who forks commands with these variables, once for all tests of a process; None where a test has changed them."""
    if sys.platform != "linux" or variables != _FIRST:
        return None
    server = ForkServer(dict(variables))
    atexit.register(server.close)
    return server


@cache
def validator(kind: str) -> Draft202012Validator:
    """What a document of the kind `kind` must be like."""
    return Draft202012Validator(schema(kind))


def records(folder: Path) -> list[dict[str, Any]]:
    """The lines of `trials.jsonl` in a run folder."""
    return [json.loads(line) for line in (folder / "trials.jsonl").read_text("utf-8").splitlines()]


def timeless(document: dict[str, Any]) -> dict[str, Any]:
    """What must be the same whenever and wherever a study runs."""
    return {key: value for key, value in document.items() if key not in ("seconds", "run", "warnings", "notices")}


def children(pid: int) -> list[int]:
    """The processes that process `pid` started, as /proc has them."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(status.parent.name))
    return found


def workers(pid: int) -> list[int]:
    """The worker processes of a command: those that a process of it was forked to."""
    return [worker for child in children(pid) for worker in children(child)]


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
