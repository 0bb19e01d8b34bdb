"""The command line: read it, call one function, print what comes back. Everything heavy is imported inside the commands."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from hpt import __version__
from hpt.foundation.errors import HptError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from hpt.study.clock import Clock
    from hpt.study.session import Request

STARTED = time.perf_counter()
INTERRUPTED = 130
FAILED = 1
FEW_PARAMETERS = 20

app = typer.Typer(
    help="Hyperparameter tuning: which optimizer, which learning rate, and how sure can I be.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG", help="A YAML file, or a .csv or .npz data file.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Replace a node of the file; the value is YAML.")
]
Seed = Annotated[int | None, typer.Option(help="Where all randomness starts.")]
Name = Annotated[str | None, typer.Option(help="Name of the run.")]
Target = Annotated[str | None, typer.Option(metavar="COLUMN", help="The column to predict.")]
Runs = Annotated[Path, typer.Option(metavar="DIR", help="Where run folders lie.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on stderr but errors.")]
Trials = Annotated[int | None, typer.Option(metavar="N", help="Trials in all.")]
Timeout = Annotated[float | None, typer.Option(metavar="SECONDS", help="Start no generation after this.")]
Jobs = Annotated[int | None, typer.Option(metavar="N", min=1, help="Worker processes; by default the usable cores.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run that is there.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Throw away the run that is there.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hpt {__version__}")
        raise typer.Exit


@app.callback()
def hpt(
    version: Annotated[bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)] = False,
) -> None:
    """Hyperparameter tuning: which optimizer, which learning rate, and how sure can I be."""


@app.command()
def tune(
    config: ConfigFile,
    overrides: Overrides = None,
    trials: Trials = None,
    timeout: Timeout = None,
    jobs: Jobs = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    seed: Seed = None,
    name: Name = None,
    target: Target = None,
    runs: Runs = Path("runs"),
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Search the ranges of CONFIG; live leaderboard; run folder."""
    from hpt.study import session
    from hpt.study.document import tune_document
    from hpt.terminal.closing import closing
    from hpt.terminal.watch import watcher

    settings = {"study.trials": trials, "study.timeout": timeout}
    request = _request(config, overrides, seed, name, target, runs, settings, jobs, resume, overwrite)
    clock = _clock()
    finished = session.tune(request, watcher(_console(stderr=True), quiet), clock)
    document = tune_document(str(finished.folder), finished.status, finished.leaderboard, finished.seconds)
    again = "hpt " + shlex.join([*(a for a in sys.argv[1:] if a not in ("--resume", "--overwrite")), "--resume"])
    _show(as_json, document, lambda: closing(str(finished.folder), finished.status, finished.leaderboard, again))
    if finished.advice:
        _complain(finished.advice)
    if finished.status in ("interrupted", "timeout") and as_json and not quiet:
        sys.stderr.write(f"Go on: {again}\n")
    if finished.status == "interrupted":
        raise typer.Exit(INTERRUPTED)
    if finished.status == "failed":
        raise typer.Exit(FAILED)


@app.command()
def train(
    config: ConfigFile,
    overrides: Overrides = None,
    test: Annotated[bool, typer.Option("--test", help="Open the test rows at the end.")] = False,
    save: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Leave best.yaml and best.npz there.")] = None,
    seed: Seed = None,
    name: Name = None,
    target: Target = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train once with the constants of CONFIG."""
    from hpt.study import trainer
    from hpt.study.document import train_document
    from hpt.study.interrupts import listening
    from hpt.terminal.steps import StepLines
    from hpt.terminal.trial import training_view

    request = _request(config, overrides, seed, name, target, Path("runs"), {})
    if save is not None:
        trainer.check_free(save)
    training = trainer.prepare(request, test=test)
    lines = StepLines(_console(stderr=True), training.settings.training["epochs"], quiet=quiet)
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
    _show(as_json, train_document(training.settings, trained.result, trained.seconds), lambda: training_view(trained.result))
    if trained.interrupted:
        raise typer.Exit(INTERRUPTED)
    if trained.result.reason == "diverged":
        _complain(f"the run diverged in epoch {trained.result.epochs}. Lower the learning rate, or scale the data.")
        raise typer.Exit(FAILED)


@app.command()
def show(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="A run, by name or path.")] = None,
    trial: Annotated[int | None, typer.Argument(metavar="[TRIAL]", help="A trial, by number.")] = None,
    top: Annotated[int, typer.Option(metavar="N", min=1, help="Rows of the leaderboard.")] = 10,
    sort: Annotated[str | None, typer.Option(metavar="METRIC", help="Order by this metric, best first.")] = None,
    runs: Runs = Path("runs"),
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List the runs, show the leaderboard of one, or one trial in full."""
    from hpt.study import showing
    from hpt.study.document import runs_document, trial_document, tune_document
    from hpt.terminal.closing import run_rows, run_view
    from hpt.terminal.tables import runs_table
    from hpt.terminal.trial import trial_view

    if run is None:
        found = showing.listing(runs)
        _show(as_json, runs_document(found), lambda: runs_table(run_rows([entry.facts for entry in found])))
        return
    shown = showing.load(runs, run, sort)
    folder = str(shown.run.folder)
    if trial is None:
        document = tune_document(folder, shown.facts["status"], shown.board, shown.facts.get("seconds"))
        view = run_view(shown.run.name, document["status"], shown.board, top, [sort] if sort else [], shown.facts["trials"])
        _show(as_json, document, lambda: view)
    else:
        record = showing.trial_of(shown, trial)
        _show(as_json, trial_document(folder, shown.board, record), lambda: trial_view(record, shown.board))


@app.command("list")
def list_kinds(
    kind: Annotated[str | None, typer.Argument(metavar="[KIND]", help="optimizers, schedules, losses, …")] = None,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One entry, in full.")] = None,
    as_json: Json = False,
) -> None:
    """Show the catalogue: hyperparameters, defaults, default ranges, formulas, references."""
    from hpt.study.catalogue import kinds, list_document, named
    from hpt.terminal.catalogue import catalogue_view

    tables = kinds(kind) if name is None else named(kind, name)
    _show(as_json, list_document(tables), lambda: catalogue_view(tables, full=kind is not None))


def _request(
    config: Path,
    overrides: list[str] | None,
    seed: int | None,
    name: str | None,
    target: str | None,
    runs: Path,
    settings: Mapping[str, Any],
    jobs: int | None = None,
    resume: bool = False,
    overwrite: bool = False,
) -> Request:
    """The request of a command; flags of their own become overrides, behind those of --set."""
    from hpt.foundation.errors import InputError
    from hpt.study.session import Request

    pairs = [tuple(item.partition("=")[::2]) for item in overrides or ()]
    wrong = [
        f"--set {item}: expected PATH=VALUE, such as training.epochs=20." for item in overrides or () if "=" not in item
    ]
    if wrong:
        raise InputError(wrong)
    flags = {"seed": seed, "name": name, "data.target": target, **settings}
    pairs += [(path, json.dumps(value)) for path, value in flags.items() if value is not None]
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Request(config, [(path, value) for path, value in pairs], runs, jobs or usable, resume, overwrite)


def _clock() -> Clock:
    from hpt.study.clock import Clock

    return Clock(STARTED)


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def _show(as_json: bool, document: Mapping[str, Any], view: Callable[[], RenderableType]) -> None:
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")
    else:
        _console().print(view(), crop=False)


def _complain(message: str) -> None:
    for line in message.splitlines():
        sys.stderr.write(f"error: {line}\n")


@contextmanager
def _exits() -> Iterator[None]:
    """What a command may raise, as an exit code."""
    try:
        yield
    except HptError as error:
        _complain(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of a pipe has left: nothing to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)


def main() -> NoReturn:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    with _exits():
        app()
    sys.exit(0)
