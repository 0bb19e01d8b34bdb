"""Where a scheduler is and how to reach it: the scheduler file, and the keys that lie beside it."""

from __future__ import annotations

import ipaddress
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dask.config
from distributed import Client, Security
from distributed.comm.core import FatalCommClosedError

from hpt.cluster.roster import Roster
from hpt.foundation.errors import InputError

CA_FILE, CERTIFICATE_FILE, KEY_FILE = KEYS = ("ca.pem", "cert.pem", "key.pem")
"""What the folder of a cluster holds beside the scheduler file. One certificate, signed by the first, is everybody's."""
ROLES = ("client", "scheduler", "worker")
SECONDS = 10.0
"""How long a scheduler may take to answer."""

# What the engine does for dashboards, profiles and shares of work costs each of its processes some percent of a core, also while it
# only waits. Nobody asked for the first, and where a piece of work goes is not left to the engine.
_QUIET = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.large-graph-warning-threshold": "1 GB",
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.tick.cycle": "5s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.disk": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.scheduler.work-stealing": False,
}
dask.config.set(_QUIET)


class UnansweredError(InputError):
    """No scheduler is where the file says; one may come."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A scheduler: its address, such as tls://10.0.0.1:8786, as `file` names it, and the keys to speak to it."""

    file: Path
    address: str
    security: Security

    @property
    def secure(self) -> bool:
        return self.address.startswith("tls://")

    @property
    def local(self) -> bool:
        """Whether no other machine can reach it."""
        return is_loopback(urlsplit(self.address).hostname or "")

    def client(self, seconds: float = SECONDS) -> Client:
        """A client of it. Raises OSError where it does not answer within so many seconds.

        A connection that breaks at once is made again: from Python 3.14 on one with keys may, while others connect.
        """
        until = time.monotonic() + seconds
        while True:
            try:
                return Client(
                    self.address, security=self.security, timeout=max(1.0, until - time.monotonic()), set_as_default=False
                )
            except FatalCommClosedError:
                raise
            except OSError:
                if time.monotonic() > until - 1:
                    raise
            time.sleep(0.2)


def connection(file: Path) -> Connection:
    """What the scheduler file `file` says. Raises UnansweredError where it is not there, InputError where it is not one."""
    try:
        address = json.loads(file.read_text(encoding="utf-8"))["address"]
    except FileNotFoundError as error:
        raise UnansweredError(
            f"{file}: expected the file of a scheduler, found none. Start one with `hpt scheduler {file}`."
        ) from error
    except IsADirectoryError as error:
        raise InputError(
            f"{file}: expected the file of a scheduler, found a folder. Name the file, such as {file / 's.json'}."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file}: expected the file that a scheduler wrote, found another.") from error
    keys = security(file.parent)
    if str(address).startswith("tls://") and keys is None and not dask.config.get("distributed.comm.tls.ca-file"):
        names = ", ".join(KEYS)
        raise InputError(f"{file}: the scheduler wants keys: expected {names} beside it, found none. Copy the whole folder.")
    return Connection(file, str(address), keys or Security())


def security(folder: Path) -> Security | None:
    """The keys in `folder`, which are then required of everyone; None where there are none."""
    paths = [folder / name for name in KEYS]
    if not all(path.is_file() for path in paths):
        return None
    ca, certificate, key = map(str, paths)
    each: Mapping[str, Any] = {
        name: value for role in ROLES for name, value in ((f"tls_{role}_cert", certificate), (f"tls_{role}_key", key))
    }
    return Security(tls_ca_file=ca, require_encryption=True, **each)


def roster_of(file: Path) -> Roster:
    """Who works for the scheduler of `file`. Raises InputError where it does not answer."""
    client = connected(connection(file))
    try:
        return look(client)
    finally:
        client.close(timeout=2)


def connected(there: Connection, seconds: float = SECONDS) -> Client:
    """A client of the scheduler `there`.

    Raises UnansweredError where it does not answer within so many seconds, another InputError where nobody could.
    """
    for name in list(logging.root.manager.loggerDict):
        if name.startswith(("distributed", "tornado")):  # what they have to say of a lost connection, we say
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        return there.client(seconds)
    except FatalCommClosedError as error:
        raise InputError(
            f"{there.file}: expected the keys of the scheduler at {there.address} beside it, found others. Copy its whole folder."
        ) from error
    except (OSError, TimeoutError) as error:
        raise UnansweredError(
            f"{there.file}: no scheduler answers at {there.address}. Start one with `hpt scheduler {there.file}`."
        ) from error


def awaited(file: Path, seconds: float, say: Callable[[str], None] = lambda line: None) -> Connection:
    """What `file` says, which a scheduler that starts at the same time may still be about to write.

    Tells `say` that it waits. Raises InputError where the file has not come after so many seconds, or is not one.
    """
    until = time.monotonic() + seconds
    if not file.exists():
        say(f"Waiting for a scheduler to write {file}.")
    while True:
        try:
            return connection(file)
        except UnansweredError:
            if time.monotonic() > until:
                raise
        time.sleep(0.1)


def look(client: Client) -> Roster:
    """Who works for its scheduler. Raises OSError or TimeoutError where that went away."""
    return Roster.of(client.sync(client.scheduler.identity, n_workers=-1, callback_timeout=SECONDS))


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
