"""Names that several want at once, and folders that were left half made or half thrown away."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from hpt.configuration import config as configuration
from hpt.configuration.config import Config
from hpt.foundation.errors import InputError
from hpt.runs import folder
from hpt.runs.choosing import choose_folder
from hpt.runs.finding import RUN_FILE, TRIALS_FILE, open_existing
from hpt.runs.folder import TUNE_RUNS, RunFolder
from hpt.runs.trial_record import TrialRecord
from hpt.study import lifecycle
from hpt.study.lifecycle import RunRequest
from hpt.study.preparing import problem_of
from tests.runs.failing import failing_after
from tests.runs.test_records import generations

CONFIG = "data: iris\nmodel: linear\noptimizer: {choose: [sgd, adam]}\nstudy: {trials: 6, population: 2}\n"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "study.yaml").write_text(CONFIG)
    return configuration.read(tmp_path / "study.yaml", mode="tune")


def test_commands_at_once_all_get_a_folder_of_their_own(config: Config, tmp_path: Path) -> None:
    many = 16
    gate = threading.Barrier(many)

    def choose(_: int) -> str:
        gate.wait()
        return choose_folder(tmp_path / "runs", config, resume=False, overwrite=False).path.name

    with ThreadPoolExecutor(many) as pool:
        names = list(pool.map(choose, range(many)))
    assert sorted(names) == sorted(["study", *(f"study-{count}" for count in range(2, many + 1))])


class CutShortError(Exception):
    """The process was killed here."""


def test_overwriting_that_is_cut_short_anywhere_can_be_done_again(config: Config, tmp_path: Path) -> None:
    dataset = problem_of(config).dataset

    def folder(*, overwrite: bool) -> RunFolder[TrialRecord]:
        chosen = choose_folder(tmp_path, config, resume=False, overwrite=overwrite)
        run = RunFolder(chosen.path, config, dataset, TUNE_RUNS)
        run.create()
        return run

    run = folder(overwrite=False)
    for allowed in range(100):
        for number, generation in enumerate(generations(2, 2), 1):
            run.append(generation)
            run.update_metadata(records=2 * number)
        with failing_after(allowed, CutShortError) as calls, suppress(CutShortError):
            folder(overwrite=True)
        run = folder(overwrite=True)
        assert open_existing(run.folder).metadata.records == 0
        assert not (run.folder / TRIALS_FILE).exists()
        if calls.count <= allowed:
            assert calls.count > 15
            return
    raise AssertionError("never whole")


def test_a_command_that_is_killed_before_its_first_files_leaves_no_folder(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed() -> dict[str, str]:
        raise CutShortError

    dataset = problem_of(config).dataset
    request = RunRequest(tmp_path / "study.yaml", [], tmp_path / "runs", jobs=1)
    monkeypatch.setattr(lifecycle, "versions", killed)
    with pytest.raises(CutShortError), lifecycle.open_run(request, config, dataset, TUNE_RUNS, lambda _: None):
        pass
    assert not (tmp_path / "runs").exists()
    monkeypatch.setattr(folder, "versions", killed)
    run = RunFolder(tmp_path, config, dataset, TUNE_RUNS)
    with pytest.raises(CutShortError):
        run.create()
    assert [entry.name for entry in tmp_path.iterdir()] == ["study.yaml"]


def test_what_was_begun_and_left_without_a_run_says_how_to_go_on(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(CONFIG + "name: mine\n")
    config = configuration.read(tmp_path / "study.yaml", mode="tune")
    folder = choose_folder(tmp_path, config, resume=False, overwrite=False)
    assert folder.made
    (folder.path / ".lock").write_text("1")
    (folder.path / "config.yaml").write_text("x")
    with pytest.raises(InputError, match="--resume"):
        choose_folder(tmp_path, config, resume=False, overwrite=False)
    assert choose_folder(tmp_path, config, resume=True, overwrite=False).path == folder.path
    with pytest.raises(InputError, match=RUN_FILE):
        choose_folder(tmp_path, config, resume=False, overwrite=True)
    folder.abandon()
    assert not folder.path.exists()
