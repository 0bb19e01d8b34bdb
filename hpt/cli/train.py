"""`hpt train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpt.cli import INTERRUPTED
from hpt.cli.flags import ConfigFile, Json, Name, Overrides, Quiet, Runs, Seed, Target, Version, request_of, winner_of
from hpt.cli.output import FAILED, complain, show_result
from hpt.foundation.signals import defer

FEW_PARAMETERS = 20


def train(
    config: ConfigFile,
    overrides: Overrides = None,
    test: Annotated[bool, typer.Option("--test", help="Open the test rows at the end.")] = False,
    save: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Leave best.yaml and best.npz there.")] = None,
    seed: Seed = None,
    name: Name = None,
    target: Target = None,
    runs: Runs = Path("runs"),
    as_json: Json = False,
    quiet: Quiet = False,
    version: Version = False,
) -> None:
    """Train once with the constants of CONFIG."""
    defer()
    from hpt.study import trainer
    from hpt.study.document import train_document
    from hpt.study.interrupts import listening
    from hpt.terminal.stderr import aside
    from hpt.terminal.steps import StepLines
    from hpt.terminal.trial import training_view

    request = request_of(winner_of(config, runs), overrides, seed, name, target, runs, {})
    if save is not None:
        trainer.check_free(save)
    training = trainer.prepare(request, test=test)
    lines = StepLines(aside(), training.settings.training["epochs"], quiet=quiet)
    for warning in training.problem.dataset.warnings:
        lines.warned(warning)
    with listening(lines.warned) as interrupts:
        trained = trainer.train(
            training,
            lambda cohort: lines.moved(
                cohort.epoch,
                {name: float(values[-1, 0]) for name, values in cohort.history.items()},
                trainer.few_parameters(training, cohort, FEW_PARAMETERS),
            ),
            interrupts,
        )
    if save is not None and not trained.interrupted:
        trainer.save(training, trained.result, save)
    show_result(
        as_json, train_document(training.settings, trained.result, trained.seconds), lambda: training_view(trained.result)
    )
    if trained.interrupted:
        raise typer.Exit(INTERRUPTED)
    if trained.result.reason == "diverged":
        complain(f"the run diverged in epoch {trained.result.epochs}. Lower the learning rate, or scale the data.")
        raise typer.Exit(FAILED)
