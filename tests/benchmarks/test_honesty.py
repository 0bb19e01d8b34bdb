"""What the benchmark of honesty reads from a comparison."""

from __future__ import annotations

from benchmarks.honesty import handicapped


def test_a_handicap_is_found_and_warned_of() -> None:
    assert handicapped(3) == (True, True)
