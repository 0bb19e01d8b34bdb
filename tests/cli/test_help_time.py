"""How long `hpt --help` takes, beside a program of Typer alone with as many commands."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from hpt.cli.app import VERBS

ROUNDS = 9
MOST = 1.2


def seconds(*command: str | Path) -> float:
    """CPU seconds, the least of several rounds."""
    found = []
    for _ in range(ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *command, "--help"], stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(found)


@pytest.mark.long
def test_help_takes_little_more_than_typer_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = tmp_path / "bare.py"
    verbs = (
        f"@app.command('{verb}')\ndef _{at}():\n    'What {verb} does, in a sentence.'" for at, verb in enumerate(VERBS)
    )
    bare.write_text("\n".join(["import typer", "app = typer.Typer(no_args_is_help=True)", *verbs, "app()"]))
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "compiled"))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    assert seconds("-m", "hpt") < MOST * seconds(bare)
