"""Results on stdout, all else on stderr, and the exit codes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from hpt.cli.options import Output
from hpt.foundation.errors import FAILED, INTERRUPTED, HptError

if TYPE_CHECKING:
    from hpt.documents.failure import ErrorDocument
    from hpt.view.page import Page

STREAM = Path("-")
"""Of a file to write: stdout."""
# Other statuses end well. Of several runs the first of these counts.
EXIT_CODES = {"interrupted": INTERRUPTED, "failed": FAILED}


def show_result(output: Output, document: Mapping[str, Any], page: Callable[[], Page]) -> None:
    """The result on stdout: one JSON document, or what `page` makes for the eye; nothing where stdout is closed."""
    if sys.stdout is None:
        return
    if output.as_json:
        show_document(document)
    else:
        from rich.console import Console

        from hpt.terminal.page import RichPage

        Console(highlight=False).print(RichPage(page()), crop=False)


def show_document(document: Mapping[str, Any]) -> None:
    """One JSON document on stdout; nothing where stdout is closed."""
    if sys.stdout is not None:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")


def write_result(out: Path, content: str | bytes) -> None:
    """A result into the file `out`, or on stdout where that is `-`. Raises RunError where it cannot be written.

    A terminal gets no control characters: labels and names come from files that may be anybody's.
    """
    if out != STREAM:
        from hpt.runs.files import write_named

        write_named(out, content.encode() if isinstance(content, str) else content)
    elif sys.stdout is not None and isinstance(content, str):
        if sys.stdout.isatty():
            from hpt.view.text import plain

            content = "\n".join(map(plain, content.split("\n")))
        sys.stdout.write(content)
    elif sys.stdout is not None and isinstance(content, bytes):
        sys.stdout.buffer.write(content)


def complain(message: str) -> None:
    """An error on stderr, each line by itself."""
    from hpt.terminal.stderr import tell

    for line in message.split("\n"):
        tell(f"error: {line}")


def end(*statuses: str) -> None:
    """Ends the command with the exit code for how its runs ended."""
    for status, code in EXIT_CODES.items():
        if status in statuses:
            raise typer.Exit(code)


@contextmanager
def exits(*, as_json: bool = False) -> Iterator[None]:
    """What a command may raise, as an exit code. as_json: whether a document is expected of a command that ran and failed."""
    try:
        try:
            yield
        finally:
            # Here, and not by the interpreter in the end, whose exit code and words would be its own.
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        # The reader of a pipe has left: nothing to say, and nobody to say it to.
        _give_up_stdout()
        sys.exit(FAILED)
    except HptError as error:
        _fail(str(error), error.exit_code, as_json=as_json)
    except OSError as error:
        _fail(f"{error.filename or 'the system'}: {error.strerror or error}.", FAILED, as_json=as_json)
    except (MemoryError, SystemError):  # what the interpreter raises where it finds no memory even for a MemoryError
        _fail("memory ran out. Take a smaller model, batch_size or population.", FAILED, as_json=as_json)
    except ImportError as error:
        _fail(f"{error.name or 'a library'}: cannot be loaded: {error.msg}.", FAILED, as_json=as_json)
    except RuntimeError as error:
        if "thread" not in str(error):  # "can't start new thread" has no class of its own
            raise
        _fail(f"the system: {error}. Allow more processes (ulimit -u) or memory (ulimit -v).", FAILED, as_json=as_json)


def _fail(message: str, code: int, *, as_json: bool) -> NoReturn:
    """Ends a command that has no result to show."""
    if as_json and code == FAILED and sys.stdout is not None:
        document: ErrorDocument = {"schema": "hpt.error/1", "status": "failed", "error": message}
        # What could not take the result may not take this either: then stderr alone tells.
        try:
            sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        except OSError:
            _give_up_stdout()
    complain(message)
    sys.exit(code)


def _give_up_stdout() -> None:
    """What is left for stdout goes nowhere: the interpreter would try once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
