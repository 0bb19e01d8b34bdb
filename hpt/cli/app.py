"""The program is a list of verbs."""

from __future__ import annotations

import sys

import typer

from hpt.cli.compare import compare
from hpt.cli.flags import Version
from hpt.cli.listing import list_kinds
from hpt.cli.lr_find import lr_find
from hpt.cli.output import exits
from hpt.cli.schema import schema
from hpt.cli.show import show
from hpt.cli.train import train
from hpt.cli.tune import tune

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def hpt(version: Version = False) -> None:
    """Hyperparameter tuning: which optimizer, which learning rate, and how sure can I be."""


app.command()(tune)
app.command()(compare)
app.command()(train)
app.command("lr-find")(lr_find)
app.command()(show)
app.command("list")(list_kinds)
app.command()(schema)


def run() -> None:
    """Reads the command line and runs the command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    with exits():
        app()
