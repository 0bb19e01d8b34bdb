"""What every command with a run folder goes through: open or resume it under its lock, listen, train, leave it in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic

from hpt.configuration.config import Config
from hpt.configuration.resolution import Override
from hpt.data.dataset import Dataset
from hpt.evaluate.executors import Executors, executors, one_blas_thread
from hpt.foundation.errors import RunError
from hpt.foundation.interrupts import Interrupts, listening
from hpt.foundation.processes import StartMethod
from hpt.runs.choosing import choose_folder
from hpt.runs.environment import versions
from hpt.runs.finding import RUN_FILE
from hpt.runs.folder import Kind, RunFolder
from hpt.runs.lock import locked
from hpt.runs.records import Record
from hpt.runs.run_metadata import Status
from hpt.study.clock import Clock

OUT_OF_MEMORY = "memory ran out. Take a smaller model, batch_size or population."


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the command line asks for.

    start: how worker processes are started. cluster: gives what trains in their place, where it is told whom to warn.
    meanwhile: as of `Population`.
    """

    config: Path
    overrides: Sequence[Override]
    runs: Path
    jobs: int
    resume: bool = False
    overwrite: bool = False
    start: StartMethod = "spawn"
    cluster: Callable[[Callable[[str], None]], Executors] | None = None
    meanwhile: Callable[[], None] | None = None

    def executors(self, warn: Callable[[str], None], *, needed: bool) -> Executors:
        """Where to train; in this process where nothing is left to train. warn: told what goes wrong there."""
        if needed and self.cluster is not None:
            return self.cluster(warn)
        return executors(self.jobs if needed else 1, self.start)


@dataclass(frozen=True, slots=True)
class OpenRun(Generic[Record]):
    """A run whose folder this process owns. history: what it had recorded before. warnings: about what was found there.

    failure: why the disk did not let it begin or go on, None where it did.
    """

    folder: RunFolder[Record]
    history: tuple[Record, ...]
    warnings: Sequence[str]
    failure: str | None
    interrupts: Interrupts
    closing: ExitStack = field(repr=False)


@contextmanager
def open_run(
    request: RunRequest, config: Config, dataset: Dataset, kind: Kind[Record], warn: Callable[[str], None]
) -> Iterator[OpenRun[Record]]:
    """Within, this process owns the run that `request` means, begun or gone on with, and hears Ctrl-C in order.

    What is entered or called back on `closing` ends with it. Raises InputError where the run is refused.
    """
    with ExitStack() as closing:
        versions()  # slow the first time: a command that is killed meanwhile leaves no folder
        chosen = choose_folder(request.runs, config, resume=request.resume, overwrite=request.overwrite)
        path = chosen.path
        closing.enter_context(locked(path))
        interrupts = closing.enter_context(listening(warn))
        closing.enter_context(one_blas_thread())
        folder = RunFolder(path, config, dataset, kind)
        failure = None
        try:
            if request.resume and (path / RUN_FILE).exists():
                folder.resume()
            else:
                folder.create()
        except RunError as error:
            chosen.abandon()
            failure = str(error)
        yield OpenRun(folder, folder.history, folder.warnings, failure, interrupts, closing)


@dataclass(frozen=True, slots=True)
class Ended:
    """How training ended. metadata: what `run.json` says of it. advice: for the user, where something went wrong."""

    status: Status
    metadata: Mapping[str, Any] = field(default_factory=dict)
    advice: str | None = None


def run_to_end(run: OpenRun[Record], clock: Clock, train: Callable[[], Ended]) -> Ended:
    """Trains and leaves the folder in order; what disk or memory refuse ends it with what was recorded before."""
    try:
        ended = train()
        with clock.during("records"):
            run.folder.update_metadata(status=ended.status, **ended.metadata, seconds=clock.seconds())
    except RunError as error:
        with suppress(RunError, OSError):  # it may be the disk that refused
            run.folder.update_metadata(status="failed")
        return Ended("failed", advice=str(error))
    except MemoryError:
        return Ended("failed", advice=OUT_OF_MEMORY)
    return ended
