"""What the fuzzer says of a reader: that it is right where it is, and wrong where it is made so."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks import typed_tables
from benchmarks.fuzz import fuzz
from benchmarks.fuzz_surfaces import SURFACES
from benchmarks.fuzz_tables import csv_case
from benchmarks.typed_columns import Writing
from hpt.foundation.errors import InputError
from hpt.tables import dates, infer, numbers, plans


def _disagree(folder: Path, cases: int) -> list[str]:
    """What of the first cases is read otherwise than it was meant."""
    found = []
    for number in range(cases):
        try:
            csv_case(random.Random(number), folder)
        except InputError:
            continue
        except AssertionError as error:
            found.append(str(error))
    return found


def test_tables_of_known_meaning_are_read_as_they_were_meant(tmp_path: Path) -> None:
    assert _disagree(tmp_path, 120) == []


@pytest.mark.parametrize(
    ("module", "name", "broken"),
    [
        (numbers, "is_code", lambda cell: False),
        (dates, "AMBIGUOUS", ("month/day/year", "day/month/year")),
        (plans, "MISSING", frozenset({"", "None", "-"})),
        (infer, "MOSTLY", 0.99),
    ],
)
def test_a_reader_that_merges_swaps_or_loses_is_found(
    module: object, name: str, broken: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, broken)
    if name == "AMBIGUOUS":
        monkeypatch.setattr(dates, "FORMATS", {**dates.FORMATS, "day/month/year": dates.FORMATS["month/day/year"]})
    assert _disagree(tmp_path, 120)


def test_a_cell_is_made_from_its_meaning_in_every_kind_of_table() -> None:
    kinds, signs = set(), set()
    for number in range(60):
        source = random.Random(number)
        writing = Writing.drawn(source)
        table = typed_tables.drawn(source, writing)
        kinds |= {column.kind for column in table.columns}
        signs.add((writing.delimiter, writing.decimal))
        assert all(len(column.cells) == len(column.means) == table.rows for column in table.columns)
    assert kinds == {"number", "category", "date", "identifier"}
    assert len(signs) == 8


@pytest.mark.parametrize("surface", ["YAML", "--set", "CSV", "NPZ"])
def test_a_second_of_a_surface_finds_nothing(surface: str, tmp_path: Path) -> None:
    found = fuzz(SURFACES[surface], tmp_path, random.Random(7), 1)
    assert found.cases > 0
    assert found.findings == []
