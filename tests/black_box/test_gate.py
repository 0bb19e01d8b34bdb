"""The gate: what a result must reach, how that is told, and with which exit code a command ends."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from hpt.analysis.requirements import judged, parsed
from hpt.foundation.errors import InputError
from hpt.training.bounds import Bound
from hpt.view.markdown import markdown
from hpt.view.page import Column, Command, Facts, Page, Table
from hpt.view.requirements import junit
from tests.black_box.hpt_command import Hpt, Refused

SMALL = """
data: iris
model: {hidden: [4]}
optimizer: {choose: [sgd, adam]}
training: {epochs: 4}
study: {trials: 8}
"""
MET, MISSED = "validation_loss<1e9", "validation_accuracy>=1.5"


@pytest.fixture
def hpt(tmp_path: Path) -> Hpt:
    command = Hpt(tmp_path)
    command.write("small.yaml", SMALL)
    return command


@pytest.mark.parametrize(
    ("text", "value", "met"),
    [
        ("validation_accuracy>=0.95", 0.95, True),
        ("validation_accuracy>0.95", 0.95, False),
        (" test_loss <= 1e-2 ", 0.011, False),
        ("train_rmse<3", 2.5, True),
        ("validation_r2 >= -.5", -0.4, True),
    ],
)
def test_a_requirement_is_a_bound(text: str, value: float, met: bool) -> None:
    requirement = Bound.parse(text)
    (verdict,) = judged([requirement], {requirement.metric: value})
    assert verdict.met is met
    assert Bound.parse(str(requirement)) == requirement


def test_what_was_not_measured_is_missed() -> None:
    (verdict,) = judged(parsed([MET]), {})
    assert not verdict.met
    assert "not measured" in str(verdict)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InputError) as error:
        parsed(["validation_acuracy>=1", MET, "x", "loss>1", "validation_loss=>1", "validation_loss>=1.2.3"])
    assert len(error.value.complaints) == 5
    assert "Did you mean validation_accuracy?" in error.value.complaints[0]


def test_a_missed_gate_is_exit_3_and_leaves_everything(hpt: Hpt) -> None:
    ended = hpt(
        "tune", "small.yaml", "--jobs", 1, "--json", "--require", MET, "--require", MISSED, "--junit", "junit.xml",
        code=3, environment={"GITHUB_STEP_SUMMARY": str(hpt.folder / "summary.md")},
    )  # fmt: skip
    document = ended.document
    assert [(r["requirement"], r["met"]) for r in document["requirements"]] == [
        ("validation_loss<1000000000", True),
        (MISSED, False),
    ]
    assert document["requirements"][1]["value"] == document["best"]["metrics"]["validation_accuracy"]
    assert len(ended.errors) == 1
    assert MISSED in ended.errors[0]
    assert (hpt.folder / "runs/small/best.npz").exists()
    suite = ET.parse(hpt.folder / "junit.xml").getroot()[0]  # noqa: S314  our own
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "0")
    (failure,) = suite.iter("failure")
    assert "is " in failure.get("message", "")
    summary = (hpt.folder / "summary.md").read_text()
    assert summary.startswith("## hpt tune: runs/small")
    assert "validation_accuracy\\>=1.5: missed" in summary


def test_a_gate_that_is_met(hpt: Hpt) -> None:
    assert "requirements" not in hpt("tune", "small.yaml", "--jobs", 1, "--json").document
    trained = hpt("train", "runs/small/best.yaml", "--json", "--test", "--require", "test_accuracy>=0").document
    assert trained["requirements"][0]["met"]
    hpt("train", "runs/small/best.yaml", "--quiet", "--require", "test_accuracy>=0", code=3)
    tested = ("tune", "small.yaml", "--name", "tested", "--jobs", 1, "--json", "--test")
    document = hpt(*tested, "--require", "test_accuracy>=0", "--require", "test_loss<=1e9").document
    accuracy, loss = (judged["value"] for judged in document["requirements"])
    assert (accuracy, loss) == (document["test"]["test_accuracy"], document["test"]["test_loss"])


def test_a_comparison_is_judged_by_its_leader(hpt: Hpt) -> None:
    arguments = ("compare", "small.yaml", "--jobs", 1, "--studies", 2, "--trials", 2, "--json")
    document = hpt(*arguments, "--require", "test_accuracy>=0", "--require", "test_loss<0", code=3).document
    loss = next(r for r in document["requirements"] if r["requirement"] == "test_loss<0")
    assert loss["value"] == document["optimizers"][0]["score"]


def test_a_misspelled_requirement_is_refused_before_anything_runs(refused: Refused, tmp_path: Path) -> None:
    (line,) = refused("tune", "iris", "--require", "validation_acuracy>=1")
    assert "validation_accuracy" in line
    assert not (tmp_path / "runs").exists()


def test_names_break_neither_xml_nor_markdown() -> None:
    hostile = 'a<b>&"\x1b[31m|`_*'
    root = ET.fromstring(junit("tune", hostile, "failed", (), 1.0))  # noqa: S314  our own
    assert root[0].get("errors") == "1"
    page = Page([[Facts([hostile]), Table([Column("x|y", [hostile])]), Command("a `b` c")]])
    text = markdown(page, hostile)
    assert "\x1b" not in text
    assert "<b>" not in text.replace("\\<b\\>", "")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 3
    assert all(line.replace("\\|", "").count("|") == 2 for line in rows)
