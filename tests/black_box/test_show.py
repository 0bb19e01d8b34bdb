"""`hpt show`: the list of runs, one of them, one trial; also while a run goes on."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.black_box.hpt_command import COMMAND, SECONDS, Ended, Hpt, timeless

Small = tuple[Hpt, Ended]


def test_a_run_shown_is_the_run(small: Small) -> None:
    hpt, ended = small
    for run in ("small", "runs/small", hpt.folder / "runs/small"):
        assert timeless(hpt("show", run, "--json").document) == timeless(ended.document)


def test_the_list(small: Small) -> None:
    hpt, ended = small
    document = hpt("show", "--json").document
    assert document["schema"] == "hpt.runs/1"
    (run,) = document["runs"]
    assert run["run"] == "runs/small"
    assert run["status"] == "completed"
    assert run["best"] == ended.document["best"]["value"]
    assert "small" in hpt("show").out
    assert "tune" in hpt("show", environment={"COLUMNS": "60"}).out
    assert hpt("show", "--runs", "elsewhere", "--json").document["runs"] == []


@pytest.mark.parametrize(
    "text", ["", "[]", "[" * 100_000, '{"schema": "hpt.run/9"}', '{"schema": "hpt.run/1", "kind": "tune"}']
)
def test_a_run_that_cannot_be_read_is_told_of_beside_the_others(small: Small, hpt: Hpt, text: str) -> None:
    shutil.copytree(small[0].folder / "runs", hpt.folder / "runs")
    (hpt.folder / "runs/odd").mkdir()
    hpt.write("runs/odd/run.json", text)
    shown = hpt("show", "--json")
    assert [run["name"] for run in shown.document["runs"]] == ["small"]
    (line,) = shown.err.splitlines()
    assert line.startswith("warning: runs/odd/run.json: ")
    assert not hpt("show", "--quiet").err
    assert hpt("show", "odd", code=2).errors == [line.replace("warning", "error", 1)]


@pytest.mark.parametrize(
    ("fact", "value", "told"),
    [
        ("records", '"x"', "records: expected a whole number from 0, found "),
        ("records", "-1", "records: expected a whole number from 0, found "),
        ("records", "1e400", "found Infinity"),
        ("changed", "7", "changed: expected text, found 7"),
        ("best", "[]", "best: expected a finite number or null, found []"),
        ("best", "Infinity", "best: expected a finite number or null, found Infinity"),
        ("seconds", '{"total": 1e400}', "seconds.total: expected a finite number, found Infinity"),
        ("extended", "7", "extended: expected a list, found 7"),
        ("objective", '"x"', "objective: expected a metric with its part"),
        ("kind", "{}", "kind: expected tune or compare, found {}"),
    ],
)
def test_a_run_with_an_odd_fact_is_told_of(small: Small, hpt: Hpt, fact: str, value: str, told: str) -> None:
    shutil.copytree(small[0].folder / "runs/small", hpt.folder / "runs/odd")
    facts = json.loads((hpt.folder / "runs/odd/run.json").read_text("utf-8"))
    hpt.write("runs/odd/run.json", json.dumps(facts | {fact: None}).replace(f'"{fact}": null', f'"{fact}": {value}'))
    shown = hpt("show", "--json")
    assert shown.document["runs"] == []
    assert told in shown.err


def test_a_run_goes_by_the_name_of_its_folder(small: Small, hpt: Hpt) -> None:
    shutil.copytree(small[0].folder / "runs/small", hpt.folder / "runs/moved")
    (run,) = hpt("show", "--json").document["runs"]
    assert run["name"] == "moved"


def test_one_trial_in_full(small: Small) -> None:
    hpt, ended = small
    row = ended.document["leaderboard"][3]
    document = hpt("show", "small", row["trial"], "--json").document
    assert document["schema"] == "hpt.trial/1"
    assert {key: document[key] for key in row} == row
    assert [entry["epoch"] for entry in document["history"]] == list(range(1, row["epochs"] + 1))
    view = hpt("show", "small", row["trial"]).out
    assert all(path.split(".")[-1] in view for path in row["parameters"] if not path.endswith((".0", ".1")))
    refused = hpt("show", "small", 12, code=2)
    assert "0 to 11" in refused.errors[0]


def test_order_and_length(small: Small) -> None:
    hpt, _ = small
    rows = hpt("show", "small", "--sort", "train_loss", "--json").document["leaderboard"]
    losses = [row["metrics"]["train_loss"] for row in rows]
    assert losses == sorted(losses)
    accuracies = [
        row["metrics"]["validation_accuracy"]
        for row in hpt("show", "small", "--sort", "validation_accuracy", "--json").document["leaderboard"]
    ]
    assert accuracies == sorted(accuracies, reverse=True)
    headed = hpt("show", "small", "--sort", "accuracy", "--json").document
    assert [row["metrics"]["validation_accuracy"] for row in headed["leaderboard"]] == accuracies
    losses = {}
    for row in headed["leaderboard"]:
        losses.setdefault(row["metrics"]["validation_accuracy"], []).append(row["metrics"]["validation_loss"])
    assert all(tied == sorted(tied) for tied in losses.values())
    assert (headed["best"], headed["objective"]) == (small[1].document["best"], small[1].document["objective"])
    top = hpt("show", "small", "--sort", "accuracy", "--top", 2, "--json").document
    assert top["leaderboard"] == headed["leaderboard"][:2]
    short, long = hpt("show", "small", "--top", 2).out, hpt("show", "small", "--top", 12).out
    assert len(long.splitlines()) - len(short.splitlines()) in (9, 10, 11)
    assert "validation_accuracy" in hpt("show", "small", "--sort", "validation_acuracy", code=2).errors[0]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_tables_keep_to_the_width(small: Small, width: int) -> None:
    out = small[0]("show", "small", environment={"COLUMNS": str(width)}).out
    assert max(map(len, out.splitlines())) <= width
    assert "\x1b" not in out


def test_a_misspelled_run_gets_the_nearest(small: Small) -> None:
    refused = small[0]("show", "smal", "--json", code=2)
    assert "small" in refused.errors[0].partition("Did you mean")[2]
    assert refused.out == ""


def test_shown_while_it_goes_on(hpt: Hpt) -> None:
    process = hpt.start(
        *("tune", "small.yaml", "--jobs", 1, "--set", "study.trials=100000", "--set", "study.population=4", "--quiet")
    )
    path = hpt.folder / "runs/small/trials.jsonl"
    while not path.exists():
        assert process.poll() is None
    totals = []
    for _ in range(3):
        document = hpt("show", "small", "--json").document
        assert document["status"] == "running"
        totals.append(document["trials"]["total"])
    assert totals == sorted(totals)
    assert totals[0] < totals[-1]
    assert all(total % 4 == 0 for total in totals)
    process.kill()
    process.communicate()


@pytest.mark.parametrize("arguments", [("show",), ("show", "small", "--json")])
def test_a_reader_that_leaves_is_no_error(small: Small, arguments: tuple[str, ...]) -> None:
    hpt, _ = small
    reader = subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.PIPE)
    reader.wait(SECONDS)
    assert reader.stdin is not None
    with reader.stdin as pipe:
        writer = subprocess.run([*COMMAND, *arguments], cwd=hpt.folder, stdout=pipe, stderr=subprocess.PIPE, check=False)
    assert writer.stderr == b""
    assert writer.returncode in (0, 1)


def test_names_are_shown_literally(hpt: Hpt) -> None:
    hpt.write("d.csv", "[red]a[/],\x1b[31mb,c\n" + "".join(f"{i},{i % 3},{i % 2 * 2.5}\n" for i in range(40)))
    hpt("tune", "d.csv", "--target", "c", "--jobs", 1, "--trials", 4, "--quiet")
    assert "\x1b" not in hpt("show", "d").out
    for arguments in (("show", "[/]\x1b[2J"), ("tune", "d.csv", "--runs", "[/]\x1b[2J/" + "x" * 300)):
        refused = hpt(*arguments, code=2)
        assert "\x1b" not in refused.err
        assert "[/][2J" in refused.err


def test_curves_of_several_trials(small: Small, tmp_path: Path) -> None:
    hpt, ended = small
    trials = [row["trial"] for row in ended.document["leaderboard"][:3]]
    wanted = ",".join(map(str, trials))
    document = hpt("show", "small", "--curves", wanted, "--json").document
    assert (document["schema"], document["metric"]) == ("hpt.curves/1", "validation_loss")
    assert [curve["trial"] for curve in document["curves"]] == trials
    for curve in document["curves"]:
        history = hpt("show", "small", curve["trial"], "--json").document["history"]
        assert curve["values"] == [row["validation_loss"] for row in history]
    picture = tmp_path / "curves.svg"
    out = hpt("show", "small", "--curves", wanted, "--metric", "learning_rate", "--svg", picture).out
    assert all(f"trial {trial}" in out for trial in trials)
    drawn = ET.fromstring(picture.read_text("utf-8"))  # noqa: S314  our own
    lines = [e for e in drawn.iter("{http://www.w3.org/2000/svg}path") if e.get("class", "").startswith("curve")]
    assert len(lines) == 2 * len(trials)  # each once in the picture and once in the legend
    assert any("learning rate" in (e.text or "") for e in drawn.iter("{http://www.w3.org/2000/svg}text"))


def test_the_best_of_each_branch(small: Small) -> None:
    hpt, ended = small
    completed = [row for row in ended.document["leaderboard"] if row["state"] == "completed"]
    best = {row["parameters"]["optimizer"]: row["trial"] for row in reversed(completed)}
    document = hpt("show", "small", "--curves", "best-per-branch", "--json").document
    assert {curve["parameters"]["optimizer"]: curve["trial"] for curve in document["curves"]} == best


def test_runs_side_by_side(small: Small, hpt: Hpt) -> None:
    shutil.copytree(small[0].folder / "runs/small", hpt.folder / "runs/one")
    hpt("tune", "small.yaml", "--jobs", 1, "--quiet", "--set", "data=wine", "--name", "two")
    document = hpt("show", "one", "two", "--json").document
    assert (document["schema"], document["metric"]) == ("hpt.side-by-side/1", "validation_loss")
    assert [run["run"] for run in document["runs"]] == ["runs/one", "runs/two"]
    assert document["runs"][0]["best"] == small[1].document["best"]
    assert "different data" in document["warnings"][0]
    out = hpt("show", "one", "two", "--svg", "winners.svg").out
    assert "different data" in " ".join(out.split())
    assert (hpt.folder / "winners.svg").read_text("utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--curves", "0,x"), "expected trials such as 0,3,7"),
        (("--curves", "0,99"), "99: no such trial in small"),
        (("--curves", ",".join(map(str, range(13)))), "at most 12"),
        (("--curves", "0", "--metric", "validation_los"), "Did you mean validation_loss?"),
        (("--svg", "x.svg"), "Add --curves"),
        (("--curves", "0", "--svg", "x.PNG"), "x.PNG: expected a file of SVG, found .PNG. Write x.svg"),
        (("3", "--metric", "train_loss"), "Add --curves"),
        (("3", "4"), "Several trials are --curves 3,4"),
        (("3", "--curves", "1"), "expected one run"),
        (("other",), "other: no such run"),
    ],
)
def test_curves_that_are_refused(small: Small, arguments: tuple[str, ...], told: str) -> None:
    assert told in small[0]("show", "small", *arguments, code=2).errors[0]


def test_a_report_goes_to_stdout_where_that_is_asked_for(small: tuple[Hpt, Ended]) -> None:
    hpt = small[0]
    before = hpt.files()
    ended = hpt("report", "small", "-o", "-")
    assert ended.out.lower().startswith("<!doctype html>")
    assert ended.out.rstrip().endswith("</html>")
    assert hpt.files() == before
