"""The trials of a run as an Optuna study in a database, which optuna-dashboard opens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from hpt.configuration.space import BRANCH, plain
from hpt.export.source import Source
from hpt.foundation.catalogue import Values
from hpt.foundation.dimension import Dimension, by_index
from hpt.foundation.errors import InputError
from hpt.runs.trial_record import TrialRecord
from hpt.training.objectives import directions_of, objectives_of

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

# A sampler is told of diverged trials as pruned ones, so that it learns from them; whoever looks at a study sees that they failed.
_STATES = {"completed": "COMPLETE", "pruned": "PRUNED", "diverged": "FAIL", "failed": "FAIL"}


def write_optuna(source: Source, records: Sequence[TrialRecord], url: str) -> str:
    """Adds a study of the run's name to the database at `url`, such as sqlite:///study.db, and says so.

    Parameters stand in it as a user writes them, under their dotted paths; values of each epoch are its intermediate values.
    Raises InputError where there is no such database, or a study of that name is in it.
    """
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    name = source.run.name
    with ExitStack() as closing:
        try:
            storage = optuna.storages.RDBStorage(url)
            closing.callback(storage.engine.dispose)
            directions = directions_of(source.config.study) or [source.board.objective.direction]
            study = optuna.create_study(storage=storage, study_name=name, directions=directions)
        except optuna.exceptions.DuplicatedStudyError:
            raise InputError(f"{url}: a study {name!r} is there already. Choose another database.") from None
        except (SQLAlchemyError, ImportError, ValueError) as error:
            why = str(error).partition("\n")[0]
            raise InputError(f"{url}: expected a database, such as sqlite:///study.db, found none ({why}).") from None
        study.set_user_attr("hpt:run", str(source.run.folder))
        names = objectives_of(source.config.study) or (source.board.objective.metric,)
        study.set_user_attr("hpt:objective", ", ".join(names))
        study.add_trials([_trial(source, record) for record in sorted(records, key=lambda each: each.trial)])
    return f"{len(records)} trials of {name} are in {url}. Open it: optuna-dashboard {url}"


def _trial(source: Source, record: TrialRecord) -> FrozenTrial:
    from optuna.trial import TrialState, create_trial

    space = source.config.space
    label = space.label(record.parameters)
    dimensions = {dimension.path: dimension for dimension in space.dimensions(label)}
    parameters: dict[str, Any] = {}
    distributions: dict[str, BaseDistribution] = {}
    for path, value in record.parameters.items():
        search = Values(tuple(space.branches)) if path == BRANCH else dimensions[path].search
        parameters[path], distributions[path] = _spelled(Dimension(path, search), value, record.coordinates.get(path))
    values = [value for value in record.values or (record.value,) if value is not None]
    state = _STATES[record.state]
    if record.state == "completed" and len(values) < max(1, len(record.values)):
        state = "FAIL"
    history = record.history.get(source.board.objective.metric, ())
    return create_trial(
        state=TrialState[state],
        values=values if state != "FAIL" and len(values) == max(1, len(record.values)) else None,
        params=parameters,
        distributions=distributions,
        intermediate_values={epoch: value for epoch, value in enumerate(history, 1) if value is not None},
        constraints=record.excesses,
        user_attrs={
            "hpt:trial": record.trial,
            "state": record.state,
            "reason": record.reason,
            "epochs": record.epochs,
            "phase": record.phase,
            **{f"metric:{metric}": value for metric, value in record.metrics.items()},
        },
    )


def _spelled(dimension: Dimension, value: Any, coordinate: Any) -> tuple[Any, BaseDistribution]:
    """A value and its distribution in a user's units. What Optuna does not tell apart, lists among it, is text in JSON.

    coordinate: where the value is one of several that are told apart by it, its index: a list may hold ranges, and the value numbers.
    """
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    search = dimension.search
    if isinstance(search, Values):
        texts = by_index(search)
        choices = [json.dumps(plain(choice)) if texts else choice for choice in search.values]
        return choices[int(coordinate)] if texts else value, CategoricalDistribution(choices)
    # A setting that a user gave may lie outside the range that was searched.
    low, high = min(search.min, value), max(search.max, value)
    log = search.scale == "log"
    step = search.step if (low, high) == (search.min, search.max) else None
    if search.integer:
        return value, IntDistribution(int(low), int(high), log=log, step=int(step or 1))
    return value, FloatDistribution(low, high, log=log, step=step)
