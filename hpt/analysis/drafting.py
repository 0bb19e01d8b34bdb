"""A first configuration for a data file: short, commented, and runs as it is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hpt.configuration import config as configuration
from hpt.configuration.config import Config
from hpt.configuration.config_file import ALONE
from hpt.configuration.resolution import Override
from hpt.data.dataset import Dataset
from hpt.data.load import Tables, load
from hpt.foundation.errors import InputError
from hpt.runs.files import write_text
from hpt.study.preparing import split_problem
from hpt.study.settling import settled
from hpt.tables.files import stem_of
from hpt.tables.table import ColumnInfo
from hpt.yaml.scalars import spell

_BATCH_SIZES = (16, 32, 64, 128)
_BATCHES = 8
"""An epoch has at least so many updates under the largest batch that is offered."""
_MISSING = (
    "  missing: mean                 # missing cells are filled in, rows without a target left out; drop leaves out both"
)
_FOLDS = "# a trial is its mean over so many parts of the rows; none is faster"
_NETWORKS = "# of the winner's setting are kept, each from its own initialisation; their outputs are averaged"


@dataclass(frozen=True, slots=True)
class Draft:
    """A configuration that was written, and what was seen in the data."""

    path: Path
    text: str
    target: str
    dataset: Dataset


def draft(data: Path, target: str | None, out: Path | None, overrides: Sequence[Override] = ()) -> Draft:
    """Writes a configuration for the file `data`, beside it unless `out` says where.

    Raises InputError where the data cannot be read, or where there is a file already.
    """
    path = out or data.with_name(f"{stem_of(data)}.yaml")
    if path.exists():
        raise InputError(f"{path}: there already. Write elsewhere with -o.")
    chosen = [*overrides, *([Override("data.target", spell(target), "--target")] if target is not None else [])]
    config, tables, dataset = _read(data, chosen)
    name = tables.source.target
    source = data if data.is_absolute() else Path(os.path.relpath(data, path.parent))
    text = _text(str(source), name, dataset, settled(config, tables)[0])
    write_text(path, text)
    return Draft(path, text, name, dataset)


def _read(data: Path, chosen: Sequence[Override]) -> tuple[Config, Tables, Dataset]:
    """The data, with missing cells filled in where there are any; errors are those of the plain way."""
    refused: InputError | None = None
    for missing in ("error", "mean"):
        try:
            config = configuration.read(data, overrides=[*chosen, Override("data.missing", missing)], mode="tune")
            tables = load(config.data, config.folder)
            return config, tables, split_problem(config, tables, (config.seed,)).dataset
        except InputError as error:
            refused = refused or error
    assert refused is not None
    raise refused


def _text(source: str, target: str, dataset: Dataset, settled: Config) -> str:
    classes = f" ({len(dataset.classes)} classes)" if dataset.classes else ""
    rows, options, networks = len(dataset.train.inputs), settled.data, settled.study["networks"]
    sizes = [size for size in _BATCH_SIZES if size * _BATCHES <= rows] or [min(_BATCH_SIZES)]
    said = f"{{values: [{', '.join(map(str, sizes))}]}}" if len(sizes) > 1 else str(sizes[0])
    lines = [
        f"# For hpt tune. {_comment(target)} is predicted: {dataset.task}{classes}.",
        "data:",
        f"  source: {spell(source)}",
        f"  target: {spell(target)}",
        *([_MISSING] if options["missing"] == "mean" else []),
        *([f"  folds: {options['folds']:<23}{_FOLDS}"] if options["folds"] else []),
        *_columns(dataset.columns, target),
        "model:",
        f"  hidden: {{values: {ALONE['tune']['model']['hidden']['values']}}}   # widths of the hidden layers, none among them",
        "optimizer:",
        f"  choose: [{', '.join(ALONE['tune']['optimizer']['choose'])}]   # one a trial, with its own ranges; `hpt list optimizers`",
        "training:",
        f"  batch_size: {said}",
        f"  epochs: {ALONE['tune']['training']['epochs']}",
        "study:",
        "  trials: 100",
        *([f"  networks: {networks:<20}{_NETWORKS}"] if networks > 1 else []),
    ]
    return "\n".join(lines) + "\n"


def _columns(columns: Sequence[ColumnInfo], target: str) -> list[str]:
    """A comment a column, with what it was taken for: what is wrong is changed by data.columns."""
    if not columns:
        return []
    width = max(len(_comment(column.name)) for column in columns)
    found = ["  # The columns, as they were read. Where one is wrong: columns: {zip: category, note: drop}"]
    for column in columns:
        missing = f"{column.missing} missing" if column.missing else ""
        note = ", ".join(part for part in (column.kind, missing, _comment(column.note)) if part)
        said = "target, " if column.name == target else ""
        found.append(f"  #   {_comment(column.name):{width}}  {said}{note}")
    return found


def _comment(text: str) -> str:
    """`text` on one line without what a comment may not hold."""
    return "".join(character if character.isprintable() else " " for character in text)
