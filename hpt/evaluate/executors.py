"""Where pieces of work are done: in this process, in worker processes, or in any executor that is handed in."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from hpt.foundation.errors import FAILED
from hpt.foundation.processes import StartMethod, without_interrupts


class Executors(Protocol):
    """How to come by an executor."""

    @property
    def jobs(self) -> int:
        """Pieces of work that it does at once, as things stand."""
        ...

    @property
    def sharing(self) -> int:
        """How many of them share the memory of a machine."""
        ...

    @property
    def owned(self) -> bool:
        """Whether it is shut down after use."""
        ...

    def make(self) -> Executor:
        """One to use; also after the processes of the one before were lost."""
        ...


@dataclass(frozen=True, slots=True)
class FixedExecutors:
    """`Executors` of always so many jobs, which share one machine: `start` gives one."""

    jobs: int
    start: Callable[[], Executor]
    owned: bool = True

    @property
    def sharing(self) -> int:
        return self.jobs

    def make(self) -> Executor:
        return self.start()


def executors(jobs: int, start: StartMethod = "spawn") -> Executors:
    """Executors of our own: this process for one job, else `jobs` worker processes, started as `start` says."""
    if jobs == 1:
        return FixedExecutors(1, Inline)
    return FixedExecutors(jobs, lambda: Processes(jobs, multiprocessing.get_context(start), initializer=_start_worker))


def handed_in(executor: Executor, jobs: int) -> Executors:
    """`executor`, which does `jobs` pieces of work at once and is its owner's to shut down.

    It must give BLAS one thread: sums, and so last bits, depend on how many share them.
    """
    return FixedExecutors(jobs, lambda: executor, owned=False)


class Inline(Executor):
    """Does in this process, at once, what others do in theirs."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(call(*args, **kwargs))
        except MemoryError as error:
            # Its traceback would keep the frames that hold what was allocated before memory ran out.
            future.set_exception(error.with_traceback(None))
        return future


class Processes(ProcessPoolExecutor):
    """Worker processes that never receive Ctrl-C: it is the coordinator's to hear."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        with without_interrupts():  # processes are started here
            return super().submit(call, *args, **kwargs)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within, BLAS runs on one thread: its sums, and so the last bits, depend on how many share them."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield


def _start_worker() -> None:
    """Runs first in each worker process."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1, user_api="blas")
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # A worker of a killed parent would wait for work for ever: it holds the writing end of its own queue.
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(FAILED)
