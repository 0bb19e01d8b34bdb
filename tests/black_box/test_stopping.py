"""Ctrl-C, SIGTERM, kill -9, a second command, a lost worker: what is recorded stays, and the run can be gone on with."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.black_box.hpt_command import SECONDS, Ended, Hpt, children, records, timeless, workers

LONG = """
data: digits
model: {hidden: [16]}
optimizer: {choose: [sgd, adam]}
training: {epochs: 8}
study: {trials: 1000, population: 4, pruner: {type: halving, min_epochs: 2}}
"""


def _wait(fulfilled: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    patience = time.monotonic() + SECONDS
    while not fulfilled():
        assert process.poll() is None, f"ended with {process.returncode}"
        assert time.monotonic() < patience
        time.sleep(0.01)


def _started(hpt: Hpt, *arguments: object, **options: object) -> subprocess.Popen[str]:
    """The long study, under way: it has recorded a generation."""
    hpt.write("long.yaml", LONG)
    process = hpt.start("tune", "long.yaml", *arguments, **options)
    _wait((hpt.folder / "runs/long/trials.jsonl").exists, process)
    return process


@pytest.mark.parametrize(("number", "jobs"), [(signal.SIGINT, 2), (signal.SIGTERM, 1)])
def test_one_signal_ends_in_order(hpt: Hpt, number: signal.Signals, jobs: int) -> None:
    process = _started(hpt, "--jobs", jobs, "--json")
    process.send_signal(number)
    ended = hpt.ended(process, code=130)
    document = ended.document
    stored = records(hpt.folder / "runs/long")
    assert document["status"] == "interrupted"
    assert document["trials"]["total"] == len(stored)
    assert len(stored) % 4 == 0
    assert "--resume" in ended.err
    path = hpt.folder / "runs/long/trials.jsonl"
    before = path.read_bytes()
    total = len(stored) + 4
    resumed = hpt("tune", "long.yaml", "--resume", "--json", "--quiet", "--trials", total).document
    assert resumed["status"] == "completed"
    assert resumed["trials"]["total"] == total
    assert path.read_bytes().startswith(before)


@pytest.mark.parametrize("seconds", [0.5, 0.65, 0.8, 1.1])
def test_workers_that_start_do_not_answer_ctrl_c(hpt: Hpt, seconds: float) -> None:
    hpt.write("long.yaml", LONG)
    process = hpt.start("tune", "long.yaml", "--jobs", 2, start_new_session=True)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    hpt.ended(process, code=130)


WHILE_IMPORTING = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["INTERRUPTED_AT"]:
            exec("os.kill(os.getpid(), int(os.environ['SIGNAL']))")

sys.meta_path.insert(0, Interrupting())
"""


@pytest.fixture
def interrupted_at(hpt: Hpt) -> Callable[..., dict[str, str]]:
    """The environment of a command to which a signal comes when it imports a module, out of code that is made from text."""
    (hpt.folder / "site").mkdir()
    (hpt.folder / "site/sitecustomize.py").write_text(WHILE_IMPORTING)
    return lambda module, number=signal.SIGINT: {
        "INTERRUPTED_AT": module,
        "SIGNAL": str(int(number)),
        "PYTHONPATH": os.pathsep.join(
            [str(hpt.folder / "site"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        ).rstrip(os.pathsep),
    }


@pytest.mark.parametrize(
    "arguments", [("tune", "--jobs", 2), ("compare", "--jobs", 1), ("train", "--set", "optimizer=adam")]
)
def test_ctrl_c_while_a_command_starts_ends_it_in_order(hpt: Hpt, interrupted_at, arguments: tuple[str, ...]) -> None:
    command, *flags = arguments
    hpt.write("long.yaml", LONG)
    ended = hpt(command, "long.yaml", *flags, "--json", code=130, environment=interrupted_at("hpt.configuration.config"))
    document = ended.document
    if command == "train":
        assert document["stopped"]["reason"] == "interrupted"
    else:
        assert document["status"] == "interrupted"


def test_ctrl_c_before_the_first_generation_says_how_to_go_on(hpt: Hpt, interrupted_at) -> None:
    hpt.write("long.yaml", LONG)
    ended = hpt("tune", "long.yaml", "--jobs", 1, code=130, environment=interrupted_at("hpt.study.session"))
    assert "Interrupted after 0 trials. Go on: hpt tune long.yaml --jobs 1 --resume" in ended.out


@pytest.mark.parametrize("module", ["typer", "hpt.cli.tune", "hpt.runs.folder"])
def test_sigterm_while_a_command_starts_ends_it_in_order(hpt: Hpt, interrupted_at, module: str) -> None:
    hpt.write("long.yaml", LONG)
    environment = interrupted_at(module, signal.SIGTERM)
    ended = hpt("tune", "long.yaml", "--jobs", 1, "--json", code=130, environment=environment)
    assert ended.document["status"] == "interrupted"
    assert {"run.json", "config.yaml"} <= {entry.name for entry in (hpt.folder / "runs/long").iterdir()}
    assert hpt("tune", "long.yaml", "--resume", "--trials", 4, "--json", "--quiet").document["trials"]["total"] == 4


@pytest.mark.parametrize("module", ["typer", "hpt.analysis.showing"])
def test_sigterm_ends_what_does_not_listen(hpt: Hpt, interrupted_at, module: str) -> None:
    process = hpt.start("show", environment=interrupted_at(module, signal.SIGTERM))
    out, err = process.communicate(timeout=SECONDS)
    assert process.returncode in (130, -signal.SIGTERM)
    assert out == err == ""


def test_ctrl_c_ends_what_does_not_listen(hpt: Hpt, interrupted_at) -> None:
    ended = hpt("show", code=130, environment=interrupted_at("hpt.analysis.showing"))
    assert ended.out == ended.err == ""


def test_ctrl_c_is_not_for_a_command_that_was_told_to_ignore_it(hpt: Hpt) -> None:
    hpt.write("long.yaml", LONG)
    command = 'trap "" INT; exec "$0" -m hpt tune long.yaml --jobs 2 --json --trials 60'
    process = subprocess.Popen(
        ["/bin/sh", "-c", command, sys.executable], cwd=hpt.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    _wait((hpt.folder / "runs/long/trials.jsonl").exists, process)
    process.send_signal(signal.SIGINT)
    assert hpt.ended(process).document["trials"]["total"] == 60


def test_ctrl_c_of_a_whole_terminal_says_how_to_go_on(hpt: Hpt) -> None:
    process = _started(hpt, "--jobs", 2, start_new_session=True)
    os.killpg(process.pid, signal.SIGINT)
    ended = hpt.ended(process, code=130)
    assert "hpt tune long.yaml --jobs 2 --resume" in ended.out


def test_a_second_command_is_refused_until_the_first_is_dead(hpt: Hpt) -> None:
    first = _started(hpt, "--jobs", 1, "--name", "long")
    second = ("tune", "long.yaml", "--jobs", 1, "--json", "--quiet", "--name", "long")
    for flag in ("--resume", "--overwrite"):
        refused = hpt(*second, flag, code=2)
        assert f"pid {first.pid}" in refused.errors[0]
        assert refused.out == ""
    assert hpt("show", "long", "--json").document["status"] == "running"
    first.kill()
    first.wait()
    first.communicate()
    done = len(records(hpt.folder / "runs/long"))
    assert hpt(*second, "--resume", "--trials", done + 4).document["trials"]["total"] >= done


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the processes in /proc")
def test_a_killed_worker_costs_nothing_but_time(hpt: Hpt) -> None:
    process = _started(hpt, "--jobs", 2, "--json", "--trials", 60)
    found = workers(process.pid)
    assert len(found) == 2
    os.kill(found[0], signal.SIGKILL)
    disturbed = hpt.ended(process).document
    whole = hpt("tune", "long.yaml", "--jobs", 1, "--json", "--quiet", "--trials", 60, "--name", "whole").document
    assert disturbed["trials"]["failed"] == 0
    assert timeless(disturbed) == timeless(whole)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the processes in /proc")
def test_no_process_outlives_a_killed_command(hpt: Hpt) -> None:
    process = _started(hpt, "--jobs", 2)
    found = workers(process.pid)
    assert len(found) == 2
    others = children(process.pid)
    process.kill()
    process.communicate()
    patience = time.monotonic() + SECONDS
    while any(Path(f"/proc/{worker}").exists() for worker in (*found, *others)):
        assert time.monotonic() < patience
        time.sleep(0.02)


class Screen:
    """A pseudo-terminal of 80 columns, read as it is written."""

    def __init__(self) -> None:
        self.master, self.terminal = pty.openpty()
        self.written = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                self.written += os.read(self.master, 4096)
            except OSError:
                return

    def close(self) -> str:
        """What was written, once nobody can write any more."""
        os.close(self.terminal)
        self._reader.join(SECONDS)
        os.close(self.master)
        return self.written.decode()


CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
AT_80 = {"COLUMNS": "80", "LINES": "24", "TERM": "xterm-256color"}


def test_the_board_on_a_terminal(hpt: Hpt) -> None:
    screen = Screen()
    process = hpt.start("tune", "small.yaml", "--jobs", 1, "--json", environment=AT_80, stderr=screen.terminal)
    ended = hpt.ended(process)
    shown = screen.close()
    assert ended.document["best"] is not None
    # A frame that is drawn over another begins in the last line of that one.
    lines = [CONTROL.sub("", line) for line in re.split("[\r\n]+", shown)]
    assert max(map(len, lines)) <= 80
    last = "\n".join(lines[-12:])
    assert f"best validation_loss  {ended.document['best']['value']:.4g}"[:26] in last
    assert "12/12 trials" in last
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")


def test_no_color_is_honoured(hpt: Hpt) -> None:
    screen = Screen()
    environment = AT_80 | {"NO_COLOR": "1"}
    process = hpt.start("tune", "small.yaml", "--jobs", 1, "--json", environment=environment, stderr=screen.terminal)
    hpt.ended(process)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", screen.close())


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_second_ctrl_c_stops_at_once_and_gives_the_cursor_back(hpt: Hpt, jobs: int) -> None:
    # Up to its first rung it would take minutes.
    hpt.write("long.yaml", LONG.replace("epochs: 8", "epochs: 40000").replace("min_epochs: 2", "min_epochs: 20000"))
    screen = Screen()
    process = hpt.start("tune", "long.yaml", "--jobs", jobs, environment=AT_80, stderr=screen.terminal)
    _wait(lambda: b"generation" in screen.written or b"0/1000" in screen.written, process)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _wait(lambda: b"Once more" in screen.written, process)
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    hpt.ended(process, code=130)
    assert time.monotonic() - asked < 5
    shown = screen.close()
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")


def test_training_once_can_be_interrupted(hpt: Hpt) -> None:
    hpt.write("one.yaml", "data: digits\noptimizer: adam\ntraining: {epochs: 2000}\n")
    process = hpt.start("train", "one.yaml", "--json", "--save", "kept")
    assert process.stderr is not None
    while not process.stderr.readline().startswith("epoch"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    ended: Ended = hpt.ended(process, code=130)
    assert ended.document["stopped"]["reason"] == "interrupted"
    assert not (hpt.folder / "kept/best.yaml").exists()
