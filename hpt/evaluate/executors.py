"""Where pieces of work are done: in this process, in worker processes, or in any executor that is handed in."""

from __future__ import annotations

import multiprocessing
import os
import signal
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from hpt.foundation.errors import FAILED, RunError
from hpt.foundation.processes import StartMethod, without_interrupts
from hpt.training.packing import Dispatch


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

    @property
    def dispatch(self) -> Dispatch:
        """What it takes to send it pieces of work."""
        ...

    def make(self) -> Executor:
        """One to use; also after the processes of the one before were lost."""
        ...


AT_ONCE = Dispatch()
PROCESSES = Dispatch(each=2e-4, idle=6e-4)
"""As measured: pieces that do nothing, many at once to two processes, and one after the other to one."""


@dataclass(frozen=True, slots=True)
class FixedExecutors:
    """`Executors` of always so many jobs, which share one machine: `start` gives one."""

    jobs: int
    start: Callable[[], Executor]
    owned: bool = True
    dispatch: Dispatch = AT_ONCE

    @property
    def sharing(self) -> int:
        return self.jobs

    def make(self) -> Executor:
        return self.start()


def executors(jobs: int, start: StartMethod = "spawn") -> Executors:
    """Executors of our own: this process for one job, else `jobs` worker processes, started as `start` says."""
    if jobs == 1:
        return FixedExecutors(1, Inline)
    return FixedExecutors(jobs, lambda: _processes(jobs, start), dispatch=PROCESSES)


def handed_in(executor: Executor, jobs: int) -> Executors:
    """`executor`, which does `jobs` pieces of work at once and is its owner's to shut down.

    It must give BLAS one thread: sums, and so last bits, depend on how many share them.
    """
    return FixedExecutors(jobs, lambda: executor, owned=False, dispatch=PROCESSES)


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


FEWER = "Take --jobs 1, or allow more memory (ulimit -v), processes (ulimit -u) and open files (ulimit -n)."
_SECONDS_TO_END = 5


@contextmanager
def _starting() -> Iterator[None]:
    """Processes are started within. Raises RunError where the system has none to give."""
    try:
        with without_interrupts():
            yield
    except BrokenExecutor:
        raise
    except (OSError, EOFError, RuntimeError, struct.error) as error:
        raise RunError(f"no worker process can be started: {error}. {FEWER}") from error


def _processes(jobs: int, start: StartMethod) -> Processes:
    with _starting():
        return Processes(jobs, multiprocessing.get_context(start), initializer=_start_worker)


class Processes(ProcessPoolExecutor):
    """Worker processes that never receive Ctrl-C: it is the coordinator's to hear."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As `Executor.submit`. Raises RunError where no process or thread can be started."""
        try:
            with _starting():
                return super().submit(call, *args, **kwargs)
        except RunError as error:
            if self._broken:  # by a process that died just then, when its pipes were closed
                raise BrokenExecutor(str(error)) from error
            raise

    @property
    def lost(self) -> bool:
        """Whether the thread that fetches results has ended, as it does where memory runs out: none will come."""
        thread: Any = self._executor_manager_thread
        return thread is not None and not thread.is_alive()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As `Executor.shutdown`; processes that nobody told to end, because that thread has ended, are ended.

        In one that is broken too: its thread waits for all of them, but has not ended one that was started just then.
        """
        processes = list((self._processes or {}).values())
        for process in processes if self._broken else ():
            with suppress(AssertionError, ValueError, OSError):
                process.kill()
        super().shutdown(wait=wait, cancel_futures=cancel_futures)
        for process in processes if wait else ():
            with suppress(AssertionError, OSError):
                process.join(_SECONDS_TO_END)
                if process.is_alive():
                    process.kill()
                    process.join(_SECONDS_TO_END)


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
