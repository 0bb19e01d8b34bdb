"""`hpt lr-find`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from hpt.cli.completing import branches
from hpt.cli.options import Basis, ConfigFile, Folder, Output, Overrides
from hpt.cli.output import show_result
from hpt.cli.request import request_of, winner_of


@dataclass(frozen=True, slots=True)
class Branch:
    """Which optimizer is tested."""

    optimizer: Annotated[
        str | None,
        typer.Option(metavar="NAME", autocompletion=branches, help="A branch of choose, or an optimizer of the catalogue."),
    ] = None


def command(config: ConfigFile, branch: Branch, overrides: Overrides, basis: Basis, folder: Folder, output: Output) -> None:
    """Learning-rate range test: a suggestion, and a range to search."""
    from hpt.analysis.lr_finding import find
    from hpt.documents.study import lr_find_document
    from hpt.terminal.stderr import stderr_console
    from hpt.terminal.watchers import study_watcher
    from hpt.view.lr_range import lr_range_page

    request = request_of(winner_of(config, folder.runs), overrides, folder, basis)
    found = find(request, branch.optimizer, study_watcher(stderr_console(), output.quiet).warned)
    show_result(
        output, lr_find_document(found), lambda: lr_range_page(found.path, found.settings, found.range, asked=found.asked)
    )
