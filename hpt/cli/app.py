"""The program is a list of verbs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cached_property, wraps
from importlib import import_module
from keyword import iskeyword
from typing import Any

import typer
from typer._click.core import Command, Parameter
from typer.core import TyperCommand
from typer.main import get_command_from_info
from typer.models import CommandInfo

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


class Verb(TyperCommand):
    """A command whose options are read when they are asked for: the help of the program asks for none."""

    @cached_property
    def _whole(self) -> Command:
        verb = str(self.name)
        command = _function(verb)
        info = CommandInfo(verb, callback=flattened(command if verb in STOPPED_IN_ORDER else _answering(command)))
        return get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode=None)

    @property
    def params(self) -> list[Parameter]:
        return self._whole.params

    @params.setter
    def params(self, _: list[Parameter]) -> None: ...

    @property
    def callback(self) -> Callable[..., Any] | None:
        return self._whole.callback

    @callback.setter
    def callback(self, _: Callable[..., Any] | None) -> None: ...


def _function(verb: str) -> Callable[..., None]:
    found: Callable[..., None] = import_module(f"hpt.cli.{module_of(verb)}").command
    return found


def _named() -> None:
    """Stands for a verb until its function is asked for."""


for verb in VERBS:
    app.command(verb, cls=Verb, help=_function(verb).__doc__)(_named)


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
