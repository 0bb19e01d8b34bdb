"""The errors that end a command, and the exit codes of commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

DONE: Final = 0
FAILED: Final = 1
"""It ran and failed: every trial diverged, the disk is full."""
REFUSED: Final = 2
"""The command line, the configuration or the data is wrong, or a run is locked. Nothing was written."""
REQUIREMENT_MISSED: Final = 3
"""It ran, and its result is not as good as was required."""
INTERRUPTED: Final = 130
"""Ended by Ctrl-C: 128 and the number of SIGINT, as shells have it."""


class HptError(Exception):
    """An error whose message is written for the user; `exit_code` is what the command ends with."""

    exit_code: ClassVar[int] = FAILED


class InputError(HptError):
    """The command line, the configuration or the data is wrong: one complaint a line, nothing was written."""

    exit_code = REFUSED

    def __init__(self, complaints: str | Sequence[str]) -> None:
        self.complaints = (complaints,) if isinstance(complaints, str) else tuple(complaints)
        super().__init__("\n".join(self.complaints))


class RunError(HptError):
    """It ran and failed: every trial diverged, the disk is full."""

    exit_code = FAILED
