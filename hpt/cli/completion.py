"""`hpt completion`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from hpt.cli.options import Output

VARIABLE = "_HPT_COMPLETE"
"""Where the shell asks for completions, as the scripts of Typer do."""


class Shell(StrEnum):
    """The shells whose scripts Typer writes."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def command(shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")], output: Output) -> None:
    """Print the completion script of a shell: commands, flags, files, runs and names of the catalogue.

    In ~/.bashrc: eval "$(hpt completion bash)"
    """
    from typer._completion_shared import get_completion_script

    typer.echo(get_completion_script(prog_name="hpt", complete_var=VARIABLE, shell=shell.value))
