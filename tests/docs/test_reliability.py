"""The page on what is promised names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.fuzz_surfaces import SURFACES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
}
HEADS = ("| ---", "| fault |", "| what |")


def test_every_row_names_a_test_that_there_is() -> None:
    promised = PAGE.partition("## The soak")[0]
    rows = [line for line in promised.splitlines() if line.startswith("| ") and not line.startswith(HEADS)]
    assert len(rows) > 20
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        files = re.findall(r"`(tests/\S+)`", row)
        assert named or files, row
        assert set(named) <= TESTS, set(named) - TESTS
        assert all((ROOT / file).is_file() for file in files)


def test_every_dependency_is_bounded_at_both_ends() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    block = text.partition("dependencies = [")[2].partition("]")[0]
    lines = [line.strip() for line in block.splitlines() if line.strip().startswith('"')]
    assert lines
    assert all(re.match(r'"[a-z]+>=[\d.]+,<\d+[";]', line) for line in lines), lines


def test_what_stands_there_of_soak_and_fuzzing_is_whole_and_without_findings() -> None:
    every = next(line for line in PAGE.splitlines() if line.startswith("| all |"))
    assert [int(cell) for cell in every.split("|")[2:6:2]] == [200, 0]
    assert int(every.split("|")[5]) == 0
    fuzzed = PAGE.partition("<!-- derived: benchmark fuzz -->")[2].partition("<!-- end -->")[0]
    rows = [line.strip("| ").split(" | ") for line in fuzzed.splitlines() if line.startswith("| ")][2:]
    assert {name for name, *_ in rows} == set(SURFACES)
    assert all(findings == "0" for *_, findings in rows)
