"""Disks that are full and folders that cannot be written."""

from __future__ import annotations

import os
import resource

import pytest

from tests.black_box.hpt_command import Ended, Hpt, timeless

Small = tuple[Hpt, Ended]


@pytest.mark.parametrize("size", [0, 2_000, 9_000])
def test_a_full_disk_ends_the_run_with_what_was_recorded(small: Small, hpt: Hpt, size: int) -> None:
    def limit() -> None:
        # Python ignores SIGXFSZ, so a write past the limit fails as one to a full disk does.
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    whole = (small[0].folder / "runs/small/trials.jsonl").read_bytes()
    assert len(whole) > 9_000
    full = hpt("tune", "small.yaml", "--jobs", 1, "--json", code=1, preexec_fn=limit)
    assert "make room" in full.errors[-1].lower()
    path = hpt.folder / "runs/small/trials.jsonl"
    kept = path.read_bytes() if path.exists() else b""
    assert whole.startswith(kept)
    assert full.document["status"] == "failed"
    assert full.document["trials"]["total"] == kept.count(b"\n") // 4 * 4
    resumed = hpt("tune", "small.yaml", "--jobs", 1, "--json", "--resume")
    assert timeless(resumed.document) == timeless(small[1].document)
    assert path.read_bytes() == whole


@pytest.mark.parametrize("runs", ["small.yaml", "small.yaml/runs", "/proc/runs"])
def test_a_place_where_nothing_can_be_written_is_refused_before_any_training(hpt: Hpt, runs: str) -> None:
    refused = hpt("tune", "small.yaml", "--jobs", 1, "--json", "--runs", runs, code=2)
    assert len(refused.err.splitlines()) == 1
    assert "--runs" in refused.errors[0]
    assert refused.out == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_refused(hpt: Hpt) -> None:
    (hpt.folder / "runs").mkdir(mode=0o500)
    refused = hpt("tune", "small.yaml", "--jobs", 1, "--json", code=2)
    assert len(refused.err.splitlines()) == 1


@pytest.mark.parametrize("name", [".lock", "trials.jsonl", "config.yaml", "run.json"])
def test_a_folder_in_place_of_a_file_is_told(hpt: Hpt, name: str) -> None:
    hpt("tune", "small.yaml", "--jobs", 1, "--quiet", "--trials", 4, "--name", "odd")
    path = hpt.folder / "runs/odd" / name
    path.unlink()
    path.mkdir()
    told = hpt.ended(hpt.start("tune", "small.yaml", "--jobs", 1, "--name", "odd", "--resume"), code=2)
    assert name in told.errors[0]


def test_a_saved_training_that_cannot_be_written_is_told(hpt: Hpt) -> None:
    hpt.write("one.yaml", "data: iris\noptimizer: adam\ntraining: {epochs: 1}\n")
    assert hpt("train", "one.yaml", "--quiet", "--save", "one.yaml/x", code=2).errors
