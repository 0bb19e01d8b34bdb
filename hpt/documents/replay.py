"""The JSON document of a trial that was trained again."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from hpt.analysis.replay import Replay


class Difference(TypedDict):
    """The first number that is another."""

    epoch: Annotated[int | None, "after which epoch, null at the end of training"]
    metric: Annotated[str, "which metric"]
    recorded: Annotated[float | None, "what it was"]
    replayed: Annotated[float | None, "what it is"]


class ReplayDocument(TypedDict):
    """What `hpt replay` prints: how a trial that was trained again differs from its record."""

    schema: Literal["hpt.replay/1"]
    run: Annotated[str, "the run"]
    trial: Annotated[int, "its number"]
    identical: Annotated[bool, "whether every number is the same to the bit"]
    differs: Annotated[Difference | None, "the first number that is another, null where none is"]
    notices: Annotated[list[str], "what has changed since: data, versions, the CPU kernel"]


def replay_document(replay: Replay) -> ReplayDocument:
    """What `hpt replay --json` prints."""
    found = replay.differs
    differs: Difference | None = (
        None
        if found is None
        else {"epoch": found.epoch, "metric": found.metric, "recorded": found.recorded, "replayed": found.replayed}
    )
    return {
        "schema": "hpt.replay/1",
        "run": replay.run,
        "trial": replay.trial,
        "identical": found is None,
        "differs": differs,
        "notices": list(replay.notices),
    }
