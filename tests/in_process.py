"""The command in this process, where it takes milliseconds, and which goes on."""

import gc

from hpt.cli import main
from hpt.foundation.garbage import collect


def command() -> None:
    """Runs `sys.argv`. Raises SystemExit. Cycles are collected again afterwards, which a command of its own process can leave."""
    try:
        main()
    finally:
        collect()
        gc.unfreeze()
