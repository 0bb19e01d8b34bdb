"""The JSON document of the workers of a cluster."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from hpt.cluster.roster import Roster


class WorkerRow(TypedDict):
    """A worker process."""

    name: Annotated[str, "its name"]
    host: Annotated[str, "its machine"]
    busy: Annotated[int, "pieces of work in its hands"]
    alike: Annotated[bool, "whether it trains for studies from this machine"]
    differences: Annotated[list[str], "why it does not"]


class WorkersDocument(TypedDict):
    """What `hpt workers` prints: the workers of a cluster."""

    schema: Literal["hpt.workers/1"]
    alike: Annotated[int, "how many train for studies from this machine"]
    workers: Annotated[list[WorkerRow], "all of them"]


def workers_document(roster: Roster) -> WorkersDocument:
    """What `hpt workers --json` prints."""
    return {
        "schema": "hpt.workers/1",
        "alike": roster.alike,
        "workers": [
            {"name": w.name, "host": w.host, "busy": w.busy, "alike": not w.differences, "differences": list(w.differences)}
            for w in roster.workers
        ],
    }
