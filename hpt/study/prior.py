"""What earlier runs on the same space found, for a study that goes on from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

from hpt.configuration import config as configuration
from hpt.configuration.config import Config
from hpt.configuration.samplers import SAMPLERS
from hpt.configuration.space import BRANCH, Coordinates
from hpt.foundation.errors import InputError
from hpt.runs import records
from hpt.runs.finding import CONFIG_FILE, TRIALS_FILE, Run, find
from hpt.runs.recorded_settings import check_settings
from hpt.runs.run_metadata import RunMetadata
from hpt.runs.trial_record import TrialRecord
from hpt.search.known_settings import constants_of, known_coordinates
from hpt.study.goals import Goals
from hpt.study.leaderboard import Leaderboard
from hpt.study.selection import searching
from hpt.training.objective import Objective
from hpt.yaml.diagnostics import Problems, listed, location_of

_SAID = "study.after: "
SHARE, FEWEST, MOST = 0.1, 5, 25
"""Of the completed trials of a run so many, the best, are taken."""
MOST_FIRST, FIRST_SHARE = 5, 0.1
"""So many of them at most, and no larger a share of the study, are tried first: a prior that misleads must cost little."""


@dataclass(frozen=True, slots=True)
class Prior:
    """The coordinates of what earlier runs found best, best first, of several runs in turn. notices: what was taken, in words."""

    good: tuple[Coordinates, ...] = ()
    notices: tuple[str, ...] = ()

    @classmethod
    def recorded(cls, metadata: RunMetadata) -> Prior:
        """As a run keeps it, among what else was decided."""
        return cls(tuple(map(dict, metadata.prior)), tuple(text for text in metadata.notices if text.startswith(_SAID)))

    def first(self, trials: int) -> Sequence[Coordinates]:
        """Those that a study of so many trials tries first."""
        return self.good[: min(MOST_FIRST, int(FIRST_SHARE * trials))]


def prior_of(config: Config, runs: Path, goals: Goals | None = None) -> Prior:
    """What the runs found that `config` wants to go on from. Raises InputError where one is missing or nothing of it fits.

    goals: those of the new study, whose constraints keep settings out that would violate them.
    """
    problems = Problems()
    if config.study["after"] and config.study["sampler"]["type"] == "grid":
        path, why = (
            "study.after",
            "expected none with sampler: grid, which has its own order. Remove it, or take tpe or random.",
        )
        problems.add(location_of(path, config.locations), path, why)
        problems.raise_any()
    found: list[list[Coordinates]] = []
    notices: list[str] = []
    for index, name in enumerate(config.study["after"]):
        path = f"study.after.{index}"
        try:
            good, said = _taken(config, find(runs, name), goals or Goals())
        except InputError as error:
            problems.add(location_of(path, config.locations), path, error.complaints[0])
            continue
        found.append(good)
        notices.append(said)
    problems.raise_any()
    distinct = {repr(at): at for at in chain.from_iterable(zip_longest(*found)) if at is not None}
    return Prior(tuple(distinct.values()), tuple(notices))


def _taken(config: Config, run: Run, goals: Goals) -> tuple[list[Coordinates], str]:
    """The best settings of a run that lie in the space of `config`, and what was taken, in words."""
    if run.metadata.kind != "tune":
        raise InputError(f"expected a run of hpt tune, found {run.name}, one of hpt {run.metadata.kind}.")
    earlier = configuration.read(run.folder / CONFIG_FILE, mode="tune", data_needed=False)
    stored = searching(records.read(run.folder / TRIALS_FILE, TrialRecord).records)
    check_settings(run.folder / TRIALS_FILE, earlier.space, stored)
    board = Leaderboard.of(Objective.parse(run.metadata.objective), stored)
    ranked = [r for r in board.records if r.eligible]
    if goals.known:
        ranked = [r for r in ranked if not goals.barring(earlier.space.settings(r.parameters))]
    best = ranked[: min(MOST, max(FEWEST, math.ceil(SHARE * len(ranked))))]
    good: list[Coordinates] = []
    odd: list[str] = []
    new: set[str] = set()
    for record in best:
        coordinates, wrong, missing = _placed(config, earlier, record)
        if wrong:
            odd.append(wrong)
        else:
            good.append(coordinates)
            new |= missing
    if not good:
        kept = f" that keeps {listed(map(str, goals.known))}" if goals.known else ""
        why = (
            f"none of its best {len(odd)} settings lies in this space ({odd[0]})"
            if odd
            else f"it has no completed trial{kept}"
        )
        raise InputError(f"expected a run on the same space, found {run.name}: {why}. Remove it, or widen the space.")
    return good, _in_words(config, run, good, odd, new, goals)


def _placed(config: Config, earlier: Config, record: TrialRecord) -> tuple[Coordinates, str, set[str]]:
    """The coordinates of an earlier trial in the space of `config`, what keeps it out, and what it says nothing of."""
    label, space = earlier.space.label(record.parameters), config.space
    if label not in space.branches:
        return {}, f"{BRANCH}: expected one of {listed(space.branches)}, found {label}", set()
    settings = constants_of(earlier.space.settings(record.parameters), space.prefix(label))
    paths = [dimension.path for dimension in space.dimensions(label)]
    written = {BRANCH: label} | {path: settings[path] for path in paths if path in settings}
    coordinates, wrong = known_coordinates(space, written)
    return coordinates, f"{wrong[0][0]}: {wrong[0][1]}".rstrip(".") if wrong else "", set(paths) - set(settings)


def _in_words(config: Config, run: Run, good: Sequence[Coordinates], odd: Sequence[str], new: set[str], goals: Goals) -> str:
    first = len(Prior(tuple(good)).first(config.study["trials"]))
    said = [f"{_SAID}{run.name}: its best {first} settings are tried first"] if first > 1 else []
    said = said or [f"{_SAID}{run.name}: its best setting is tried first" if first else f"{_SAID}{run.name}"]
    if first and len(config.study["after"]) > 1:
        said = [f"{_SAID}{run.name}: its best settings are among those tried first"]
    if SAMPLERS[config.study["sampler"]["type"]].guided:
        said.append(f"its best {len(good)} guide the search less and less" if len(good) > 1 else "it guides the search")
    if goals.known:
        said.append(f"the best are those that keep {listed(map(str, goals.known))}")
    if odd:
        said.append(f"{len(odd)} more lie outside of this space ({odd[0]})")
    if new:
        said.append(f"it says nothing of {listed(sorted(new))}, in the middle or at the first value there")
    return f"{'; '.join(said)}."
