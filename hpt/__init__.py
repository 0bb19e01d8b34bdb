"""Hyperparameter tuning from the shell, on a NumPy core that trains a population of networks as one stack.

The commands of the shell are functions here: `hpt.tune`, `hpt.compare`, `hpt.train`, and `hpt.load` for a run that is there.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
# Types and names stand in the stub beside this file.
_NAMES = ("Comparison", "Run", "Training", "compare", "load", "train", "tune")


def __getattr__(name: str) -> Any:
    """What is asked for, imported now: `import hpt`, and so `hpt --help`, stay light."""
    if name not in _NAMES:
        raise AttributeError(f"module 'hpt' has no attribute {name!r}")
    door = import_module("hpt.python")
    # All at once, over the room that is called `compare` too, which this import has loaded.
    globals().update({each: getattr(door, each) for each in _NAMES})
    return globals()[name]


def __dir__() -> list[str]:
    return [*_NAMES, "__version__"]
