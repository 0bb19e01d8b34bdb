"""Too little memory, too few files and processes: one line and exit 1, or the result; never a wait without end."""

from __future__ import annotations

import os
import resource
import signal
import time
from pathlib import Path

import pytest

from hpt.evaluate.executors import executors
from hpt.evaluate.population import Population
from hpt.evaluate.problems import OneProblem
from hpt.foundation.errors import RunError
from hpt.foundation.processes import sweep
from tests.black_box.hpt_command import Ended, Hpt, timeless

Small = tuple[Hpt, Ended]
MEGABYTE = 10**6


def limited(limit: int, amount: int):
    return lambda: resource.setrlimit(limit, (amount, amount))


@pytest.mark.parametrize("megabytes", [60, 180, 330])
def test_too_little_memory_is_told_in_a_line(hpt: Hpt, megabytes: int) -> None:
    limit = limited(resource.RLIMIT_AS, megabytes * MEGABYTE)
    ended = hpt("tune", "small.yaml", "--jobs", 2, "--json", code=1, preexec_fn=limit)
    assert ended.err == (f"error: memory: expected a limit of at least 400 MB, found {megabytes} (ulimit -v). Raise it.\n")
    assert ended.document == {"schema": "hpt.error/1", "status": "failed", "error": ended.err[7:-1]}


@pytest.mark.parametrize("megabytes", [410, 450, 600, 1000])
def test_a_little_more_is_enough_or_told(small: Small, hpt: Hpt, megabytes: int) -> None:
    process = hpt.start(
        "tune", "small.yaml", "--jobs", 2, "--json", preexec_fn=limited(resource.RLIMIT_AS, megabytes * MEGABYTE)
    )
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert process.returncode in (0, 1)
    if process.returncode == 1:
        assert sum(line.startswith("error: ") for line in err.splitlines()) == 1
        ended = hpt("tune", "small.yaml", "--jobs", 1, "--json", "--resume")
    else:
        ended = Ended(0, out, err)
    # A trial that twice found no memory has failed; the others are what they are anywhere.
    expected = {row["trial"]: row["value"] for row in small[1].document["leaderboard"]}
    rows = ended.document["leaderboard"]
    assert all(row["value"] == expected[row["trial"]] for row in rows if row["trial"] < 4 and row["state"] != "failed")


def test_sixteen_open_files(small: Small, hpt: Hpt) -> None:
    ended = hpt("tune", "small.yaml", "--jobs", 2, "--json", code=1, preexec_fn=limited(resource.RLIMIT_NOFILE, 16))
    assert len(ended.errors) == 1
    assert "--jobs 1" in ended.errors[0]
    assert ended.document["status"] == "failed"
    resumed = hpt("tune", "small.yaml", "--jobs", 1, "--json", "--resume")
    assert timeless(resumed.document) == timeless(small[1].document)


def test_no_process_can_be_started(monkeypatch, tmp_path: Path) -> None:
    """As with `ulimit -u`, which does not bind root."""
    from hpt.configuration import config as configuration
    from hpt.study.preparing import problem_of

    (tmp_path / "a.yaml").write_text("data: iris\noptimizer: adam\n")
    problem = OneProblem(problem_of(configuration.read(tmp_path / "a.yaml", mode="train")))

    def refuse(*_: object, **__: object) -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("multiprocessing.util.spawnv_passfds", refuse)
    with pytest.raises(RunError, match=r"no worker process can be started.*--jobs 1"):
        Population(problem, executors(2), 100.0)


def test_what_a_killed_command_left_is_swept_by_the_next(hpt: Hpt) -> None:
    temporary = hpt.folder / "temporary"
    temporary.mkdir()
    environment = {"TMPDIR": str(temporary)}
    arguments = ("tune", "small.yaml", "--jobs", 2, "--json", "--quiet", "--trials")
    killed = hpt.start(*arguments, 1000, environment=environment)
    patience = time.monotonic() + 60
    while not (hpt.folder / "runs/small/trials.jsonl").exists():
        assert time.monotonic() < patience
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    (left,) = temporary.iterdir()
    # Another's folder, and one of a command that lives, are not touched.
    (temporary / "pymp-other").mkdir()
    hpt(*arguments, 4, "--name", "next", environment=environment)
    assert [entry.name for entry in temporary.iterdir()] == ["pymp-other"], left


def test_a_link_is_not_swept(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("x")
    folder = tmp_path / f"hpt-{os.getuid()}-x"
    folder.mkdir()
    (folder / "owner").symlink_to(kept / "file")
    (tmp_path / f"hpt-{os.getuid()}-y").symlink_to(kept)
    (kept / "owner").write_text("")
    sweep()
    assert (kept / "file").exists()
    assert folder.exists()
