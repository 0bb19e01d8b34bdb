"""`hpt worker`."""

from __future__ import annotations

from typing import Annotated

import typer

from hpt.cli.cluster import require_extra
from hpt.cli.options import SchedulerFile
from hpt.cli.request import usable_cores


def command(
    file: SchedulerFile,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Worker processes; by default the usable cores.")
    ] = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Work for a scheduler without keys.")] = False,
) -> None:
    """Train here for the studies of a cluster, until its scheduler ends."""
    require_extra()
    from hpt.cluster.worker import serve
    from hpt.terminal.stderr import tell

    serve(file, jobs or usable_cores(), insecure=insecure, say=tell)
