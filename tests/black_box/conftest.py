"""A folder for each test to run the command in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.black_box.hpt_command import Ended, Hpt

SMALL = """
data: iris
model: {hidden: [4]}
optimizer: {choose: [sgd, adam]}
training: {epochs: 4, batch_size: {values: [16, 32]}}
study: {trials: 12, population: 4, pruner: halving}
"""


@pytest.fixture
def hpt(tmp_path: Path) -> Iterator[Hpt]:
    """The command in an empty folder with a study of a second, `small.yaml`."""
    command = Hpt(tmp_path)
    command.write("small.yaml", SMALL)
    yield command
    command.close()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Hpt, Ended]:
    """The finished study `small.yaml`, only to be read."""
    command = Hpt(tmp_path_factory.mktemp("small"))
    command.write("small.yaml", SMALL)
    return command, command("tune", "small.yaml", "--jobs", 1, "--json")


@pytest.fixture(scope="session")
def configs() -> Path:
    """The configurations that come with the project."""
    return Path(__file__).parents[2] / "configs"
