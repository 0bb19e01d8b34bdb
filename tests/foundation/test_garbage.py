"""Cycles are left alone while a command imports, and collected while it trains."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from hpt.foundation.garbage import collect, hold_back
from hpt.foundation.interrupts import listening


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    assert gc.isenabled()
    yield
    collect()
    gc.unfreeze()
    gc.enable()


def test_training_collects_what_imports_did_not() -> None:
    hold_back()
    assert not gc.isenabled()
    with listening(lambda message: None):
        assert gc.isenabled()
        assert gc.get_freeze_count() > 1000, "what is there by then is not looked at again"
    frozen = gc.get_freeze_count()
    collect()
    assert gc.get_freeze_count() <= frozen, "once is enough"


def test_where_somebody_else_disabled_it_it_stays_so() -> None:
    gc.disable()
    hold_back()
    collect()
    assert not gc.isenabled()


def test_a_command_begins_without() -> None:
    told = "import gc, atexit; atexit.register(lambda: print(gc.isenabled())); from hpt.cli import main; main()"
    ended = subprocess.run([sys.executable, "-c", told, "list", "samplers"], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "False"
