"""Start-up and memory of whole commands."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import click
import typer

from benchmarks.commands import ROOT, run, tune
from benchmarks.measuring import Effort, Measured, Reading, costlier, interleave
from benchmarks.workloads import W1

BARE = "bare"


def help_page(effort: Effort) -> Measured:
    """`hpt --help` beside a Typer application that declares the same commands and does nothing."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / f"{BARE}.py").write_text(bare_application(), encoding="utf-8")
        calls = {"ours": partial(run, "hpt", "--help"), "bare": partial(run, BARE, "--help", path=Path(name))}
        seconds = interleave(effort.repeat, **calls)
    return Measured({"start.help": costlier(seconds["ours"], seconds["bare"], "ms", 1e3)})


def bare_application() -> str:
    """The source of a Typer application with this project's commands, arguments, options and help."""
    from hpt.cli.app import app

    group = typer.main.get_command(app)
    lines = [
        "from typing import Annotated, Optional",
        "import typer",
        f"app = typer.Typer(help={group.help!r}, no_args_is_help=True, add_completion=False)",
    ]
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        taken = ", ".join(declared(parameter) for parameter in command.params)
        function = name.replace("-", "_") + "_command"
        lines.append(f"@app.command({name!r}, help={command.help!r})\ndef {function}({taken}): ...")
    return "\n".join([*lines, "app()", ""])


def declared(parameter: click.Parameter) -> str:
    """One parameter of a command as Typer reads it."""
    about = f"help={getattr(parameter, 'help', None)!r}"
    if parameter.param_type_name == "argument":
        return f"{parameter.name}: Annotated[Optional[str], typer.Argument({about})] = None"
    kind = (
        "bool" if getattr(parameter, "is_flag", False) else "Optional[list[str]]" if parameter.multiple else "Optional[str]"
    )
    value = "False" if kind == "bool" else "None"
    return f"{parameter.name}: Annotated[{kind}, typer.Option({', '.join(map(repr, parameter.opts))}, {about})] = {value}"


def everyday(effort: Effort) -> Measured:
    """Seconds of `hpt train configs/line.yaml` and of `hpt show`, start to exit."""
    with tempfile.TemporaryDirectory() as name:
        run("hpt", *tune(W1, Path(name), 4, 1, {"training.epochs": 1}))
        calls = {
            "train": partial(run, "hpt", "train", ROOT / "configs" / "line.yaml", "--quiet"),
            "show": partial(run, "hpt", "show", "--runs", name),
        }
        seconds = interleave(effort.repeat, **calls)
    return Measured({f"start.{command}": Reading(taken, taken) for command, taken in seconds.items()})


def memory(effort: Effort) -> Measured:
    """Peak resident megabytes of the command that trains W1 with 32 trials stacked."""
    peaks = []
    for _ in range(effort.long):
        with tempfile.TemporaryDirectory() as name:
            peaks.append(run("hpt", *tune(W1, Path(name), 32, 1, {"training.epochs": effort.size(20, 1)})).kilobytes / 1024)
    return Measured({"memory": Reading(peaks, peaks, unit="MB")})
