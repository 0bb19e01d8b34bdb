from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Group

from hpt.terminal.fitted_text import clean, cut, joined, packed
from hpt.view.text import plain


@given(st.text())
def test_nothing_that_drives_the_terminal_is_left(text: str) -> None:
    assert not {unicodedata.category(character) for character in plain(text)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"])))
def test_what_can_be_shown_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[/] [bold]x[/bold] :smile:", "[/] [bold]x[/bold] :smile:"),
        ("\x1b[2J\x1b]0;owned\x07name", "[2J]0;ownedname"),
        ("\x9b31mred", "31mred"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("\u202eabc", "abc"),
        ("half\udc80", "half"),
    ],
)
def test_user_strings_are_shown_literally(shown, text: str, expected: str) -> None:
    assert shown(clean(text), 80) == [expected]


def test_a_long_string_is_cut_not_wrapped(shown) -> None:
    assert shown(Group(clean("abcdefghij")), 6) == ["abcde…"]


@given(st.text(), st.integers(0, 30))
def test_cut_never_exceeds_its_width(text: str, width: int) -> None:
    short = cut(plain(text), width)
    assert cell_len(short) <= width
    assert short == plain(text) or width == 0 or short.endswith("…")


def test_joined_drops_from_the_end_what_does_not_fit() -> None:
    parts = ["200 trials", "population 25", "2 jobs"]
    assert joined(parts, 80) == "200 trials · population 25 · 2 jobs"
    assert joined(parts, 30) == "200 trials · population 25"
    assert joined(parts, 5) == "200…"


def test_packed_breaks_between_parts_and_cuts_the_last_line() -> None:
    assert list(packed(["aa=1", "bb=2", "cc=3"], 10, lines=2)) == ["aa=1  bb=2", "cc=3"]
    assert list(packed(["aa=1", "bb=2", "cc=3"], 8, lines=2)) == ["aa=1", "bb=2  c…"]
    assert list(packed([], 8, lines=2)) == []
