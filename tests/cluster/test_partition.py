"""A machine that the network no longer reaches."""

from __future__ import annotations

import pytest

from tests.cluster.machines import Machines, until
from tests.cluster.namespaces import FAR_ADDRESS, NEAR_ADDRESS, Namespace, permitted


@pytest.mark.long
def test_a_machine_behind_a_partition_is_overtaken(machines: Machines, alone: dict[str, bytes]) -> None:
    """It works on, and nobody is told that it cannot be heard; both sides have keys, as machines have."""
    if not permitted():
        pytest.skip("a network namespace wants root and the kernel's leave")
    machines.hpt("cluster-keys", machines.file.parent)
    with Namespace() as far:
        machines.scheduler("--host", NEAR_ADDRESS)
        with far.started(machines.hpt.folder, "worker", machines.file, "--jobs", 1):
            until(lambda: [worker["host"] for worker in machines.roster()["workers"]] == [FAR_ADDRESS])
            machines.workers(1)
            study = machines.tune("faulty", "--json", config="study.yaml")
            until(lambda: machines.generations("faulty"))
            far.cut()
            ended = machines.hpt.ended(study)
    assert machines.lines("faulty") == alone["study.yaml"]
    assert ended.document["trials"]["failed"] == 0
