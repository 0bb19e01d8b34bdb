"""One process at a time on a run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hpt.foundation.errors import InputError
from hpt.runs.lock import held, locked

HOLDER = """
import sys, time, subprocess
from pathlib import Path
from hpt.runs.lock import locked
with locked(Path(sys.argv[1])):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdout=subprocess.DEVNULL)
    print(child.pid, flush=True)
    time.sleep(60)
"""


def test_the_owner_is_named_and_a_dead_one_is_succeeded(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout is not None
        child = int(holder.stdout.readline())
        try:
            with pytest.raises(InputError, match=rf"pid {holder.pid}\b"), locked(tmp_path):
                pass
            holder.kill()
            holder.wait()
            # Its child lives on, as a worker may for a moment: the lock was never the child's.
            with locked(tmp_path):
                assert (tmp_path / ".lock").read_text() == str(os.getpid())
        finally:
            holder.kill()
            os.kill(child, signal.SIGKILL)


def test_it_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path):
            pass


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"), locked(tmp_path / "gone"):
        pass


ASKING = """
import sys
from pathlib import Path
from hpt.runs.lock import held
while True:
    held(Path(sys.argv[1]))
"""


def test_who_only_asks_is_never_in_the_way(tmp_path: Path) -> None:
    with locked(tmp_path):
        pass
    asking = subprocess.Popen([sys.executable, "-c", ASKING, str(tmp_path)])
    try:
        for _ in range(2000):
            with locked(tmp_path):
                pass
    finally:
        asking.kill()
        asking.wait()


def test_it_is_known_who_holds_it(tmp_path: Path) -> None:
    assert not held(tmp_path)
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        child = int(holder.stdout.readline())
        try:
            assert held(tmp_path)
        finally:
            holder.kill()
            os.kill(child, signal.SIGKILL)
    assert not held(tmp_path)
