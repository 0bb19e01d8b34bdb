"""Power that goes at any moment of a run: what was reported is there, and the run can be gone on with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpt.configuration import config as configuration
from hpt.runs.choosing import choose_folder
from hpt.runs.files import append_bytes, write_bytes
from hpt.runs.finding import RUN_FILE, TRIALS_FILE
from hpt.runs.folder import TUNE_RUNS, RunFolder
from hpt.runs.records import read
from hpt.runs.run_metadata import read_metadata
from hpt.runs.trial_record import TrialRecord
from hpt.runs.winner import changed_files
from hpt.study.preparing import problem_of
from tests.runs.power import Disk, lay_out
from tests.runs.test_records import generations

CONFIG = "data: iris\nmodel: linear\noptimizer: {choose: [sgd, adam]}\nstudy: {trials: 6, population: 2}\n"


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    root = tmp_path / "disk"
    root.mkdir()
    return Disk(root)


def every_crash(disk: Disk, tmp_path: Path) -> list[tuple[list[Any], Path]]:
    """What was said and a folder that holds what the disk may have, for each crash."""
    found = []
    for number, (said, kept) in enumerate(disk.crashes()):
        target = tmp_path / f"crash-{number}"
        target.mkdir()
        lay_out(kept, disk.root, target)
        found.append((said, target))
    return found


def test_a_generation_that_was_reported_is_there_and_what_follows_it_never_in_the_way(disk: Disk, tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(CONFIG)
    config = configuration.read(tmp_path / "study.yaml", mode="tune")
    dataset = problem_of(config).dataset
    made = generations(2, 2, 2)
    with disk.recording():
        chosen = choose_folder(disk.root / "runs", config, resume=False, overwrite=False)
        folder = RunFolder(chosen.path, config, dataset, TUNE_RUNS)
        folder.create()
        disk.say(0)
        for number, generation in enumerate(made, 1):
            folder.append(generation)
            if number != 2:
                parameters = dict(config.space.middle("adam"))
                best = TrialRecord(
                    **{n: getattr(generation[0], n) for n in TrialRecord.__slots__} | {"parameters": parameters}
                )
                folder.write_best(best, {"layers.0.weight": np.full((4, 3), number)})
            folder.update_metadata(records=2 * number)
            disk.say(number)
        folder.update_metadata(status="completed")
    everything = [one for generation in made for one in generation]
    crashes = every_crash(disk, tmp_path)
    assert len(crashes) > 80
    mended = 0
    for said, target in crashes:
        run = target / "runs/study"
        if not said:
            assert not (run / TRIALS_FILE).exists()
            continue
        metadata = read_metadata(run / RUN_FILE)
        stored = read(run / TRIALS_FILE, TrialRecord, lambda found: len(found) >= metadata.records)  # noqa: B023
        assert len(stored.records) >= max(2 * said[-1], metadata.records)
        assert list(stored.records) == everything[: len(stored.records)]
        assert configuration.read(run / "config.yaml", mode="tune").resolved(run) == config.resolved(run)
        if changed_files(run, metadata):
            # What was being replaced when the power went is trained again; once it was told of, it is there.
            mended += 1
            assert metadata.records < len(stored.records) or metadata.records == 0
    assert mended


def test_a_line_that_was_torn_before_never_mixes_with_what_is_written_over_it(disk: Disk, tmp_path: Path) -> None:
    path = disk.root / "trials.jsonl"
    with disk.recording():
        append_bytes(path, b"whole\n" + b"torn, and longer than what follows", 0)
        disk.say("torn")
        append_bytes(path, b"next\n", 6)
        disk.say("next")
    for said, target in every_crash(disk, tmp_path):
        content = (target / "trials.jsonl").read_bytes() if (target / "trials.jsonl").exists() else b""
        if said:
            assert content.startswith(b"whole\n")
        if said[-1:] == ["next"]:
            assert content == b"whole\nnext\n"
        assert b"next\ntorn" not in content
        assert not content.endswith(b"than what follows") or b"next" not in content


def test_a_file_that_is_replaced_is_the_old_or_the_new(disk: Disk, tmp_path: Path) -> None:
    path = disk.root / "run.json"
    with disk.recording():
        for content in (b"old", b"new and longer"):
            write_bytes(path, content)
            disk.say(content)
    for said, target in every_crash(disk, tmp_path):
        place = target / "run.json"
        content = place.read_bytes() if place.exists() else None
        assert content in ([b"old", b"new and longer"][max(0, len(said) - 1) :] + [None] * (not said))


@pytest.mark.parametrize("forgotten", ["sync", "name"])
def test_the_model_sees_what_is_forgotten(disk: Disk, tmp_path: Path, forgotten: str) -> None:
    """Without the sync of the file, or of the folder, something would be lost."""
    path = disk.root / "run.json"
    with disk.recording():
        for content in (b"old", b"new"):
            write_bytes(path, content)
            disk.say(content)
    folder = str(disk.root)
    disk.calls = [
        call for call in disk.calls if call[0] != "sync" or (call[1] == folder if forgotten == "sync" else call[1] != folder)
    ]
    found = [
        (place.read_bytes() if (place := target / "run.json").exists() else None)
        for said, target in every_crash(disk, tmp_path)
        if said == [b"old", b"new"]
    ]
    assert set(found) - {b"new"}
