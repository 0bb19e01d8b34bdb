"""A place for a worker, in which there is always one while the scheduler lives.

The engine's nanny starts a process again that died. It ends with a worker whose stream to the scheduler breaks, though, and where
a process that it starts again does not come up, it leaves it at that.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from distributed import Nanny
from distributed.comm import connect
from distributed.core import Status, send_recv

from hpt.cluster.connection import SECONDS, Connection

_START = 300.0
"""Seconds that a worker process may take to start and to find the scheduler: a machine may have much else to do."""
_TRIES = 5
"""How often in a row a worker may fail to start."""
_PAUSE = 1.0
"""Seconds between two looks, and before the second try; before each later one it is twice as long."""
_EMPTY = 15.0
"""Seconds that a nanny may be without a process: it tells the scheduler of the last one before it starts the next."""

_numbers = itertools.count()


class Post:
    """A worker process for `scheduler`, with the engine's `options`. The nanny is who looks after it now."""

    def __init__(self, scheduler: Connection, options: Mapping[str, Any]) -> None:
        self._scheduler, self._options = scheduler, options
        self.nanny: Nanny | None = None
        self.started = asyncio.Event()

    async def keep(self, say: Callable[[str], None]) -> None:
        """Never returns. Raises what keeps the worker from starting, after some tries."""
        tries, before = 0, ""
        while True:
            # The scheduler may still know the one before by its name.
            name = f"{socket.gethostname()}-{os.getpid()}-{next(_numbers)}"
            security = self._scheduler.security
            nanny = self.nanny = Nanny(
                self._scheduler.address, security=security, name=name, death_timeout=_START, **self._options
            )
            try:
                await nanny
            # The engine asserts where it ends a process that has not started, and wraps what kept one from starting.
            except (OSError, AssertionError, RuntimeError):
                tries += 1
                if tries == _TRIES:
                    raise
            else:
                if before:
                    say(f"{before} has ended: {name} was started in its place.")
                tries, before = 0, name
                self.started.set()
                await _ended(nanny)
            with suppress(OSError, AssertionError, RuntimeError):
                await nanny.close()
            await asyncio.sleep(_PAUSE * 2**tries)


async def _ended(nanny: Nanny) -> None:
    """Returns when it has closed, or has been without a process for some time."""
    empty = 0.0
    while nanny.status == Status.running and empty < _EMPTY:
        await asyncio.sleep(_PAUSE)
        empty = 0.0 if nanny.is_alive() else empty + _PAUSE
    if nanny.status in (Status.closing, Status.closing_gracefully):
        await nanny.finished()


async def gone(scheduler: Connection) -> None:
    """Returns when the scheduler has ended, though another may stand at its address.

    The engine's own processes do not notice while they start, which may be after another died.
    """
    known, at = None, urlsplit(scheduler.address)
    with suppress(OSError, TimeoutError):
        while True:
            # Raises at once where nobody listens; the engine's own would try again and again.
            _, knock = await asyncio.wait_for(asyncio.open_connection(at.hostname, at.port), SECONDS)
            knock.close()
            comm = await connect(scheduler.address, timeout=SECONDS, **scheduler.security.get_connection_args("worker"))
            try:
                found = (await send_recv(comm, op="identity", n_workers=0))["id"]
                if found != (known := known or found):
                    return
                with suppress(OSError):
                    await comm.read()
            finally:
                comm.abort()
