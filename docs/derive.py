"""Writes what the docs hold of the code: `python docs/derive.py`. A test fails where a page is behind.

A derived block stands between `<!-- derived: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from hpt.cli.app import app
from hpt.compare.records import RunRecord
from hpt.configuration.catalogue import KINDS
from hpt.configuration.compare_options import COMPARE
from hpt.configuration.options import STUDY, STUDY_STOP, TOP
from hpt.data.options import DATA
from hpt.foundation.catalogue import Entry, Hyperparameter
from hpt.runs.fields import record_fields
from hpt.runs.run_metadata import RunMetadata
from hpt.runs.trial_record import TrialRecord
from hpt.schemas.documents import DOCUMENTS
from hpt.schemas.shapes import Schema, schema_of
from hpt.training.options import STOP, TRAINING
from hpt.view.catalogue import allowed, searched
from hpt.view.formats import literal

ROOT = Path(__file__).parent.parent
PAGES = (
    "README.md",
    "docs/catalogue.md",
    "docs/configuration.md",
    "docs/speed.md",
    "docs/architecture.md",
    "docs/run-folder.md",
    "docs/real-tables.md",
    "docs/search.md",
    "docs/reliability.md",
    "docs/cluster.md",
    "docs/json.md",
)
RESULTS = ROOT / "benchmarks" / "results.md"
REAL_TABLES = ROOT / "benchmarks" / "real_tables.md"
PEERS = (
    ("R1.1000", "a study of 1,000 trials: Optuna with PyTorch"),
    ("R1.target", "until validation loss 0.10: Optuna with PyTorch"),
    ("W1.torch", "an update of a small network: PyTorch"),
    ("W1.sklearn", "the same: scikit-learn"),
    ("W1.jax", "the same: JAX, compiled beforehand"),
    ("W2.torch", "an update of a large network: PyTorch"),
)
FIGURES = ("row", "what", "kernel", "median", "ours", "theirs")
BLOCK = re.compile(r"(<!-- derived: ([^>]*?) -->\n).*?(<!-- end -->)", re.DOTALL)


def render(page: str) -> str:
    """The text of `page` with its derived blocks made anew."""
    return BLOCK.sub(lambda block: block[1] + derive(block[2]) + block[3], (ROOT / page).read_text(encoding="utf-8"))


def derive(name: str) -> str:
    """The block `name`: a kind and what of it."""
    kind, _, rest = name.partition(" ")
    return BLOCKS[kind](rest)


def commands(_: str) -> str:
    """The commands, a line each, then the flags of each."""
    group = typer.main.get_command(app)
    verbs = group.commands.items()
    short = {name: verb.help.partition("\n\n")[0] for name, verb in verbs}
    lines = [
        "| command | does |",
        "| --- | --- |",
        *(f"| `hpt {name}` | {text} |" for name, text in short.items()),
        "",
    ]
    for name, verb in verbs:
        usage = " ".join(_metavar(param) for param in verb.params if param.param_type_name == "argument")
        lines += [f"`hpt {name} {usage}`".replace(" `", "`"), "", "| flag | |", "| --- | --- |"]
        lines += [
            f"| `{_flag(param)}` | {_cell(param.help)} |" for param in verb.params if param.param_type_name == "option"
        ]
        lines.append("")
    return "\n".join(lines)


def _metavar(param: Any) -> str:
    name = param.metavar or param.name.upper()
    return name if param.required or name.startswith("[") else f"[{name}]"


def _flag(param: Any) -> str:
    longest = max(param.opts, key=len)
    return longest if param.is_flag else f"{longest} {param.metavar or param.name.upper()}"


def catalogue(kind: str) -> str:
    """Every row of a table, in full."""
    return "\n".join(_entry(entry) for entry in KINDS[kind].values())


def keys(section: str) -> str:
    """The keys of a section of the configuration."""
    return _rows(SECTIONS[section])


def figures(_: str) -> str:
    """What the benchmark measured, without spreads and targets."""
    table = [
        line.strip("| ").split(" | ") for line in RESULTS.read_text(encoding="utf-8").splitlines() if line.startswith("|")
    ]
    at = [table[0].index(name) for name in FIGURES]
    rows = [[(cells[place] if place < len(cells) else "").strip(" |") for place in at] for cells in table]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def peers(_: str) -> str:
    """How long we take beside others, and how good it gets, from what the benchmarks wrote."""
    measured = {(row["row"], row["kernel"]): row for row in _measured()}
    own, *others = dict.fromkeys(kernel for _, kernel in measured)
    lines = [
        _cells("the same work", "others", "hpt", "", *(f"on {kernel}" for kernel in others)),
        _cells(*["---"] * (4 + len(others))),
    ]
    for row, what in PEERS:
        ratios = [measured[row, kernel]["median"] for kernel in (own, *others)]
        lines.append(_cells(what, measured[row, own]["theirs"], measured[row, own]["ours"], *ratios))
    said = [
        line for line in REAL_TABLES.read_text(encoding="utf-8").splitlines() if line.startswith(("Against", "With five"))
    ]
    title = f"One core or two, the same work and the same cores, BLAS kernel {own}, by `python -m benchmarks`:"
    tables = "On [twelve real tables](docs/real-tables.md) with nothing said, beside scikit-learn's MLP with as many trials and its"
    return "\n".join(
        [
            title,
            "",
            *lines,
            "",
            f"{tables} linear models, by `python -m benchmarks.real_tables`:",
            "",
            *(f"- {line}" for line in said),
            "",
        ]
    )


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _measured() -> list[dict[str, str]]:
    """The rows of the benchmark's table, by the names of its columns."""
    table = [line.strip("| ").split(" | ") for line in RESULTS.read_text("utf-8").splitlines() if line.startswith("|")]
    return [dict(zip(table[0], cells, strict=False)) for cells in table[2:]]


def real_tables(_: str) -> str:
    """What was measured on real tables, without its title."""
    return REAL_TABLES.read_text(encoding="utf-8").partition("\n\n")[2]


def record(name: str) -> str:
    """The fields of a record; those of a run of a comparison without what every trial has."""
    known = {each.name for each in record_fields(TrialRecord)} if name == "compare" else set()
    lines = ["| field | holds | |", "| --- | --- | --- |"]
    for each in record_fields(RECORDS[name]):
        if each.name not in known:
            optional = "" if each.required else ", may be absent"
            lines.append(f"| `{each.name}` | {_cell(each.reader.expected)}{optional} | {_cell(each.meaning)} |")
    return "\n".join(lines) + "\n"


def documents(_: str) -> str:
    """Every document that a command prints, and the kinds of mappings in it; a kind that several have stands with the first."""
    lines: list[str] = []
    told: set[str] = set()
    for name, hint in DOCUMENTS.items():
        whole = schema_of(hint)
        lines += [f"## {name}\n"]
        if "properties" in whole:
            lines += _fields(whole)
        for kind, schema in whole["$defs"].items():
            if kind not in told:
                top = whole.get("$ref") == f"#/$defs/{kind}"
                lines += [*([] if top else [f"### {kind}\n"]), f"{schema['description']}\n", *_fields(schema)]
                told.add(kind)
    return "\n".join(lines)


def _fields(schema: Schema) -> list[str]:
    lines = ["| field | holds | |", "| --- | --- | --- |"]
    for name, field in schema["properties"].items():
        optional = "" if name in schema["required"] else ", may be absent"
        lines.append(f"| `{name}` | {_cell(_holds(field))}{optional} | {_cell(field.get('description', ''))} |")
    return [*lines, ""]


def _holds(schema: Schema) -> str:
    """What a schema allows, in words."""
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "enum" in schema:
        return " or ".join(f"`{word}`" for word in schema["enum"])
    if "anyOf" in schema:
        return ", or ".join(map(_holds, schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {_holds(schema['items'])}"
    if schema.get("type") == "object":
        others = schema.get("additionalProperties")
        return f"mapping to {_holds(others)}" if others else "mapping"
    kinds = schema.get("type", "plain data")
    return " or ".join(kinds) if isinstance(kinds, list) else kinds


def written(name: str) -> str:
    """What the benchmark `name` wrote."""
    return (ROOT / "benchmarks" / f"{name}.md").read_text(encoding="utf-8")


def floors(_: str) -> str:
    """The floors from the top down, as import-linter checks them, and what each room says of itself."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (found for found in settings["tool"]["importlinter"]["contracts"] if found["type"] == "layers")
    lines = ["| rooms | |", "| --- | --- |"]
    for layer in contract["layers"]:
        rooms = layer.split(" | ")
        lines.append(f"| {', '.join(f'`{room}`' for room in rooms)} | {' · '.join(map(_about, rooms))} |")
    return "\n".join(lines) + "\n"


def _about(room: str) -> str:
    """The first paragraph of a room's docstring."""
    folder = ROOT / "hpt" / room
    source = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    paragraph = (ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or "").partition("\n\n")[0]
    return _cell(" ".join(paragraph.split()))


def _entry(entry: Entry) -> str:
    parts = [f"### {entry.name}\n", f"{entry.summary}.\n"]
    if entry.formula:
        parts.append(f"```text\n{entry.formula.replace('; ', chr(10))}\n```\n")
    if entry.reference:
        parts.append(f"Reference: {entry.reference}\n")
    if entry.hyperparameters:
        parts.append(_rows(entry.hyperparameters))
    return "\n".join(parts)


def _rows(rows: tuple[Hyperparameter, ...]) -> str:
    lines = ["| key | default | values | searched by `default` | |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        spaces = row.search if isinstance(row.search, tuple) else (row.search,)
        searches = "; ".join(searched(space) for space in spaces)
        cells = [f"`{row.name}`", _cell(literal(row.default)), _cell(allowed(row)), _cell(searches), row.help]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


SECTIONS = {
    "top": TOP,
    "data": DATA,
    "training": TRAINING,
    "stop": STOP,
    "study": STUDY,
    "study-stop": STUDY_STOP,
    "compare": COMPARE,
}
RECORDS: dict[str, type[Any]] = {"trial": TrialRecord, "compare": RunRecord, "run": RunMetadata}
BLOCKS: dict[str, Callable[[str], str]] = {
    "commands": commands,
    "catalogue": catalogue,
    "keys": keys,
    "figures": figures,
    "peers": peers,
    "real-tables": real_tables,
    "benchmark": written,
    "floors": floors,
    "record": record,
    "documents": documents,
}


def main() -> None:
    """Writes the pages that are behind, and says which."""
    for page in PAGES:
        text = render(page)
        if text != (ROOT / page).read_text(encoding="utf-8"):
            (ROOT / page).write_text(text, encoding="utf-8")
            Console().print(f"written: {page}")


if __name__ == "__main__":
    typer.run(main)
