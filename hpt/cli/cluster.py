"""What the commands of a cluster share: the extra they need, and the executors that --cluster means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hpt.foundation.errors import InputError

if TYPE_CHECKING:
    from hpt.cluster.executor import Cluster

EXTRA = ("distributed", "cryptography")


def require_extra() -> None:
    """Raises InputError where the packages of the extra are not there."""
    from importlib.util import find_spec

    if missing := [name for name in EXTRA if find_spec(name) is None]:
        raise InputError(f"cluster: expected the package {missing[0]}, found none. Install it: pip install 'hpt[cluster]'.")


@contextmanager
def joined(file: Path | None) -> Iterator[Cluster | None]:
    """The cluster of the scheduler file `file` while within; None where there is no file."""
    if file is None:
        yield None
        return
    require_extra()
    from hpt.cluster.connection import SECONDS, awaited
    from hpt.cluster.executor import Cluster

    awaited(file, SECONDS)
    cluster = Cluster(file)
    try:
        yield cluster
    finally:
        cluster.shutdown()
