"""The command line: read it, call one function, print what comes back. Everything heavy is imported inside the commands."""

from __future__ import annotations

import sys
import time
from typing import NoReturn

STARTED = time.perf_counter()
INTERRUPTED = 130


def main() -> NoReturn:
    """The console script."""
    try:
        from hpt.cli.app import run

        run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        # Ctrl-C in code that is made from text, as dataclasses are, would have `python -m` end by the signal whatever the exit
        # code is, unless other such code has run since.
        exec("")  # noqa: S102
    sys.exit(0)
