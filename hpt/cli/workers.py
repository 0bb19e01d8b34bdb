"""`hpt workers`."""

from __future__ import annotations

from hpt.cli.cluster import require_extra
from hpt.cli.options import Output, SchedulerFile
from hpt.cli.output import show_result


def command(file: SchedulerFile, output: Output) -> None:
    """Show the workers of a cluster; who is unlike this machine, and why."""
    require_extra()
    from hpt.cluster.connection import roster_of
    from hpt.documents.workers import workers_document
    from hpt.view.workers import workers_page

    roster = roster_of(file)
    show_result(output, workers_document(roster), lambda: workers_page(roster))
