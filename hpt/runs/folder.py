"""The folder of a run under way: created or resumed, added to."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, Literal

from hpt.configuration import config as configuration
from hpt.configuration.config import Config, auto_population
from hpt.data.dataset import Dataset
from hpt.foundation.errors import InputError
from hpt.numerics.types import Floats
from hpt.runs import records
from hpt.runs.environment import differences, versions
from hpt.runs.files import write_arrays, write_json, write_text
from hpt.runs.finding import (
    BEST_CONFIG,
    BEST_WEIGHTS,
    CONFIG_FILE,
    RUN_FILE,
    TRIALS_FILE,
    latest_folder,
    new_folder,
    open_existing,
)
from hpt.runs.lock import LOCK_FILE
from hpt.runs.records import Record
from hpt.runs.run_metadata import SCHEMA, RunKind, RunMetadata
from hpt.runs.trial_record import TrialRecord
from hpt.runs.winner import archive
from hpt.yaml.tree import dump

OWN_FILES = (RUN_FILE, CONFIG_FILE, TRIALS_FILE, BEST_CONFIG, BEST_WEIGHTS)
"""In the order in which a run is thrown away: without the first it is none."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[Record]):
    """What tells the runs of one command from those of another.

    record: a line of `trials.jsonl`. total: section and key of how much there is to do. done: how much of it records are.
    changeable: how the dotted paths begin that may differ when a run goes on.
    """

    name: RunKind
    record: type[Record]
    total: tuple[Literal["study", "compare"], str]
    done: Callable[[Sequence[Record]], int]
    changeable: tuple[str, ...]

    def total_of(self, config: Config) -> int:
        """How much `config` asks for."""
        section, key = self.total
        return int(getattr(config, section)[key])

    def asking_for(self, config: Config, total: int) -> Config:
        """`config`, asking for so much."""
        section, key = self.total
        changes: dict[str, Any] = {section: {**getattr(config, section), key: total}}
        return replace(config, **changes)


TUNE_RUNS = Kind(
    "tune",
    TrialRecord,
    ("study", "trials"),
    len,
    ("study.trials", "study.timeout", "study.memory", "study.stop", "compare.", "name"),
)


def choose_folder(runs: Path, config: Config, *, resume: bool, overwrite: bool) -> Path:
    """The folder for this run, which is there on return. Raises InputError where it is refused or cannot be made."""
    if resume and overwrite:
        raise InputError("--resume goes on with a run, --overwrite throws it away: choose one.")
    if resume:
        folder = latest_folder(runs, config.name, given=config.name_given)
    elif overwrite:
        folder = runs / config.name
    else:
        folder = new_folder(runs, config.name, given=config.name_given)
    if folder.is_symlink():
        raise InputError(f"{folder}: a link, not a folder. Remove it, or choose another --name.")
    strangers = [entry.name for entry in folder.iterdir() if not _ours(entry)] if folder.is_dir() else []
    if (strangers or overwrite) and folder.exists() and not (folder / RUN_FILE).is_file():
        raise InputError(f"{folder}: no {RUN_FILE} there, so this is no run. Choose another --name.")
    try:
        folder.mkdir(parents=True, exist_ok=resume or overwrite)
    except OSError as error:
        raise InputError(f"{folder}: cannot make this folder: {error.strerror}. Choose another with --runs.") from error
    return folder


class RunFolder(Generic[Record]):
    """The files of one run. Every write is whole or not at all, but for `trials.jsonl`, whose torn end is repaired."""

    def __init__(self, folder: Path, config: Config, dataset: Dataset, kind: Kind[Record]) -> None:
        self.folder = folder
        self.config = config
        self._kind = kind
        self._dataset = dataset
        self._size = 0
        self._metadata: RunMetadata | None = None

    @property
    def metadata(self) -> RunMetadata:
        """What stands in `run.json`. Raises RuntimeError before `create` or `resume`."""
        if self._metadata is None:
            raise RuntimeError("neither created nor resumed")
        return self._metadata

    def create(self) -> None:
        """Makes it the folder of a run that has nothing yet."""
        for name in OWN_FILES:
            (self.folder / name).unlink(missing_ok=True)
        now = _now()
        self._write_config()
        self._write_metadata(
            RunMetadata(
                schema=SCHEMA,
                kind=self._kind.name,
                name=self.folder.name,
                status="running",
                begun=now,
                changed=now,
                versions=versions(),
                space=self.config.space.digest(),
                data=self._dataset.digest,
                objective=self.config.study["objective"],
                records=0,
                trials=self._kind.total_of(self.config),
            )
        )

    def resume(self) -> tuple[tuple[Record, ...], Sequence[str]]:
        """Goes on with the run that is there: its trials, and warnings. Its metadata keep, in `extended`, the totals it had before.

        What is done stays done: a smaller total becomes that.

        Raises InputError, with what differs, where configuration or data are not those it began with.
        """
        metadata = open_existing(self.folder).metadata
        if metadata.kind != self._kind.name:
            raise InputError(f"{self.folder}: a run of hpt {metadata.kind}. Choose another --name.")
        stored = configuration.read(self.folder / CONFIG_FILE, mode=self._kind.name)
        study = self.config.study
        if "study.population" not in self.config.locations or study["population"] == auto_population(study["trials"]):
            self.config = replace(self.config, study={**study, "population": stored.study["population"]})
        changed = list(_changes(stored.resolved(self.folder), self.config.resolved(self.folder), self._kind.changeable))
        if self._dataset.digest != metadata.data:
            changed.append(f"data: {self.config.data['source']} holds other data than when the run began")
        if changed:
            free = f"{self._kind.total[1]}, timeout, memory and jobs"
            remedy = f"only {free} may differ. Begin anew with another --name, or undo:"
            raise InputError([f"{self.folder}: cannot go on: {remedy}", *(f"  {line}" for line in changed)])
        kept = records.read(self.folder / TRIALS_FILE, self._kind.record)
        self._size = kept.size
        total = self._kind.total_of(stored)
        if self._kind.total_of(self.config) < (done := self._kind.done(kept.records)):
            self.config = self._kind.asking_for(self.config, done)
        if kept.records and self._kind.total_of(self.config) > total:
            metadata = replace(metadata, extended=(*metadata.extended, total))
        self._write_metadata(replace(metadata, status="running", records=len(kept.records)))
        self._write_config()
        return kept.records, (*kept.warnings, *differences(metadata.versions, versions()))

    def append(self, generation: Sequence[Record]) -> None:
        """Records a generation. Raises RunError where the disk does not take it."""
        self._size = records.append(self.folder / TRIALS_FILE, generation, self._size)

    def best_trial(self) -> int | None:
        """The trial whose weights lie in the folder, None where there are none that are whole."""
        path = self.folder / BEST_CONFIG
        if not path.exists() or not (self.folder / BEST_WEIGHTS).exists():
            return None
        try:
            return configuration.read(path, mode="train").trial
        except InputError:
            return None

    def write_best(self, best: TrialRecord, weights: Mapping[str, Floats]) -> None:
        """`best.npz`, then `best.yaml`, which by its trial vouches for both."""
        (self.folder / BEST_CONFIG).unlink(missing_ok=True)
        write_arrays(self.folder / BEST_WEIGHTS, archive(weights, self._dataset))
        write_text(self.folder / BEST_CONFIG, dump(self.config.winner(best.parameters, best.trial, self.folder)))

    def update_metadata(self, **changes: Any) -> None:
        """`run.json`, with these fields changed."""
        self._write_metadata(replace(self.metadata, **changes))

    def _write_metadata(self, metadata: RunMetadata) -> None:
        self._metadata = replace(metadata, changed=_now(), trials=self._kind.total_of(self.config))
        write_json(self.folder / RUN_FILE, self._metadata.document())

    def _write_config(self) -> None:
        write_text(self.folder / CONFIG_FILE, dump(self.config.resolved(self.folder)))


def _ours(entry: Path) -> bool:
    return entry.name == LOCK_FILE or entry.name in OWN_FILES or entry.name.strip(".").removesuffix(".new") in OWN_FILES


def _changes(before: Mapping[str, Any], now: Mapping[str, Any], changeable: tuple[str, ...]) -> Iterator[str]:
    """The dotted paths at which two configurations differ, beside what may, each as a line to read."""
    old, new = dict(_flat(before, "")), dict(_flat(now, ""))
    for path in dict.fromkeys((*old, *new)):
        if old.get(path) != new.get(path) and not path.startswith(changeable):
            yield f"{path}: {old.get(path, 'absent')} in the run, {new.get(path, 'absent')} now"


def _flat(tree: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", json.dumps(value)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
