"""Which waiting piece of work a worker gets."""

from __future__ import annotations

from concurrent.futures import Future

from hpt.cluster.task import Task
from hpt.cluster.work_queue import WorkQueue


def a_task(home: str | None = None) -> Task:
    return Task(Future(), print, (), 1.0, home)


def test_tasks_go_to_any_worker_in_the_order_in_which_they_came() -> None:
    queue, tasks = WorkQueue(), [a_task() for _ in range(4)]
    for task in tasks[:3]:
        queue.put(task)
    queue.put(tasks[3], first=True)
    assert list(queue.matched("AB")) == [(tasks[3], "A"), (tasks[0], "B")]
    queue.drop(tasks[1])
    assert list(queue.matched("AB")) == [(tasks[2], "A")]
    assert not queue


def test_a_task_goes_to_who_has_what_it_needs_first() -> None:
    queue = WorkQueue()
    queue.note("x", "B")
    away, home, unknown = a_task(), a_task("x"), a_task("y")
    for task in (away, home, unknown):
        queue.put(task)
    assert list(queue.matched("AB")) == [(home, "B"), (away, "A")]
    assert list(queue.matched("C")) == [(unknown, "C")]


def test_who_has_nothing_else_to_do_takes_the_last_of_who_has_most() -> None:
    queue = WorkQueue()
    tasks = [a_task(key) for key in "xyyy"]
    queue.note("x", "A")
    queue.note("y", "B")
    for task in tasks:
        queue.put(task)
    assert list(queue.matched("BC")) == [(tasks[1], "B"), (tasks[3], "C")]
    assert queue


def test_what_waits_for_a_worker_that_is_gone_goes_to_any() -> None:
    queue = WorkQueue()
    tasks = [a_task("x"), a_task("x")]
    queue.note("x", "A")
    queue.put(tasks[0])
    queue.only({"B"})
    queue.put(tasks[1])
    assert list(queue.matched("BC")) == [(tasks[0], "B"), (tasks[1], "C")]


def test_a_task_that_was_tried_is_nobodys_own() -> None:
    queue, task = WorkQueue(), a_task("x")
    queue.note("x", "A")
    queue.put(task, first=True)
    assert list(queue.matched("B")) == [(task, "B")]


def test_a_task_is_dropped_wherever_it_waits() -> None:
    queue, task = WorkQueue(), a_task("x")
    queue.note("x", "A")
    queue.put(task)
    queue.drop(task)
    queue.drop(task)
    assert not queue
