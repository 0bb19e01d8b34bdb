"""From a file to a frozen configuration, with every error at once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpt.configuration.checks import CHECKS, Draft, Mode, default_name, fits_task, something_searched
from hpt.configuration.diagnostics import Complaints, Place, shortened
from hpt.configuration.messages import shown
from hpt.configuration.overrides import Override, only_branches, override
from hpt.configuration.reader import Reader
from hpt.configuration.sections import homes, read_sections
from hpt.configuration.space import SearchSpace, plain
from hpt.configuration.yaml_tree import MAX_BYTES, Map, parse
from hpt.data.datasets import DATASETS
from hpt.data.files import READERS
from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError

# What is tried on a data file that comes without a configuration.
_DATA_FILE_OPTIMIZER: Mapping[Mode, Any] = {
    "tune": {"choose": ["sgd", "adagrad", "rmsprop", "adam"]},
    "compare": {"choose": ["gd", "sgd", "adagrad", "rmsprop", "adam"]},
    "train": "adam",
    "lr-find": "adam",
}

_DATA_FILES = f"A data file in place of a configuration ends in {' or '.join(READERS)}."


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration with every default filled in.

    name_given: whether the run was named, rather than called after its file. trial: 0 except in `hpt train`.
    data, study, compare: constants by key; `study` has its `population` as a number.
    source: the file. folder: what data paths are relative to. places: where each dotted path was written.
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
    places: Mapping[str, Place] = field(compare=False, repr=False)

    def resolved(self, at: Path | None = None) -> dict[str, Any]:
        """The configuration as plain data, ranges kept: read again, it gives an equal Config.

        at: the folder the file will lie in, where data paths change with it.
        """
        return self._document(self.space.document(), {}, at)

    def winner(self, parameters: Mapping[str, Any], trial: int, at: Path | None = None) -> dict[str, Any]:
        """The configuration with one trial's constants in place of its ranges, as plain data for `hpt train`."""
        settings = self.space.settings(parameters)
        sections = {"model": settings.model, "optimizer": settings.optimizer, "training": settings.training}
        return self._document(plain(sections), {"trial": trial}, at)

    def check_classes(self, classes: int) -> None:
        """Raises InputError where a key does not go with so many classes, 0 for regression, as the data may tell first."""
        complaints = Complaints()
        reader = Reader(complaints, searching=True, places=dict(self.places))
        for path, text in fits_task(classes, self.data, self.space.training, self.study):
            complaints.add(reader.place_of(path), path, text)
        complaints.raise_any()

    def _document(self, sections: Mapping[str, Any], top: Mapping[str, Any], at: Path | None) -> dict[str, Any]:
        head = {"name": self.name, "seed": self.seed, **top, "data": plain({**self.data, **self._data_paths(at)})}
        return {**head, **sections, "study": plain(self.study), "compare": plain(self.compare)}

    def _data_paths(self, at: Path | None) -> dict[str, str]:
        paths = {key: self.data[key] for key in ("source", "test_source")}
        return {
            key: path if at is None or Path(path).is_absolute() else os.path.relpath(self.folder / path, at)
            for key, path in paths.items()
            if path is not None and Path(path).suffix.lower() in READERS
        }


def read(path: Path, *, overrides: Sequence[Override] = (), mode: Mode, optimizers: Sequence[str] = ()) -> Config:
    """The configuration in the file at `path` (YAML, or a data file for a default search on it), for the command `mode`.

    A bundled data set's name will do for a data file. overrides: see `override`. optimizers: the
    branches, see `only_branches`; all that are written if there are none. Raises InputError with every complaint, in line order.
    """
    complaints = Complaints()
    source = Place(shortened(str(path), 200), 1)
    root = override(_root(path, source, mode, complaints), overrides, complaints)
    if optimizers:
        root = only_branches(root, optimizers)
    reader = Reader(complaints, mode != "train", homes(root), {"": source})
    config = _config(path, mode, read_sections(reader, root), reader)
    complaints.raise_any()
    return config


def _root(path: Path, source: Place, mode: Mode, complaints: Complaints) -> Map:
    """The file as a mapping. Raises InputError where it is none."""
    if str(path).lower() in DATASETS and not path.exists():
        return Map.of({"data": str(path), "optimizer": _DATA_FILE_OPTIMIZER[mode]}, source)
    if path.suffix.lower() in READERS:
        if not path.is_file():
            raise InputError(f"{source.source}: expected a data file, found none.")
        return Map.of({"data": path.name, "optimizer": _DATA_FILE_OPTIMIZER[mode]}, source)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        text = f"{Place(source.source, line)}: expected text in UTF-8, found bytes that are none. {_DATA_FILES}"
        raise InputError(text) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        near = nearest(str(path), DATASETS)
        hint = f" Did you mean the data set {near}?" if near else ""
        raise InputError(f"{source.source}: expected a configuration, found none: {reason}.{hint}") from error
    node = parse(content, source, complaints)
    if isinstance(node, Map):
        return node
    complaints.raise_any()
    found = "an empty file" if node is None else shown(node)
    raise InputError(f"{source}: expected a mapping with data and optimizer, found {found}. {_DATA_FILES}")


def _config(path: Path, mode: Mode, sections: Mapping[str, Any], reader: Reader) -> Config:
    """Checks what must hold between keys and puts the configuration together."""
    branches, chosen = sections["optimizer"]
    space = SearchSpace(sections["model"], branches, sections["training"], chosen)
    name = sections["name"] or default_name(path.stem)
    study = dict(sections["study"])
    if study["objective"] is None:
        study["objective"] = "validation_loss" if sections["data"]["validation"] else "train_loss"
    data, compare = sections["data"], sections["compare"]
    draft = Draft(mode, path.parent, name, data, sections["training"], study, compare, space)
    # A range that was refused has become a constant: without this, its file would be told twice.
    checks = CHECKS if len(reader.complaints) else (*CHECKS, something_searched)
    for check in checks:
        for key, text in check(draft):
            reader.complaints.add(reader.place_of(key), key, text)
    if study["sampler"] == "grid" and mode == "tune" and not len(reader.complaints):
        study["trials"] = min(study["trials"], space.grid_size())
    if study["population"] == "auto":
        study["population"] = auto_population(study["trials"])
    return Config(
        name=name,
        seed=sections["seed"],
        trial=sections["trial"] if mode == "train" else 0,
        data=data,
        study=study,
        compare=compare,
        space=space,
        name_given=sections["name"] is not None,
        source=path,
        folder=path.parent,
        places=reader.places,
    )


def auto_population(trials: int) -> int:
    """Trials of a generation for a study of `trials`: enough to fill a stack, few enough to learn between generations."""
    return min(trials, max(4, min(64, trials // 8)))
