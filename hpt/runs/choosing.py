"""The folder that a command works in: chosen by the name of its run, and made."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hpt.configuration.config import Config
from hpt.foundation.errors import InputError
from hpt.runs.files import make_folder, remedy
from hpt.runs.finding import BEST_CONFIG, BEST_WEIGHTS, CONFIG_FILE, RUN_FILE, TRIALS_FILE
from hpt.runs.lock import LOCK_FILE

OWN_FILES = (TRIALS_FILE, BEST_CONFIG, BEST_WEIGHTS, CONFIG_FILE, RUN_FILE)
"""In the order in which a run is thrown away: as long as the last is there, it is one."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The folder to work in, which is there. made: whether it was made for this command."""

    path: Path
    made: bool

    def abandon(self) -> None:
        """Removes a folder that was made in vain, with what a run may have left there."""
        if self.made:
            with suppress(OSError):
                for name in (*OWN_FILES, LOCK_FILE, *(f".{name}.new" for name in OWN_FILES)):
                    (self.path / name).unlink(missing_ok=True)
                self.path.rmdir()


def choose_folder(runs: Path, config: Config, *, resume: bool, overwrite: bool) -> Chosen:
    """The folder for this run. Raises InputError where it is refused or cannot be made."""
    if resume and overwrite:
        raise InputError("--resume goes on with a run, --overwrite throws it away: choose one.")
    while True:
        folder = _named(runs, config, resume=resume, overwrite=overwrite)
        if folder.is_symlink():
            raise InputError(f"{folder}: a link, not a folder. Remove it, or choose another --name.")
        if folder.is_dir():
            _check_run(folder, overwrite=overwrite)
        try:
            make_folder(folder)
        except FileExistsError as error:
            if not folder.is_dir():
                raise InputError(f"{folder}: expected a folder, found a file. Choose another with --runs.") from error
            if resume or overwrite:
                return Chosen(folder, made=False)
            # Another command took the name in this moment: the next one then, or a refusal.
        except OSError as error:
            raise InputError(f"{folder}: cannot make this folder: {error.strerror}. {remedy(error)} with --runs.") from error
        else:
            return Chosen(folder, made=True)


def new_folder(runs: Path, name: str, *, given: bool) -> Path:
    """The folder for a new run: `name`, or `name-2`, … Where the user gave the name, `name` alone.

    Raises InputError where the user gave the name and it is taken.
    """
    if not (runs / name).exists() and not (runs / name).is_symlink():
        return runs / name
    folder = runs / name
    if given and folder.is_dir() and not (folder / RUN_FILE).exists() and all(map(_ours, folder.iterdir())):
        raise InputError(f"{folder}: there already, with no run in it yet. Begin with --resume, or choose another --name.")
    if given and not (folder / RUN_FILE).exists():
        raise InputError(f"{runs / name}: there already, and no run: it has no {RUN_FILE}. Choose another --name.")
    if given:
        raise InputError(f"{runs / name}: this run is there already. Go on with --resume, or begin anew with --overwrite.")
    count = 2
    while (folder := runs / f"{name}-{count}").exists() or folder.is_symlink():
        count += 1
    return folder


def latest_folder(runs: Path, name: str, *, given: bool) -> Path:
    """The folder that --resume refers to: the last of `name`, `name-2`, … Where the user gave the name, `name` alone."""
    if given or not runs.is_dir():
        return runs / name
    pattern = re.compile(re.escape(name) + r"(?:-(\d+))?")
    counts = [int(found[1] or 1) for entry in runs.iterdir() if (found := pattern.fullmatch(entry.name))]
    last = max((count for count in counts if count > 1), default=1)
    return runs / (f"{name}-{last}" if last > 1 else name)


def _named(runs: Path, config: Config, *, resume: bool, overwrite: bool) -> Path:
    if resume:
        return latest_folder(runs, config.name, given=config.name_given)
    return runs / config.name if overwrite else new_folder(runs, config.name, given=config.name_given)


def _check_run(folder: Path, *, overwrite: bool) -> None:
    """Raises InputError where `folder` holds what is not ours, or is to be overwritten and holds no run."""
    strangers = [entry.name for entry in folder.iterdir() if not _ours(entry)]
    if (strangers or overwrite) and not (folder / RUN_FILE).is_file():
        raise InputError(f"{folder}: no {RUN_FILE} there, so this is no run. Choose another --name.")


def _ours(entry: Path) -> bool:
    return entry.name == LOCK_FILE or entry.name in OWN_FILES or entry.name.strip(".").removesuffix(".new") in OWN_FILES
