"""The Python door: the commands as functions, their results as objects. The same engine as on the command line."""

from hpt.python.commands import compare, load, train, tune
from hpt.python.results import Comparison, Run, Training

__all__ = ["Comparison", "Run", "Training", "compare", "load", "train", "tune"]
