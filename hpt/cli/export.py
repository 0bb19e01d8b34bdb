"""`hpt export`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hpt.cli.completing import formats, runs
from hpt.cli.options import Folder, Output
from hpt.cli.output import STREAM, show_document, write_result
from hpt.foundation.errors import InputError

if TYPE_CHECKING:
    from hpt.documents.export import ExportedDocument
    from hpt.export.formats import ExportFormat, Tracker
    from hpt.export.source import Source


@dataclass(frozen=True, slots=True)
class Target:
    """What is written, and where."""

    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="FORMAT",
            autocompletion=formats,
            help="yaml, csv, json, markdown, sklearn, keras, torch, onnx; or optuna, tensorboard, mlflow, wandb.",
        ),
    ]
    trial: Annotated[int | None, typer.Option(metavar="N", help="A trial, by number, in place of the winner.")] = None
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write; - is stdout.")] = STREAM


def command(
    target: Target,
    folder: Folder,
    output: Output,
    run: Annotated[str, typer.Argument(metavar="RUN", autocompletion=runs, help="A run, by name or path.")],
    destination: Annotated[
        str | None,
        typer.Argument(metavar="DESTINATION", help="Of optuna a database, such as sqlite:///study.db; else a folder."),
    ] = None,
) -> None:
    """Write the winner of RUN, or a trial, for other tools."""
    from hpt.export.formats import Tracker, format_of
    from hpt.export.source import source_of
    from hpt.terminal.stderr import tell

    chosen = format_of(target.to)
    source = source_of(folder.runs, run, target.trial, lambda line: None if output.quiet else tell(line))
    if isinstance(chosen, Tracker):
        _hand_over(chosen, source, target, destination, output)
    elif destination is not None:
        raise InputError(f"DESTINATION: expected none, as {chosen.name} is one file, found {destination!r}. Take -o.")
    else:
        _write_file(chosen, source, target.out, output)


def _hand_over(chosen: Tracker, source: Source, target: Target, destination: str | None, output: Output) -> None:
    """Every trial of the run, or the one that was named, to a tool that keeps them."""
    if destination is None or target.out != STREAM:
        name = f"hpt export {source.run.name} --to {chosen.name}"
        raise InputError(
            f"DESTINATION: expected {chosen.destination}, after {name!r}, found {'-o' if destination else 'none'}."
        )
    from hpt.view.text import plain

    records = source.board.records if target.trial is None else (source.record,)
    said = chosen.function(source, records, destination)
    if output.as_json:
        told: ExportedDocument = {"schema": "hpt.exported/1", "run": str(source.run.folder), "format": chosen.name}
        told["trials"], told["destination"] = len(records), destination
        show_document(told)
    else:
        write_result(STREAM, f"{plain(said)}\n")


def _write_file(chosen: ExportFormat, source: Source, out: Path, output: Output) -> None:
    """The file of a format, to where it belongs."""
    near = Path.cwd() if out == STREAM else out.parent
    content = chosen.function(source, near)
    printed = out == STREAM and output.as_json
    if isinstance(content, bytes) and out == STREAM and (printed or sys.stdout is None or sys.stdout.isatty()):
        raise InputError(f"--out: expected a file, as {chosen.name} is no text, found none. Name one.")
    if not printed:
        write_result(out, content)
    if output.as_json:
        told: ExportedDocument = {"schema": "hpt.exported/1", "run": str(source.run.folder), "format": chosen.name}
        told["trial"] = source.record.trial
        if isinstance(content, str) and printed:
            told["text"] = content
        else:
            told["file"] = str(out)
        show_document(told)
