"""Folds and initialisations from the outside: one value a trial, with how sure it is; the same bits however it comes about."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.black_box.hpt_command import Hpt, Refused

TINY = Path(__file__).parents[1] / "data" / "cases" / "27-tiny"
STUDY = """
data: {source: iris, folds: 4}
model: {hidden: [4]}
optimizer: {choose: [sgd, adam]}
training: {epochs: 6, batch_size: {values: [16, 32]}}
study: {trials: 12, population: 4, pruner: {type: halving, min_epochs: 2}}
"""


def trials(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "trials.jsonl").read_text().splitlines()]


def same_run(one: Path, other: Path) -> bool:
    """Whether two runs hold the same records and the same weights, to the bit."""
    with np.load(one / "best.npz") as a, np.load(other / "best.npz") as b:
        weights = set(a.files) == set(b.files) and all(np.array_equal(a[name], b[name]) for name in a.files)
    return weights and (one / "trials.jsonl").read_bytes() == (other / "trials.jsonl").read_bytes()


@pytest.mark.parametrize("repeats", [1, 2])
def test_train_repeats_the_value_and_the_weights(hpt: Hpt, repeats: int) -> None:
    hpt.write("study.yaml", STUDY)
    document = hpt("tune", "study.yaml", "--set", f"study.repeats={repeats}", "--jobs", 1, "--json").document
    best = document["best"]
    assert best["value_error"] > 0
    again = hpt("train", "runs/study", "--test", "--save", "again", "--json").document
    assert again["final"]["validation_loss"] == best["value"]
    assert again["value_error"] == best["value_error"]
    assert again["test"]["test_accuracy"] > 0.5
    with np.load(hpt.folder / "runs/study/best.npz") as kept, np.load(hpt.folder / "again/best.npz") as saved:
        assert all(np.array_equal(kept[name], saved[name]) for name in kept.files)
        assert set(kept.files) == set(saved.files)
        assert "layers.1.bias" in kept.files
    assert hpt("replay", "runs/study", "--check", "--json").document["identical"] is True
    said = hpt("train", "again/best.yaml").out
    assert "mean and standard error over folds" in said


def test_the_weights_are_those_of_one_training_on_all_rows(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY)
    hpt("tune", "study.yaml", "--jobs", 1, "--set", "data.test=0")
    all_rows = ("data.folds=none", "data.validation=0", "study.objective=train_loss")
    hpt("train", "runs/study", *(word for change in all_rows for word in ("--set", change)), "--save", "plain")
    with np.load(hpt.folder / "runs/study/best.npz") as kept, np.load(hpt.folder / "plain/best.npz") as plain:
        assert all(np.array_equal(kept[name], plain[name]) for name in plain.files)


def test_any_number_of_jobs_gives_the_same_bits(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY)
    hpt("tune", "study.yaml", "--jobs", 1, "--set", "study.repeats=2")
    hpt("tune", "study.yaml", "--jobs", 2, "--set", "study.repeats=2")
    assert same_run(hpt.folder / "runs/study", hpt.folder / "runs/study-2")


def test_a_killed_study_ends_as_one_never_interrupted(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY)
    long = ("--set", "study.trials=40", "--set", "training.epochs=30", "--jobs", 1)
    hpt("tune", "study.yaml", *long, "--name", "whole")
    process = hpt.start("tune", "study.yaml", *long, "--name", "killed")
    recorded = hpt.folder / "runs/killed/trials.jsonl"
    deadline = time.monotonic() + 60
    while not (recorded.exists() and recorded.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    # The last line may be torn.
    assert 0 < len(recorded.read_bytes().splitlines()) < 40
    hpt("tune", "study.yaml", *long, "--name", "killed", "--resume")
    assert same_run(hpt.folder / "runs/whole", hpt.folder / "runs/killed")


def test_one_fold_and_one_repeat_are_the_plain_split(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY)
    hpt("tune", "study.yaml", "--jobs", 1, "--set", "data.folds=1")
    hpt("tune", "study.yaml", "--jobs", 1, "--set", "data.folds=none", "--set", "study.repeats=1")
    hpt("tune", "study.yaml", "--jobs", 1, "--set", "data.folds=auto", "--set", "data.validation=0.2")
    first, second, third = (hpt.folder / f"runs/study{end}" for end in ("", "-2", "-3"))
    assert same_run(first, second)
    assert same_run(first, third)
    assert all(record["value_error"] is None for record in trials(first))


def test_halving_ranks_trials_by_their_means(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY)
    hpt("tune", "study.yaml", "--jobs", 1)
    records = [record for record in trials(hpt.folder / "runs/study") if record["generation"] == 0]
    assert sorted(record["epochs"] for record in records) == [2, 2, 6, 6]
    at_rung = {record["trial"]: record["history"]["validation_loss"][1] for record in records}
    went_on = {record["trial"] for record in records if record["epochs"] == 6}
    assert went_on == set(sorted(at_rung, key=at_rung.__getitem__)[:2])


def test_the_board_and_show_say_how_sure_a_value_is(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY)
    run = hpt("tune", "study.yaml", "--jobs", 1)
    assert "120 in 4 folds / 30 test rows" in run.err
    assert " ± " in run.err.splitlines()[-1]
    assert "± error" in run.out.splitlines()[0]
    assert "± error" in hpt("show", "study").out
    best = hpt("show", "study", "--json").document["best"]
    shown = hpt("show", "study", best["trial"])
    assert f"validation_loss {best['value']:.4g}"[:20] in shown.out
    assert " ± " in shown.out
    assert hpt("show", "study", best["trial"], "--json").document["value_error"] == best["value_error"]


def test_few_rows_get_folds_and_are_told_so(hpt: Hpt) -> None:
    hpt.write("iris.yaml", "data: iris\noptimizer: {choose: [adam]}\nstudy: {trials: 4}\n")
    run = hpt("tune", "iris.yaml", "--jobs", 1)
    assert "note: folds: 5, as 150 rows are fewer than 200: a trial is its mean over them (data.folds)" in run.err
    assert "folds: 5" in (hpt.folder / "runs/iris/config.yaml").read_text()
    hpt("tune", "iris.yaml", "--jobs", 1, "--resume", "--trials", 6)
    plain = hpt("tune", "iris.yaml", "--jobs", 1, "--set", "data.validation=0.3")
    assert "folds" not in plain.err
    assert "folds" not in hpt("tune", "diabetes", "--trials", 4, "--jobs", 1).err
    assert "folds" not in hpt("train", "iris", "--json").err


def test_a_data_file_alone_has_folds_below_two_thousand_rows(hpt: Hpt) -> None:
    rows = [f"{i % 7 / 7},{'xyz'[i % 3]},{i % 7 + i % 3}" for i in range(2000)]
    budget = ("--trials", 2, "--jobs", 1, "--set", "training.epochs=1")
    for name, count, folded in (("most", 1999, True), ("many", 2000, False)):
        hpt.write(f"{name}.csv", "\n".join(["a,b,y", *rows[:count]]) + "\n")
        run = hpt("tune", f"{name}.csv", *budget, "--json")
        assert (f"note: folds: 5, as {count} rows are fewer than 2000" in run.err) == folded
        assert ("folds: 5" in (hpt.folder / f"runs/{name}/config.yaml").read_text()) == folded
        value = hpt("train", f"runs/{name}/best.yaml", "--json").document["final"]["validation_loss"]
        assert value == run.document["best"]["value"]
        assert hpt("tune", f"{name}.csv", *budget, "--resume", "--json").document["best"] == run.document["best"]
    hpt.write("plain.yaml", "data: most.csv\noptimizer: {choose: [adam]}\n")
    assert "folds" not in hpt("tune", "plain.yaml", *budget).err.split("warning")[0]


def test_what_is_so_in_each_fold_is_told_once_a_column(hpt: Hpt) -> None:
    """Every fold counts other rows, and lacks other texts."""
    rows = [
        f"{'abc'[i % 3] if i % 9 else f'r{i}'},{'abc'[i % 3] if i % 9 else f's{i}'},{i % 7 / 7},{i % 2}" for i in range(180)
    ]
    hpt.write("rare.csv", "\n".join(["x1,x2,x3,y", *rows]) + "\n")
    ended = hpt("tune", "rare.csv", "--trials", 1, "--jobs", 1, "--set", "training.epochs=1", "--quiet", "--json")
    unseen = [text for text in ended.document["warnings"] if "stands in no training row" in text]
    assert sorted(text.split(":")[0] for text in unseen if "validation rows" in text) == ["column 'x1'", "column 'x2'"]


@pytest.mark.parametrize(("rows", "folds"), [(4, 3), (6, 5), (10, 5)])
def test_a_tiny_file_gets_as_many_folds_as_it_can(hpt: Hpt, rows: int, folds: int) -> None:
    said = hpt("tune", TINY / f"n{rows}.csv", "--trials", 12, "--jobs", 1, "--json")
    assert f"note: folds: {folds}, as {rows} rows are fewer than 200" in said.err
    assert said.document["best"]["value_error"] > 0
    (warning,) = (text for text in said.document["warnings"] if text.startswith("trials are ranked by"))
    assert f"in {folds} folds: too few to tell which settings are better" in warning
    assert f"warning: {warning}" in said.err


def test_groups_and_orders_are_folded_too(hpt: Hpt) -> None:
    rows = [f"p{i // 6},{i},{(i * 37 % 11) / 7:.3f},{(i // 6) % 2}" for i in range(120)]
    hpt.write("some.csv", "\n".join(["who,when,x,y", *rows]) + "\n")
    study = "data: {source: some.csv, %s, drop: [when]}\noptimizer: {choose: [adam]}\nstudy: {trials: 4}\n"
    for name, key in (("grouped", "group: who"), ("ordered", "order: when, columns: {who: drop}")):
        hpt.write(f"{name}.yaml", study % key)
        run = hpt("tune", f"{name}.yaml", "--jobs", 1, "--json")
        assert "in 5 folds" in run.err
        value = hpt("train", f"runs/{name}", "--json").document["final"]["validation_loss"]
        assert value == run.document["best"]["value"]


def test_a_comparison_puts_folds_aside(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY)
    sizes = ("--studies", 2, "--set", "compare.trials=2", "--set", "compare.seeds=1", "--jobs", 1)
    run = hpt("compare", "study.yaml", "--set", "study.repeats=3", *sizes)
    assert "data.folds, study.repeats put aside" in run.err
    assert "folds: null" in (hpt.folder / "runs/study-compare/config.yaml").read_text()


def test_what_folds_do_not_go_with_is_refused(hpt: Hpt, refused: Refused) -> None:
    hpt.write("study.yaml", STUDY)
    (line,) = refused("tune", "study.yaml", "--set", "data.folds=200")
    assert line.startswith("error: data.folds: expected at most 120, the rows that do not test, found 200.")
    hpt.write("other.csv", "x,y\n1,2\n")
    (line,) = refused("tune", "study.yaml", "--set", "data.validation_source=other.csv")
    assert "data.folds: expected none, as validation_source has the rows that validate, found 4" in line


def test_a_checkpoint_of_the_best_epoch_and_patience_go_with_folds(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY.replace("epochs: 6,", "epochs: 20, checkpoint: best_validation, stop: {patience: 3},"))
    best = hpt("tune", "study.yaml", "--jobs", 1, "--set", "study.pruner=none", "--json").document["best"]
    again = hpt("train", "runs/study", "--save", "again", "--json").document
    assert again["final"]["validation_loss"] == best["value"]
    with np.load(hpt.folder / "runs/study/best.npz") as kept, np.load(hpt.folder / "again/best.npz") as saved:
        assert all(np.array_equal(kept[name], saved[name]) for name in kept.files)
