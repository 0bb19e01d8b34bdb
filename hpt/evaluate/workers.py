"""Where cohorts are advanced: in this process, or in worker processes that outlive a lost one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from hpt.foundation.processes import context, deaf
from hpt.training.cohort import Trials
from hpt.training.loop import Advanced, advance
from hpt.training.objective import Objective
from hpt.training.problem import Problem
from hpt.training.result import TrainingResult

Source = Callable[[Hashable], Problem]
"""Gives the problem of a key. Picklable: a worker is sent it once, and keeps the problems it made."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """One problem, whatever the key: every trial of a study trains on the same rows."""

    problem: Problem

    def __call__(self, key: Hashable) -> Problem:
        return self.problem


@dataclass(frozen=True, slots=True)
class Work:
    """One call of `advance`: the trials, the key of their problem, the epoch to reach.

    Of the trials that end, only the best comes back with its weights.
    """

    trials: Trials
    key: Hashable
    until: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Why work could not be done, twice: the process that did it died, or memory ran out."""

    reason: str


Outcome = tuple[Work, Advanced | Lost]
"""Work and what came of it."""


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within, BLAS runs on one thread: its sums, and so the last bits, depend on how many share them."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield


_source: Source | None = None


@lru_cache(maxsize=32)
def _problem(key: Hashable) -> Problem:
    if _source is None:
        raise RuntimeError("a worker was asked to train before it was told on what")
    return _source(key)


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
        os._exit(1)


def _advance(work: Work, source: Source | None = None) -> Advanced | None:
    """Does `work`; None from a process that does not know the source yet and was not given it."""
    global _source  # what a process has been told outlives the call
    _source = source or _source
    if _source is None:
        return None
    problem = _problem(work.key)
    began = time.process_time()
    advanced = advance(work.trials, problem, work.until)
    seconds = time.process_time() - began
    return replace(advanced, ended=_with_best_weights(advanced.ended, problem.objective), seconds=seconds)


def _with_best_weights(results: Sequence[TrainingResult], objective: Objective) -> tuple[TrainingResult, ...]:
    """The results, all but the best without weights: no other can be the best of a study, and weights are most of what is sent."""

    def place(result: TrainingResult) -> tuple[bool, float, int]:
        return (result.reason == "diverged", objective.cost(result.metrics.get(objective.metric)), result.trial)

    best = min(results, key=place, default=None)
    return tuple(result if result is best else replace(result, weights={}) for result in results)


def _ready() -> None:
    """Does nothing, in a worker: by then it has started."""


class Workers:
    """Advances cohorts on `jobs` processes; with one job in this process, by the same calls.

    Any `concurrent.futures.Executor` will do: `make` gives a new one, also after its processes were lost.
    """

    def __init__(self, jobs: int, source: Source) -> None:
        self.jobs = jobs
        self._source = source
        self._executor: Executor = self._make()
        for _ in range(jobs if jobs > 1 else 0):
            self._executor.submit(_ready)

    def _make(self) -> Executor:
        if self.jobs == 1:
            return _Here(self._source)
        return _Processes(self.jobs, context(), initializer=_start_worker)

    def run(self, works: Sequence[Work]) -> Iterator[Outcome]:
        """What came of each piece of work, as they are done. What is lost is done once more, then given up.

        Work that memory ran out for is done in halves, which come back in its place.
        """
        futures: dict[Future[Advanced | None], Work] = {}
        again: list[Work] = []
        for work in works:
            try:
                futures[self._executor.submit(_advance, work)] = work
            except BrokenProcessPool:
                again.append(work)
        while futures:
            done, _ = wait(futures, return_when=FIRST_COMPLETED)
            for future in done:
                work = futures.pop(future)
                try:
                    if (advanced := future.result()) is not None:
                        yield work, advanced
                    else:
                        # Sent now and not at the start of the process, which would have had to wait for it.
                        futures[self._executor.submit(_advance, work, self._source)] = work
                except BrokenProcessPool:
                    again.append(work)
                except MemoryError:
                    again.extend(_halves(work))
        # One at a time: a pool that breaks loses all its work, and only so does it show whose fault it was.
        for work in again:
            yield work, self._once_more(work)

    def _once_more(self, work: Work) -> Advanced | Lost:
        try:
            advanced = self._submit_afresh(work).result()
        except BrokenProcessPool:
            return Lost("the process that trained it died, twice")
        except MemoryError:
            return Lost("memory ran out, twice; lower study.memory, so that fewer train at once")
        if advanced is None:
            raise RuntimeError("a worker that was given the source does not know it")
        return advanced

    def _submit_afresh(self, work: Work) -> Future[Advanced | None]:
        try:
            return self._executor.submit(_advance, work, self._source)
        except BrokenProcessPool:
            self._executor = self._make()
            return self._executor.submit(_advance, work, self._source)

    def close(self) -> None:
        """Ends the workers; work in hand is finished first."""
        self._executor.shutdown(wait=True, cancel_futures=True)


def _halves(work: Work) -> list[Work]:
    """The same work in two stacks of half the size."""
    members = len(work.trials.members)
    cuts = [range(members // 2), range(members // 2, members)]
    return [Work(work.trials.keep(cut), work.key, work.until) for cut in cuts if len(cut)]


class _Processes(ProcessPoolExecutor):
    """Worker processes that are deaf to Ctrl-C from their first instruction on: it is the coordinator's to hear."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        with deaf():  # processes are started here
            return super().submit(call, *args, **kwargs)


class _Here(Executor):
    """Runs in this process what others run in theirs."""

    def __init__(self, source: Source) -> None:
        global _source
        _problem.cache_clear()
        _source = source

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(call(*args, **kwargs))
        except MemoryError as error:
            # Its traceback would keep the frames that hold what was allocated before memory ran out.
            future.set_exception(error.with_traceback(None))
        return future
