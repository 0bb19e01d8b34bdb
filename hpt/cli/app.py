"""The program is a list of verbs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from keyword import iskeyword
from typing import Any

import typer

from hpt.cli.groups import flattened
from hpt.cli.options import Version
from hpt.cli.output import exits
from hpt.cli.shell_scripts import VARIABLE
from hpt.foundation.address_space import check_address_space
from hpt.foundation.interrupts import answer

# A verb is a module of this folder, whose function `command` has the verb's help and options. The module is named like the verb,
# with `_` for `-`, and one more after a word of Python's.
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
    "import",
    "schema",
    "completion",
    "scheduler",
    "worker",
    "workers",
    "cluster-keys",
)

# What trains for long leaves its result where it is stopped; other commands end at once.
STOPPED_IN_ORDER = ("tune", "compare", "train")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def hpt(version: Version = False) -> None:
    """Hyperparameter tuning: which optimizer, which learning rate, and how sure can I be."""


def _answering(command: Callable[..., None]) -> Callable[..., None]:
    @wraps(command)
    def called(*arguments: Any, **given: Any) -> None:
        answer()
        command(*arguments, **given)

    return called


def module_of(verb: str) -> str:
    """The module of a verb."""
    return f"{verb}_" if iskeyword(verb) else verb.replace("-", "_")


for verb in VERBS:
    command = import_module(f"hpt.cli.{module_of(verb)}").command
    app.command(verb)(flattened(command if verb in STOPPED_IN_ORDER else _answering(command)))


def run() -> None:
    """Reads the command line and runs the command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    with exits(as_json="--json" in sys.argv[1:]):
        check_address_space()
        if VARIABLE in os.environ:
            from hpt.cli.completions import answer_shell

            answer_shell(app, sys.argv[1:])
        else:
            app()
