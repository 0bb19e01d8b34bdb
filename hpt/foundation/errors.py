"""The errors that end a command, each with its exit code."""

from __future__ import annotations

from collections.abc import Sequence


class HptError(Exception):
    """An error whose message is written for the user; `exit_code` is what the command ends with."""

    exit_code = 1


class InputError(HptError):
    """The command line, the configuration or the data is wrong: one complaint a line, nothing was written."""

    exit_code = 2

    def __init__(self, complaints: str | Sequence[str]) -> None:
        self.complaints = (complaints,) if isinstance(complaints, str) else tuple(complaints)
        super().__init__("\n".join(self.complaints))


class RunError(HptError):
    """It ran and failed: every trial diverged, the disk is full."""

    exit_code = 1
