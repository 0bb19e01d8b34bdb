"""`hpt tune` from the outside: what it prints, what it leaves, what it refuses."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.black_box.hpt_command import Ended, Hpt, Refused, records, timeless

Small = tuple[Hpt, Ended]
RUN_FILES = ["best.npz", "best.yaml", "config.yaml", "run.json", "trials.jsonl"]


def test_the_main_job_on_digits(hpt: Hpt, configs: Path) -> None:
    ended = hpt("tune", configs / "digits.yaml")
    assert ended.out.splitlines()[-1].startswith("Best of ") or "expect worse on new data" in ended.out
    assert "hpt train runs/digits/best.yaml" in ended.out
    folder = hpt.folder / "runs" / "digits"
    assert sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")) == RUN_FILES
    winner = hpt("train", folder / "best.yaml", "--json", "--quiet").document
    shown = hpt("show", "digits", "--json").document
    assert winner["final"] == shown["best"]["metrics"]
    assert winner["final"]["validation_accuracy"] >= 0.97


def test_the_smoke_study_and_what_it_leaves(hpt: Hpt, configs: Path) -> None:
    ended = hpt("tune", configs / "smoke.yaml")
    generations = [line for line in ended.err.splitlines() if line.startswith("generation ")]
    assert [line.split(":")[0] for line in generations] == [f"generation {n}" for n in (1, 2)]
    assert "best validation_loss" in generations[-1]
    assert ended.out.lstrip().startswith("#")
    run = json.loads((hpt.folder / "runs/smoke/run.json").read_text())
    assert run["status"] == "completed"
    assert {"hpt", "numpy", "optuna", "blas", "kernel"} <= set(run["versions"])
    assert {"schema", "space", "data", "seconds"} <= set(run)
    assert run["seconds"]["total"] > 0


def test_the_document_of_tune(small: Small) -> None:
    hpt, ended = small
    document = ended.document
    assert {key: document[key] for key in ("schema", "run", "status", "objective")} == {
        "schema": "hpt.tune/1",
        "run": "runs/small",
        "status": "completed",
        "objective": {"metric": "validation_loss", "direction": "minimize"},
    }
    check_leaderboard(document, total=12)
    seconds = document["seconds"]
    assert list(seconds) == ["total", "start", "sampling", "training", "records", "display"]
    assert all(value >= 0 for value in seconds.values())
    assert sum(value for name, value in seconds.items() if name != "total") == pytest.approx(seconds["total"], abs=1e-6)
    stored = {record["trial"]: record for record in records(hpt.folder / "runs/small")}
    assert [stored[row["trial"]]["value"] for row in document["leaderboard"]] == [
        r["value"] for r in document["leaderboard"]
    ]


def check_leaderboard(document: dict[str, Any], total: int) -> None:
    """The order and the counts that the contract promises."""
    rows = document["leaderboard"]
    assert [row["rank"] for row in rows] == list(range(1, total + 1))
    assert sorted(row["trial"] for row in rows) == list(range(total))
    for row in rows:
        assert set(row) >= {"rank", "trial", "value", "state", "epochs", "parameters", "metrics"}
    states = [row["state"] for row in rows]
    assert states == sorted(states, key=["completed", "pruned", "diverged", "failed"].index)
    counts = {state: states.count(state) for state in ("completed", "pruned", "diverged", "failed")}
    assert document["trials"] == {"total": total, **counts}
    completed = [(row["value"], row["trial"]) for row in rows if row["state"] == "completed"]
    assert completed == sorted(completed)
    pruned = [(-row["epochs"], row["value"], row["trial"]) for row in rows if row["state"] == "pruned"]
    assert pruned == sorted(pruned)
    best = document["best"]
    won = next(row for row in rows if row["trial"] == best["trial"])
    shared = (best.keys() & won.keys()) - {"setting"}
    assert {key: won[key] for key in shared} == {key: best[key] for key in shared}
    if not best["expected"]:
        assert won is rows[0]
        assert (best["seen"], best["setting"]) == (best["value"], best["trial"])
    beaten = [
        document["baselines"][name][document["objective"]["metric"]] > best["value"] for name in ("constant", "linear")
    ]
    assert best["beats_baselines"] == all(beaten)
    if label := best["parameters"].get("optimizer"):
        assert all(path.split(".")[1] == label for path in best["parameters"] if path.startswith("optimizer."))


def test_jobs_change_nothing(small: Small, hpt: Hpt) -> None:
    other, one = small
    two = hpt("tune", "small.yaml", "--jobs", 2, "--json")
    assert timeless(two.document) == timeless(one.document)
    for name in ("trials.jsonl", "config.yaml", "best.yaml"):
        assert (hpt.folder / "runs/small" / name).read_bytes() == (other.folder / "runs/small" / name).read_bytes()
    mine, theirs = (np.load(h.folder / "runs/small/best.npz", allow_pickle=False) for h in (hpt, other))
    with mine, theirs:
        assert mine.files == theirs.files
        for name in mine.files:
            np.testing.assert_array_equal(mine[name], theirs[name])


def test_a_long_path_for_temporary_files_changes_nothing(small: Small, hpt: Hpt) -> None:
    """A socket's path has some hundred characters: workers are started another way there."""
    _, one = small
    folder = hpt.folder / ("t" * 110)
    folder.mkdir()
    two = hpt("tune", "small.yaml", "--jobs", 2, "--json", environment={"TMPDIR": str(folder)})
    assert timeless(two.document) == timeless(one.document)


def test_the_seed_decides(small: Small, hpt: Hpt) -> None:
    _, one = small
    other = hpt("tune", "small.yaml", "--jobs", 1, "--seed", 1, "--json")
    assert timeless(other.document) != timeless(one.document)


def test_json_goes_to_stdout_alone_and_quiet_silences_the_rest(hpt: Hpt) -> None:
    told = hpt("tune", "small.yaml", "--jobs", 1, "--json", "--trials", 4)
    assert "generation 1:" in told.err
    silent = hpt("tune", "small.yaml", "--jobs", 1, "--json", "--trials", 4, "--quiet")
    assert silent.err == ""
    assert silent.document["run"] == "runs/small-2"
    refused = hpt("tune", "small.yaml", "--json", "--quiet", "--set", "optimizer=adm", code=2)
    assert refused.out == ""
    assert "adam" in refused.errors[0]


@pytest.mark.parametrize(
    "command", ["tune small.yaml --jobs 2", "compare small.yaml --studies 2 --trials 4", "train run.yaml"]
)
def test_progress_that_nobody_reads_ends_nothing(hpt: Hpt, configs: Path, command: str) -> None:
    hpt.write("run.yaml", (configs / "line.yaml").read_text(encoding="utf-8"))
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = hpt(*command.split(), "--json", stderr=writing)
    finally:
        os.close(writing)
    assert "seconds" in done.document


def test_a_terminal_that_goes_away_ends_nothing(small: Small, hpt: Hpt) -> None:
    ours, theirs = os.openpty()
    process = hpt.start("tune", "small.yaml", "--jobs", 1, "--json", stderr=theirs)
    os.close(theirs)
    os.read(ours, 1)
    os.close(ours)
    assert timeless(hpt.ended(process).document) == timeless(small[1].document)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_for_progress_ends_nothing(small: Small, hpt: Hpt) -> None:
    with Path("/dev/full").open("w") as full:
        assert timeless(hpt("tune", "small.yaml", "--json", stderr=full).document) == timeless(small[1].document)
        hpt("tune", "nothing.yaml", stderr=full, code=2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_for_the_result_is_told_in_a_line(hpt: Hpt) -> None:
    with Path("/dev/full").open("w") as full:
        ended = hpt("list", "losses", "--json", stdout=full, code=1)
    assert ended.err == "error: the system: No space left on device.\n"


def test_a_document_that_nobody_wants_is_no_error(hpt: Hpt) -> None:
    assert not hpt("list", "losses", "--json", stdout=None, preexec_fn=lambda: os.close(1)).err


def test_a_command_without_stderr_still_tells_by_its_code(hpt: Hpt) -> None:
    hpt("tune", "nothing.yaml", code=2, stderr=None, preexec_fn=lambda: os.close(2))


def test_names_are_counted_up_unless_given(hpt: Hpt) -> None:
    run = ("tune", "small.yaml", "--jobs", 1, "--trials", 4, "--quiet")
    for expected in ("small", "small-2", "small-3"):
        assert hpt(*run, "--json").document["run"] == f"runs/{expected}"
    hpt(*run, "--name", "mine")
    before = hpt.files()
    refused = hpt(*run, "--name", "mine", code=2)
    assert "--resume" in refused.err
    assert "--overwrite" in refused.err
    assert hpt.files() == before
    again = hpt(*run, "--name", "mine", "--overwrite", "--seed", 5, "--json")
    assert again.document["run"] == "runs/mine"
    assert "seed: 5" in (hpt.folder / "runs/mine/config.yaml").read_text()


def test_a_resumed_run_without_a_name_is_the_last_one(hpt: Hpt) -> None:
    run = ("tune", "small.yaml", "--jobs", 1, "--quiet", "--json")
    hpt(*run, "--trials", 4, "--set", "study.population=4")
    hpt(*run, "--trials", 4, "--set", "study.population=4")
    assert hpt(*run, "--resume").document["run"] == "runs/small-2"
    assert len(records(hpt.folder / "runs/small-2")) == 12
    assert len(records(hpt.folder / "runs/small")) == 4


def test_overwrite_wants_a_run_there(hpt: Hpt) -> None:
    folder = hpt.folder / "runs/mine"
    folder.mkdir(parents=True)
    (folder / "thesis.txt").write_text("years of work")
    for flags in (("--overwrite",), ("--resume",), ()):
        refused = hpt("tune", "small.yaml", "--name", "mine", *flags, code=2)
        assert "runs/mine" in refused.err
        assert [path.name for path in folder.iterdir()] == ["thesis.txt"]
    assert "run.json" in hpt("tune", "small.yaml", "--name", "mine", "--overwrite", code=2).err


def test_a_linked_folder_is_refused(hpt: Hpt) -> None:
    elsewhere = hpt.folder / "elsewhere"
    elsewhere.mkdir()
    (hpt.folder / "runs").mkdir()
    (hpt.folder / "runs/mine").symlink_to(elsewhere)
    for flags in ((), ("--resume",), ("--overwrite",)):
        assert "runs/mine" in hpt("tune", "small.yaml", "--name", "mine", *flags, code=2).err
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("name", ["../x", "/abs", ".hidden", "a" * 300, ""])
def test_names_that_are_none(hpt: Hpt, refused: Refused, name: str) -> None:
    assert refused("tune", "small.yaml", f"--name={name}")[0].startswith("error: ")
    assert hpt.files() == ["small.yaml"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("tune",),
        ("tune", "absent.yaml"),
        ("tune", "small.yaml", "--jobs", "0"),
        ("tune", "small.yaml", "--trials", "0"),
        ("tune", "small.yaml", "--trials", "many"),
        ("tune", "small.yaml", "--timeout", "-1"),
        ("tune", "small.yaml", "--seed", "-1"),
        ("tune", "small.yaml", "--set", "training.epochs"),
        ("tune", "small.yaml", "--set", "training.epoch=3"),
        ("tune", "small.yaml", "--resume", "--overwrite"),
        ("tune", "small.yaml", "--unknown"),
        ("train", "small.yaml"),
        ("show", "absent"),
        ("brew",),
    ],
)
def test_a_wrong_command_line_ends_with_2_and_leaves_nothing(hpt: Hpt, refused: Refused, arguments: tuple[str, ...]) -> None:
    assert refused(*arguments)
    assert hpt.files() == ["small.yaml"]


def test_set_replaces_nodes(hpt: Hpt) -> None:
    hpt(
        *("tune", "small.yaml", "--jobs", 1, "--quiet", "--trials", 4),
        *("--set", "training.epochs=2", "--set", "optimizer.adam.learning_rate={min: 1e-3, max: 1e-2, scale: log}"),
        *("--set", "study.pruner=none"),
    )
    found = records(hpt.folder / "runs/small")
    assert {record["epochs"] for record in found} == {2}
    rates = [r["parameters"].get("optimizer.adam.learning_rate") for r in found]
    assert all(1e-3 <= rate <= 1e-2 for rate in rates if rate is not None)


def test_a_data_file_alone_is_searched(hpt: Hpt) -> None:
    rows = np.random.default_rng(0).normal(size=(40, 2))
    lines = [f"{a},{b},{'warm' if a + b > 0 else 'cold'},{a - b}" for a, b in rows]
    hpt.write("weather.csv", "wind,rain,sky,late\n" + "\n".join(lines) + "\n")
    document = hpt("tune", "weather.csv", "--target", "sky", "--jobs", 1, "--trials", 4, "--json", "--quiet").document
    assert document["run"] == "runs/weather"
    config = (hpt.folder / "runs/weather/config.yaml").read_text()
    assert all(f"    {name}:" in config for name in ("sgd", "adagrad", "rmsprop", "adam"))
    best = hpt("train", "runs/weather/best.yaml", "--json", "--quiet").document
    assert best["final"]["validation_loss"] == document["best"]["value"]


def test_a_timeout_leaves_a_prefix(small: Small, hpt: Hpt) -> None:
    whole = (small[0].folder / "runs/small/trials.jsonl").read_bytes()
    ended = hpt("tune", "small.yaml", "--jobs", 1, "--timeout", 0.001, "--json")
    assert ended.document["status"] == "timeout"
    path = hpt.folder / "runs/small/trials.jsonl"
    assert whole.startswith(path.read_bytes() if path.exists() else b"")
    assert len(ended.document["leaderboard"]) % 4 == 0
    resumed = hpt("tune", "small.yaml", "--jobs", 1, "--resume", "--json")
    assert timeless(resumed.document) == timeless(small[1].document)
    assert path.read_bytes() == whole


def test_all_diverge(hpt: Hpt) -> None:
    rate = "optimizer={name: sgd, learning_rate: {min: 1e6, max: 1e7, scale: log}}"
    ended = hpt(
        *("tune", "small.yaml", "--jobs", 1, "--json", "--set", rate, "--set", "training.dtype=float32"),
        *("--set", "data=diabetes", "--set", "training.epochs=12"),
        code=1,
    )
    document = ended.document
    assert document["status"] == "failed"
    assert document["best"] is None
    assert document["trials"]["diverged"] == document["trials"]["total"] == 12
    assert all(row["value"] is None for row in document["leaderboard"])
    # Below what was searched, whatever the usual range is.
    assert "learning_rate: {min: 1e+03, max: 1e+06, scale: log}" in ended.errors[-1]
    assert not (hpt.folder / "runs/small/best.yaml").exists()
    assert hpt("show", "small", "--json").document["best"] is None


def test_some_diverge(hpt: Hpt) -> None:
    rate = "optimizer={name: sgd, learning_rate: {min: 1e-5, max: 1e7, scale: log}}"
    document = hpt(
        *("tune", "small.yaml", "--jobs", 2, "--json", "--set", rate, "--set", "data=diabetes", "--seed", 1),
        *("--set", "training.epochs=10", "--set", "study.pruner=none"),
    ).document
    check_leaderboard(document, total=12)
    assert document["trials"]["diverged"] >= 1
    assert document["trials"]["completed"] >= 1
    lost = [row for row in document["leaderboard"] if row["state"] == "diverged"]
    assert [(-row["epochs"], row["trial"]) for row in lost] == sorted((-row["epochs"], row["trial"]) for row in lost)
    assert document["best"]["value"] is not None


@pytest.mark.parametrize("sampler", ["{type: tpe, gp: false}", "random", "grid"])
def test_other_samplers_resume_exactly(hpt: Hpt, sampler: str) -> None:
    space = (
        "optimizer={choose: {sgd: {learning_rate: {values: [0.1, 0.2, 0.3]}}, adam: {learning_rate: {values: [0.1, 0.01]}}}}"
    )
    run = ("tune", "small.yaml", "--quiet", "--json", "--set", f"study.sampler={sampler}", "--set", space)
    whole = hpt(*run, "--jobs", 1, "--name", "whole").document
    assert whole["trials"]["total"] == (10 if sampler == "grid" else 12)
    hpt(*run, "--jobs", 1, "--trials", 4, "--set", "study.population=4", "--name", "pieces")
    pieces = hpt(*run, "--jobs", 2, "--name", "pieces", "--resume").document
    assert timeless(pieces) == timeless(whole)
    if sampler == "grid":
        assert len({json.dumps(row["parameters"], sort_keys=True) for row in whole["leaderboard"]}) == 10


def test_help_is_light(hpt: Hpt) -> None:
    import subprocess
    import sys

    listed = "import sys, hpt.cli\ntry:\n    hpt.cli.main()\nfinally:\n    print(*sys.modules, file=sys.stderr)"
    ended = subprocess.run(
        [sys.executable, "-c", listed, "--help"], cwd=hpt.folder, capture_output=True, text=True, check=True
    )
    assert "tune" in ended.stdout
    loaded = {name.partition(".")[0] for name in ended.stderr.split()}
    assert not loaded & {"optuna", "numpy", "pydantic", "yaml", "multiprocessing", "csv"}


def test_one_update_an_epoch_gives_the_same_bits_at_any_number_of_jobs(hpt: Hpt) -> None:
    """A stack of one member that computes the coefficients of one update."""
    hpt.write(
        "rungs.yaml",
        """
data: iris
optimizer: {name: adam, learning_rate: {values: [0.1, 0.2, 0.3, 0.4]}, betas: [0.8, 0.9999]}
training: {epochs: 3, batch_size: full, dtype: float64}
study: {trials: 4, sampler: grid, population: 4, pruner: {type: halving, eta: 2}}
""",
    )
    for jobs in (1, 2, 3):
        hpt("tune", "rungs.yaml", "--jobs", jobs, "--name", f"on-{jobs}")
    stored = {(hpt.folder / f"runs/on-{jobs}/trials.jsonl").read_bytes() for jobs in (1, 2, 3)}
    assert len(stored) == 1


WIDE = """
data: digits
model: {hidden: [400]}
optimizer: {choose: [adam]}
training: {epochs: 2}
study: {trials: 6, population: 6}
"""


def test_little_memory_makes_smaller_stacks_and_says_so(hpt: Hpt) -> None:
    hpt.write("wide.yaml", WIDE)
    hpt("tune", "wide.yaml", "--jobs", 1, "--name", "whole")
    cut = hpt("tune", "wide.yaml", "--jobs", 1, "--name", "cut", "--set", "study.memory=6")
    assert "6 trials of one shape do not fit study.memory (6 MB) at once" in cut.err
    alone = hpt("tune", "wide.yaml", "--jobs", 1, "--name", "alone", "--set", "study.memory=1")
    assert "more than the 1 MB of study.memory that a job may take" in alone.err
    stored = {(hpt.folder / f"runs/{name}/trials.jsonl").read_bytes() for name in ("whole", "cut", "alone")}
    assert len(stored) == 1


def test_a_metric_of_two_classes_is_refused_for_three(hpt: Hpt, refused: Refused) -> None:
    hpt.write("roc.yaml", "data: iris\noptimizer: {choose: [sgd]}\nstudy: {objective: validation_roc_auc, trials: 4}\n")
    (line,) = refused("tune", "roc.yaml")
    assert "roc.yaml:3: study.objective: expected a metric of classification with 3 classes" in line
    assert "macro_f1" in line
    assert "roc_auc" not in line.partition("Metrics")[2]
    assert not (hpt.folder / "runs").exists()


def test_an_objective_that_is_not_defined_is_never_best(hpt: Hpt) -> None:
    hpt.write(
        "one-row.yaml",
        """
data: {source: line, validation: 0.01}
optimizer: {name: sgd, learning_rate: {values: [0.1, 0.01]}}
training: {epochs: 1}
study: {trials: 2, objective: validation_r2}
""",
    )
    ended = hpt("tune", "one-row.yaml", "--jobs", 1, "--json", code=1)
    assert ended.document["status"] == "failed"
    assert ended.document["trials"]["diverged"] == 2
    assert ended.document["best"] is None
    assert "validation_r2 is not defined" in ended.errors[0]
    again = hpt("tune", "one-row.yaml", "--jobs", 1, "--json", "--resume", "--trials", 3, code=1)
    assert again.document["trials"]["total"] == 3


def test_what_comes_next_asks_for_test_rows_only_where_there_are_some(hpt: Hpt) -> None:
    assert hpt("tune", "small.yaml", "--jobs", 1).out.rstrip().endswith("best.yaml --test")
    assert hpt("tune", "small.yaml", "--jobs", 1, "--set", "data.test=0").out.rstrip().endswith("best.yaml")


def test_version_and_no_arguments(hpt: Hpt) -> None:
    version = hpt("--version").out
    assert version.startswith("hpt ")
    for command in ("tune", "compare", "train", "lr-find", "show", "list", "schema"):
        assert hpt(command, "--version").out == version
    assert "Usage" in hpt("tune", "--help").out
