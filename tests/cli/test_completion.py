"""What the shell is offered: asked as the scripts ask, and by the shells themselves."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpt.cli.app import app
from hpt.cli.completions import answer_shell
from hpt.tables.files import RAW_READERS
from tests.black_box.conftest import hpt  # noqa: F401  the fixture
from tests.black_box.hpt_command import Hpt

Ask = Callable[..., list[str]]
PATIENCE = 60.0

STUDY = """
data: iris
model: {type: mlp, hidden: [4]}
optimizer:
  choose:
    adam: {learning_rate: {min: 1e-4, max: 1.0, scale: log}}
    plain: {name: adam, bias_correction: false}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.yaml").write_text(STUDY)
    (tmp_path / "my file.yaml").write_text(STUDY)
    (tmp_path / "flats.csv").write_text("Size,Rent,Price\n1,2,3\n")
    (tmp_path / "configs").mkdir()
    for place in ("runs/first", "elsewhere/second"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "run.json").write_text("{}")
        (tmp_path / place / "config.yaml").write_text(STUDY)
        (tmp_path / place / "trials.jsonl").write_text('{"metrics": {"validation_loss": 1, "validation_accuracy": null}}\n')
    return tmp_path


@pytest.fixture
def ask(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """What can stand in place of the last of some words."""

    def asked(*words: str, of: str = "fish") -> list[str]:
        monkeypatch.setenv("_HPT_COMPLETE", of)
        answer_shell(app, words)
        return [line.partition("\t")[0] for line in capsys.readouterr().out.splitlines()]

    return asked


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("tu", ["tune"]),
        ("tune st", ["study.yaml"]),
        ("tune con", ["configs/"]),
        ("compare study.yaml fl", ["flats.csv"]),
        ("tune --over", ["--overwrite"]),
        ("show f", ["first"]),
        ("show --runs elsewhere ", ["second"]),
        ("show first --sort ", ["validation_loss"]),
        ("show first --metric v", ["validation_loss"]),
        ("show first --curves b", ["best-per-branch"]),
        ("train x.yaml --require validation_acc", ["validation_accuracy"]),
        ("export first --to o", ["onnx", "optuna"]),
        ("list opt", ["optimizers"]),
        ("list optimizers adag", ["adagrad"]),
        ("lr-find study.yaml --optimizer p", ["plain"]),
        ("compare study.yaml --optimizers plain,adam,adab", ["plain,adam,adabelief"]),
        ("compare study.yaml --optimizers plain,p", []),
        ("compare study.yaml --reference pl", ["plain"]),
        ("compare --suite s", ["small"]),
        ("tune flats.csv --target ", ["Size", "Rent", "Price"]),
        ("completion z", ["zsh"]),
        ("schema --of comp", ["compare", "compare-tasks"]),
        ("import st", ["study.yaml"]),
        ("tune study.yaml --set tra", ["training."]),
        ("tune study.yaml --set training.epo", ["training.epochs="]),
        ("tune study.yaml --set=training.epo", ["--set=training.epochs="]),
        ("tune study.yaml --set optimizer.a", ["optimizer.adam.", "optimizer.adam="]),
        ("tune study.yaml --set optimizer.plain.bias_c", ["optimizer.plain.bias_correction="]),
        (
            "tune study.yaml --set optimizer.plain.bias_correction=",
            [f"optimizer.plain.bias_correction={v}" for v in ("true", "false")],
        ),
        (
            "tune study.yaml --set optimizer.adam.learning_rate.m",
            ["optimizer.adam.learning_rate.min=", "optimizer.adam.learning_rate.max="],
        ),
        ("tune first --set optimizer.pl", ["optimizer.plain.", "optimizer.plain="]),
        ("tune --set optimizer.lio", ["optimizer.lion.", "optimizer.lion="]),
        ("tune study.yaml --set model.activation=ta", ["model.activation=tanh"]),
        ("tune study.yaml --set model.type=l", ["model.type=linear"]),
        ("tune study.yaml --set nowhere.at.all", []),
        ("tune study.yaml --set nowhere=", []),
    ],
)
def test_what_is_offered(ask: Ask, words: str, offered: list[str]) -> None:
    assert ask(*words.split(" ")) == offered


def test_every_dotted_name_of_the_configuration_is_reached(ask: Ask) -> None:
    def reached(path: str) -> list[str]:
        found = ask("tune", "study.yaml", "--set", path)
        return [each for each in found if each.endswith("=")] + [
            end for each in found if each.endswith(".") for end in reached(each)
        ]

    paths = {path.rstrip("=") for path in reached("")}
    assert {"seed", "data.source", "optimizer.adam.learning_rate", "study.pruner.type", "compare.margin"} <= paths
    assert not any("choose" in path for path in paths)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("hpt tune my", [r"my\ file.yaml"]),
        ('hpt tune "my f', ["my file.yaml"]),
        (r"hpt tune my\ ", [r"my\ file.yaml"]),
        ("hpt show ", ["first"]),
        # readline breaks words at `=`: what stands before it is not written again.
        ("hpt tune study.yaml --set model.activation=ta", ["tanh"]),
        ("hpt tune study.yaml --set=training.epo", ["training.epochs="]),
    ],
)
def test_bash_gets_what_it_puts_in(ask: Ask, line: str, offered: list[str]) -> None:
    assert ask(line, of="bash") == offered


def test_what_cannot_be_read_offers_nothing_of_it(ask: Ask, folder: Path) -> None:
    (folder / "study.yaml").write_text("optimizer: {choose: [")
    (folder / "flats.csv").write_bytes(b"\xff\xfe\x00")
    (folder / "runs/first/trials.jsonl").write_text("[1")
    assert ask("tune", "study.yaml", "--set", "optimizer.lio")
    assert ask("tune", "flats.csv", "--target", "") == []
    assert "validation_loss" in ask("show", "first", "--sort", "")


def test_a_name_that_would_move_the_cursor_is_not_offered(ask: Ask, folder: Path) -> None:
    (folder / "flats.csv").write_text('Size,"\x1b[2J"\n')
    (folder / "runs/a\x1b[2J").mkdir()
    (folder / "runs/a\x1b[2J/run.json").write_text("{}")
    assert ask("tune", "flats.csv", "--target", "") == ["Size"]
    assert ask("show", "") == ["first"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell(hpt: Hpt, shell: str) -> None:  # noqa: F811
    script = hpt("completion", shell).out
    assert "_HPT_COMPLETE" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


ON_PATH = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
"""Where a shell finds `hpt`."""


def typed(shell: list[str], folder: Path, lines: list[str], until: str) -> str:
    """What an interactive shell shows to whoever types `lines`, up to `until` or the end of patience."""
    terminal, end_of_shell = pty.openpty()
    environment = {**os.environ, **ON_PATH, "HOME": str(folder), "ZDOTDIR": str(folder), "TERM": "dumb"}
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), end_of_shell)
    with subprocess.Popen(shell, cwd=folder, env=environment, start_new_session=True, **pipes) as child:
        shown, end = "", time.monotonic() + PATIENCE
        os.write(terminal, "".join(lines).encode())
        while until not in shown and time.monotonic() < end:
            if select.select([terminal], [], [], 0.1)[0]:
                shown += os.read(terminal, 4096).decode(errors="replace")
        child.kill()
    os.close(terminal)
    os.close(end_of_shell)
    return shown


INTERACTIVE = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(hpt completion bash)"\r'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -U compinit; compinit -u -D; eval "$(hpt completion zsh)"\r'),
}


@pytest.mark.parametrize("shell", [shell for shell in INTERACTIVE if shutil.which(shell)])
def test_a_shell_puts_the_rest_of_a_word_where_tab_is_pressed(folder: Path, shell: str) -> None:
    command, ready = INTERACTIVE[shell]
    # Without completion that is an unknown name; the answer to it has no formula.
    assert '"formula"' in typed(command, folder, [ready, "hpt list optimizers adag\t--json\r"], '"formula"')


def test_fish_offers_the_rest_of_a_word(folder: Path) -> None:
    if fish := shutil.which("fish"):
        asked = 'hpt completion fish | source; complete --do-complete "hpt tune study.yaml --set optimizer.pl"'
        ended = subprocess.run(
            [fish, "--no-config", "-c", asked],
            cwd=folder,
            env=os.environ | ON_PATH,
            capture_output=True,
            text=True,
            check=True,
        )
        assert ended.stdout.split() == ["optimizer.plain.", "optimizer.plain="]


def test_every_data_file_that_is_read_is_offered(folder: Path, ask: Ask) -> None:
    """The endings stand a second time where the shell asks: reading them from their table would load NumPy."""
    for ending in RAW_READERS:
        (folder / f"table{ending}").touch()
    assert {word.rstrip() for word in ask("tune", "table")} == {f"table{ending}" for ending in RAW_READERS}
