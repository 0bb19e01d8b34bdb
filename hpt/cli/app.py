"""The program is a list of verbs."""

from __future__ import annotations

import sys
from importlib import import_module

import typer

from hpt.cli.groups import flattened
from hpt.cli.options import Version
from hpt.cli.output import exits

# A verb is a module of this folder, named like it with `_` for `-`, whose function `command` has the verb's help and options.
VERBS = (
    "init",
    "check",
    "tune",
    "compare",
    "train",
    "lr-find",
    "show",
    "predict",
    "report",
    "export",
    "list",
    "replay",
    "widen",
    "schema",
    "scheduler",
    "worker",
    "workers",
    "cluster-keys",
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def hpt(version: Version = False) -> None:
    """Hyperparameter tuning: which optimizer, which learning rate, and how sure can I be."""


for verb in VERBS:
    app.command(verb)(flattened(import_module(f"hpt.cli.{verb.replace('-', '_')}").command))


def run() -> None:
    """Reads the command line and runs the command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    with exits():
        app()
