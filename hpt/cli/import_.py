"""`hpt import`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hpt.cli.completing import importable
from hpt.cli.options import Output, local_path
from hpt.cli.output import STREAM, show_document, show_result, write_result
from hpt.foundation.errors import InputError


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which search it is, what is learned, and where the configuration goes."""

    out: Annotated[
        Path, typer.Option("-o", "--output", metavar="OUT.yaml", help="Where to write it; stdout by default.")
    ] = STREAM
    study: Annotated[str | None, typer.Option(metavar="NAME", help="A study of the database, where it has several.")] = None
    data: Annotated[Path | None, typer.Option(metavar="FILE", help="The data that is learned.", parser=local_path)] = None
    target: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column of it to predict.")] = None


def command(
    file: Annotated[
        str, typer.Argument(metavar="FILE", autocompletion=importable, help="A sweep.yaml, a study.db, or sqlite:///FILE.")
    ],
    wanted: Wanted,
    output: Output,
) -> None:
    """Turn a W&B sweep or an Optuna study into a configuration, and say what could not be taken over."""
    from hpt.documents.importing import import_document
    from hpt.importing.imported import imported
    from hpt.terminal.stderr import tell
    from hpt.view.importing import imported_page

    if wanted.out != STREAM and wanted.out.exists():
        raise InputError(f"{wanted.out}: there already. Write elsewhere with -o.")
    if wanted.target is not None and wanted.data is None:
        raise InputError("--target: expected --data beside it, found none. Name the file whose column it is.")
    to_file = wanted.out != STREAM
    made = imported(file, wanted.study, wanted.data, wanted.target, wanted.out.parent if to_file else Path.cwd())
    if not output.quiet:
        for each in made.refused:
            tell(f"warning: {each.name}: {each.reason}. Not taken over.")
        for notice in made.notices:
            tell(f"note: {notice}")
    if to_file:
        write_result(wanted.out, made.text)
    document = import_document(made, wanted.out if to_file else None)
    if to_file:
        show_result(output, document, lambda: imported_page(made, wanted.out))
    elif output.as_json:
        show_document(document)
    else:
        write_result(STREAM, made.text)
