"""What the scripts of `hpt completion` ask."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence

import typer
from typer._click.shell_completion import CompletionItem, ShellComplete

from hpt.cli.completion import Shell
from hpt.cli.shell_scripts import VARIABLE

# All else is escaped where bash puts it in.
_QUOTED = re.compile(r"([^\w./=,:@%+~-])")
# Where bash says at which characters it breaks words.
_BREAKS = "COMP_WORDBREAKS"


class _Completions(ShellComplete):
    """The completions of a word, without a shell's way of asking and of being told."""

    def source_vars(self) -> dict[str, object]:
        return {}

    def get_completion_args(self) -> tuple[list[str], str]:
        return [], ""

    def format_completion(self, item: CompletionItem) -> str:
        return str(item.value)


def answer_shell(app: typer.Typer, arguments: Sequence[str]) -> None:
    """Prints what the last of `arguments`, a word that is begun, can go on as: one a line, in the way of the shell that asks."""
    shell = os.environ[VARIABLE]
    words, quoted = _words(arguments[0]) if shell == Shell.BASH else (list(arguments), False)
    *whole, begun = words or [""]
    found = _Completions(typer.main.get_command(app), {"obj": whole}, "hpt", VARIABLE).get_completions(whole, begun)
    option, equals, _ = begun.partition("=") if begun.startswith("--") else ("", "", "")
    items = {f"{option if equals else ''}{equals}{item.value}": (item.help or "") for item in found}
    lines = _bash(items, begun, quoted=quoted) if shell == Shell.BASH else _described(items)
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _words(line: str) -> tuple[list[str], bool]:
    """The words of a line of bash up to the cursor, without the program; the last is begun; and whether in a quote still open."""
    reader = shlex.shlex(line, posix=True)
    reader.whitespace_split, reader.commenters = True, ""
    words: list[str] = []
    try:
        while (word := reader.get_token()) is not None:
            words.append(word)
    except ValueError:
        return [*words, reader.token][1:], True
    if line[-1:].isspace() and not line.endswith("\\ "):
        words.append("")
    return words[1:], False


def _bash(items: Iterable[str], begun: str, *, quoted: bool) -> Iterator[str]:
    """bash replaces what follows the last character at which it breaks words, outside of quotes, and takes what it gets as it is."""
    if quoted:
        yield from items
        return
    breaks = set(os.environ.get(_BREAKS, "=:")) & set("=:")
    kept = max((begun.rfind(each) + 1 for each in breaks), default=0)
    for value in items:
        yield _QUOTED.sub(r"\\\1", value[kept:])


def _described(items: dict[str, str]) -> Iterator[str]:
    for value, text in items.items():
        yield f"{value}\t{' '.join(text.split())}" if text else value
