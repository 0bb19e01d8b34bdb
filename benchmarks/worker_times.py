"""`hpt` that notes where its processes are while it trains.

    python -m benchmarks.worker_times FILE tune …

FILE gets a JSON list, an object for each call to train (a generation, or what a pruner leaves of it): its wall `seconds`;
of its stacks, all processes together, the CPU seconds `cpu` and the wall seconds `trained`; and `waited`, the seconds that
processes had nothing left to do while another was not done. FILE.pieces gets what `benchmarks.replay` trains again.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, NamedTuple

from hpt.evaluate.executors import Executors, FixedExecutors
from hpt.evaluate.pieces import Piece, Trained
from hpt.evaluate.population import Population
from hpt.evaluate.problems import Problems
from hpt.evaluate.protocol import Failure


class Stamp(NamedTuple):
    """A stack that was trained: the process, when by the clock that all processes share, and CPU seconds."""

    process: int
    began: float
    ended: float
    cpu: float


def stamped(call: Callable[..., Any], *args: Any) -> tuple[Any, Stamp]:
    """What `call` gives, and when it did."""
    began, before = time.perf_counter(), time.process_time()
    result = call(*args)
    return result, Stamp(os.getpid(), began, time.perf_counter(), time.process_time() - before)


class Stamping(Executor):
    """`executor`, with a stamp in `stamps` for every call that is done."""

    def __init__(self, executor: Executor) -> None:
        self.stamps: list[Stamp] = []
        self._executor = executor

    def submit(self, call: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        outer: Future[Any] = Future()

        def done(inner: Future[tuple[Any, Stamp]]) -> None:
            if error := inner.exception():
                outer.set_exception(error)
            else:
                result, stamp = inner.result()
                self.stamps.append(stamp)
                outer.set_result(result)

        self._executor.submit(stamped, call, *args).add_done_callback(done)
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._executor.shutdown(wait, cancel_futures=cancel_futures)


class Watched(Population):
    """A population that notes in `generations` what each call to train took, and in `pieces` what it was given."""

    generations: list[dict[str, float]] = []  # noqa: RUF012  one command, one list
    pieces: list[Sequence[Piece]] = []  # noqa: RUF012
    problems: Problems | None = None

    def __init__(self, problems: Problems, executors: Executors, megabytes: float, **options: Any) -> None:
        Watched.problems = problems
        self._stamping = Stamping(executors.make())
        self._jobs = executors.jobs
        super().__init__(problems, FixedExecutors(executors.jobs, lambda: self._stamping), megabytes, **options)

    def _trained(self, pieces: Sequence[Piece]) -> Iterator[tuple[Piece, Trained | Failure]]:
        self._stamping.stamps = []
        self.pieces.append(pieces)
        began = time.perf_counter()
        yield from super()._trained(pieces)
        self.generations.append(summary(self._stamping.stamps, self._jobs, time.perf_counter() - began))


def summary(stamps: Sequence[Stamp], jobs: int, seconds: float) -> dict[str, float]:
    """What `stamps` say of a call to train on `jobs` processes; one without a stack has waited all along."""
    ends: dict[int, float] = {}
    for stamp in stamps:
        ends[stamp.process] = max(stamp.ended, ends.get(stamp.process, stamp.ended))
    last, idle = max(ends.values()), jobs - len(ends)
    return {
        "seconds": seconds,
        "cpu": sum(stamp.cpu for stamp in stamps),
        "trained": sum(stamp.ended - stamp.began for stamp in stamps),
        "waited": sum(last - end for end in ends.values()) + idle * seconds,
    }


def main(file: str, arguments: Sequence[str]) -> None:
    """Runs `hpt` with `arguments`."""
    # Each worker process imports this module too, and does without these.
    from hpt.cli import app
    from hpt.study import session

    session.Population = Watched  # type: ignore[misc]
    sys.argv = ["hpt", *arguments]
    try:
        app.run()
    finally:
        Path(file).write_text(json.dumps(Watched.generations), encoding="utf-8")
        Path(f"{file}.pieces").write_bytes(pickle.dumps((Watched.problems, Watched.pieces)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
