"""From a data file to a first study: init, check, tune, and more room where a range was too narrow."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.black_box.hpt_command import Hpt, timeless

CASES = Path(__file__).parents[1] / "data/cases"


@pytest.fixture
def hpt(tmp_path: Path) -> Hpt:
    return Hpt(tmp_path)


def test_init_writes_a_file_that_runs_as_it_is(hpt: Hpt) -> None:
    shutil.copy(CASES / "01-currency-percent/shop90.csv", hpt.folder / "shop.csv")
    document = hpt("init", "shop.csv", "--target", "score", "--json").document
    assert (document["file"], document["target"]) == ("shop.yaml", "score")
    kinds = {column["name"]: column["kind"] for column in document["columns"]}
    assert kinds["price"] == "number"
    text = (hpt.folder / "shop.yaml").read_text()
    assert "price" in text
    assert text.isprintable() or "\n" in text
    plan = hpt("check", "shop.yaml", "--json").document
    assert plan["task"] == "regression"
    hpt("tune", "shop.yaml", "--jobs", 1, "--trials", 4, "--set", "training.epochs=2", "--quiet")
    assert "there already" in hpt("init", "shop.csv", code=2).err
    hpt("init", "shop.csv", "-o", "sub.yaml")


def test_missing_cells_are_dealt_with_and_said(hpt: Hpt) -> None:
    shutil.copy(CASES.parent / "penguins_raw.csv", hpt.folder / "penguins.csv")
    hpt("init", "penguins.csv", "--target", "Species")
    assert "missing: mean" in (hpt.folder / "penguins.yaml").read_text()
    hpt("tune", "penguins.yaml", "--jobs", 1, "--trials", 4, "--set", "training.epochs=2", "--quiet")
    shutil.copy(CASES / "37-missing-target/Hitters.csv", hpt.folder / "hitters.csv")
    hpt("init", "hitters.csv", "--target", "Salary")
    text = (hpt.folder / "hitters.yaml").read_text()
    assert "missing: mean" in text
    assert "folds: 5" in text
    plan = hpt("check", "hitters.yaml", "--json").document
    assert (plan["folds"], sum(plan["rows"].values())) == (5, 263)
    (hpt.folder / "one.csv").write_text("a,y\n1,2\n")
    assert "error" in hpt("init", "one.csv", code=2).err


def test_names_of_columns_cannot_break_the_file(hpt: Hpt) -> None:
    names = ["a: b", "#c", "'d\"", "é\u202e", "y"]
    rows = "\n".join(",".join(str((3 * i + j) % 7 / 2 + i / 10) for j in range(len(names))) for i in range(60))
    quoted = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    (hpt.folder / "odd name.csv").write_text(f"{quoted}\n{rows}\n", encoding="utf-8")
    hpt("init", "odd name.csv")
    assert hpt("check", "odd name.yaml", "--json").document["rows"]["train"] > 0


def test_the_plan_counts_what_the_study_does(hpt: Hpt) -> None:
    hpt.write(
        "study.yaml",
        "data: {source: wine, validation: 0.2}\noptimizer: {choose: {sgd: {learning_rate: {min: 1e-5, max: 0.1}}}}\n"
        "training: {epochs: 9, batch_size: {values: [16, 50]}}\n"
        "study: {trials: 27, pruner: {type: halving, eta: 3, min_epochs: 1}, select: lowest}\n",
    )
    plan = hpt("check", "study.yaml", "--json").document
    rows = plan["rows"]["train"]
    assert plan["updates"] == {"fewest": -(-rows // 50) * 9, "most": -(-rows // 16) * 9}
    # A third of the trials goes on at each rung: 1 + 2/3 + 6/9 of 9 epochs.
    assert plan["epochs"] == {"most": 243, "likely": round(243 * (1 + 2 / 3 + 6 / 9) / 9)}
    assert plan["space"]["sgd"]["optimizer.sgd.learning_rate"] == {"min": 1e-5, "max": 0.1}
    assert any("scale: log" in advice for advice in plan["advice"])
    assert not (hpt.folder / "runs").exists()
    assert plan["seconds"] > 0
    assert "about" in hpt("check", "study.yaml").out


def test_the_plan_has_the_folds_that_few_rows_get(hpt: Hpt) -> None:
    hpt.write(
        "few.yaml", "data: iris\noptimizer: sgd\nstudy: {trials: 2}\ntraining: {epochs: 2, batch_size: {values: [16, 32]}}\n"
    )
    plan = hpt("check", "few.yaml", "--json").document
    assert (plan["folds"], plan["repeats"], plan["rows"]) == (5, 1, {"train": 120, "test": 30})
    # A trial trains on four of the five folds: 96 rows.
    assert plan["updates"] == {"fewest": 6, "most": 12}
    assert any(notice.startswith("folds: 5") for notice in plan["notices"])
    assert "120 in 5 folds" in hpt("check", "few.yaml").out
    study = hpt("tune", "few.yaml", "--jobs", 1, "--json", "--quiet").document
    assert study["notices"] == plan["notices"]


def test_the_columns_stand_with_the_result(hpt: Hpt) -> None:
    shutil.copy(CASES / "02-placeholder/elements.csv", hpt.folder / "elements.csv")
    said = ("--target", "atomic mass", "--set", "data.missing=mean", "--json")
    plan = hpt("check", "elements.csv", *said, code=0).document
    columns = {column["name"]: column for column in plan["columns"]}
    assert columns["atomic mass"]["kind"] == "number"
    study = hpt("tune", "elements.csv", *said, "--jobs", 1, "--trials", 2, "--set", "training.epochs=2", "--quiet").document
    assert study["columns"] == plan["columns"]
    assert hpt("show", "elements", "--json").document["columns"] == plan["columns"]
    assert "read as" in hpt("check", "elements.csv", *said[:-1]).out


def test_a_winner_at_the_end_of_its_range_gets_more_room(hpt: Hpt) -> None:
    hpt.write(
        "narrow.yaml",
        "data: iris\nmodel: linear\n"
        "optimizer: {choose: {sgd: {learning_rate: {min: 1e-6, max: 1e-4, scale: log}}}}\n"
        "training: {epochs: 5}\nstudy: {trials: 24}\n",
    )
    hpt("tune", "narrow.yaml", "--jobs", 1)
    document = hpt("widen", "narrow", "--json").document
    assert document["file"] == "narrow-wide.yaml"
    (change,) = document["widened"].values()
    assert (change["end"], change["now"]["max"], change["now"]["min"]) == ("high", pytest.approx(1e-3), 1e-6)
    # What an earlier call wrote is taken up, what somebody changed is not.
    assert hpt("widen", "narrow", "--json").document == document
    hpt.write("more.yaml", "mine\n")
    assert "there already" in hpt("widen", "narrow", "-o", "more.yaml", code=2).err
    (hpt.folder / "more.yaml").unlink()
    before = hpt("show", "narrow", "--json").document["best"]["value"]
    after = hpt("widen", "narrow", "-o", "more.yaml", "--apply", "--jobs", 1, "--json").document
    assert after["run"].endswith("narrow-wide")
    assert after["best"]["value"] < before
    resumed = hpt("widen", "narrow", "-o", "more.yaml", "--apply", "--jobs", 1, "--json", "--resume").document
    assert timeless(resumed) == timeless(after)


def test_nothing_to_widen_is_said(hpt: Hpt) -> None:
    hpt.write(
        "wide.yaml", "data: iris\noptimizer: {choose: {sgd: {learning_rate: {values: [0.1, 0.2]}}}}\nstudy: {trials: 4}\n"
    )
    hpt("tune", "wide.yaml", "--jobs", 1, "--set", "training.epochs=2")
    assert "nothing to widen" in hpt("widen", "wide").out
    assert hpt("widen", "wide", "--json").document == {"schema": "hpt.widen/1", "file": None, "widened": {}}
