"""From the options of a command to what it asks for."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from hpt.cli.groups import settings
from hpt.cli.options import Execution, Folder, Identity, Overrides
from hpt.foundation.errors import InputError

if TYPE_CHECKING:
    from hpt.cluster.executor import Cluster
    from hpt.configuration.resolution import Override
    from hpt.foundation.processes import StartMethod
    from hpt.study.lifecycle import RunRequest


def request_of(
    config: Path,
    overrides: Overrides,
    folder: Folder,
    *groups: object,
    execution: Execution | None = None,
    start: StartMethod = "spawn",
    cluster: Cluster | None = None,
    at_end: Sequence[str] = (),
) -> RunRequest:
    """The request of a command; the options of `groups` win over --set. Raises InputError for a --set without a value.

    cluster: trains in place of processes of our own. at_end: modules that are needed then, to be imported while others train.
    """
    from hpt.study.lifecycle import RunRequest

    execution = execution or Execution()
    changes = [*_written(overrides), *(change for group in groups for change in _flags(group))]
    jobs = execution.jobs or usable_cores()
    return RunRequest(
        config,
        changes,
        folder.runs,
        jobs=jobs,
        resume=execution.resume,
        overwrite=execution.overwrite,
        start=start,
        cluster=None if cluster is None else cluster.warning,
        meanwhile=partial(_import, at_end),
    )


def _import(modules: Iterable[str]) -> None:
    for module in modules:
        import_module(module)


def _written(overrides: Overrides) -> list[Override]:
    from hpt.configuration.resolution import Override

    items = overrides.changes or ()
    wrong = [f"--set {item}: expected PATH=VALUE, such as training.epochs=20." for item in items if "=" not in item]
    if wrong:
        raise InputError(wrong)
    return [Override(*item.partition("=")[::2]) for item in items]


def _flags(group: object) -> Iterator[Override]:
    from hpt.configuration.resolution import Override

    for path, value in settings(group):
        yield Override(path, json.dumps(value), f"--{path.rpartition('.')[2]}")


def usable_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def expect_workers(execution: Execution, *modules: str) -> StartMethod:
    """How to start workers; what they need, `modules` included, is imported while the command reads its file."""
    if execution.cluster is not None or (execution.jobs or usable_cores()) == 1:
        return "spawn"
    from hpt.foundation.processes import preload

    return preload("threadpoolctl", "hpt.evaluate.population", *modules)


def run_of(config: Path, folder: Folder, identity: Identity) -> tuple[Path, Folder, Identity]:
    """The configuration, the place and the name of the run that a name or a folder in place of a file means; else as they are."""
    from hpt.runs.files import check_regular

    run = _folder_with("run.json", config, folder.runs)
    if run is None:
        return config, folder, identity
    place = run if run.name else run.resolve()
    check_regular(place / "config.yaml")
    return place / "config.yaml", Folder(place.parent), replace(identity, name=identity.name or place.name)


def winner_of(config: Path, runs: Path) -> Path:
    """The winner of the run that a name or a folder in place of a file means; else `config`."""
    from hpt.runs.files import check_regular

    run = _folder_with("best.yaml", config, runs)
    if run is None:
        return config
    check_regular(run / "best.yaml")
    return run / "best.yaml"


def _folder_with(file: str, word: Path, runs: Path) -> Path | None:
    """The folder that holds `file`, of those that a name or a path may mean; files and bundled data sets go before."""
    from hpt.data.datasets import DATASETS

    if word.is_file() or str(word).lower() in DATASETS:
        return None
    return next((folder for folder in (runs / word, word) if (folder / file).is_file()), None)


def resume_command() -> str:
    """The command line that goes on with the run of this one."""
    return "hpt " + shlex.join([*(word for word in sys.argv[1:] if word not in ("--resume", "--overwrite")), "--resume"])
