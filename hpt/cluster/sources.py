"""The data of a study, as they go along with pieces of work."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

from distributed import Client

LARGE = 10_000_000
"""Bytes of data from which it costs more to send it to each worker than that one worker with it which is lost is waited for."""


class Sources:
    """What was sent through one client, by digest."""

    def __init__(self) -> None:
        self._sent: dict[str, Any] = {}

    def of(self, source: Any, client: Client, resources: Mapping[str, float]) -> Any:
        """`source` to send along; where it is large, as workers fetch it from each other and not from here each time."""
        if source.digest not in self._sent:
            large = len(pickle.dumps(source, 5)) > LARGE
            self._sent[source.digest] = (
                client.submit(_given, source, key=f"hpt-{source.digest}", resources=resources) if large else source
            )
        return self._sent[source.digest]


def _given(source: Any) -> Any:
    """What it is given, on a worker: from then on workers have it."""
    return source
