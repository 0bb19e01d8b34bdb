"""The workers of a cluster on one machine, and what runs in each of them."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import dask.config
from distributed import Nanny, Worker
from distributed.comm import connect

from hpt.cluster.connection import SECONDS, Connection, UnansweredError, awaited, connected
from hpt.cluster.roster import offered
from hpt.cluster.signals import first_signal
from hpt.evaluate.fingerprint import facts, unlike
from hpt.foundation.errors import InputError, RunError

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_PATIENCE = 60.0
"""Seconds to wait for a scheduler that is not there yet."""
_CLOSING = 10.0
"""Seconds that workers may take to end by themselves."""
_START = 300.0
"""Seconds that a worker process may take to start and to find the scheduler: a machine may have much else to do."""


class UnlikeError(Exception):
    """The process would compute other bits than were asked for."""


class QuietWorker(Worker):  # type: ignore[misc]
    """The engine's worker without its HTTP server, which would listen to everyone."""

    def start_http_server(self, *args: Any, **options: Any) -> None:
        """Starts none."""


def train(expected: Mapping[str, str], call: Callable[..., Any], *args: Any) -> Any:
    """What `call` gives for `args`, on one BLAS thread. Raises UnlikeError where the facts are not those `expected`."""
    _keep_one_thread()
    if expected != facts():
        raise UnlikeError("; ".join(unlike(facts(), expected)))
    return call(*args)


@cache
def _keep_one_thread() -> None:
    """Gives BLAS one thread for as long as this process lives: none of its work is for more."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1, user_api="blas")


def serve(file: Path, jobs: int, *, insecure: bool, say: Callable[[str], None]) -> bool:
    """Runs `jobs` workers until their scheduler ends, SIGTERM or Ctrl-C; whether a signal ended them.

    A worker process that dies is started again. Raises InputError where others could reach the workers without keys, RunError
    where the scheduler does not answer.
    """
    scheduler = _scheduler(file, insecure=insecure, say=say)
    dask.config.set({"distributed.worker.memory.terminate": False, "distributed.nanny.pre-spawn-environ": ONE_THREAD})
    try:
        return asyncio.run(_serve(scheduler, jobs, say))
    # The engine asserts where it ends a process that has not started, and wraps what kept one from starting.
    except (OSError, AssertionError, RuntimeError) as error:
        raise RunError(
            f"{scheduler.address}: the scheduler of {file} does not answer, or this machine is too busy to start a process. "
            "Is it still there?"
        ) from error


def _scheduler(file: Path, *, insecure: bool, say: Callable[[str], None]) -> Connection:
    """The scheduler of `file` as soon as it answers: its file may be yet to come, or be left of one that was killed.

    Raises InputError where it has no keys and needs some, or does not answer in time.
    """
    until = time.monotonic() + _PATIENCE
    scheduler, said = awaited(file, _PATIENCE, say), False
    while True:
        if not scheduler.secure and not scheduler.local and not insecure:
            raise InputError(
                f"{file}: expected a scheduler with keys, for whoever reaches a worker's port runs code here; found "
                f"{scheduler.address}. Make some with `hpt cluster-keys {file.parent}`, or say --insecure."
            )
        try:
            _, client = connected(file)
        except UnansweredError:
            if time.monotonic() > until:
                raise
        else:
            client.close(timeout=2)
            return scheduler
        if not said:
            said = True
            say(f"{file}: no scheduler answers at {scheduler.address} yet. Waiting for it, {_PATIENCE:.0f} s in all.")
        scheduler = awaited(file, until - time.monotonic())


async def _serve(scheduler: Connection, jobs: int, say: Callable[[str], None]) -> bool:
    options: dict[str, Any] = {"nthreads": 1, "memory_limit": 0, "resources": offered(facts()), "worker_class": QuietWorker}
    if scheduler.local:
        options["host"] = "127.0.0.1"
    machine = socket.gethostname()
    nannies = [
        Nanny(
            scheduler.address,
            security=scheduler.security,
            name=f"{machine}-{os.getpid()}-{number}",
            death_timeout=_START,
            **options,
        )
        for number in range(jobs)
    ]
    working = asyncio.create_task(_work(nannies, scheduler, lambda: _say_who(jobs, scheduler, say)))
    try:
        # From here on, since who starts may be told to end as well.
        by_signal = await first_signal(working)
    finally:
        await _close(nannies)
    if not by_signal:
        working.result()
        say("The scheduler has ended, and so do its workers.")
    return by_signal


async def _work(nannies: Sequence[Nanny], scheduler: Connection, started: Callable[[], None]) -> None:
    """Returns when the scheduler or the workers end. Raises ConnectionError where it ends while they start."""
    gone: asyncio.Future[Any] = asyncio.create_task(_gone(scheduler))
    try:
        starting: asyncio.Future[Any] = asyncio.gather(*nannies)
        await asyncio.wait({starting, gone}, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            raise ConnectionError
        await starting
        started()
        ended: asyncio.Future[Any] = asyncio.gather(*(nanny.finished() for nanny in nannies))
        await asyncio.wait({ended, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()


async def _gone(scheduler: Connection) -> None:
    """Returns when the scheduler ends. The engine's own processes do not notice while they start, which may be after another died."""
    with suppress(OSError, TimeoutError):
        comm = await connect(scheduler.address, timeout=SECONDS, **scheduler.security.get_connection_args("worker"))
        await comm.read()


async def _close(nannies: Sequence[Nanny]) -> None:
    """Ends them with their processes, those too that wait for what will not come."""
    closing = [asyncio.create_task(nanny.close(timeout=_CLOSING / 2)) for nanny in nannies]
    _, late = await asyncio.wait(closing, timeout=_CLOSING)
    for task in late:
        task.cancel()
    for process in multiprocessing.active_children() if late else ():
        process.kill()
    await asyncio.gather(*closing, return_exceptions=True)


def _say_who(jobs: int, scheduler: Connection, say: Callable[[str], None]) -> None:
    workers = "1 worker" if jobs == 1 else f"{jobs} workers"
    say(f"{workers} of {scheduler.address}: {', '.join(f'{name} {value}' for name, value in facts().items())}.")
