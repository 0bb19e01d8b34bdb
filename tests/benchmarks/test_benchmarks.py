"""The machinery of the benchmarks, at sizes that take no time and without any peer."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from benchmarks import measuring, training_rows, workloads
from benchmarks.__main__ import main
from benchmarks.command_rows import bare_application
from benchmarks.measuring import Effort, Measured, MissingError, Reading, Row, costlier, faster, interleave, median
from benchmarks.report import document, lines_of, markdown_table
from benchmarks.study_rows import Stamped, cutting, stamped, why
from benchmarks.table import BENCHMARKS, selected
from benchmarks.worker_times import Stamp, summary
from hpt.cli.app import app

ROOT = Path(__file__).parents[2]
SPEED = Row("speed", "as fast", 2, 4)
COST = Row("cost", "as dear", 2, 1, "s", "less")


@pytest.mark.parametrize(
    ("row", "value", "verdict"),
    [
        (SPEED, 1.9, "**missed**"),
        (SPEED, 2.0, "met"),
        (SPEED, 4.0, "met, and the stretch"),
        (SPEED, math.nan, "**missed**"),
        (COST, 2.1, "**missed**"),
        (COST, 2.0, "met"),
        (COST, 1.0, "met, and the stretch"),
        (Row("told", "without a target"), 1.0, ""),
    ],
)
def test_verdicts(row: Row, value: float, verdict: str) -> None:
    (line,) = lines_of([row], Measured({row.name: Reading([value])}), "Haswell")
    assert line.verdict == verdict


def test_a_ratio_is_taken_turn_by_turn() -> None:
    assert faster([1.0, 2.0], [3.0, 8.0], "ms", 1e3) == Reading([3.0, 4.0], [1e3, 2e3], [3e3, 8e3], "ms")
    assert costlier([3.0, 8.0], [1.0, 2.0]) == Reading([3.0, 4.0], [3.0, 8.0], [1.0, 2.0], "s")


def test_turns_alternate() -> None:
    called: list[str] = []
    seconds = interleave(2, a=lambda: called.append("a"), b=lambda: called.append("b"))
    assert called == ["a", "b"] * 3
    assert [len(taken) for taken in seconds.values()] == [2, 2]


def test_median() -> None:
    assert median([3.0, 1.0, 2.0]) == 2.0
    assert median([1.0, 2.0]) == 1.5
    assert median([math.inf, math.inf]) == math.inf
    assert math.isnan(median([]))


def test_a_line_shows_both_sides_or_why_there_are_none() -> None:
    (line,) = lines_of([SPEED], Measured({"speed": faster([1.0, 1.0, 1.0], [3.0, 2.5, 5.0])}), "Zen")
    assert line.cells() == (
        "speed", "as fast", "Zen", "3.00 ×", "2.50 … 5.00", "1.00 s", "3.00 s", "≥ 2 ×", "≥ 4 ×", "met",
    )  # fmt: skip
    (skipped,) = lines_of([SPEED], "torch is not installed", "Zen")
    assert skipped.cells()[-1] == "skipped: torch is not installed"
    page = document([line, skipped], ["training 1 s"], 3, ["speed"])
    assert markdown_table([line, skipped]) in page
    assert "`python -m benchmarks speed`" in page
    assert "- training 1 s." in page


def test_rows_are_chosen_by_name_or_first_part() -> None:
    assert selected([]) == list(BENCHMARKS)
    assert [row.name for b in selected(["w2", "start.show"]) for row in b.rows if row.name.startswith(("W2", "start"))] == [
        "W2.torch",
        "W2.alone",
        "start.train",
        "start.show",
    ]


def test_row_names_differ() -> None:
    names = [row.name for benchmark in BENCHMARKS for row in benchmark.rows]
    assert len(set(names)) == len(names)


def test_an_unknown_row_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["W1", "W9"]) == 2
    assert "no such row: W9. Rows: W1.torch, " in capsys.readouterr().err


def test_a_missing_peer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "find_spec", lambda package: None)
    with pytest.raises(MissingError, match="torch is not installed"):
        training_rows.small_beside_torch(Effort(1, quick=True))


def test_missing_data_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workloads.shutil, "which", lambda name: None)
    with pytest.raises(MissingError, match="dataset-fashion-mnist is not installed"):
        workloads.fashion_mnist(1)


def test_the_small_workload_is_the_one_described() -> None:
    work = workloads.small(quick=False)
    assert work.inputs.shape == (1438, 64)
    assert work.classes == 10
    assert work.updates == 900


def test_the_bare_application_has_the_same_commands() -> None:
    bare: dict[str, object] = {"__name__": "bare"}
    source = bare_application().removesuffix("app()\n")
    exec(source, bare)  # noqa: S102  it was written a line above

    def surface(application: object) -> dict[str, list[str]]:
        group = typer.main.get_command(application)  # type: ignore[arg-type]
        return {name: [o for p in command.params for o in p.opts] for name, command in group.commands.items()}  # type: ignore[attr-defined]

    assert surface(bare["app"]) == surface(app)


def test_what_stamps_say() -> None:
    stamps = [Stamp(1, 0.0, 2.0, 1.5), Stamp(1, 2.5, 4.0, 1.0), Stamp(2, 0.5, 3.0, 2.5)]
    assert summary(stamps, 2, 5.0) == {"seconds": 5.0, "cpu": 5.0, "trained": 6.0, "waited": 1.0}
    assert summary(stamps[:2], 2, 5.0)["waited"] == 5.0


def test_where_two_jobs_lose() -> None:
    def generations(*seconds: float, cpu: float, waited: float) -> list[dict[str, float]]:
        return [{"seconds": s, "cpu": cpu, "trained": cpu, "waited": waited} for s in seconds]

    two = Stamped(5.0, generations(2.5, 2.5, cpu=4.5, waited=0.2))
    one = Stamped(8.0, generations(4.0, 4.0, cpu=4.0, waited=0)), Stamped(8.0, generations(3.0, 5.0, cpu=4.0, waited=0))
    told = why([two], [one], [0.05])
    for figure in (
        "80.0% is the CPU time that one job takes",
        "4.0% what its stacks take more",
        "6.0% what the processes",
        "4.0% waits",
        "6.0% is the rest",
        "12.5% after",
    ):
        assert figure in told


def test_a_stamped_study_trains_all_the_same(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    (one,), (two,) = (stamped(16, jobs, 3, str(folder)) for jobs, folder in zip((1, 2), folders, strict=True))
    recorded = [next(folder.glob("*/trials.jsonl")).read_text(encoding="utf-8") for folder in folders]
    assert recorded[0] == recorded[1]
    generations = 1 + max(json.loads(line)["generation"] for line in recorded[0].splitlines())
    assert len(one.generations) == len(two.generations) == generations
    assert one.total("waited") == 0
    assert 0 < two.total("cpu") < 2 * two.training
    assert -1 < cutting(folders[1] / "stamps-2.json.pieces") < math.inf


def test_the_command_measures_prints_and_writes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    command = [sys.executable, "-m", "benchmarks", "mixed", "--quick", "--repeat", "1", "--output", str(page)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert [line.split(" | ")[0] for line in done.stdout.splitlines()[2:]] == ["| mixed.8", "| mixed.16", "| mixed.32"]
    assert done.stdout.splitlines()[2] in page.read_text(encoding="utf-8")
