"""The file that a command is given, as a tree: YAML, or data for a default search on it."""

from __future__ import annotations

import shlex
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

from hpt.configuration.checks import default_name
from hpt.configuration.draft import Mode
from hpt.configuration.messages import describe_node
from hpt.data.datasets import DATASETS
from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError
from hpt.tables.files import ENDINGS, ending_of, foreign_ending
from hpt.yaml.diagnostics import Location, Problems, shortened
from hpt.yaml.tree import MAX_BYTES, Map, parse

_RULES = ("sgd", "adagrad", "rmsprop", "adam")
ALONE: Mapping[Mode, Mapping[str, Any]] = {
    "tune": {"optimizer": {"choose": [*_RULES]}, "model": {"hidden": {"values": [[], [32]]}}, "training": {"epochs": 60}},
    "compare": {"optimizer": {"choose": ["gd", *_RULES]}},
    **{mode: {"optimizer": "adam"} for mode in ("train", "lr-find")},
}
"""What is done with a data file without a configuration; benchmarks/real_tables.py measures what is searched beside optimizers."""
_SECTIONS = {"data", "model", "training", "study"}
_DATA_FILES = f"A data file in place of a configuration ends in {', '.join(ENDINGS)}."


SQLITE = b"SQLite format 3\x00"
"""What an SQLite file begins with."""


def is_sweep(node: Map) -> bool:
    """Whether a mapping is a sweep of W&B rather than a configuration."""
    return isinstance(node.items.get("parameters"), Map) and not _SECTIONS & node.items.keys()


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(SQLITE)) == SQLITE
    except (OSError, ValueError):
        return False


def _import(path: Path, kind: str = "") -> str:
    """How to make a configuration of the search of another tool. kind: what the file must hold for that, where it may not."""
    command = f"`hpt import {shlex.quote(shortened(str(path), 200))} -o hpt-{default_name(path.stem)}.yaml`"
    return f"If it holds {kind}: {command}." if kind else f"Run {command}, and take that file."


def read_tree(path: Path, mode: Mode, problems: Problems, overridden: Container[str] = ()) -> Map:
    """The mapping in the file at `path`. Raises InputError where there is none.

    Problems with single nodes go to `problems`. overridden: paths that the command line sets; a model of a type set there has other keys.
    """
    source = Location(shortened(str(path), 200), 1)
    default = {key: value for key, value in ALONE[mode].items() if key != "model" or "model.type" not in overridden}
    if str(path).lower() in DATASETS and not path.exists():
        return Map.of({"data": str(path), **default}, source)
    if _is_database(path):
        raise InputError(
            f"{source.source}: expected a configuration, found an SQLite file. {_import(path, 'an Optuna study')}"
        )
    if (better := foreign_ending(path)) is not None:
        raise InputError(f"{source.source}: a data file of a kind that is not read. Save it as {better}. {_DATA_FILES}")
    if ending_of(path) is not None:
        if not path.is_file():
            raise InputError(f"{source.source}: expected a data file, found none.")
        return Map.of({"data": path.name, **default}, source)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        text = f"{Location(source.source, line)}: expected text in UTF-8, found bytes that are none. {_DATA_FILES}"
        raise InputError(text) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        near = nearest(str(path), DATASETS)
        hint = f" Did you mean the data set {near}?" if near else ""
        raise InputError(f"{source.source}: expected a configuration, found none: {reason}.{hint}") from error
    node = parse(content, source, problems)
    if isinstance(node, Map) and is_sweep(node):
        raise InputError(f"{source.source}: expected a configuration, found a W&B sweep. {_import(path)}")
    if isinstance(node, Map):
        return node
    problems.raise_any()
    what = "an empty file" if node is None else describe_node(node)
    raise InputError(f"{source}: expected a mapping with data and optimizer, found {what}. {_DATA_FILES}")
