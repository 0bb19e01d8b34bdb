"""Who may work in a cluster, by what its workers say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpt.cluster.roster import Roster, offered
from hpt.evaluate.fingerprint import facts


def a_worker(name: str, resources: Mapping[str, float], host: str = "here") -> dict[str, Any]:
    return {"name": name, "host": host, "resources": resources, "metrics": {"executing": 1}}


def test_a_worker_of_the_engine_itself_gets_no_work() -> None:
    """It may have as many BLAS threads as it likes, and no watch over it."""
    roster = Roster.of({"workers": {"tcp://a": a_worker("a", {}), "tcp://b": a_worker("b", offered(facts()))}})
    assert roster.addresses == ("tcp://b",)
    ((_, warning),) = roster.warnings()
    assert warning == "1 of 2 workers would compute other bits and get no work (here): it was not started by `hpt worker`."


def test_each_way_to_differ_is_told_of_once() -> None:
    others = {**facts(), "libc": "glibc 1.0"}
    workers = {f"tcp://{n}": a_worker(str(n), offered(others), f"host{n % 2}") for n in range(4)}
    workers["tcp://good"] = a_worker("good", offered(facts()), "host1")
    roster = Roster.of({"workers": workers})
    assert (roster.alike, roster.most_on_one) == (1, 1)
    ((_, warning),) = roster.warnings()
    assert warning.startswith("4 of 5 workers")
    assert "libc is glibc 1.0 there" in warning


def test_the_most_that_share_a_machine_share_its_memory() -> None:
    workers = {f"tcp://{n}": a_worker(str(n), offered(facts()), f"host{n % 2}") for n in range(5)}
    assert Roster.of({"workers": workers}).most_on_one == 3
