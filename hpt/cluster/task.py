"""A piece of work under way in a cluster."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False, slots=True)
class Task:
    """A call that somebody waits for.

    cost: an estimate, in a unit that is the same for all calls. home: the key of what it needs that some worker may have.
    copies: those that are out, each with when it was sent. deaths: workers that were lost with it.
    """

    promise: Future[Any]
    call: Callable[..., Any]
    args: tuple[Any, ...]
    cost: float
    home: str | None = None
    copies: dict[Future[Any], float] = field(default_factory=dict)
    deaths: int = 0

    def settle(self, error: BaseException | None, answer: Future[Any] | None = None) -> None:
        """Keeps the promise with what `answer` holds, or breaks it; it may have been given up at this moment."""
        with suppress(InvalidStateError):
            if error is not None:
                self.promise.set_exception(error)
            elif answer is not None:
                self.promise.set_result(answer.result())
