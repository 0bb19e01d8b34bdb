"""Run folders that are there: the one that a name or a path refers to, all of them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError
from hpt.runs.files import check_regular
from hpt.runs.run_metadata import RunMetadata, read_metadata

RUN_FILE = "run.json"
CONFIG_FILE = "config.yaml"
TRIALS_FILE = "trials.jsonl"
BEST_CONFIG = "best.yaml"
BEST_WEIGHTS = "best.npz"


@dataclass(frozen=True, slots=True)
class Run:
    """An existing run folder. metadata: the content of its `run.json`, by the name that the folder has now."""

    folder: Path
    metadata: RunMetadata

    @property
    def name(self) -> str:
        return self.folder.name


def find(runs: Path, run: str) -> Run:
    """The run that a name or a path refers to. Raises InputError where there is none."""
    candidates = [runs / run] if re.fullmatch(r"[\w.-]+/?", run) else []
    for folder in (*candidates, Path(run)):
        if (folder / RUN_FILE).is_file():
            return open_existing(folder)
    names = [entry.name for entry in listed(runs)[0]]
    near = nearest(run, names)
    hint = (
        f" Did you mean {near}?" if near else f" There are: {', '.join(names[:8])}." if names else f" {runs} holds no run."
    )
    raise InputError(f"{run}: no such run in {runs}.{hint}")


def open_existing(folder: Path) -> Run:
    """The run in `folder`, by its name. Raises InputError where it is not one that this version reads."""
    # The reader of configurations takes pipes and links, which is for those that a user names.
    check_regular(folder / CONFIG_FILE)
    return Run(folder, replace(read_metadata(folder / RUN_FILE), name=folder.name))


def listed(runs: Path) -> tuple[list[Run], list[str]]:
    """The runs in `runs` that can be read, the newest first, and why others cannot."""
    found, refused = [], []
    for folder in sorted(runs.iterdir()) if runs.is_dir() else ():
        try:
            if os.path.lexists(folder / RUN_FILE):
                found.append(open_existing(folder))
        except InputError as error:
            refused.append(str(error))
    return sorted(found, key=lambda run: run.metadata.begun, reverse=True), refused
