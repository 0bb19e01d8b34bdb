"""Run folders that come from somebody else, or that something happened to."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
import yaml

from tests.black_box.hpt_command import Ended, Hpt, Refused, timeless

Small = tuple[Hpt, Ended]
RESUME = ("tune", "small.yaml", "--jobs", 1, "--json", "--resume")
FILES = ("run.json", "config.yaml", "trials.jsonl", "best.yaml", "best.npz")


@pytest.fixture
def run(small: Small, hpt: Hpt) -> Path:
    """The finished run, as somebody sent it."""
    shutil.copytree(small[0].folder / "runs/small", hpt.folder / "runs/small")
    return hpt.folder / "runs/small"


def with_field(line: str, field: str, text: str) -> str:
    return json.dumps(json.loads(line) | {field: "here it is"}).replace('"here it is"', text)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("of", "0"),
        ("value", '"x"'),
        ("state", '"won"'),
        ("metrics", "1"),
        ("parameters", "[]"),
        ("value", "NaN"),
        ("value", "1e999"),
        ("history", '{"train_loss": [1], "validation_loss": []}'),
        ("coordinates", "null"),
        ("epochs", "-1"),
        ("reason", "{}"),
        ("criterion", "7"),
    ],
)
def test_a_field_that_is_not_as_declared_is_refused(run: Path, refused: Refused, field: str, text: str) -> None:
    lines = (run / "trials.jsonl").read_text().splitlines()
    lines[6] = with_field(lines[6], field, text)
    (run / "trials.jsonl").write_text("\n".join(lines) + "\n")
    for command in (("show", "small"), ("show", "small", "3", "--json"), ("show", "small", "--sort", "train_loss")):
        (told,) = refused(*command)
        assert told.startswith(f"error: runs/small/trials.jsonl:7: {field}")
        assert ": expected " in told
        assert ", found " in told


def test_resume_refuses_it_too(run: Path, refused: Refused) -> None:
    lines = (run / "trials.jsonl").read_text().splitlines()
    lines[2] = with_field(lines[2], "value", "0.001")
    (run / "trials.jsonl").write_text("\n".join(lines) + "\n")
    (told,) = refused(*map(str, RESUME))
    assert told.startswith("error: runs/small/trials.jsonl:3: crc: expected ")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_no_regular_file_is_refused_or_mended_and_never_followed(
    small: Small, hpt: Hpt, run: Path, name: str, kind: str
) -> None:
    target = hpt.write("elsewhere", "somebody else's")
    (run / name).unlink()
    if kind == "link":
        (run / name).symlink_to(target)
    else:
        os.mkfifo(run / name)
    mended = name.startswith("best")
    ended = hpt(*RESUME, code=0 if mended else 2)
    if mended:
        assert (run / name).read_bytes() == (small[0].folder / "runs/small" / name).read_bytes()
        assert timeless(ended.document) == timeless(small[1].document)
    else:
        assert name in ended.err or "no run.json" in ended.err
    assert target.read_text() == "somebody else's"
    listed = hpt("show", "--json")
    assert len(listed.document["runs"]) == (name not in ("run.json", "config.yaml"))


@pytest.mark.parametrize(("command", "name"), [("train", "best.yaml"), ("lr-find", "best.yaml"), ("tune", "config.yaml")])
def test_a_run_in_place_of_a_file_is_not_read_through_a_link(
    small: Small, run: Path, refused: Refused, command: str, name: str
) -> None:
    (run / name).unlink()
    (run / name).symlink_to(small[0].folder / "runs/small" / name)
    assert name in refused(command, "small")[0]


@pytest.mark.parametrize("name", ["best.yaml", "best.npz"])
def test_a_winner_that_is_gone_is_not_said_to_have_never_been(hpt: Hpt, run: Path, refused: Refused, name: str) -> None:
    hpt.write("rows.csv", "sepal_length\n1\n")
    (run / name).unlink()
    (told,) = refused("predict", "small", "rows.csv")
    assert told.endswith(f"runs/small/{name}: not there. Go on with --resume, which trains it again.")


@pytest.mark.parametrize("name", ["best.yaml", "best.npz"])
def test_a_winner_that_was_changed_is_told_of_and_mended(small: Small, hpt: Hpt, run: Path, name: str) -> None:
    content = (run / name).read_bytes()
    (run / name).write_bytes(content[:-3] + bytes([content[-3] ^ 1]) + content[-2:])
    shown = hpt("show", "small")
    assert f"warning: runs/small/{name}: changed after it was written. Go on with --resume" in shown.err
    assert not hpt("show", "small", "--quiet").err
    assert timeless(hpt(*RESUME).document) == timeless(small[1].document)
    assert (run / name).read_bytes() == content
    assert not hpt("show", "small").err


def test_trials_that_are_gone_are_told_of_and_trained_again(small: Small, hpt: Hpt, run: Path) -> None:
    content = (run / "trials.jsonl").read_bytes()
    (run / "trials.jsonl").write_bytes(b"".join(content.splitlines(keepends=True)[:8]))
    ended = hpt(*RESUME)
    assert "12 trials were recorded, 8 are there" in ended.err
    assert timeless(ended.document) == timeless(small[1].document)
    assert (run / "trials.jsonl").read_bytes() == content


def test_a_run_is_shown_and_reported_without_its_data(hpt: Hpt) -> None:
    lines = [f"{a},{a * a % 7},{'no' if a % 3 else 'yes'}" for a in range(60)]
    data = hpt.write("d.csv", "\n".join(["a,b,kind", *lines]) + "\n")
    arguments = ("--target", "kind", "--jobs", 1, "--quiet", "--set", "training.epochs=2")
    hpt("tune", data, *arguments, "--trials", 4)
    hpt("compare", data, *arguments, "--optimizers", "sgd,adam", "--studies", 2, "--trials", 2)
    data.unlink()
    for name in ("d", "d-compare"):
        assert hpt("show", name).out
        hpt("report", name, "-o", f"{name}.html")
    assert "data could not be read" in (hpt.folder / "d.html").read_text("utf-8")


def test_a_comparison_whose_configuration_is_no_text_is_refused(hpt: Hpt, refused: Refused) -> None:
    hpt.write(
        "few.yaml",
        "data: iris\ntraining: {epochs: 1}\noptimizer: {choose: [sgd, adam]}\ncompare: {trials: 2, studies: 2, seeds: 1}\n",
    )
    hpt("compare", "few.yaml", "--jobs", 1, "--quiet", "--name", "few")
    path = hpt.folder / "runs/few-compare/config.yaml"
    path.write_bytes(path.read_bytes() + b"# \xb9\n")
    for asked in (["show", "few-compare"], ["report", "few-compare"], ["replay", "few-compare", "3"]):
        (told,) = refused(*asked)
        assert told.startswith("error: runs/few-compare/config.yaml")
        assert "UTF-8" in told


def test_a_locked_folder_is_not_a_way_to_write_elsewhere(hpt: Hpt, run: Path) -> None:
    target = hpt.write("elsewhere", "somebody else's")
    (run / ".lock").unlink(missing_ok=True)
    (run / ".lock").symlink_to(target)
    assert ".lock" in hpt(*RESUME, code=2).errors[0]
    assert target.read_text() == "somebody else's"


EVIL = "from pathlib import Path\n\nPath('ran').touch()\n\n\nclass Sampler:\n    pass\n"


def test_no_code_of_a_run_that_was_sent_is_run_and_its_data_file_is_named(hpt: Hpt, run: Path) -> None:
    hpt.write("evil.py", EVIL)
    hpt.write("runs/small/evil.py", EVIL)
    hpt.write("secret.csv", "a,b\n" + "".join(f"{i},{i % 2}\n" for i in range(40)))
    for name in ("config.yaml", "best.yaml"):
        content = yaml.safe_load((run / name).read_text())
        content["data"]["source"] = "../../secret.csv"
        content["study"] = {"sampler": {"type": "optuna", "name": "evil:Sampler"}}
        (run / name).write_text(yaml.safe_dump(content, sort_keys=False))
    trained = hpt("train", "small", "--json")
    assert "note: data is read from runs/small/../../secret.csv" in trained.err.replace("\n", " ")
    assert not hpt("train", "small", "--quiet").err
    hpt("show", "small")
    assert not (hpt.folder / "ran").exists()


def test_nothing_in_a_run_that_was_sent_drives_the_terminal(hpt: Hpt, run: Path) -> None:
    for name in ("best.yaml", "config.yaml", "run.json"):
        text = (run / name).read_text()
        (run / name).write_text(text.replace("iris", "\x1b[31miris").replace("validation_loss", "\\u001b[2J"))
    for command in (("show",), ("show", "small"), ("show", "small", "1"), ("train", "small"), ("replay", "small", "1")):
        process = hpt.start(*command)
        out, err = process.communicate(timeout=60)
        assert "Traceback" not in err
        assert "\x1b" not in out + err


def test_labels_are_exact_in_a_file_and_drive_no_terminal(hpt: Hpt) -> None:
    rows = [f"{number},{label}\n" for number in range(15) for label in ("ye\x1b[2Js", "no\x07")]
    hpt.write("some.csv", "a,b\n" + "".join(rows))
    hpt.write("some.yaml", "data: {source: some.csv, folds: none}\noptimizer: sgd\ntraining: {epochs: 1}\n")
    hpt("train", "some.yaml", "--save", "saved", "--quiet")
    assert "\x07" in hpt("predict", "saved", "some.csv").out
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb") as terminal:
        process = hpt.start("predict", "saved", "some.csv", stdout=theirs)
        os.close(theirs)
        process.wait(60)
        shown = os.read(terminal.fileno(), 10_000).decode()
        process.communicate()
    assert "prediction\r\n" in shown
    assert not {"\x07", "\x1b"} & set(shown)


def changed_line(run: Path, number: int, change: dict[str, dict[str, object]]) -> None:
    """Changes mappings in a line of the records, with the checksum that the line then has to have."""
    lines = (run / "trials.jsonl").read_text().splitlines()
    record = json.loads(lines[number - 1])
    content = {name: value for name, value in record.items() if name != "crc"}
    text = json.dumps(content | {name: record[name] | values for name, values in change.items()}, separators=(",", ":"))
    lines[number - 1] = f'{text[:-1]},"crc":"{crc32(text.encode()):08x}"}}'
    (run / "trials.jsonl").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"parameters": {"training.batch_size": "x"}}, "parameters.training.batch_size: expected "),
        ({"coordinates": {"training.batch_size": 0}}, "coordinates.training.batch_size: expected one of 16, 32, found 0"),
        ({"coordinates": {"optimizer": "lion"}}, "coordinates.optimizer: expected sgd or adam, found "),
    ],
)
def test_a_setting_that_the_space_has_not_is_refused_by_whoever_uses_it(
    run: Path, hpt: Hpt, refused: Refused, change: dict[str, dict[str, object]], told: str
) -> None:
    changed_line(run, 3, change)
    hpt.write("next.yaml", "data: iris\noptimizer: {choose: [sgd, adam]}\nstudy: {after: [small]}\n")
    for command in (
        ("replay", "small", "2"),
        ("report", "small", "-o", "page.html"),
        ("widen", "small"),
        ("export", "small", "--to", "yaml"),
        ("tune", "next.yaml"),
        RESUME,
    ):
        assert f"runs/small/trials.jsonl:3: {told}" in "\n".join(refused(*map(str, command)))
    assert not (hpt.folder / "page.html").exists()


def test_coordinates_that_guide_a_search_are_checked_too(run: Path, refused: Refused) -> None:
    content = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(content | {"prior": [{"optimizer": "sgd"}]}))
    (told,) = refused(*map(str, RESUME))
    assert told.startswith("error: runs/small/run.json: prior.0.optimizer.sgd.learning_rate: expected a number from ")


@pytest.mark.parametrize("shape", [None, (3, 4), (4, 3, 1), (1, 3)])
def test_weights_of_another_model_are_refused(run: Path, hpt: Hpt, refused: Refused, shape: tuple[int, ...] | None) -> None:
    with np.load(run / "best.npz") as stored:
        arrays = dict(stored)
    weight = arrays.pop("layers.1.weight")
    assert weight.shape == (4, 3)
    arrays |= {} if shape is None else {"layers.1.weight": np.resize(weight, shape)}
    np.savez(run / "best.npz", **arrays)
    # As of a run that knows no digests.
    content = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(content | {"winner": None}))
    hpt.write("rows.csv", "sepal_length,sepal_width,petal_length,petal_width\n5,3,1,0.2\n")
    for command in (
        ("predict", "small", "rows.csv"),
        ("export", "small", "--to", "sklearn"),
        ("export", "small", "--to", "keras"),
    ):
        (told,) = refused(*command)
        assert told.startswith("error: weights: ")
        assert "Restore the files." in told
