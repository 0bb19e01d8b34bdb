"""Two checkouts of this project side by side: the one these files stand in, and another."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.commands import ROOT, environment

ASK = "import hpt; print(hpt.__file__)"


@dataclass(frozen=True, slots=True)
class Checkout:
    """A folder that holds the package `hpt`."""

    root: Path

    def environment(self) -> dict[str, str]:
        """The variables of a process in which `hpt` and `benchmarks` are this checkout's."""
        return environment() | {"PYTHONPATH": str(self.root)}

    def start(self, *arguments: str | Path, folder: Path, **options: Any) -> subprocess.Popen[str]:
        """Starts Python with `arguments` in `folder`; it finds `hpt` here."""
        command = [sys.executable, *map(str, arguments)]
        return subprocess.Popen(command, cwd=folder, text=True, env=self.environment(), **options)  # noqa: S603  our own

    def hpt(self, *arguments: str | Path, folder: Path) -> tuple[int, str]:
        """Runs `hpt` in `folder`: its exit code, and what it prints on stdout."""
        process = self.start("-m", "hpt", *arguments, folder=folder, stdout=subprocess.PIPE)
        output, _ = process.communicate()
        return process.returncode, output


def pair(other: Path) -> tuple[Checkout, Checkout]:
    """The checkout at `other` and this one, old and new.

    Raises ValueError where `other` is this one, or where a process that should find `hpt` there finds another: a comparison
    of a thing with itself says nothing.
    """
    checkouts = Checkout(other.resolve()), Checkout(ROOT.resolve())
    if checkouts[0] == checkouts[1]:
        raise ValueError(f"--old: expected another checkout than this one, found {other}.")
    for checkout in checkouts:
        process = checkout.start("-c", ASK, folder=Path("/"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        found, _ = process.communicate()
        if not found or not Path(found.strip()).resolve().is_relative_to(checkout.root):
            instead = found.strip() or "nowhere"
            raise ValueError(f"--old: expected a checkout of hpt, found {checkout.root}: its hpt is {instead}.")
    return checkouts
