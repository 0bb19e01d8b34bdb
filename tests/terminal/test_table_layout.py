from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from hpt.terminal.table_layout import table_lines
from hpt.view.page import Column, Table

CELLS = st.text(alphabet="ab1.漢 ", max_size=30)


@st.composite
def tables(draw: st.DrawFn) -> list[Column]:
    rows = draw(st.integers(0, 5))
    column = st.builds(
        Column,
        title=st.text(alphabet="xyz", min_size=1, max_size=20),
        cells=st.lists(CELLS, min_size=rows, max_size=rows),
        align=st.sampled_from(["left", "right"]),
        spell=st.just(str),
        importance=st.integers(0, 3),
        spills=st.booleans(),
        shrinks_to=st.none() | st.integers(0, 20),
    )
    return draw(st.lists(column, min_size=1, max_size=8))


@given(tables(), st.integers(1, 220))
def test_no_line_is_wider_than_the_terminal(columns: list[Column], width: int) -> None:
    lines = table_lines(Table(columns), width)
    assert len(lines) == 1 + len(columns[0].cells)
    assert all(cell_len(line.plain) <= width for line in lines)


@given(tables())
def test_with_room_enough_everything_is_shown(columns: list[Column]) -> None:
    lines = table_lines(Table(columns), 1000)
    for column in columns:
        assert column.title in lines[0].plain
        assert all(cell.rstrip() in line.plain for cell, line in zip(column.cells, lines[1:], strict=True))


COLUMNS = [
    Column("#", ["1", "2"], "right", importance=1),
    Column("value", ["0.08", "0.09"], "right", importance=0),
    Column("state", ["completed", "pruned"], importance=2),
    Column("optimizer", ["adam", "sgd"], spills=True),
    Column("momentum", ["", "0.9"], "right", spills=True),
    Column("batch_size", ["16", "32"], "right", spills=True),
]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (
            70,
            [
                "#  value  state      optimizer  momentum  batch_size",
                "1   0.08  completed  adam                         16",
            ],
        ),
        (42, ["# value state     optimizer momentum +1", "1  0.08 completed adam"]),
        (24, ["# value optimizer +2", "1  0.08 adam"]),
        (10, ["value +3", " 0.08"]),
        (7, ["value", " 0.08"]),
    ],
)
def test_the_least_important_gives_way(width: int, expected: list[str]) -> None:
    assert [line.plain for line in table_lines(Table(COLUMNS), width)][:2] == expected


def test_what_found_no_column_is_written_out_where_there_is_room() -> None:
    wide = Column("note", ["x" * 60, ""], spills=True)
    last = [line.plain for line in table_lines(Table([COLUMNS[0], COLUMNS[1], wide]), 60)]
    assert last == ["#  value  +1", "1   0.08  note=" + "x" * 44 + "…", "2   0.09"]


def test_a_legend_goes_with_its_column() -> None:
    """Also where the title of a column that is left out stands within another's."""
    gone = Column("interval", ["[0.1, 0.2]"], spell=str, importance=9, legend="interval: of the score")
    kept = Column("p-interval", ["0.03"], spell=str, importance=0, legend="p-interval: of chance")
    shown = [line.plain for line in table_lines(Table([kept, gone]), 12)]
    assert shown == ["p-interval", "0.03", "p-interval:", "of chance"]
    assert "interval: of the score" in "\n".join(line.plain for line in table_lines(Table([kept, gone]), 80))
