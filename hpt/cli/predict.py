"""`hpt predict`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hpt.cli.completing import runs
from hpt.cli.options import Folder, Output, local_path
from hpt.cli.output import STREAM, show_document, write_result
from hpt.foundation.errors import InputError

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Answers:
    """What is predicted with, and what is said."""

    out: Annotated[Path, typer.Option("--out", "-o", metavar="OUT.csv", help="Where to write; - is stdout.")] = STREAM
    proba: Annotated[bool, typer.Option("--proba", help="The probability of each class too.")] = False
    ensemble: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Average the N best trials, trained again from the data.")
    ] = None


def command(
    answers: Answers,
    folder: Folder,
    output: Output,
    run: Annotated[
        str, typer.Argument(metavar="RUN", autocompletion=runs, help="A run, by name or path, or a folder of train --save.")
    ],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="New rows, in the columns of training; - is stdin.", parser=local_path)
    ],
) -> None:
    """Predict new rows with the winner of RUN: a CSV with `prediction`."""
    from hpt.documents.prediction import predict_document
    from hpt.study.predicting import predictor_in, winner_folder
    from hpt.terminal.stderr import tell
    from hpt.view.prediction import predictions_csv

    def say(line: str) -> None:
        if not output.quiet:
            tell(line)

    found = winner_folder(folder.runs, run)
    if answers.out != STREAM and answers.out.exists() and file.exists() and answers.out.samefile(file):
        raise InputError(f"--out: {answers.out} is the file that is read. Choose another.")
    if answers.ensemble is None:
        predictor = predictor_in(found)
    else:
        from hpt.analysis.retraining import ensemble

        predictor = ensemble(found, answers.ensemble, say)
    encoding = predictor.encoding
    if answers.proba and (encoding.classes is None or predictor.loss.probabilities is None):
        why = "of amounts there are none" if encoding.classes is None else f"{predictor.loss.name} gives none"
        raise InputError(f"--proba: expected a model that gives probabilities, found {encoding.target!r}: {why}.")
    with _file(file) as path:
        rows = predictor.read(path)
    for warning in rows.warnings:
        say(f"warning: {warning}")
    predictions = predictor.predict(rows.inputs)
    if not output.as_json or answers.out != STREAM:
        text = predictions_csv(predictions, rows, encoding.target_plan, probabilities=answers.proba)
        write_result(answers.out, text)
    if output.as_json:
        target, plan = encoding.target, encoding.target_plan
        show_document(predict_document(str(found), target, predictions, rows, plan, probabilities=answers.proba))


@contextmanager
def _file(file: Path) -> Iterator[Path]:
    """The file to read; standard input as a file of its own, which readers may go through twice."""
    if file != STREAM:
        yield file
        return
    import tempfile

    content = sys.stdin.buffer.read()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("stdin.csv.gz" if content.startswith(_GZIP) else "stdin.csv")
        path.write_bytes(content)
        yield path
