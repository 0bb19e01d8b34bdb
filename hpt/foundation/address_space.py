"""The limit on memory that a command needs to load its libraries."""

from __future__ import annotations

import resource

from hpt.foundation.errors import RunError

_MEGABYTES = 400
"""So much address space NumPy, Optuna and their libraries take before anything is trained."""


def check_address_space() -> None:
    """Raises RunError where the limit on memory is one that no command can load its libraries in: they would end it in their words."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY and limit < _MEGABYTES * 10**6:
        raise RunError(
            f"memory: expected a limit of at least {_MEGABYTES} MB, found {limit // 10**6} (ulimit -v). Raise it."
        )
