"""The workers of a cluster on one machine, and what runs in each of them."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import dask.config
from distributed import Nanny, Worker

from hpt.cluster.connection import Connection, UnansweredError, awaited, connected
from hpt.cluster.post import Post, gone
from hpt.cluster.roster import offered
from hpt.cluster.signals import first_signal
from hpt.evaluate.fingerprint import facts, unlike
from hpt.foundation.errors import InputError, RunError
from hpt.foundation.garbage import collect

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_PATIENCE = 60.0
"""Seconds to wait for a scheduler that is not there yet."""
_CLOSING = 10.0
"""Seconds that workers may take to end by themselves."""


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
    collect()
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
                f"{scheduler.address}. Make some with `hpt cluster-keys`, start the scheduler with them and copy its folder here, or say "
                "--insecure."
            )
        try:
            client = connected(scheduler)
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
    posts = [Post(scheduler, options) for _ in range(jobs)]
    working = asyncio.create_task(_work(posts, scheduler, lambda: _say_who(jobs, scheduler, say), say))
    try:
        # From here on, since who starts may be told to end as well.
        by_signal = await first_signal(working)
    finally:
        await _close([post.nanny for post in posts if post.nanny is not None])
    if not by_signal:
        working.result()
        say("The scheduler has ended, and so do its workers.")
    return by_signal


async def _work(
    posts: Sequence[Post], scheduler: Connection, started: Callable[[], None], say: Callable[[str], None]
) -> None:
    """Returns when the scheduler ends. Raises ConnectionError where that is before all have started, and what keeps one from it."""
    tasks: list[asyncio.Future[Any]] = [
        asyncio.create_task(gone(scheduler)),
        *(asyncio.create_task(post.keep(say)) for post in posts),
    ]
    starting: asyncio.Future[Any] = asyncio.gather(*(post.started.wait() for post in posts))
    try:
        await asyncio.wait({*tasks, starting}, return_when=asyncio.FIRST_COMPLETED)
        if tasks[0].done():
            raise ConnectionError
        if starting.done():
            started()
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks[1:]:
            if task.done():
                task.result()
    finally:
        for task in (*tasks, starting):
            task.cancel()
        await asyncio.gather(*tasks, starting, return_exceptions=True)


async def _close(nannies: Sequence[Nanny]) -> None:
    """Ends them with their processes, those too that wait for what will not come."""
    closing = [asyncio.create_task(nanny.close(timeout=_CLOSING / 2)) for nanny in nannies]
    _, late = await asyncio.wait(closing, timeout=_CLOSING)
    for task in late:
        task.cancel()
    # The engine leaves those that have not come to run yet, for which the interpreter would wait at its end.
    for process in multiprocessing.active_children():
        process.kill()
    await asyncio.gather(*closing, return_exceptions=True)


def _say_who(jobs: int, scheduler: Connection, say: Callable[[str], None]) -> None:
    workers = "1 worker" if jobs == 1 else f"{jobs} workers"
    say(f"{workers} of {scheduler.address}: {', '.join(f'{name} {value}' for name, value in facts().items())}.")
