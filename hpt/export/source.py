"""The trial of a run that is exported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hpt.analysis.retraining import board_of, predictor_of_trials
from hpt.configuration import config as configuration
from hpt.configuration.config import Config
from hpt.foundation.errors import InputError
from hpt.runs.finding import CONFIG_FILE, TRIALS_FILE, Run, find
from hpt.runs.recorded_settings import check_settings
from hpt.runs.trial_record import TrialRecord
from hpt.runs.winner import read_winner
from hpt.study.leaderboard import Leaderboard
from hpt.study.predicting import Predictor, predictor_in
from hpt.training.settings import Settings


@dataclass(frozen=True, slots=True)
class Source:
    """A trial of a run, the winner where none was named, with what is known of the run. tell: hears what is done meanwhile."""

    run: Run
    config: Config
    board: Leaderboard
    record: TrialRecord
    tell: Callable[[str], None]

    @property
    def settings(self) -> Settings:
        """The constants of the trial."""
        return self.config.space.settings(self.record.parameters)

    def predictor(self) -> Predictor:
        """The trained model: the winner's as it was kept, any other trained again from the data.

        Raises InputError where the data are needed and not there.
        """
        best = self.board.best
        if best is not None and self.record.trial == best.trial == read_winner(self.run.folder).config.trial:
            return predictor_in(self.run.folder)
        self.tell(f"note: trial {self.record.trial} is trained again, from the data of the run.")
        return predictor_of_trials(self.run, [self.record])


def source_of(runs: Path, run: str, trial: int | None, tell: Callable[[str], None]) -> Source:
    """The trial `trial` of `run`, its winner where None. Raises InputError where there is none, as in a comparison."""
    found = find(runs, run)
    if found.metadata.kind == "compare":
        raise InputError(f"{found.folder}: expected a run of hpt tune, found a comparison.")
    board = board_of(found)
    record = board.best if trial is None else next((each for each in board.records if each.trial == trial), None)
    if record is None:
        wanted = "no trial was completed" if trial is None else f"--trial: no trial {trial} in"
        raise InputError(f"{found.folder}: {wanted}. See hpt show {found.name}.")
    config = configuration.read(found.folder / CONFIG_FILE, mode="tune", data_needed=False)
    check_settings(found.folder / TRIALS_FILE, config.space, board.records)
    return Source(found, config, board, record, tell)
