"""A study of Optuna, as its SQLite file says it: the distributions of its trials. The file is only read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError
from hpt.importing.foreign import Choice, Constant, Foreign, Interval, Parameter, Search
from hpt.yaml.diagnostics import listed, shortened

KIND = "an Optuna study"
_SCHEMA = 12
"""The version of Optuna's tables: that of Optuna 1.3 to 5."""
_MOST = 10_000
_METRIC_NAMES = "study:metric_names"


def read_study(path: Path, name: str | None) -> Foreign:
    """The study `name` in the file at `path`, its only one where none is named.

    Raises InputError where the file is no database of Optuna's, or not of a version that is read, or does not say which study.
    """
    try:
        with _opened(path) as database:
            _check_version(path, database)
            return _study(path, database, name)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        why = shortened(str(error), 80)
        raise InputError(f"{path}: expected {KIND}, found an SQLite file that cannot be read as one: {why}.") from error


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The database at `path`, for reading: Optuna's own storage would make its tables where they are missing."""
    with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)) as database:
        yield database


def _check_version(path: Path, database: sqlite3.Connection) -> None:
    rows = database.execute("SELECT schema_version FROM version_info").fetchall()
    found = rows[0][0] if rows else None
    if found != _SCHEMA:
        older = isinstance(found, int) and found < _SCHEMA
        advice = "Run `optuna storage upgrade` on a copy." if older else "Take a newer hpt."
        raise InputError(f"{path}: expected Optuna's tables of version {_SCHEMA}, found version {found}. {advice}")


def _study(path: Path, database: sqlite3.Connection, name: str | None) -> Foreign:
    numbers = {str(label): number for number, label in database.execute("SELECT study_id, study_name FROM studies")}
    if name is None and len(numbers) == 1:
        (name,) = numbers
    if name not in numbers:
        near = nearest(name, numbers) if name is not None else None
        hint = f"Did you mean {near}?" if near else f"There are: {listed(numbers)}." if numbers else "There is none."
        what = "none" if name is None else repr(shortened(name))
        raise InputError(f"--study: expected a study of {path}, found {what}. {hint}")
    study = numbers[name]
    found = Foreign(KIND, name)
    _objective(found, database, study)
    trials = database.execute("SELECT COUNT(*) FROM trials WHERE study_id = ?", (study,)).fetchone()[0]
    found.trials = trials or None
    _parameters(found, database, study)
    found.notices.append(
        "the file does not say which sampler and pruner the study has: study.sampler and study.pruner are hpt's."
    )
    return found


def _objective(found: Foreign, database: sqlite3.Connection, study: int) -> None:
    query = "SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective"
    directions = [str(row[0]).lower() for row in database.execute(query, (study,))]
    query = "SELECT value_json FROM study_system_attributes WHERE study_id = ? AND key = ?"
    names = [_json(row[0]) for row in database.execute(query, (study, _METRIC_NAMES))]
    metrics = [str(name) for name in names[0]] if names and isinstance(names[0], list) else []
    if len(directions) > 1:
        found.refuse("objectives", f"there are {len(directions)}; the first is taken")
    found.direction = directions[0] if directions and directions[0] in ("minimize", "maximize") else None
    found.metric = metrics[0] if metrics else None


def _parameters(found: Foreign, database: sqlite3.Connection, study: int) -> None:
    """The parameters of all trials; where a trial had another range, the widest."""
    query = (
        "SELECT DISTINCT param_name, distribution_json FROM trial_params JOIN trials USING (trial_id)"
        " WHERE study_id = ? ORDER BY param_id LIMIT ?"
    )
    searches: dict[str, Search] = {}
    for name, text in database.execute(query, (study, _MOST)):
        search = _search(found, str(name), _json(text))
        if search is not None:
            searches[name] = _wider(found, name, searches[name], search) if name in searches else search
    found.parameters += [Parameter(tuple(name.replace("/", ".").split(".")), search) for name, search in searches.items()]


def _json(text: Any) -> Any:
    """What JSON holds; None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None


def _search(found: Foreign, name: str, distribution: Any) -> Search | None:
    """A distribution of Optuna's, None where it has no counterpart."""
    kind = distribution.get("name") if isinstance(distribution, dict) else None
    try:
        return _DISTRIBUTIONS[kind](distribution["attributes"])
    except (KeyError, TypeError):
        found.refuse(name, f"{shortened(str(kind or 'its distribution'))} has no counterpart")
        return None


def _numbers(facts: Mapping[str, Any], *, log: bool, step: float | None) -> Search:
    low, high = facts["low"], facts["high"]
    if not (isinstance(low, (int, float)) and isinstance(high, (int, float)) and low <= high):
        raise TypeError
    return Constant(low) if low == high else Interval(low, high, log, step)


def _wider(found: Foreign, name: str, one: Search, other: Search) -> Search:
    """What holds both; the first where they are of different kinds."""
    if isinstance(one, Interval) and isinstance(other, Interval) and (one.log, one.step) == (other.log, other.step):
        found.notices.append(f"{name}: its trials had different ranges; the widest is taken.")
        return Interval(min(one.low, other.low), max(one.high, other.high), one.log, one.step)
    found.notices.append(f"{name}: its trials had different distributions; the first is taken.")
    return one


_DISTRIBUTIONS: Mapping[Any, Callable[[Mapping[str, Any]], Search]] = {
    "FloatDistribution": lambda facts: _numbers(facts, log=bool(facts.get("log")), step=facts.get("step")),
    "IntDistribution": lambda facts: _numbers(facts, log=bool(facts.get("log")), step=facts.get("step", 1)),
    "CategoricalDistribution": lambda facts: Choice(tuple(facts["choices"])),
    # What Optuna before 3.0 wrote.
    "UniformDistribution": lambda facts: _numbers(facts, log=False, step=None),
    "LogUniformDistribution": lambda facts: _numbers(facts, log=True, step=None),
    "DiscreteUniformDistribution": lambda facts: _numbers(facts, log=False, step=facts["q"]),
    "IntUniformDistribution": lambda facts: _numbers(facts, log=False, step=facts.get("step", 1)),
    "IntLogUniformDistribution": lambda facts: _numbers(facts, log=True, step=1),
}
