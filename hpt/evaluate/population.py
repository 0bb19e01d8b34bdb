"""Trials trained as stacks: requests are packed, cut for the jobs and the memory there is, and trained where executors say."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import suppress
from typing import Any

from hpt.evaluate.cutting import Cutting, StackedState
from hpt.evaluate.executors import FEWER, Executors, Inline, Processes
from hpt.evaluate.pieces import Piece, Result, Trained, done_with, train_piece
from hpt.evaluate.problems import Problems
from hpt.evaluate.protocol import Failure, Outcome, Request
from hpt.foundation.errors import RunError
from hpt.numerics.types import Doubles
from hpt.training.lr_sweep import sweep
from hpt.training.problem import Problem
from hpt.training.settings import Member

_SECONDS_UNHEARD = 0.5
"""How long a request to stop may go unheard while all wait for what others train."""
_SECONDS_BUSY = 0.02
"""Who has not answered for so long is training: one that has no data yet says so at once."""


def _ready() -> None:
    """Does nothing, in a worker: by then it has started."""


class UnheardError(BrokenExecutor):
    """The thread that fetches results has ended without a word of some work."""


class Population:
    """An `Evaluator` that trains its requests as few stacks, cut for the jobs.

    megabytes: what training may take on a machine, over all jobs there; it only cuts stacks. largest: members of a stack at most.
    warn: told once where memory makes stacks smaller. stop: asked before each piece whether to give up the rest.
    every_weight: whether every result has its weights; else the best of a stack, which is enough for the best of a study.
    meanwhile: called once, while others train and this process would wait for them.
    """

    def __init__(
        self,
        problems: Problems,
        executors: Executors,
        megabytes: float,
        *,
        largest: int | None = None,
        warn: Callable[[str], None] = lambda message: None,
        stop: Callable[[], bool] = lambda: False,
        every_weight: bool = False,
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        self._problems = problems
        self._executors = executors
        self._cutting = Cutting(problems, executors, megabytes, largest, warn, every_weight=every_weight)
        self._stop = stop
        self._meanwhile = meanwhile
        self._executor: Executor = executors.make()
        workers = executors.jobs if executors.owned and executors.jobs > 1 else 0
        self._ready: list[Future[None]] = []
        with suppress(BrokenExecutor):  # where one dies at once, what is trained first finds out
            self._ready.extend(self._executor.submit(_ready) for _ in range(workers))

    def evaluate(self, requests: Sequence[Request], until: int) -> Iterator[Outcome]:
        """As `Evaluator.evaluate`."""
        for piece, trained in self._trained(self._cutting.pieces(requests, until)):
            if isinstance(trained, Failure):
                yield from (Outcome(member.trial, trained) for member in piece.trials.members)
                continue
            problem = self._problems(piece.data)
            self._cutting.learn(piece, trained.seconds)
            share = trained.seconds / len(piece.trials.members)
            yield from (Outcome(result.trial, result, share) for result in trained.ended)
            if (cohort := trained.cohort) is not None:
                for index, member in enumerate(cohort.members):
                    yield Outcome(member.trial, StackedState(cohort, index, problem), share)

    def sweep(self, members: Sequence[Member], data: Hashable = None) -> tuple[Doubles, Doubles]:
        """The learning-rate sweep of `members`, in this process: see `hpt.training.lr_sweep.sweep`."""
        return sweep(members, self._problems(data))

    def beside(self, call: Callable[[list[Problem]], Result], keys: Sequence[Hashable]) -> Callable[[], Result | None]:
        """Has `call` of the problems of `keys`, each once, done by a worker of our own, if there are any.

        Gives what waits for its result, or, without workers and where one is lost over it, calls it then; None after a request to stop.
        call: picklable.
        """
        future: Future[Result] | None = None
        if self._ready:
            with suppress(BrokenExecutor):
                future = self._executor.submit(done_with, call, keys, self._problems)

        def result() -> Result | None:
            while future is not None and not self._stop():
                if self._done([future]):
                    with suppress(BrokenExecutor, MemoryError):
                        return future.result()
                    break
            return None if self._stop() else done_with(call, keys, self._problems)

        return result

    def close(self) -> None:
        """Ends executors of our own; work in hand is finished first."""
        if self._executors.owned:
            self._executor.shutdown(wait=True, cancel_futures=True)

    def _trained(self, pieces: Sequence[Piece]) -> Iterator[tuple[Piece, Trained | Failure]]:
        """What came of each piece, as they are done. What is lost is done once more by itself, in halves where that fails too.

        A process that trains alone takes a piece when the one before is told of: all at once would end before any is seen.
        """
        waiting = deque(pieces)
        running: dict[Future[Trained | None], Piece] = {}
        lost: list[Piece] = []
        most = 1 if isinstance(self._executor, Inline) else len(pieces)
        while (waiting or running) and not self._stop():
            while waiting and len(running) < most:
                piece = waiting.popleft()
                try:
                    running[self._submit(piece)] = piece
                except BrokenExecutor:
                    lost.append(piece)
            self._use_time(running)
            for future in self._done(running):
                piece = running.pop(future)
                try:
                    if (trained := future.result()) is not None:
                        yield piece, trained
                    else:
                        # Sent now and not at the start of the process, which would have had to wait for it.
                        running[self._submit(piece, self._problems)] = piece
                except BrokenExecutor:
                    self._check_workers()
                    lost.append(piece)
                except MemoryError:
                    lost.extend(piece.halves() if len(piece.trials.members) > 1 else [piece])
        for future in running:
            future.cancel()
        # One at a time: an executor that breaks loses all its work, and only so does it show whose fault it was.
        for piece in lost:
            yield from self._once_more(piece)

    def _once_more(self, piece: Piece) -> Iterator[tuple[Piece, Trained | Failure]]:
        if self._stop():
            return
        try:
            future = self._submit_afresh(piece)
            while not self._done([future]):
                if self._stop():
                    future.cancel()
                    return
            trained = future.result()
        except BrokenExecutor as error:
            self._check_workers(error)
            failure = Failure("the process that trained it died, twice")
        except MemoryError:
            failure = Failure(
                "memory ran out, twice, though it trained alone; take a smaller model or batch, or fewer --jobs"
            )
        else:
            if trained is None:
                raise RuntimeError("a worker that was given the problems does not hold them")
            yield piece, trained
            return
        # Whose fault it was must not depend on how the stacks were cut: halves, down to the one trial.
        if len(piece.trials.members) == 1:
            yield piece, failure
        else:
            for half in piece.halves():
                yield from self._once_more(half)

    def _use_time(self, running: Iterable[Future[Trained | None]]) -> None:
        """Calls `meanwhile`, once, where nothing but waiting is left to do."""
        if self._meanwhile is not None and not wait(running, _SECONDS_BUSY, return_when=FIRST_COMPLETED).done:
            meanwhile, self._meanwhile = self._meanwhile, None
            meanwhile()

    def _done(self, running: Iterable[Future[Any]]) -> set[Future[Any]]:
        """Those of `running` that are done, after a moment; none may be. What never would be, has failed with UnheardError."""
        done = wait(running, _SECONDS_UNHEARD, return_when=FIRST_COMPLETED).done
        # A second look: the thread that fetches results also ends after it has told each future that a worker died.
        if not done and isinstance(self._executor, Processes) and self._executor.lost and not wait(running, 0).done:
            for future in running:
                # Nobody else sets it: that thread is gone. It misses what is sent while it tells of a death.
                future.set_exception(UnheardError("what worker processes send is no longer heard"))
        return wait(running, 0).done

    def _check_workers(self, again: BrokenExecutor | None = None) -> None:
        """Raises RunError where it is not the trials' fault, and they have not failed: no worker ever came to work.

        again: what became of work that was sent a second time; if it went unheard, that is no trial's fault either.
        """
        if isinstance(again, UnheardError):
            raise RunError(f"{again}, most likely because memory ran out. {FEWER}")
        if self._ready and not any(f.done() and not f.cancelled() and f.exception() is None for f in self._ready):
            raise RunError(f"worker processes end before they train, most likely because memory runs out. {FEWER}")

    def _submit(self, piece: Piece, problems: Problems | None = None) -> Future[Trained | None]:
        return self._executor.submit(train_piece, piece, self._problems.digest, problems)

    def _submit_afresh(self, piece: Piece) -> Future[Trained | None]:
        try:
            return self._submit(piece, self._problems)
        except BrokenExecutor:
            self.close()
            self._executor = self._executors.make()
            return self._submit(piece, self._problems)
