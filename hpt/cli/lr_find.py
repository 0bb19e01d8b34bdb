"""`hpt lr-find`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpt.cli.flags import ConfigFile, Json, Name, Overrides, Quiet, Runs, Seed, Target, Version, request_of, winner_of
from hpt.cli.output import show_result


def lr_find(
    config: ConfigFile,
    optimizer: Annotated[
        str | None, typer.Option(metavar="NAME", help="A branch of choose, or an optimizer of the catalogue.")
    ] = None,
    overrides: Overrides = None,
    seed: Seed = None,
    name: Name = None,
    target: Target = None,
    runs: Runs = Path("runs"),
    as_json: Json = False,
    quiet: Quiet = False,
    version: Version = False,
) -> None:
    """Learning-rate range test: a suggestion, and a range to search."""
    from hpt.study.document import lr_find_document
    from hpt.study.lr_finding import find
    from hpt.terminal.lr_range import lr_range_view
    from hpt.terminal.stderr import aside
    from hpt.terminal.watch import watcher

    request = request_of(winner_of(config, runs), overrides, seed, name, target, runs, {})
    found = find(request, optimizer, watcher(aside(), quiet).warned)
    show_result(as_json, lr_find_document(found), lambda: lr_range_view(found.path, found.settings, found.range))
