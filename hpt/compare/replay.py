"""A recorded run of a comparison trained again."""

from __future__ import annotations

from hpt.analysis.replay import Replay, changes, first_difference, read_config, trained_again, trial_record
from hpt.compare.checking import check_runs
from hpt.compare.protocol import Run as Planned
from hpt.compare.records import RunRecord
from hpt.compare.splits import Key, Splits
from hpt.compare.stored_comparison import setup_in
from hpt.data.load import load
from hpt.evaluate.executors import executors, one_blas_thread
from hpt.evaluate.population import Population
from hpt.foundation.errors import InputError
from hpt.runs import records
from hpt.runs.environment import memory_for
from hpt.runs.finding import TRIALS_FILE, Run


def replay(run: Run, trial: int | None) -> Replay:
    """Trains run number `trial` of a comparison again. Raises InputError where it is not one, or none is named."""
    if trial is None:
        raise InputError(f"{run.name}: expected the number of a run of this comparison, found none. Name one.")
    stored = records.read(run.folder / TRIALS_FILE, RunRecord).records
    record = trial_record(run, stored, trial, None)
    config = read_config(run, "compare")
    setup = setup_in(run, config)
    check_runs(run.folder / TRIALS_FILE, setup.protocol, stored)
    splits = Splits(config, load(config.data, config.folder))
    key = Key(record.generation, test=record.phase in ("test", "default"))
    planned = Planned(
        record.trial, record.phase, record.run, record.setting, dict(record.parameters), dict(record.coordinates)
    )
    evaluator = Population(splits, executors(1), memory_for(config.study))
    with one_blas_thread():
        result = trained_again(planned.member(setup.protocol, record.generation), key, record, evaluator)
    digest = splits(Key(0, test=True)).dataset.digest
    return Replay(run.name, record.trial, record, first_difference(record, result), changes(run, digest))
