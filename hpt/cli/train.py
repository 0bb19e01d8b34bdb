"""`hpt train`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hpt.cli.gate import Gate, Told, add_verdicts, enforce, judge, requirements_of
from hpt.cli.options import Basis, ConfigFile, Folder, Output, Overrides
from hpt.cli.output import complain, end, show_result
from hpt.cli.request import request_of, winner_of
from hpt.foundation.errors import RunError


@dataclass(frozen=True, slots=True)
class Ending:
    """What happens after the last epoch."""

    test: Annotated[bool, typer.Option("--test", help="Open the test rows at the end.")] = False
    save: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Leave best.yaml and best.npz there.")] = None


def command(
    config: ConfigFile, overrides: Overrides, ending: Ending, gate: Gate, basis: Basis, folder: Folder, output: Output
) -> None:
    """Train once with the constants of CONFIG."""
    from hpt.documents.study import FEW_PARAMETERS, train_document
    from hpt.foundation.finite import finite
    from hpt.foundation.interrupts import listening
    from hpt.study import trainer
    from hpt.terminal.plain_lines import TrainingLines
    from hpt.terminal.stderr import stderr_console
    from hpt.view.trial import training_page

    requirements = requirements_of(gate)
    request = request_of(winner_of(config, folder.runs), overrides, folder, basis)
    if ending.save is not None:
        trainer.check_free(ending.save)
    training = trainer.prepare(request, test=ending.test)
    lines = TrainingLines(stderr_console(), training.settings.training["epochs"], quiet=output.quiet)
    if (file := trainer.data_file(training)) is not None:
        lines.say(f"note: data is read from {file}")
    for warning in (*trainer.other_data(training), *training.data.warnings):
        lines.warned(warning)
    with listening(lines.warned) as interrupts:
        trained = trainer.train(
            training,
            lambda state: lines.moved(
                state.epoch,
                {name: values[-1] for name, values in state.history().items()},
                trainer.few_parameters(state, FEW_PARAMETERS),
            ),
            interrupts,
        )
    result, objective = trained.result, training.data.objective.metric
    unsaved = None
    if ending.save is not None and not trained.interrupted and result.weights:
        try:
            trainer.save(training, result, ending.save)
        except RunError as error:
            unsaved = str(error)
    status = "interrupted" if trained.interrupted else "failed" if result.reason == "diverged" else "completed"
    metrics = {name: finite(value) for name, value in result.metrics.items()}
    test = None if trained.interrupted else trainer.on_test_rows(training, result)
    page = training_page(result, objective, test)
    told = Told("train", training.data.config.name, status, metrics, trained.seconds, lambda: page)
    verdicts = judge(gate, requirements, told)
    document = train_document(training.settings, result, test, trained.seconds)
    add_verdicts(document, verdicts)
    show_result(output, document, told.page)
    if status == "failed":
        complain(f"the run diverged in epoch {result.epochs}. Lower the learning rate, or scale the data.")
    if unsaved is not None:
        complain(unsaved)
        status = "failed"
    end(status)
    enforce(verdicts)
