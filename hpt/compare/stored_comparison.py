"""Reads a comparison from its run folder, also while it is still running. No data is loaded."""

from __future__ import annotations

from dataclasses import dataclass

from hpt.compare.checking import check_runs
from hpt.compare.records import RunRecord, SetupRecord
from hpt.compare.report import Comparison, report
from hpt.compare.setup import ComparisonSetup
from hpt.configuration import config as configuration
from hpt.configuration.config import Config
from hpt.foundation.errors import InputError
from hpt.runs import records
from hpt.runs.fields import MismatchError, read_record
from hpt.runs.finding import CONFIG_FILE, RUN_FILE, TRIALS_FILE, Run


@dataclass(frozen=True, slots=True)
class StoredComparison:
    """A comparison as far as it is recorded, and its runs without the baseline's."""

    comparison: Comparison
    runs: tuple[RunRecord, ...]


def load(run: Run) -> StoredComparison:
    """The comparison recorded in `run`. Raises InputError where its files are not as they were written."""
    config = configuration.read(run.folder / CONFIG_FILE, mode="compare", data_needed=False)
    setup = setup_in(run, config)
    stored = records.read(run.folder / TRIALS_FILE, RunRecord).records
    check_runs(run.folder / TRIALS_FILE, setup.protocol, stored)
    comparison = report(
        setup,
        stored,
        run=str(run.folder),
        status=run.metadata.status,
        planned=config.compare["studies"],
        extended=run.metadata.extended,
    )
    return StoredComparison(comparison, tuple(record for record in stored if record.phase != "constant"))


def setup_in(run: Run, config: Config) -> ComparisonSetup:
    """The setup recorded in `run`, whose configuration is `config`. Raises InputError where there is none or it is not as declared."""
    if run.metadata.terms is None:
        raise InputError(f"{run.folder}: this comparison has not begun.")
    try:
        return ComparisonSetup.of(config, read_record(run.metadata.terms, SetupRecord, "terms"))
    except MismatchError as error:
        raise InputError(f"{run.folder / RUN_FILE}: {error}. Restore the file.") from error
