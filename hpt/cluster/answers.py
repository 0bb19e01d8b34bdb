"""What comes from the engine in the place of an answer."""

from __future__ import annotations

_ENGINE = "distributed.cfexecutor"


def torn(error: BaseException | None) -> bool:
    """Whether `error` is the engine's own, of an answer whose worker was lost as it came.

    It asks for the answer first and then how the piece ended. Where the worker is given up in between, the piece has not ended, and the
    engine takes the answer apart as if it were an error, which fails where that stands in its code: no worker has part in it.
    """
    trace = None if error is None else error.__traceback__
    if not isinstance(error, TypeError) or trace is None:
        return False
    return trace.tb_next is None and trace.tb_frame.f_globals.get("__name__") == _ENGINE
