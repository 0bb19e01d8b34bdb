"""What is said of the workers of a cluster."""

from __future__ import annotations

from hpt.cluster.roster import Roster
from hpt.view.page import Column, Page, Table


def workers_page(roster: Roster) -> Page:
    """Who is there, who is unlike, and why."""
    workers = roster.workers
    columns = [
        Column("worker", [worker.name for worker in workers]),
        Column("machine", [worker.host for worker in workers], importance=2),
        Column("", [_standing(worker.busy, worker.differences) for worker in workers], importance=1),
    ]
    table = Table(
        columns,
        emphasis=["warning" if worker.differences else "" for worker in workers],
        details=["; ".join(worker.differences) for worker in workers],
        note=f"{roster.alike} of {len(workers)} train for studies from this machine.",
        empty="No workers yet.",
    )
    return Page([[table]])


def _standing(busy: int, differences: tuple[str, ...]) -> str:
    if differences:
        return "unlike"
    return "trains" if busy else "idle"
