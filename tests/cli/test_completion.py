"""What the shell is offered, asked as the scripts ask."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.black_box.conftest import hpt  # noqa: F401  the fixture
from tests.black_box.hpt_command import Hpt


def offered(hpt: Hpt, *words: str) -> list[str]:  # noqa: F811
    asked = {"_HPT_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(["hpt", *words]), "COMP_CWORD": str(len(words))}
    return hpt(environment=asked).out.split()


def test_what_is_offered(hpt: Hpt) -> None:  # noqa: F811
    (hpt.folder / "runs/first").mkdir(parents=True)
    hpt.write("runs/first/run.json", "{}")
    assert offered(hpt, "tu") == ["tune"]
    assert offered(hpt, "tune", "sm") == ["small.yaml"]
    assert offered(hpt, "tune", "--over") == ["--overwrite"]
    assert offered(hpt, "show", "f") == ["first"]
    assert offered(hpt, "lr-find", "--optimizer", "adag") == ["adagrad"]
    assert offered(hpt, "list", "opt") == ["optimizers"]
    assert offered(hpt, "schema", "--of", "comp") == ["compare", "compare-tasks"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell(hpt: Hpt, shell: str) -> None:  # noqa: F811
    script = hpt("completion", shell).out
    assert "_HPT_COMPLETE=complete_" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)
