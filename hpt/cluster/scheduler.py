"""The scheduler of a cluster: it takes pieces of work from studies and hands them to workers."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.config
from distributed import Scheduler, Security

from hpt.cluster.connection import is_loopback, security
from hpt.cluster.signals import first_signal
from hpt.foundation.errors import InputError, RunError
from hpt.foundation.garbage import collect

WORKER_SECONDS = 60
"""A worker that has not been heard of for so long is given up, and its work done elsewhere."""
_TTL = "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL"


_HEARTBEAT = "heartbeat-interval"
_HEARTBEAT_SECONDS = 2.0
"""From one heartbeat of a worker to the next, at least. The engine wants them twice a second, which costs as much as small work does."""


class QuietScheduler(Scheduler):  # type: ignore[misc]
    """The engine's scheduler without its HTTP server, which would listen to everyone, and content with fewer heartbeats."""

    def start_http_server(self, *args: Any, **options: Any) -> None:
        """Starts none."""

    def heartbeat_worker(self, *args: Any, **options: Any) -> dict[str, Any]:
        """As the engine's; its answer says when to come again."""
        answer: dict[str, Any] = super().heartbeat_worker(*args, **options)
        if _HEARTBEAT in answer:
            answer[_HEARTBEAT] = max(answer[_HEARTBEAT], _HEARTBEAT_SECONDS)
        return answer


def serve(file: Path, host: str | None, port: int, *, insecure: bool, say: Callable[[str], None]) -> None:
    """Runs a scheduler until SIGTERM or Ctrl-C, and writes its address to `file`, which goes with it.

    With keys beside `file` it listens to every machine that holds them, else to this machine alone.
    Raises InputError where its folder is not there or it should listen to others without keys, RunError where the port is taken.
    """
    collect()
    if not file.parent.is_dir():
        raise InputError(
            f"{file}: expected a folder {file.parent}, found none. Make it first; `hpt cluster-keys` does, with keys."
        )
    keys = security(file.parent)
    host = host or ("127.0.0.1" if keys is None else "0.0.0.0")  # noqa: S104  whoever has no key is turned away
    if keys is None and not insecure and not is_loopback(host):
        raise InputError(
            f"--host {host}: expected keys beside {file}, for whoever reaches the port runs code here; found none. "
            f"Make some with `hpt cluster-keys {file.parent}`, or say --insecure."
        )
    if _TTL not in os.environ:
        dask.config.set({"distributed.scheduler.worker-ttl": f"{WORKER_SECONDS} s"})
    try:
        asyncio.run(_serve(file, host, port, keys, say))
    except (OSError, RuntimeError) as error:
        why = error.__cause__ or error  # the engine wraps what kept it from starting
        if not isinstance(why, OSError):
            raise
        raise RunError(f"{host}:{port}: cannot listen there: {why.strerror or why}. Choose another --port.") from error
    file.unlink(missing_ok=True)


async def _serve(file: Path, host: str, port: int, keys: Security | None, say: Callable[[str], None]) -> None:
    protocol = "tcp" if keys is None else "tls"
    async with QuietScheduler(security=keys, host=host, port=port, protocol=protocol, dashboard=False) as scheduler:
        _write(file, scheduler.address)
        say(
            f"Scheduler at {scheduler.address}, in {file}. Workers: hpt worker {file}. Studies: hpt tune CONFIG --cluster {file}."
        )
        await first_signal(scheduler.finished())


def _write(file: Path, address: str) -> None:
    """Writes the scheduler file at once: workers that wait for it read it the moment it is there."""
    new = file.with_name(f".{file.name}.new")
    new.write_text(json.dumps({"type": "Scheduler", "address": address}) + "\n", encoding="utf-8")
    new.replace(file)
