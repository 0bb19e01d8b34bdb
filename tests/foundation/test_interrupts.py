"""Ctrl-C while something is written: told once, behind what was being written, whatever it interrupts."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator

import pytest

from hpt.foundation.interrupts import listening


@pytest.fixture(autouse=True)
def heeded() -> Iterator[None]:
    """Ctrl-C is not ignored, as it is where the tests were started in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class _Interrupted(io.RawIOBase):
    """A stderr during whose first write someone presses Ctrl-C."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        text = bytes(data)  # type: ignore[call-overload]
        if not self.written:
            os.kill(os.getpid(), signal.SIGINT)
        self.written += text
        return len(text)


def test_a_signal_in_the_middle_of_a_write_is_told_after_it() -> None:
    raw = _Interrupted()
    stream = io.TextIOWrapper(io.BufferedWriter(raw), write_through=True)

    def warn(message: str) -> None:
        stream.write(f"warning: {message}\n")
        stream.flush()

    with listening(warn) as interrupts:
        stream.write("epoch 1\n")
        stream.flush()
        assert interrupts.requested
    lines = raw.written.decode().splitlines()
    assert lines[0] == "epoch 1"
    assert [line.startswith("warning: Stopping") for line in lines] == [False, True]


def test_handlers_are_as_before_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    said: list[str] = []
    with listening(said.append) as interrupts:
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    assert not interrupts.requested
    assert said == []
