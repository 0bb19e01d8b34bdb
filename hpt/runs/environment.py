"""The software and hardware that the numbers of a run depend on: versions, BLAS kernel, memory."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import hpt


def versions() -> dict[str, str]:
    """Versions of hpt, Python, NumPy and Optuna, the BLAS, and the CPU kernel it runs."""
    import numpy as np
    from threadpoolctl import threadpool_info

    libraries: list[dict[str, Any]] = [entry for entry in threadpool_info() if entry["user_api"] == "blas"]
    blas = libraries[0] if libraries else {}
    return {
        "hpt": hpt.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "optuna": version("optuna"),
        "blas": f"{blas.get('internal_api', 'unknown')} {blas.get('version', '')}".strip(),
        "kernel": str(blas.get("architecture", platform.machine())),
    }


def memory_for(study: Mapping[str, Any]) -> float:
    """The megabytes of memory that training may take by the section `study`; auto is a quarter of the machine's."""
    if study["memory"] != "auto":
        return float(study["memory"])
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 4e6


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """A warning for each version that differs between `before`, when the run began, and `now`; Python's own does not matter."""
    return tuple(
        f"The run began with {name} {before.get(name, 'unknown')}, this is {value}: numbers may differ in their last bits."
        for name, value in now.items()
        if before.get(name) != value and name != "python"
    )
