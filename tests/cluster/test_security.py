"""Whoever reaches a port of the engine runs code there: nobody does who should not."""

from __future__ import annotations

import asyncio
import socket
import ssl
import stat
from pathlib import Path
from subprocess import Popen
from typing import Any
from urllib.parse import urlsplit

import pytest
from distributed import Client, Security

from tests.black_box.hpt_command import Hpt, children
from tests.cluster.machines import Machines

LOOPBACK = {"0100007F", "00000000000000000000000001000000"}


def listening(process: Popen[str]) -> set[tuple[str, str]]:
    """The addresses and ports at which a process and those that it started listen, as the kernel spells them."""
    pids = [process.pid, *children(process.pid)]
    inodes = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                address, _, port = fields[1].partition(":")
                found.add((address, port))
    return found


def test_without_keys_nothing_listens_beyond_this_machine(machines: Machines) -> None:
    scheduler = machines.scheduler()
    worker = machines.workers(1)
    assert listening(scheduler)
    assert listening(worker)
    assert {address for address, _ in listening(scheduler) | listening(worker)} <= LOOPBACK


def test_with_keys_the_scheduler_listens_to_all_on_one_port(machines: Machines) -> None:
    machines.hpt("cluster-keys", machines.file.parent)
    scheduler = machines.scheduler()
    assert not {address for address, _ in listening(scheduler)} <= LOOPBACK
    assert len(listening(scheduler)) == 1  # no dashboard


def test_a_port_that_is_taken_is_said(machines: Machines) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = machines.hpt("scheduler", machines.file, "--port", port, code=1)
    assert f"127.0.0.1:{port}: cannot listen there: Address already in use. Choose another --port." in refused.err
    assert not machines.file.exists()


def test_keys_are_their_owners_alone(machines: Machines) -> None:
    machines.hpt("cluster-keys", machines.file.parent)
    keys = sorted(path for path in machines.file.parent.iterdir() if path.suffix == ".pem")
    assert [path.name for path in keys] == ["ca.pem", "cert.pem", "key.pem"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}
    refused = machines.hpt("cluster-keys", machines.file.parent, code=2)
    assert "there already" in refused.err


async def reach(address: str, security: Security, seconds: float = 60) -> Any:
    """What a client gets that asks a scheduler who it is."""
    async with Client(address, security=security, asynchronous=True, timeout=seconds, set_as_default=False) as client:
        return await client.scheduler.identity()


def knock(port: int | None, context: ssl.SSLContext) -> bytes:
    """What a port of this machine answers first."""
    with socket.create_connection(("127.0.0.1", port), 60) as plainly, context.wrap_socket(plainly) as wrapped:
        return wrapped.recv(1)


@pytest.mark.filterwarnings("ignore")  # the engine's own, about connections that were refused
def test_who_has_no_keys_or_others_is_turned_away(cluster: Machines, tmp_path: Path) -> None:
    from hpt.cluster.connection import connection, security

    there = connection(cluster.file)
    assert asyncio.run(reach(there.address, there.security))["workers"]
    Hpt(tmp_path)("cluster-keys", tmp_path / "others")
    others = security(tmp_path / "others")
    assert others is not None
    plain = there.address.replace("tls://", "tcp://")
    for address, keys in ((plain, Security()), (there.address, others)):
        with pytest.raises((OSError, TimeoutError)):
            asyncio.run(reach(address, keys, 3))
    # Who knows the authority and holds no certificate: the handshake itself must fail.
    context = ssl.create_default_context(cafile=cluster.file.parent / "ca.pem")
    context.check_hostname = False
    with pytest.raises((ssl.SSLError, ConnectionError)):
        knock(urlsplit(there.address).port, context)
    assert cluster.roster()["workers"]
    (tmp_path / "others" / "s.json").write_bytes(cluster.file.read_bytes())
    for verb in (("workers",), ("worker", "--jobs", 1)):
        refused = Hpt(tmp_path)(*verb, tmp_path / "others" / "s.json", code=2)
        assert "expected the keys of the scheduler" in refused.err


REFUSED = {
    "host": (["scheduler", "s.json", "--host", "0.0.0.0"], "--insecure"),  # noqa: S104
    "no file": (["tune", "study.yaml", "--cluster", "none.json"], "hpt scheduler none.json"),
    "no scheduler": (["tune", "study.yaml", "--cluster", "dead.json"], "no scheduler answers at tcp://127.0.0.1:9"),
    "another file": (["workers", "study.yaml"], "expected the file that a scheduler wrote"),
    "a folder": (["workers", "."], "Name the file, such as s.json"),
    "no keys": (["workers", "tls.json"], "ca.pem"),
    "beyond": (["worker", "far.json"], "--insecure"),
    "no folder": (["scheduler", "none/s.json"], "expected a folder none"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_before_anything_is_written(machines: Machines, case: str) -> None:
    arguments, remedy = REFUSED[case]
    for name, address in (("dead", "tcp://127.0.0.1:9"), ("tls", "tls://127.0.0.1:9"), ("far", "tcp://192.0.2.1:8786")):
        machines.hpt.write(f"{name}.json", f'{{"address": "{address}"}}')
    before = machines.hpt.files()
    (error,) = machines.hpt(*arguments, code=2).errors
    assert remedy in error
    assert machines.hpt.files() == before
