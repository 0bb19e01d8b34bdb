"""What `hpt show` reads: runs, leaderboards and trials, also of a run that goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError
from hpt.runs import records
from hpt.runs.damage import changed_files
from hpt.runs.finding import TRIALS_FILE, Run, find, listed
from hpt.runs.lock import held
from hpt.runs.trial_record import TrialRecord
from hpt.study.leaderboard import Leaderboard
from hpt.training.objective import Objective


@dataclass(frozen=True, slots=True)
class Shown:
    """A run as it stands. order: its trials by another metric than its objective, where one was asked for."""

    run: Run
    board: Leaderboard
    order: Leaderboard | None = None


def listing(runs: Path) -> tuple[list[Run], list[str]]:
    """The runs in `runs`, the newest first, and why others cannot be read."""
    found, refused = listed(runs)
    return [as_it_stands(run) for run in found], refused


def as_it_stands(run: Run) -> Run:
    """A run that says it is running while nobody works on it was killed: it reads as interrupted."""
    if run.metadata.status != "running" or held(run.folder):
        return run
    return replace(run, metadata=replace(run.metadata, status="interrupted"))


def load(runs: Path, run: str, sort: str | None, kind: type[TrialRecord] = TrialRecord) -> Shown:
    """The run that a name or a path means, its trials by its objective, and by the metric `sort`. kind: what its lines are.

    Raises InputError where there is no such run, metric or whole record.
    """
    found = as_it_stands(find(runs, run))
    stored = records.read(found.folder / TRIALS_FILE, kind).records
    # A comparison is judged on test rows, its runs were ranked on validation rows.
    objective = Objective.parse(found.metadata.objective)
    searched = objective.on("validation") if objective.part == "test" else objective
    board = Leaderboard.recorded(searched, stored, found.metadata.modelled)
    if sort is None:
        return Shown(found, board)
    known = {metric for record in stored for metric in record.metrics}
    # A heading says `accuracy` where it shows that of the objective's rows.
    if sort not in known and (headed := f"{searched.part}_{sort}") in known:
        sort = headed
    if sort not in known:
        near = nearest(sort, known)
        hint = f"Did you mean {near}?" if near else f"There are: {', '.join(sorted(known)) or 'none yet'}."
        raise InputError(f"--sort: expected a metric of {found.name}, found {sort}. {hint}")
    return Shown(found, board, Leaderboard.by(Objective.parse(sort), stored, searched))


def damage(run: Run) -> list[str]:
    """What is wrong with the winner's files of a run that nobody works on, a sentence each."""
    if run.metadata.best is None or run.metadata.status == "running":
        return []
    return [f"{said} Go on with --resume, which trains it again." for said in changed_files(run.folder, run.metadata)]


def trial_of(shown: Shown, trial: int) -> TrialRecord:
    """The record of one trial. Raises InputError where it is not recorded."""
    for record in shown.board.records:
        if record.trial == trial:
            return record
    count = len(shown.board.records)
    held = f"trials 0 to {count - 1}" if count else "no trial yet"
    raise InputError(f"{trial}: no such trial in {shown.run.name}, which holds {held}.")
