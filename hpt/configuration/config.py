"""From a file to a frozen configuration, with every error at once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from hpt.configuration.branches import read_branches
from hpt.configuration.checks import CHECKS, SOURCES, default_name, fits_task, something_searched, sources
from hpt.configuration.config_file import read_tree
from hpt.configuration.draft import Draft, Mode, validates
from hpt.configuration.options import SELECTIONS, usual_selection
from hpt.configuration.reader import Reader
from hpt.configuration.resolution import Override, resolve
from hpt.configuration.sections import OPTIMIZER, ROOT
from hpt.configuration.space import SearchSpace, plain
from hpt.tables.files import ending_of, stem_of
from hpt.training.objectives import OBJECTIVES
from hpt.yaml.diagnostics import Location, Problems, location_of


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration with every default filled in.

    name_given: whether the run was named, rather than called after its file. trial: 0 except in `hpt train`.
    data, study, compare: constants by key.
    source: the file. folder: what data paths are relative to. locations: where each dotted path was written.
    """

    name: str
    seed: int
    trial: int
    data: Mapping[str, Any]
    study: Mapping[str, Any]
    compare: Mapping[str, Any]
    space: SearchSpace
    name_given: bool = field(compare=False)
    source: Path = field(compare=False)
    folder: Path = field(compare=False)
    locations: Mapping[str, Location] = field(compare=False, repr=False)

    def resolved(self, at: Path | None = None) -> dict[str, Any]:
        """The configuration as plain data, ranges kept: read again, it gives an equal Config.

        at: the folder the file will lie in, where data paths change with it.
        """
        return self._document(self.space.document(), {}, at)

    @property
    def data_alone(self) -> bool:
        """Whether a data file was given in place of a configuration."""
        return ending_of(self.source) is not None

    def winner(self, parameters: Mapping[str, Any], trial: int, at: Path | None = None) -> dict[str, Any]:
        """The configuration with one trial's constants in place of its ranges, as plain data for `hpt train`."""
        settings = self.space.settings(parameters)
        sections = {"model": settings.model, "optimizer": settings.optimizer, "training": settings.training}
        return self._document(plain(sections), {"trial": trial}, at)

    def check_classes(self, classes: int) -> None:
        """Raises InputError where a key does not go with so many classes, 0 for regression, as the data may tell first."""
        problems = Problems()
        for path, text in fits_task(classes, self.data, self.space.training, self.study):
            problems.add(location_of(path, self.locations), path, text)
        problems.raise_any()

    def _document(self, sections: Mapping[str, Any], top: Mapping[str, Any], at: Path | None) -> dict[str, Any]:
        head = {"name": self.name, "seed": self.seed, **top, "data": plain({**self.data, **self._data_paths(at)})}
        return {**head, **sections, "study": plain(_written(self.study)), "compare": plain(self.compare)}

    def _data_paths(self, at: Path | None) -> dict[str, str]:
        paths = {key: self.data[key] for key in SOURCES}
        return {
            key: path if at is None or Path(path).is_absolute() else os.path.relpath(self.folder / path, at)
            for key, path in paths.items()
            if path is not None and ending_of(path) is not None
        }


def read(
    path: Path,
    *,
    overrides: Sequence[Override] = (),
    mode: Mode,
    optimizers: Sequence[str] = (),
    data_needed: bool = True,
) -> Config:
    """The configuration in the file at `path` (YAML, or a data file for a default search on it), for the command `mode`.

    A bundled data set's name will do for a data file. overrides, optimizers: see `resolve`.
    data_needed: whether its data files must be there. Raises InputError with every problem, in line order.
    """
    problems = Problems()
    root = read_tree(path, mode, problems, {override.path for override in overrides})
    root = resolve(root, overrides, optimizers, problems)
    reader = Reader(problems, mode != "train", root, {"": root.location})
    cells = reader.mapping(ROOT, root, "", owner="a configuration", apart=(OPTIMIZER.name,))
    config = _checked(path, mode, {**cells, OPTIMIZER.name: read_branches(reader)}, reader, data_needed)
    problems.raise_any()
    return config


def _checked(path: Path, mode: Mode, cells: Mapping[str, Any], reader: Reader, data_needed: bool) -> Config:
    """Checks what must hold between keys and puts the configuration together."""
    branches, chosen = cells[OPTIMIZER.name]
    space = SearchSpace(cells["model"], branches, cells["training"], chosen)
    name = cells["name"] or default_name(stem_of(path))
    data, study, compare = cells["data"], dict(cells["study"]), cells["compare"]
    _settle_objectives(study, data)
    grid = study["sampler"]["type"] == "grid" and mode == "tune"
    if "study.select" not in reader.locations:
        study["select"] = usual_select(study)
    draft = Draft(mode, path.parent, name, data, cells["training"], study, compare, space)
    # A range with a problem reads as a constant: that nothing is searched would be a second report of the same problem.
    checks = CHECKS if len(reader.problems) else (*CHECKS, something_searched)
    for check in checks if data_needed else [check for check in checks if check is not sources]:
        for key, text in check(draft):
            reader.problems.add(location_of(key, reader.locations), key, text)
    if grid and not len(reader.problems):
        study["trials"] = min(study["trials"], _trials_for(space.grid_size(), study["select"]))
    return Config(
        name=name,
        seed=cells["seed"],
        trial=cells["trial"] if mode == "train" else 0,
        data=data,
        study=study,
        compare=compare,
        space=space,
        name_given=cells["name"] is not None,
        source=path,
        folder=path.parent,
        locations=reader.locations,
    )


def usual_select(study: Mapping[str, Any]) -> str:
    """How the section `study` chooses its winner where it does not say."""
    lowest = study["sampler"]["type"] == "grid" or OBJECTIVES in study
    return "lowest" if lowest else usual_selection(study["trials"])


def _settle_objectives(study: dict[str, Any], data: Mapping[str, Any]) -> None:
    """Puts the first objective, by which trials are ranked, in place of the list; where there are several, all of them beside it."""
    usual = "validation_loss" if validates(data) else "train_loss"
    written = study["objective"] or (usual,)
    # One that was refused where it was read is None.
    study["objective"] = written[0] or usual
    if len(written) > 1:
        study[OBJECTIVES] = written


def _trials_for(points: int, select: str) -> int:
    """The fewest trials of which `points` are left for the search."""
    kept_back = SELECTIONS[select].function
    return next(trials for trials in count(points) if trials - kept_back(trials) >= points)


def _written(study: Mapping[str, Any]) -> dict[str, Any]:
    """The section as a user writes it: several objectives as a list."""
    section = dict(study)
    return section | {"objective": several} if (several := section.pop(OBJECTIVES, None)) else section
