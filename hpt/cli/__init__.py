"""The command line: read it, call one function, print what comes back. Everything heavy is imported inside the commands."""

from __future__ import annotations

import os
import sys
import time
from typing import NoReturn

from hpt.foundation.errors import DONE, INTERRUPTED
from hpt.foundation.garbage import hold_back
from hpt.foundation.interrupts import defer

STARTED = time.perf_counter()
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> NoReturn:
    """The console script."""
    defer()
    hold_back()
    # Sums, and so last bits, depend on how many threads share them; each would take memory all the same.
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        from hpt.cli.app import run

        run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        # CPython remembers that a KeyboardInterrupt left code run by `exec`, and `dataclass` runs such code. `python -m hpt`
        # would then end by SIGINT whatever exit code we give. An `exec` that ends well makes it forget.
        exec("")  # noqa: S102
    sys.exit(DONE)
