"""The command line: read it, call one function, print what comes back. Everything heavy is imported inside the commands."""

from __future__ import annotations

import sys
import time
from typing import NoReturn

from hpt.foundation.signals import remember

STARTED = time.perf_counter()
INTERRUPTED = 130


def main() -> NoReturn:
    """The console script."""
    remember()
    try:
        from hpt.cli.app import run

        run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    sys.exit(0)
