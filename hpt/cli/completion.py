"""`hpt completion`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from hpt.cli.options import Output
from hpt.cli.shell_scripts import SCRIPTS


class Shell(StrEnum):
    """The shells that there are scripts for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def command(shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")], output: Output) -> None:
    """Print the completion script of a shell: commands, flags, files, runs, settings and names of the catalogue.

    In ~/.bashrc: eval "$(hpt completion bash)"; in ~/.zshrc, after compinit: eval "$(hpt completion zsh)"; in
    ~/.config/fish/config.fish: hpt completion fish | source
    """
    typer.echo(SCRIPTS[shell.value].strip())
