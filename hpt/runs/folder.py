"""The folder of a run under way: created or resumed, added to."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, Literal

from hpt.configuration import config as configuration
from hpt.configuration.config import Config
from hpt.data.dataset import Dataset
from hpt.foundation.errors import InputError
from hpt.numerics.types import Floats
from hpt.runs import records
from hpt.runs.choosing import OWN_FILES
from hpt.runs.damage import changed_files
from hpt.runs.environment import differences, versions
from hpt.runs.files import packed, remove, write_bytes, write_json, write_text
from hpt.runs.finding import (
    BEST_CONFIG,
    BEST_WEIGHTS,
    CONFIG_FILE,
    RUN_FILE,
    TRIALS_FILE,
    open_existing,
)
from hpt.runs.recorded_settings import check_prior, check_settings
from hpt.runs.records import Record
from hpt.runs.run_metadata import SCHEMA, RunKind, RunMetadata
from hpt.runs.trial_record import TrialRecord
from hpt.runs.winner import archive
from hpt.yaml.tree import dump


@dataclass(frozen=True, slots=True)
class Kind(Generic[Record]):
    """What tells the runs of one command from those of another.

    record: a line of `trials.jsonl`. total: section and key of how much there is to do. done: how much of it records are.
    changeable: how the dotted paths begin that may differ when a run goes on. free: the keys among them that count for this command, and
    what else may differ, in words. check: raises InputError where records, which lie in a file, are none of a configuration.
    """

    name: RunKind
    record: type[Record]
    total: tuple[Literal["study", "compare"], str]
    done: Callable[[Sequence[Record]], int]
    changeable: tuple[str, ...]
    free: str
    check: Callable[[Path, Config, Sequence[Record]], None]

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
    "trials, timeout, stop, memory and jobs",
    lambda path, config, records: check_settings(path, config.space, records),
)


class RunFolder(Generic[Record]):
    """The files of one run. Every write is whole or not at all, but for `trials.jsonl`, whose torn end is repaired.

    history, warnings: what a run that was resumed had recorded, and what was found wrong there.
    """

    def __init__(self, folder: Path, config: Config, dataset: Dataset, kind: Kind[Record]) -> None:
        self.folder = folder
        self.config = config
        self._kind = kind
        self._dataset = dataset
        self._size = 0
        self._metadata: RunMetadata | None = None
        self.history: tuple[Record, ...] = ()
        self.warnings: tuple[str, ...] = ()

    @property
    def metadata(self) -> RunMetadata:
        """What stands in `run.json`. Raises RuntimeError before `create` or `resume`."""
        if self._metadata is None:
            raise RuntimeError("neither created nor resumed")
        return self._metadata

    def create(self) -> None:
        """Makes it the folder of a run that has nothing yet. What another run left there is thrown away.

        That can be cut short anywhere and done again: `run.json` is replaced in the end.
        """
        now = _now()
        metadata = RunMetadata(
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
        for name in OWN_FILES:
            if name not in (CONFIG_FILE, RUN_FILE):
                remove(self.folder / name)
        self._write_config()
        self._write_metadata(metadata)

    def resume(self) -> None:
        """Goes on with the run that is there. Its metadata keep, in `extended`, the totals it had before.

        What is done stays done: a smaller total becomes that. RunError where the disk takes nothing: `history` is there all the same.

        Raises InputError, with what differs, where configuration or data are not those it began with.
        """
        metadata = open_existing(self.folder).metadata
        if metadata.kind != self._kind.name:
            raise InputError(f"{self.folder}: a run of hpt {metadata.kind}. Choose another --name.")
        stored = configuration.read(self.folder / CONFIG_FILE, mode=self._kind.name)
        settled = ("population", "networks")
        unsaid = {key: stored.study[key] for key in settled if f"study.{key}" not in self.config.locations}
        self.config = replace(self.config, study={**self.config.study, **unsaid})
        if follows := self._select_follows(stored):
            # More trials may have another default.
            self.config = _selecting(self.config)
            stored = replace(stored, study={**stored.study, "select": self.config.study["select"]})
        changed = list(_changes(stored.resolved(self.folder), self.config.resolved(self.folder), self._kind.changeable))
        if self._dataset.digest != metadata.data:
            changed.append(f"data: {self.config.data['source']} holds other data than when the run began")
        if changed:
            remedy = f"only {self._kind.free} may differ. Begin anew with another --name, or undo:"
            raise InputError([f"{self.folder}: cannot go on: {remedy}", *(f"  {line}" for line in changed)])
        kept = records.read(
            self.folder / TRIALS_FILE, self._kind.record, lambda found: self._kind.done(found) >= metadata.records
        )
        self._kind.check(self.folder / TRIALS_FILE, self.config, kept.records)
        check_prior(self.folder / RUN_FILE, self.config.space, metadata.prior)
        self._size = kept.size
        total = self._kind.total_of(stored)
        if self._kind.total_of(self.config) < (done := self._kind.done(kept.records)):
            self.config = self._kind.asking_for(self.config, done)
            self.config = _selecting(self.config) if follows else self.config
        if kept.records and self._kind.total_of(self.config) > total and metadata.extended[-1:] != (total,):
            metadata = replace(metadata, extended=(*metadata.extended, total))
        self.history = kept.records
        self.warnings = (*kept.warnings, *differences(metadata.versions, versions()))
        if done < metadata.records:
            counted = f"{metadata.records} {self._kind.total[1]} were recorded, {done} are there"
            self.warnings += (f"{self.folder / TRIALS_FILE}: {counted}: the others are trained again.",)
        self._write_metadata(replace(metadata, status="running", records=done))
        self._write_config()

    def append(self, generation: Sequence[Record]) -> None:
        """Records a generation. Raises RunError where the disk does not take it."""
        self._size = records.append(self.folder / TRIALS_FILE, generation, self._size)

    def best_trial(self) -> int | None:
        """The trial whose weights lie in the folder, None where there are none, or not as they were written."""
        path = self.folder / BEST_CONFIG
        if changed_files(self.folder, self.metadata):
            return None
        try:
            return configuration.read(path, mode="train").trial
        except InputError:
            return None

    def write_best(self, best: TrialRecord, weights: Mapping[str, Floats]) -> None:
        """`best.npz`, then `best.yaml`, which by its trial vouches for both. Their digests stand in the next metadata."""
        contents = {
            BEST_WEIGHTS: packed(archive(weights, self._dataset)),
            BEST_CONFIG: dump(self.config.winner(best.parameters, best.trial, self.folder)).encode(),
        }
        remove(self.folder / BEST_CONFIG)
        for name, content in contents.items():
            write_bytes(self.folder / name, content)
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
        self._metadata = replace(self.metadata, winner=digests)

    def update_metadata(self, **changes: Any) -> None:
        """`run.json`, with these fields changed."""
        self._write_metadata(replace(self.metadata, **changes))

    def _write_metadata(self, metadata: RunMetadata) -> None:
        self._metadata = replace(metadata, changed=_now(), trials=self._kind.total_of(self.config))
        write_json(self.folder / RUN_FILE, self._metadata.document())

    def _select_follows(self, stored: Config) -> bool:
        """Whether the way to choose the winner is that which is usual for the trials, as nobody said another, then or now."""
        if self._kind.name != "tune":
            return False
        said = self.config.locations.get("study.select")
        # What stands in the run's own file was filled in there.
        filled_in = (
            said is not None and bool(said.line) and self.config.source.resolve() == (self.folder / CONFIG_FILE).resolve()
        )
        return (said is None or filled_in) and stored.study["select"] == configuration.usual_select(stored.study)

    def _write_config(self) -> None:
        write_text(self.folder / CONFIG_FILE, dump(self.config.resolved(self.folder)))


def _selecting(config: Config) -> Config:
    """`config` with the way to choose the winner that is usual for its trials."""
    return replace(config, study={**config.study, "select": configuration.usual_select(config.study)})


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
