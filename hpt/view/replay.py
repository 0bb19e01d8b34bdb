"""What a trial that was trained again says of its record."""

from __future__ import annotations

from hpt.analysis.replay import Replay
from hpt.view.page import Line, Page, Sentence


def replay_page(replay: Replay) -> Page:
    """Whether every number was the same, and the first that was not."""
    epochs = f"{replay.record.epochs} epoch{'' if replay.record.epochs == 1 else 's'}"
    head = f"{replay.run}, trial {replay.trial}: trained again for {epochs}"
    if replay.differs is None:
        result: Line | Sentence = Line(f"{head}: identical to the bit.", "strong")
    else:
        differs = replay.differs
        when = "at the end" if differs.epoch is None else f"after epoch {differs.epoch}"
        first = f"{differs.metric} {when} was {differs.recorded!r}, is {differs.replayed!r}"
        result = Sentence(f"{head}: not the same. First difference: {first}.", "error")
    return Page([[result], [Sentence(f"note: {notice}", "muted") for notice in replay.notices]])
