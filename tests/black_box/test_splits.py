"""Splits for real questions: groups on one side, the past before the future, rows of one's own to validate on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from tests.black_box.hpt_command import Hpt, Refused

CASES = Path(__file__).parents[1] / "data" / "cases"
GROUPS = f"""
data: {{source: {CASES / "24-groups" / "visits.csv"}, drop: [patient]}}
optimizer: {{choose: [adam]}}
training: {{epochs: 10}}
study: {{trials: 8, objective: validation_accuracy}}
"""


def test_patients_are_not_recognised_on_the_other_side(hpt: Hpt) -> None:
    hpt.write("visits.yaml", GROUPS)
    leaking = hpt("tune", "visits.yaml", "--json", "--quiet", "--jobs", 1).document
    assert leaking["best"]["value"] == 1.0
    said = hpt("tune", "visits.yaml", "--set", "data.group=patient", "--json", "--jobs", 1)
    assert said.document["best"]["value"] < 0.98
    assert "note: group: 30 groups by 'patient', none on two sides; it is no input" in said.err
    again = hpt("train", "runs/visits-2", "--test", "--json").document
    assert again["final"]["validation_accuracy"] == said.document["best"]["value"]
    assert again["test"]["test_accuracy"] < 0.98


def test_each_study_of_a_comparison_draws_groups(hpt: Hpt) -> None:
    hpt.write("visits.yaml", GROUPS.replace("[adam]", "[adam, sgd]"))
    sizes = ["--set", "compare.trials=2", "--set", "compare.seeds=1", "--studies", "2", "--jobs", "1"]
    leaking = hpt("compare", "visits.yaml", "--set", "compare.metric=test_accuracy", *sizes, "--json", "--quiet").document
    kept = hpt(
        "compare", "visits.yaml", "--set", "compare.metric=test_accuracy", "--set", "data.group=patient", *sizes, "--json"
    ).document
    best = [max(max(entry["scores"]) for entry in document["optimizers"]) for document in (leaking, kept)]
    assert best[0] == 1.0
    assert best[1] < 0.98


def test_the_future_is_told_from_the_past(hpt: Hpt) -> None:
    rows = [f"2024-{1 + i // 28:02}-{1 + i % 28:02},{i % 7},{i % 7 + (50 if i >= 240 else 0)}.5" for i in range(300)]
    shuffled = [rows[i] for i in np.random.default_rng(0).permutation(300)]
    hpt.write("sales.csv", "\n".join(["day,x,sales", *shuffled]) + "\n")
    hpt.write(
        "sales.yaml",
        "data: {source: sales.csv, order: day, drop: [day]}\noptimizer: {choose: [adam]}\nstudy: {trials: 4}\n",
    )
    run = hpt("tune", "sales.yaml", "--json", "--jobs", 1)
    assert "note: order: by 'day'" in run.err
    hpt("tune", "sales.yaml", "--resume", "--set", "study.trials=8", "--jobs", 1)
    trained = hpt("train", "runs/sales", "--test", "--json").document
    # From day 240 on sales are higher by 50, which no row before tells of.
    assert trained["test"]["test_rmse"] > 40 > trained["final"]["validation_rmse"]


def test_validation_rows_come_from_a_file(hpt: Hpt) -> None:
    for name, seed, rows in (("some", 0, 60), ("other", 1, 20)):
        x = np.random.default_rng(seed).normal(size=rows)
        hpt.write(f"{name}.csv", "\n".join(["x,y", *(f"{v:.4f},{2 * v:.4f}" for v in x)]) + "\n")
    hpt.write(
        "line.yaml",
        "data: {source: some.csv, validation_source: other.csv, validation: 0}\n"
        "model: linear\noptimizer: {choose: [adam]}\nstudy: {trials: 4}\n",
    )
    run = hpt("tune", "line.yaml", "--json", "--jobs", 1)
    assert "48 train / 20 validation / 12 test rows" in run.err
    assert run.document["objective"]["metric"] == "validation_loss"
    trained = hpt("train", "runs/line", "--json").document
    assert trained["final"]["validation_loss"] == run.document["best"]["value"]
    told = json.loads((hpt.folder / "runs/line/run.json").read_text())["data"]
    hpt.write("other.csv", "x,y\n1.0,2.0\n2.0,4.0\n")
    refused = hpt("tune", "line.yaml", "--resume", code=2)
    assert "holds other data than when the run began" in refused.err
    assert told


def test_what_cannot_arrange_a_split_is_refused(hpt: Hpt, refused: Refused) -> None:
    hpt.write("visits.yaml", GROUPS)
    (line,) = refused("tune", "visits.yaml", "--set", "data.group=patien")
    assert line.startswith("error: data.group: expected a column of visits.csv, found 'patien'. Nearest: 'patient'.")
    (line,) = refused("tune", "visits.yaml", "--set", "data.group=patient", "--set", "data.order=f1")
    assert "data.order: expected none beside data.group" in line
    (line,) = refused("tune", "visits.yaml", "--set", "data.validation_source=none.csv")
    assert "data.validation_source: expected a file, found none" in line


def test_a_column_that_is_empty_in_one_of_the_files_is_a_missing_one(hpt: Hpt) -> None:
    rows = [f"{a / 8},{a % 5},{'no' if a % 3 else 'yes'}" for a in range(60)]
    hpt.write("some.csv", "\n".join(["x,z,kind", *rows]) + "\n")
    hpt.write("next.csv", "\n".join(["x,z,kind", *(f",{row.partition(',')[2]}" for row in rows[:12])]) + "\n")
    given = ("--target", "kind", "--set", "data.missing=mean", "--set", "data.split=fixed", "--json")
    plan = hpt("check", "some.csv", *given, "--set", "data.test_source=next.csv").document
    assert plan["rows"]["test"] == 12
    # The other way round it was left out of the training rows, and is of no use.
    plan = hpt("check", "next.csv", *given, "--set", "data.test_source=some.csv", "--set", "data.validation=0.5").document
    assert plan["rows"]["test"] == 60


def test_an_objective_that_the_rows_do_not_define_is_refused_before_a_comparison(hpt: Hpt, refused: Refused) -> None:
    rows = [f"{t},{t % 7},{'a' if 30 <= t < 40 or t % 2 else 'b'}" for t in range(50)]
    hpt.write("one.csv", "\n".join(["t,x,y", *rows]) + "\n")
    hpt.write(
        "one.yaml",
        "data: {source: one.csv, order: t}\noptimizer: {choose: [sgd, adam]}\ntraining: {epochs: 2}\n"
        "study: {objective: validation_roc_auc}\n",
    )
    (line,) = refused("compare", "one.yaml", "--studies", 2, "--trials", 2)
    assert "validation_roc_auc is not defined" in line
