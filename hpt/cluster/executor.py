"""An executor that sends pieces of work to the workers of a cluster, and sees each of them done whatever happens there.

One thread owns everything but the futures that callers hold: it sends, hears answers, looks who works, and finds a scheduler again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from distributed import KilledWorker
from distributed.comm import CommClosedError

from hpt.cluster.answers import torn
from hpt.cluster.backups import Backups
from hpt.cluster.connection import SECONDS, connected, connection, look
from hpt.cluster.roster import wanted
from hpt.cluster.sources import Sources
from hpt.cluster.task import Task
from hpt.cluster.work_queue import WorkQueue
from hpt.cluster.worker import UnlikeError, train
from hpt.evaluate.fingerprint import facts
from hpt.foundation.errors import InputError, RunError
from hpt.training.packing import Dispatch

DEATHS = 4
"""Workers that may die with a piece before it is held to be the reason."""
PATIENCE = 300.0
"""Seconds without a scheduler after which a study is given up."""
_TICK, _LOOK, _RETRY, _SAY = 0.1, 1.0, 2.0, 2.0
"""Seconds between looks at the clock, at the workers, for a lost scheduler; and without workers before it is said."""

# Pieces that do nothing, on one machine, many at once and one after the other. The size: a worker that is lost loses that much.
DISPATCH = Dispatch(each=0.0033, idle=0.012, size=4.0, stays=True)
_WAITING = "waiting for workers"


class Cluster(Executor):
    """The workers behind the scheduler file `file`; as `Executors`, it is its own executor for whoever asks, and its owner's to end.

    patience: seconds without a scheduler before what is in hand fails with a RunError.
    Raises InputError where no scheduler answers.
    """

    owned = False

    def __init__(self, file: Path, patience: float = PATIENCE) -> None:
        self._file = file
        self._patience = patience
        self._warn: Callable[[str], None] | None = None
        self._said: set[Hashable] = set()
        self._events: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._queue = WorkQueue()
        self._out: dict[Future[Any], tuple[Task, str]] = {}
        self._tasks: set[Task] = set()
        self._backups = Backups()
        self._sources = Sources()
        self._gone_since: float | None = None
        self._looked = self._tried = self._worked = time.monotonic()
        self._connection = connection(file)
        self._client = connected(self._connection)
        self._roster = look(self._client)
        self._thread = threading.Thread(target=self._run, name="cluster", daemon=True)
        self._thread.start()

    @property
    def jobs(self) -> int:
        """The workers that are there now and compute our bits; 1 where there are none yet."""
        return max(1, self._roster.alike)

    @property
    def sharing(self) -> int:
        """The most of them that share a machine."""
        return self._roster.most_on_one

    @property
    def dispatch(self) -> Dispatch:
        """As measured on one machine, with pieces that do nothing."""
        return DISPATCH

    def make(self) -> Executor:
        """Itself: it does not break."""
        return self

    def warning(self, warn: Callable[[str], None]) -> Cluster:
        """Itself, telling `warn` of workers that are unlike, and of waiting for workers or a scheduler."""
        self._warn = warn
        return self

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As `Executor.submit`. An argument with a `digest` is data to be kept; one with a `cost` says what the call takes.

        Its `home` is the key of what it needs of what was `left` by an earlier answer where that was computed.
        """
        piece = next((arg for arg in args if hasattr(arg, "cost")), None)
        cost, home = (1.0, None) if piece is None else (piece.cost, piece.home)
        task = Task(Future(), partial(call, **kwargs) if kwargs else call, args, cost, home)
        task.promise.add_done_callback(partial(self._end, task))
        self._events.put(partial(self._take, task))
        return task.promise

    def _end(self, task: Task, promise: Future[Any]) -> None:
        """Called where the promise ends, in whichever thread."""
        if promise.cancelled():
            self._events.put(partial(self._drop, task))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Drops what is in hand and leaves the cluster to others."""
        self._events.put(None)
        self._thread.join(SECONDS)
        with suppress(OSError, TimeoutError):
            self._client.close(timeout=2)

    def _run(self) -> None:
        """The thread: hears what happened, then does what is due."""
        while True:
            try:
                event = self._events.get(timeout=_TICK)
                if event is None:
                    return
                event()
                if not self._events.empty():
                    continue
            except Empty:
                pass
            if self._connected():
                self._look_again()
                self._send()

    def _take(self, task: Task) -> None:
        self._tasks.add(task)
        self._queue.put(task)

    def _drop(self, task: Task) -> None:
        """Whoever wanted it has given it up."""
        self._tasks.discard(task)
        self._queue.drop(task)
        for copy in task.copies:
            copy.cancel()

    def _send(self) -> None:
        """One piece a worker, so that few are lost with one; then copies of those that take long, for workers that have none.

        The first answer to come is as good as any: all are the same.
        """
        taken = {address for _, address in self._out.values()}
        free = [address for address in self._roster.addresses if address not in taken]
        for task, address in self._queue.matched(free):
            self._send_copy(task, address)
            free.remove(address)
        if free and not self._queue:
            now = time.monotonic()
            out = {task: (now - max(task.copies.values()), task.cost) for task in self._tasks if task.copies}
            for task in self._backups.due(out, len(free)):
                self._send_copy(task, free.pop())

    def _send_copy(self, task: Task, address: str) -> None:
        """Where a piece goes is not left to the engine, which may give two to one worker while another has none."""
        resources = wanted(facts())
        args = [self._sources.of(arg, self._client, resources) if getattr(arg, "digest", None) else arg for arg in task.args]
        executor = self._client.get_executor(pure=False, retries=0, resources=resources, workers=[address])
        copy = executor.submit(train, dict(facts()), task.call, *args)
        task.copies[copy] = time.monotonic()
        self._out[copy] = (task, address)
        copy.add_done_callback(lambda done: self._events.put(partial(self._hear, task, done)))

    def _miss(self) -> None:
        """What was in the hands of workers that are gone goes to others, unless it seems to be what ended them."""
        present = set(self._roster.addresses)
        self._queue.only(present)
        for copy, (task, address) in list(self._out.items()):
            if address not in present:
                del self._out[copy]
                task.copies.pop(copy, None)
                copy.cancel()
                task.deaths += 1
                if task in self._tasks and not task.copies:
                    self._again(task)

    def _again(self, task: Task) -> None:
        """Puts a task first in the queue, or breaks its promise where it has outlived too many workers."""
        if task.deaths < DEATHS:
            self._queue.put(task, first=True)
        else:
            self._tasks.discard(task)
            task.settle(BrokenExecutor("the workers that trained it died"))

    def _hear(self, task: Task, copy: Future[Any]) -> None:
        """An answer, or what came in its place."""
        _, address = self._out.pop(copy, (task, ""))
        sent = task.copies.pop(copy, None)
        if sent is None or task not in self._tasks:
            return
        error = None if copy.cancelled() else copy.exception()
        died = isinstance(error, KilledWorker) or torn(error)
        if copy.cancelled() or died or isinstance(error, CommClosedError):
            # The scheduler went away, nobody's fault; or the worker did, which may be the piece's.
            task.deaths += died
            if not task.copies:
                self._again(task)
            return
        if isinstance(error, UnlikeError):
            error = RunError(f"a worker would compute other bits than it said: {error}")
        elif error is None and copy.result() is not None:  # None asks for data
            self._backups.learn(time.monotonic() - sent, task.cost)
            self._queue.note(getattr(copy.result(), "left", None), address)
        self._tasks.discard(task)
        task.settle(error, copy)

    def _look_again(self) -> None:
        """Who works here now; says so where nobody does and where somebody is left out."""
        now = time.monotonic()
        if now - self._looked > _LOOK * max(1.0, len(self._roster.workers) / 100):
            try:
                self._look()
            except (OSError, TimeoutError):
                return  # the client will notice
            self._miss()
        for differences, warning in self._roster.warnings():
            self._say(differences, warning)
        if self._roster.alike or not self._tasks:
            self._worked = now
            self._said.discard(_WAITING)
        elif now - self._worked > _SAY:
            self._say(_WAITING, f"Waiting for workers of {self._file}: start some with `hpt worker {self._file}`.")

    def _look(self) -> None:
        self._looked = time.monotonic()
        self._roster = look(self._client)

    def _say(self, what: Hashable, message: str) -> None:
        """Warns of something once, as soon as there is somebody to be warned."""
        if self._warn is not None and what not in self._said:
            self._said.add(what)
            self._warn(message)

    def _connected(self) -> bool:
        """Whether there is a scheduler; looks for one where it went, and fails all that is in hand where none comes."""
        now = time.monotonic()
        if self._client.status == "running":
            self._gone_since = None
            return True
        if self._gone_since is None:
            self._gone_since = now
        gone = (
            f"The scheduler of {self._file} is gone: waiting for another for {self._patience:.0f} s. "
            "What was in hand will be sent again."
        )
        self._say(self._gone_since, gone)
        if now - self._gone_since > self._patience:
            self._give_up()
        if now - self._tried > _RETRY:
            self._tried = now
            with suppress(OSError, TimeoutError, InputError):
                self._connect()
                self._gone_since = None
                self._say(now, f"A scheduler is there again, at {self._connection.address}.")
                return True
        return False

    def _connect(self) -> None:
        """A new client, which knows nothing of what the one before had sent."""
        there = connection(self._file)
        client = connected(there, _RETRY)
        with suppress(OSError, TimeoutError):
            self._client.close(timeout=1)
        self._connection, self._client = there, client
        self._sources = Sources()
        self._queue.only(())
        for task in self._tasks:
            if task.copies:
                task.copies.clear()
                self._queue.put(task, first=True)
        self._out.clear()
        self._look()

    def _give_up(self) -> None:
        error = RunError(
            f"{self._file}: no scheduler for {self._patience:.0f} s. What is recorded stays; go on with --resume, on a cluster "
            "or without."
        )
        for task in self._tasks:
            task.settle(error)
        self._tasks.clear()
        self._queue = WorkQueue()
