"""`hpt export` as text: what is exported is read back."""

from __future__ import annotations

import csv
import io
import json
from typing import get_type_hints

import optuna

from hpt.cli.export import Target
from hpt.export import formats
from hpt.export.formats import FORMATS, TRACKERS
from tests.black_box.hpt_command import Ended, Hpt, Refused, records


def test_yaml_trains_to_the_trials_value(small: tuple[Hpt, Ended], tmp_path) -> None:
    hpt, ended = small
    board = ended.document["leaderboard"]
    for row in board[:2]:
        out = tmp_path / f"{row['trial']}.yaml"
        printed = hpt("export", "small", "--to", "yaml", "--trial", row["trial"], "-o", out)
        assert printed.out == ""
        trained = hpt("train", out, "--json", "--quiet").document
        assert trained["final"]["validation_loss"] == row["value"]
    best = (hpt.folder / "runs/small/best.yaml").read_text()
    assert hpt("export", "small", "--to", "yaml").out == best


def test_csv_holds_every_trial(small: tuple[Hpt, Ended]) -> None:
    hpt, _ = small
    rows = list(csv.DictReader(io.StringIO(hpt("export", "small", "--to", "csv").out)))
    kept = records(hpt.folder / "runs/small")
    assert len(rows) == len(kept) == 12
    for row, record in zip(rows, kept, strict=True):
        assert (row["trial"], row["state"]) == (str(record["trial"]), record["state"])
        assert row["value"] == ("" if record["value"] is None else repr(record["value"]))
        for path, value in record["parameters"].items():
            assert row[path] == (json.dumps(value) if isinstance(value, bool | list) else str(value))


def test_json_and_markdown_hold_the_winner(small: tuple[Hpt, Ended]) -> None:
    hpt, ended = small
    best = ended.document["best"]
    document = hpt("export", "small", "--to", "json").document
    assert (document["schema"], document["trial"], document["value"]) == ("hpt.export/1", best["trial"], best["value"])
    assert document["parameters"] == best["parameters"]
    trained = hpt("train", "small", "--json", "--quiet").document
    assert document["settings"] == trained["settings"]
    text = hpt("export", "small", "--to", "markdown").out
    assert text.startswith("## small\n")
    assert f"trial {best['trial']}" in text
    told = hpt("export", "small", "--to", "markdown", "--json").document
    assert (told["schema"], told["format"], told["text"]) == ("hpt.exported/1", "markdown", text)


def test_help_names_every_format() -> None:
    (option,) = (each for each in get_type_hints(Target, include_extras=True)["to"].__metadata__ if hasattr(each, "help"))
    assert option.help == f"{', '.join(FORMATS)}; or {', '.join(TRACKERS)}."


def test_a_model_is_written_and_a_trial_trained_again_for_it(small: tuple[Hpt, Ended], tmp_path) -> None:
    hpt, ended = small
    best, other = [row["trial"] for row in ended.document["leaderboard"]][:2]
    for words in ([], ["--trial", best], ["--trial", other]):
        written = hpt("export", "small", "--to", "torch", "-o", tmp_path / "model.py", *words)
        assert ("trained again" in written.err) == (words == ["--trial", other])
        assert f"TRIAL = {words[1] if words else best}\n" in (tmp_path / "model.py").read_text()


def test_a_package_that_is_not_installed_is_named(small: tuple[Hpt, Ended], refused: Refused, monkeypatch) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    (line,) = refused("export", str(small[0].folder / "runs/small"), "--to", "onnx", "-o", "x.onnx")
    assert line == "error: --to onnx: expected the package onnx, found none. Try pip install onnx."


def test_what_cannot_be_exported_is_refused(small: tuple[Hpt, Ended], hpt: Hpt, refused: Refused) -> None:
    run = str(small[0].folder / "runs/small")
    assert "expected one of yaml, csv" in refused("export", run, "--to", "yml")[0]
    assert "Nearest: yaml" in refused("export", run, "--to", "yml")[0]
    assert "no trial 99" in refused("export", run, "--to", "yaml", "--trial", "99")[0]
    assert "no such run" in refused("export", "nothing", "--to", "yaml")[0]


def test_lists_that_hold_ranges_are_choices_of_an_optuna_study(hpt: Hpt) -> None:
    hpt.write(
        "lists.yaml",
        "data: iris\nmodel: {hidden: {values: [[{min: 4, max: 64}], [{min: 8, max: 64}, {min: 4, max: 16}]]}}\n"
        "optimizer: {name: adam, learning_rate: {min: 0.001, max: 0.1, scale: log}}\ntraining: {epochs: 2}\nstudy: {trials: 6}\n",
    )
    hpt("tune", "lists.yaml", "--jobs", 1, "--quiet")
    hpt("export", "lists", "--to", "optuna", "sqlite:///lists.db")
    stored = optuna.load_study(study_name="lists", storage=f"sqlite:///{hpt.folder / 'lists.db'}").trials
    depths = [len(json.loads(trial.params["model.hidden"])) for trial in stored]
    assert depths == [len(record["parameters"]["model.hidden"]) for record in records(hpt.folder / "runs/lists")]
    assert set(depths) == {1, 2}
