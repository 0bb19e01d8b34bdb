"""`hpt import`, and the commands that are given the file of another tool."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import optuna
import pytest

from hpt.data.datasets import DATASETS
from tests.black_box.hpt_command import Hpt, Refused

PAGE = (Path(__file__).parents[2] / "docs/import.md").read_text(encoding="utf-8")
SWEEP = """
method: random
metric: {name: val_acc, goal: maximize}
run_cap: 6
parameters:
  lr: {distribution: log_uniform_values, min: 1e-4, max: 1e-1}
  epochs: {value: 2}
  fc_layer_size: {value: 4}
  weight_decay: {distribution: normal}
"""


def wine(path: Path) -> None:
    """A bundled table as a file."""
    table = DATASETS["wine"].function()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(name for name in table.columns if name != table.target), "class"])
        columns = [table.columns[name] for name in table.columns if name != table.target]
        writer.writerows(zip(*columns, table.columns[str(table.target)], strict=True))


def test_the_commands_of_its_page(hpt: Hpt) -> None:
    (sweep,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    hpt.write("sweep.yaml", sweep)
    wine(hpt.folder / "wine.csv")
    storage = optuna.storages.RDBStorage(f"sqlite:///{hpt.folder}/study.db")
    study = optuna.create_study(storage=storage, study_name="first")
    study.optimize(lambda trial: trial.suggest_float("lr", 0.1, 1.0), n_trials=2)
    storage.engine.dispose()
    for line in "".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)).splitlines():
        assert hpt(*shlex.split(line)[1:]).out
    assert hpt("check", "first.yaml", "--json").document["trials"] == 2
    plan = hpt("check", "wine.yaml", "--json").document
    assert plan["trials"] == 40
    assert plan["space"]["sgd"]["optimizer.sgd.momentum"] == {"min": 0.5, "max": 0.99}
    assert set(plan["space"]) == {"adam", "sgd"}
    assert (
        (hpt.folder / "wine.yaml")
        .read_text()
        .startswith("# From sweep.yaml, a W&B sweep.\n# Not taken over:\n#   program: ")
    )


def test_what_is_written_is_tuned(hpt: Hpt) -> None:
    hpt.write("sweep.yaml", SWEEP)
    wine(hpt.folder / "wine.csv")
    (hpt.folder / "made").mkdir()
    written = hpt("import", "sweep.yaml", "-o", "made/wine.yaml", "--data", "wine.csv", "--target", "class")
    assert "warning: weight_decay: normal has no counterpart. Not taken over." in written.err
    assert "Next: hpt check made/wine.yaml, then hpt tune made/wine.yaml" in written.out
    document = hpt("tune", "made/wine.yaml", "--json", "--quiet").document
    assert document["objective"] == {"metric": "validation_accuracy", "direction": "maximize"}
    assert document["trials"]["total"] == 6
    assert all(1e-4 <= row["parameters"]["optimizer.learning_rate"] <= 0.1 for row in document["leaderboard"])


def test_stdout_json_and_quiet(hpt: Hpt, refused: Refused) -> None:
    hpt.write("sweep.yaml", SWEEP)
    plain = hpt("import", "sweep.yaml", "--quiet")
    assert plain.err == ""
    document = hpt("import", "sweep.yaml", "--json", "--quiet").document
    assert document["text"] == plain.out
    assert document["not_taken"] == [{"name": "weight_decay", "reason": "normal has no counterpart"}]
    assert document["file"] is None
    hpt.write("made.yaml", plain.out)
    (line,) = refused("check", "made.yaml")
    assert line.startswith("error: made.yaml:")
    assert ": data: expected this section, found nothing." in line
    hpt.write("made.yaml", plain.out.replace("# data: {source: FILE.csv, target: COLUMN}", "data: iris"))
    assert hpt("check", "made.yaml").code == 0


@pytest.mark.parametrize("verb", ["tune", "compare", "train", "check", "lr-find"])
def test_a_sweep_or_a_study_given_to_another_command(hpt: Hpt, refused: Refused, verb: str) -> None:
    hpt.write("my sweep.yaml", SWEEP)
    (hpt.folder / "study.db").write_bytes(b"SQLite format 3\x00")
    (line,) = refused(verb, "my sweep.yaml")
    command = "hpt import 'my sweep.yaml' -o hpt-my-sweep.yaml"
    assert line == f"error: my sweep.yaml: expected a configuration, found a W&B sweep. Run `{command}`, and take that file."
    hpt(*shlex.split(command)[1:])
    (line,) = refused(verb, "study.db")
    assert "found an SQLite file. If it holds an Optuna study: `hpt import study.db -o hpt-study.yaml`." in line


def test_bad_calls(hpt: Hpt, refused: Refused) -> None:
    hpt.write("sweep.yaml", SWEEP)
    cases = {
        ("import", "sweep.yaml", "-o", "small.yaml"): "small.yaml: there already.",
        ("import", "sweep.yaml", "--target", "class"): "--target: expected --data beside it",
        ("import", "sweep.yaml", "--study", "first"): "--study: expected an Optuna study",
        ("import", "https://host/sweep.yaml"): "https://host/sweep.yaml: expected a file or sqlite:///FILE",
        ("import", "small.yaml"): "found a configuration of hpt.",
        ("import", "."): "Is a directory",
        ("import", "\0"): "embedded null",
    }
    for arguments, said in cases.items():
        (line,) = refused(*arguments)
        assert said in line
