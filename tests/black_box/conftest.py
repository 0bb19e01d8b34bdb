"""A folder for each test to run the command in."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import in_process
from tests.black_box.hpt_command import Ended, Hpt, Refused

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


@pytest.fixture
def refused(hpt: Hpt, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Refused:
    """The command in the folder of `hpt` but in this process, where a refusal takes milliseconds."""

    def run(*arguments: str) -> list[str]:
        monkeypatch.chdir(hpt.folder)
        monkeypatch.setattr(sys, "argv", ["hpt", *arguments])
        with pytest.raises(SystemExit) as ended:
            in_process.command()
        out, err = capfd.readouterr()
        assert (ended.value.code, out) == (2, "")
        return err.splitlines()

    return run


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
