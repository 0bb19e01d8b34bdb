"""`tune`, `compare`, `train` and `load`."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hpt.analysis import showing
from hpt.compare import session as comparing
from hpt.compare.stored_comparison import load as load_comparison
from hpt.configuration.resolution import Override
from hpt.foundation.errors import InputError, RunError
from hpt.foundation.interrupts import listening
from hpt.python.results import Comparison, Run, Training
from hpt.runs.finding import find
from hpt.study import session, trainer
from hpt.study.clock import Clock
from hpt.study.lifecycle import RunRequest
from hpt.tables.files import ending_of
from hpt.terminal.stderr import stderr_console
from hpt.terminal.watchers import comparison_watcher, study_watcher
from hpt.yaml.tree import dump

Config = str | os.PathLike[str] | Mapping[str, Any]
"""A configuration: the path of a YAML or data file, the name of a bundled data set, or what such a file would hold."""


def tune(
    config: Config,
    *,
    name: str | None = None,
    runs: str | os.PathLike[str] = "runs",
    jobs: int | None = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = False,
    settings: Mapping[str, Any] | None = None,
) -> Run:
    """Searches the ranges of `config`, as `hpt tune` does, and gives the run.

    jobs: worker processes; by default the usable cores, 1 trains in this process. progress: whether the board is shown on stderr.
    settings: values by dotted path, such as {"study.trials": 50}, in place of those in the file.
    Raises `hpt.foundation.errors.InputError` where something is refused, RunError where nothing was completed.
    """
    with _file(config, name) as path:
        request = RunRequest(path, _overrides(settings, name), Path(runs), jobs or _cores(), resume, overwrite)
        finished = session.tune(request, study_watcher(stderr_console(), not progress), Clock())
    if finished.status == "failed":
        raise RunError(finished.advice or "no trial was completed.")
    return Run(find(finished.folder.parent, str(finished.folder)))


def compare(
    config: Config,
    *,
    optimizers: Sequence[str] = (),
    name: str | None = None,
    runs: str | os.PathLike[str] = "runs",
    jobs: int | None = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = False,
    settings: Mapping[str, Any] | None = None,
) -> Comparison:
    """Ranks the optimizers under `choose`, as `hpt compare` does. The arguments are those of `tune`; see there."""
    with _file(config, name) as path:
        request = RunRequest(path, _overrides(settings, name), Path(runs), jobs or _cores(), resume, overwrite)
        finished = comparing.compare(request, optimizers, comparison_watcher(stderr_console(), not progress), Clock())
    if finished.comparison.status == "failed":
        raise RunError(finished.advice or "no run was completed.")
    return Comparison(finished.comparison)


def train(config: Config, *, test: bool = False, settings: Mapping[str, Any] | None = None) -> Training:
    """Trains once with the constants of `config`, as `hpt train` does. test: whether the test rows are opened at the end.

    Raises InputError where something is refused, RunError where it diverged.
    """
    with _file(config, None) as path:
        request = RunRequest(path, _overrides(settings, None), Path("runs"), 1)
        training = trainer.prepare(request, test=test)
        with listening(lambda message: None) as interrupts:
            trained = trainer.train(training, lambda state: None, interrupts)
    if trained.interrupted:
        raise KeyboardInterrupt
    if trained.result.reason == "diverged":
        raise RunError(f"the run diverged in epoch {trained.result.epochs}. Lower the learning rate, or scale the data.")
    return Training(trained.result)


def load(run: str | os.PathLike[str], *, runs: str | os.PathLike[str] = "runs") -> Run | Comparison:
    """The run that a name or a path means, as it stands. Raises InputError where there is none."""
    found = showing.as_it_stands(find(Path(runs), os.fspath(run)))
    return Comparison(load_comparison(found).comparison) if found.metadata.kind == "compare" else Run(found)


@contextmanager
def _file(config: Config, name: str | None) -> Iterator[Path]:
    """`config` as a file. What is given as a mapping means paths from the working directory."""
    if not isinstance(config, Mapping):
        yield Path(config)
        return
    content = dict(config)
    data = content.get("data")
    data = {"source": data} if isinstance(data, str) else dict(data) if isinstance(data, Mapping) else data
    if isinstance(data, dict):
        for key in ("source", "test_source", "validation_source"):
            if isinstance(data.get(key), str | os.PathLike) and ending_of(data[key]) is not None:
                data[key] = str(Path(data[key]).absolute())
        content["data"] = data
    with tempfile.TemporaryDirectory(prefix="hpt-") as folder:
        path = Path(folder, f"{name or 'study'}.yaml")
        try:
            path.write_text(dump(content), encoding="utf-8")
        except (TypeError, ValueError) as error:
            raise InputError(f"config: expected what a YAML file can hold: {error}.") from error
        yield path


def _overrides(settings: Mapping[str, Any] | None, name: str | None) -> list[Override]:
    """`settings` as --set would have them. Raises InputError for a value that YAML has no words for."""
    given = dict(settings or {}) | ({"name": name} if name is not None else {})
    try:
        return [Override(path, json.dumps(value, allow_nan=False), path) for path, value in given.items()]
    except (TypeError, ValueError) as error:
        raise InputError(f"settings: expected plain values: {error}.") from error


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
