"""More room where the best trials lie at the end of a range: the same study with wider ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hpt.analysis.edges import Edge, edges_of
from hpt.configuration import config as configuration
from hpt.configuration.space import SearchSpace
from hpt.foundation.errors import InputError
from hpt.runs import records
from hpt.runs.files import read_bytes, write_text
from hpt.runs.finding import CONFIG_FILE, TRIALS_FILE, Run
from hpt.runs.recorded_settings import check_settings
from hpt.runs.trial_record import TrialRecord
from hpt.study.leaderboard import Leaderboard
from hpt.training.objective import Objective
from hpt.yaml.tree import dump

SUFFIX = "-wide"


@dataclass(frozen=True, slots=True)
class Widened:
    """What was widened, and the file that was written; None where no range needs more room."""

    edges: tuple[Edge, ...]
    path: Path | None


def widen(run: Run, out: Path | None) -> Widened:
    """Writes the configuration of `run` with wider ranges. Raises InputError where it is none of a study, or a file is there."""
    if run.metadata.kind != "tune":
        raise InputError(f"{run.folder}: expected a run of hpt tune, found one of hpt {run.metadata.kind}.")
    config = configuration.read(run.folder / CONFIG_FILE, mode="tune")
    stored = records.read(run.folder / TRIALS_FILE, TrialRecord).records
    check_settings(run.folder / TRIALS_FILE, config.space, stored)
    board = Leaderboard.recorded(Objective.parse(run.metadata.objective), stored, run.metadata.modelled)
    found = tuple(edges_of(config.space, board))
    if not found:
        return Widened((), None)
    name = f"{config.name[: 64 - len(SUFFIX)]}{SUFFIX}"
    path = out or Path(f"{name}.yaml")
    wider = replace(config, name=name, space=widened_space(config.space, found))
    text = dump(wider.resolved(Path.cwd() / path.parent))
    # What an earlier call wrote may be searched by this one.
    if path.exists() and read_bytes(path) != text.encode():
        raise InputError(f"{path}: there already. Write elsewhere with -o.")
    write_text(path, text)
    return Widened(found, path)


def widened_space(space: SearchSpace, found: tuple[Edge, ...]) -> SearchSpace:
    """`space` with the wider ranges of `found`."""
    ranges = {edge.path: edge.wider for edge in found}
    branches = {label: _widened(cells, space.prefix(label), ranges) for label, cells in space.branches.items()}
    return replace(
        space,
        branches=branches,
        model=_widened(space.model, "model", ranges),
        training=_widened(space.training, "training", ranges),
    )


def _widened(cell: Any, path: str, ranges: Mapping[str, Any]) -> Any:
    if path in ranges:
        return ranges[path]
    if isinstance(cell, Mapping):
        return {key: _widened(value, f"{path}.{key}", ranges) for key, value in cell.items()}
    if isinstance(cell, tuple):
        return tuple(_widened(value, f"{path}.{index}", ranges) for index, value in enumerate(cell))
    return cell
