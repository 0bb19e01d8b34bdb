"""Commands run as a user runs them, and what they took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Ran:
    """seconds: wall time from start to exit. kilobytes: the largest resident set of the process itself. output: stdout."""

    seconds: float
    kilobytes: float
    output: str

    @property
    def phases(self) -> dict[str, float]:
        """What the `seconds` of its JSON document say."""
        phases: dict[str, float] = json.loads(self.output)["seconds"]
        return phases


def start(module: str, *arguments: str | Path, path: Path = ROOT) -> subprocess.Popen[str]:
    """Starts `python -m module`, found in the folder `path`, which is also where it runs."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.Popen(command, cwd=path, stdout=subprocess.PIPE, text=True, env=environment())  # noqa: S603  our own


def environment() -> dict[str, str]:
    """The variables of this process, and those that keep BLAS, OpenMP and XLA to one thread.

    Without the one that forbids Python to keep what it compiled: what is installed has been compiled.
    """
    single = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | dict.fromkeys(single, "1")


def run(module: str, *arguments: str | Path, path: Path = ROOT) -> Ran:
    """Runs `python -m module` to its end. Raises RuntimeError where it fails."""
    started = time.perf_counter()
    process = start(module, *arguments, path=path)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        raise RuntimeError(f"python -m {module} ended with exit code {process.returncode}")
    # Linux counts kilobytes, macOS bytes.
    return Ran(seconds, usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1), output)


def tune(
    config: str, folder: Path, trials: int, jobs: int, overrides: Mapping[str, Any] | None = None
) -> tuple[str | Path, ...]:
    """The arguments of `hpt tune` on the YAML `config`, which is left in `folder`, where its run folder will lie too."""
    file = folder / "study.yaml"
    file.write_text(config, encoding="utf-8")
    changes = [text for key, value in (overrides or {}).items() for text in ("--set", f"{key}={value}")]
    fixed = ("--quiet", "--overwrite", "--trials", str(trials), "--jobs", str(jobs))
    return ("tune", file, "--runs", folder, "--name", f"run-{trials}-{jobs}", *fixed, *changes)
