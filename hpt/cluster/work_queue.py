"""Pieces of work that wait for a worker: some for the one that has what an earlier piece left there."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Iterable, Iterator

from hpt.cluster.task import Task

_HOMES = 10_000
"""Keys of which it is known who has what belongs to them; a worker forgets sooner."""


class WorkQueue:
    """Tasks in the order in which they came; those with a home wait for their worker, as long as it has time before others do."""

    def __init__(self) -> None:
        self._anywhere: deque[Task] = deque()
        self._at: dict[str, deque[Task]] = {}
        self._homes: OrderedDict[str, str] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._anywhere or self._at)

    def note(self, key: str | None, address: str) -> None:
        """What belongs to `key` is with the worker at `address`."""
        if key is not None:
            self._homes[key] = address
            self._homes.move_to_end(key)
            if len(self._homes) > _HOMES:
                self._homes.popitem(last=False)

    def put(self, task: Task, *, first: bool = False) -> None:
        """One more; where it has been tried before, `first` of all."""
        home = None if first or task.home is None else self._homes.get(task.home)
        if home is not None:
            self._at.setdefault(home, deque()).append(task)
        elif first:
            self._anywhere.appendleft(task)
        else:
            self._anywhere.append(task)

    def drop(self, task: Task) -> None:
        """Takes a task out that nobody wants any more, if it is still here."""
        for tasks in (self._anywhere, *self._at.values()):
            if task in tasks:
                tasks.remove(task)
        self._at = {address: tasks for address, tasks in self._at.items() if tasks}

    def only(self, present: Collection[str]) -> None:
        """Only the workers at the addresses `present` are left: what waited for others goes to any."""
        gone = [address for address in self._at if address not in present]
        for address in gone:
            self._anywhere.extend(self._at.pop(address))
        for key in [key for key, address in self._homes.items() if address not in present]:
            del self._homes[key]

    def matched(self, free: Iterable[str]) -> Iterator[tuple[Task, str]]:
        """A task for each worker that is `free`, as far as there are some, with its address; they are then no longer here.

        First those at home there; then those that may go anywhere; then, of the worker for which most wait, the last.
        """
        idle = []
        for address in list(free):
            if address in self._at:
                yield self._taken(address, first=True), address
            else:
                idle.append(address)
        for address in idle:
            if self._anywhere:
                yield self._anywhere.popleft(), address
            elif self._at:
                yield self._taken(max(self._at, key=lambda home: len(self._at[home])), first=False), address

    def _taken(self, home: str, *, first: bool) -> Task:
        tasks = self._at[home]
        task = tasks.popleft() if first else tasks.pop()
        if not tasks:
            del self._at[home]
        return task
