"""A folder for each test, with studies to run on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.black_box.hpt_command import Hpt
from tests.cluster.machines import SECONDS, Machines

# Some seconds long, a generation a second: there is time for something to go wrong in it.
STUDY = """
data: digits
model: {hidden: [32]}
optimizer: {choose: [sgd, adam]}
training: {epochs: 12, batch_size: {values: [16, 32]}}
study: {trials: 24, population: 8, pruner: {type: halving, min_epochs: 4, eta: 2}}
"""
UNPRUNED = """
data: digits
optimizer: {choose: [sgd, adam]}
training: {epochs: 3, batch_size: {values: [16, 32]}}
study: {trials: 24, population: 12}
"""
# Large enough for its stacks to stay with the workers between rungs.
STAYING = """
data: digits
model: {hidden: [512, 512]}
optimizer: {choose: [sgd, adam]}
training: {epochs: 3, batch_size: 256}
study: {trials: 8, population: 4, pruner: {type: halving, min_epochs: 1, eta: 2}}
"""
COMPARISON = """
data: iris
model: {hidden: [4]}
optimizer: {choose: [sgd, adam]}
training: {epochs: 3}
compare: {trials: 3, studies: 2, seeds: 2}
"""


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """Machines of a cluster that is not there yet."""
    command = _with_studies(tmp_path)
    yield Machines(command)
    command.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """A scheduler with keys and four workers, for tests that leave them in peace."""
    command = _with_studies(tmp_path_factory.mktemp("cluster"))
    machines = Machines(command)
    command("cluster-keys", machines.file.parent)
    machines.scheduler("--host", "127.0.0.1")
    machines.workers(4)
    yield machines
    command.close()


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The records of the studies on one machine, with one job, by the name of the file."""
    command = _with_studies(tmp_path_factory.mktemp("alone"))
    found = {}
    for config in ("study.yaml", "unpruned.yaml", "staying.yaml"):
        command("tune", config, "--jobs", 1, "--quiet", "--name", "alone-" + config.partition(".")[0])
        found[config] = Machines(command).lines("alone-" + config.partition(".")[0])
    command("compare", "comparison.yaml", "--jobs", 1, "--quiet", "--name", "alone")
    found["comparison.yaml"] = Machines(command).lines("alone-compare")
    return found


def _with_studies(folder: Path) -> Hpt:
    command = Hpt(folder, SECONDS)
    for name, text in (("study", STUDY), ("unpruned", UNPRUNED), ("staying", STAYING), ("comparison", COMPARISON)):
        command.write(f"{name}.yaml", text)
    return command
