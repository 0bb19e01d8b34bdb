"""The software and hardware that the numbers of a run depend on: versions, BLAS kernel, memory."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from hpt.evaluate.fingerprint import facts


def versions() -> dict[str, str]:
    """What decides the bits that training computes here, and the versions of Python and Optuna."""
    return {**facts(), "python": platform.python_version(), "optuna": version("optuna")}


def memory_for(study: Mapping[str, Any]) -> float:
    """The megabytes of memory that training may take by the section `study`; auto is a quarter of the machine's."""
    if study["memory"] != "auto":
        return float(study["memory"])
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 4e6


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """A warning for each version that differs between `before`, when the run began, and `now`; Python's own does not matter.

    The probe differs with any of them, and is told of by itself alone.
    """
    differing = [name for name, value in now.items() if before.get(name, value) != value and name != "python"]
    return tuple(
        f"The run began with {name} {before[name]}, this is {now[name]}: numbers may differ in their last bits."
        for name in differing
        if name != "probe" or differing == ["probe"]
    )
