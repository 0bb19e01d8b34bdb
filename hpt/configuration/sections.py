"""The sections of a configuration as rows, and the dotted path of every key in them."""

from __future__ import annotations

from collections.abc import Iterable

from hpt.configuration.aliases import KEYS
from hpt.configuration.compare_options import COMPARE
from hpt.configuration.options import STUDY, TOP
from hpt.data.options import DATA
from hpt.foundation.catalogue import Entry, Hyperparameter, table
from hpt.models import MODELS
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.training.options import TRAINING
from hpt.yaml.tree import Map, Node, Scalar

CHOOSE = "choose"
VALUES = "values"
DEFAULT = "default"


def _section(
    name: str, rows: tuple[Hyperparameter, ...], summary: str, *, shorthand: str = "", required: bool = False
) -> Hyperparameter:
    """A plain mapping with these rows; a text in its place is the value of the key `shorthand`."""
    return Hyperparameter(
        name, "row", None if required else {}, summary, table=table(Entry(name, summary, rows)), row_key=shorthand
    )


OPTIMIZER = Hyperparameter(
    "optimizer", "row", None, "update rule, or the choice between several", table=OPTIMIZERS, row_key="name"
)
SECTIONS = (
    _section("data", DATA, "what is learned", shorthand="source", required=True),
    Hyperparameter("model", "row", "mlp", "what learns", table=MODELS),
    OPTIMIZER,
    _section("training", TRAINING, "how a trial trains"),
    _section("study", STUDY, "how the search goes"),
    _section("compare", COMPARE, "how optimizers are ranked"),
)
ROOT = (*TOP, *SECTIONS)
CONFIGURATION = _section("", ROOT, "a configuration")
CHOICE = Hyperparameter(CHOOSE, "row", None, "the optimizers, each a branch", table=OPTIMIZERS)
# What to write where a required section is missing.
EXAMPLES = {"data": "data: digits", "optimizer": "optimizer: adam"}


def optimizer_of(label: str, branch: Node) -> Entry | None:
    """The optimizer of a branch: the one that it names, or the one that it is called after; None where that is none."""
    name = branch.items.get(OPTIMIZER.row_key) if isinstance(branch, Map) else None
    return OPTIMIZERS.get((str(name.value) if isinstance(name, Scalar) else label).lower())


def paths_by_key(root: Map) -> dict[str, str]:
    """The dotted path of each key and alias, for keys that were written elsewhere in `root`; the first section has it.

    Under `choose` the keys of an optimizer are those of the first branch whose optimizer has them.
    """
    paths: dict[str, str] = {}
    aliases: dict[str, str] = {}
    _add_paths(ROOT, "", paths, aliases)
    optimizer = root.items.get(OPTIMIZER.name)
    choice = optimizer.items.get(CHOOSE) if isinstance(optimizer, Map) else None
    for label, branch in reversed(list(choice.items.items())) if isinstance(choice, Map) else ():
        entry = optimizer_of(label, branch)
        keys = [h.name for h in entry.hyperparameters] if entry is not None else []
        paths |= {key: f"{OPTIMIZER.name}.{label}.{key}" for key in keys if paths[key].startswith(OPTIMIZER.name)}
    return aliases | {alias: paths[key] for alias, key in KEYS.items() if key in paths} | paths


def _add_paths(rows: Iterable[Hyperparameter], prefix: str, paths: dict[str, str], aliases: dict[str, str]) -> None:
    """Adds the path of each row and alias that has none yet, then those of the rows below them."""
    rows = tuple(rows)
    for row in rows:
        path = f"{prefix}{row.name}"
        paths.setdefault(row.name, path)
        for alias in row.aliases:
            aliases.setdefault(alias, path)
    for row in rows:
        for entry in (row.table or {}).values():
            _add_paths(entry.hyperparameters, f"{prefix}{row.name}.", paths, aliases)
