"""Errors of the engine's own, told from those of a piece, by the engine's own code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Future
from types import TracebackType
from typing import Any

import pytest
from distributed.cfexecutor import _cascade_future
from tornado import gen
from tornado.ioloop import IOLoop

from hpt.cluster.answers import torn

Raised = tuple[type[BaseException], BaseException, TracebackType | None]


class Piece:
    """A future of the engine's, of which `result` came while its status was `status`."""

    def __init__(self, result: Any, status: str) -> None:
        self.result, self.status = result, status

    @gen.coroutine
    def _result(self, raiseit: bool) -> Iterator[Any]:
        yield gen.moment
        raise gen.Return(self.result)


def outcome(result: Any, status: str) -> Future[Any]:
    found: Future[Any] = Future()
    loop = IOLoop(make_current=False)
    loop.run_sync(lambda: _cascade_future(Piece(result, status), found))
    loop.close()
    return found


def raised(error: type[Exception]) -> Raised:
    """As an error comes from a worker, with where it was raised."""

    def piece() -> None:
        raise error("in a piece")

    try:
        piece()
    except error:
        kind, value, trace = sys.exc_info()
        assert kind is not None
        assert value is not None
        return kind, value, trace


@pytest.mark.parametrize("status", ["pending", "lost"])
@pytest.mark.parametrize("answer", [object(), None])
def test_an_answer_whose_worker_was_lost_as_it_came_is_no_error_of_the_piece(answer: object, status: str) -> None:
    assert torn(outcome(answer, status).exception())


def test_errors_of_a_piece_are_its_own() -> None:
    assert not torn(outcome(raised(TypeError), "error").exception())
    assert not torn(outcome(raised(ValueError), "error").exception())
    assert not torn(outcome(object(), "finished").exception())
