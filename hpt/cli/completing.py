"""What the shell offers where a word is begun: configurations, settings, runs, names of the catalogue."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import typer

from hpt.cli.command_line import CommandLine

_CONFIGURATIONS = (".yaml", ".yml", ".csv", ".tsv", ".txt", ".gz", ".jsonl", ".ndjson", ".json", ".parquet", ".xlsx", ".npz")
_SEARCHES = (".yaml", ".yml", ".db", ".sqlite", ".sqlite3")


def configurations(ctx: typer.Context, incomplete: str) -> list[str]:
    """Files that a command reads as a configuration or as data, folders on the way to them, and runs by name."""
    return [*_files(incomplete), *runs(ctx, incomplete)]


def importable(incomplete: str) -> list[str]:
    """Files that may hold the search of another tool, and folders on the way to them."""
    return list(_files(incomplete, _SEARCHES))


def runs(ctx: typer.Context, incomplete: str) -> list[str]:
    """The names of the runs in the folder for runs."""
    folder = CommandLine(ctx.obj).runs
    try:
        return sorted(_begun((e.name for e in folder.iterdir() if (e / "run.json").is_file()), incomplete))
    except OSError:
        return []


def settings(ctx: typer.Context, incomplete: str) -> list[str]:
    """What `--set` can be told: dotted paths of the configuration that is given, and where a path has choices these."""
    from hpt.cli.setting_paths import offered

    return _begun(offered(incomplete, CommandLine(ctx.obj).configuration), incomplete)


def branches(ctx: typer.Context, incomplete: str) -> list[str]:
    """The branches of the configuration that is given, then the optimizers of the catalogue."""
    from hpt.cli.setting_paths import branches
    from hpt.numerics.optimizers import OPTIMIZERS

    return _begun(dict.fromkeys([*branches(CommandLine(ctx.obj).configuration), *OPTIMIZERS]), incomplete)


def branch_lists(ctx: typer.Context, incomplete: str) -> list[str]:
    """The same as a list: after each comma those that are not in it."""
    listed, comma, begun = incomplete.rpartition(",")
    known = set(listed.split(","))
    return [f"{listed}{comma}{name}" for name in branches(ctx, begun) if name not in known]


def targets(ctx: typer.Context, incomplete: str) -> list[str]:
    """The columns of the data file that is given."""
    return _begun(CommandLine(ctx.obj).columns(), incomplete)


def suites(incomplete: str) -> list[str]:
    """The suites of tasks."""
    from hpt.compare.suite import SUITES

    return _begun(SUITES, incomplete)


def metrics(ctx: typer.Context, incomplete: str) -> list[str]:
    """The metrics that the trials of the run have which is given; without a run all there are."""
    recorded = _recorded_metrics(CommandLine(ctx.obj).run)
    return _begun(recorded or _all_metrics(), incomplete)


def curves(incomplete: str) -> list[str]:
    """The choice of trials that has a name."""
    return _begun(["best-per-branch"], incomplete)


def formats(incomplete: str) -> list[str]:
    """What a run can be exported to."""
    from hpt.export.formats import FORMATS, TRACKERS

    return _begun([*FORMATS, *TRACKERS], incomplete)


def kinds(incomplete: str) -> list[str]:
    """The tables of the catalogue."""
    from hpt.configuration.catalogue import KINDS

    return _begun(KINDS, incomplete)


def entries(ctx: typer.Context, incomplete: str) -> list[str]:
    """The entries of the table that is given."""
    from hpt.configuration.catalogue import KINDS

    tables = [KINDS[word] for word in ctx.obj if word in KINDS]
    return _begun((name for table in tables for name in table), incomplete)


def _begun(names: Iterable[str], incomplete: str) -> list[str]:
    """The names that go on from `incomplete` and can stand in a terminal as they are."""
    return [name for name in names if name.startswith(incomplete) and name.isprintable()]


def _recorded_metrics(run: Path | None) -> list[str]:
    if run is None:
        return []
    try:
        with (run / "trials.jsonl").open(encoding="utf-8") as lines:
            return [
                name for name, value in json.loads(lines.readline())["metrics"].items() if isinstance(value, (int, float))
            ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def _all_metrics() -> list[str]:
    from hpt.numerics.metrics import METRICS, PARTS

    return [f"{part}_{name}" for part in reversed(PARTS) for name in ("loss", *METRICS)]


def documents(incomplete: str) -> list[str]:
    """What there is a JSON Schema of."""
    from hpt.schemas.documents import NAMES

    return _begun(NAMES, incomplete)


def _files(incomplete: str, endings: tuple[str, ...] = _CONFIGURATIONS) -> Iterator[str]:
    folder, _, begun = incomplete.rpartition("/")
    lead = f"{folder}/" if folder or incomplete.startswith("/") else ""
    try:
        entries = sorted(os.scandir(Path(lead).expanduser()), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if not entry.name.startswith(begun) or not entry.name.isprintable() or (entry.name.startswith(".") and not begun):
            continue
        if entry.is_dir():
            yield f"{lead}{entry.name}/"
        elif entry.name.lower().endswith(endings):
            yield f"{lead}{entry.name}"
