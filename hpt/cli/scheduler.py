"""`hpt scheduler`."""

from __future__ import annotations

from typing import Annotated

import typer

from hpt.cli.cluster import require_extra
from hpt.cli.options import SchedulerFile


def command(
    file: SchedulerFile,
    host: Annotated[
        str | None, typer.Option(metavar="HOST", help="Listen there; by default to this machine alone, with keys to all.")
    ] = None,
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="Listen there; 0 takes a free one.")] = 8786,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Without keys, let everyone in who reaches the port.")
    ] = False,
) -> None:
    """Start the scheduler of a cluster; its address goes into FILE."""
    require_extra()
    from hpt.cluster.scheduler import serve
    from hpt.terminal.stderr import tell

    serve(file, host, port, insecure=insecure, say=tell)
