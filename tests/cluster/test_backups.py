"""When a piece of work is sent a second time."""

from __future__ import annotations

from hpt.cluster.backups import LEAST, Backups


def learnt(*rates: float) -> Backups:
    backups = Backups()
    for rate in rates:
        backups.learn(rate * 7, 7)
    return backups


def test_nothing_is_due_before_anything_is_known() -> None:
    assert Backups().due({"a": (1e6, 1.0)}, 5) == []


def test_a_piece_is_late_by_what_pieces_of_its_cost_take() -> None:
    out = {"in time": (12.0, 10.0), "late": (18.0, 10.0), "small": (4.0, 2.0), "large": (18.0, 40.0)}
    assert learnt(1, 1, 1, 50).due(out, 5) == ["late", "small"]
    assert learnt(1, 1, 1, 50).due(out, 1) == ["late"]
    assert learnt(1).due(out, 0) == []


def test_a_short_piece_is_left_alone() -> None:
    assert learnt(1e-3).due({"a": (LEAST * 0.9, 1.0), "b": (LEAST * 1.1, 1.0)}, 5) == ["b"]
