"""Where one training run stands, a line now and then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console

from hpt.terminal.formats import number
from hpt.terminal.text import clean


class StepLines:
    """Epoch, loss and, where they are few, the parameters: at most some twenty lines a run, or the last epochs of a slow one."""

    def __init__(self, console: Console, epochs: int, *, quiet: bool) -> None:
        self._console = console
        self._every = max(1, epochs // 20)
        self._next = self._every
        self._epochs = epochs
        self._quiet = quiet

    def moved(self, epoch: int, metrics: Mapping[str, float], parameters: Mapping[str, Sequence[float]] | None) -> None:
        """Epoch `epoch` is done, with its `metrics` and, for a small model, the `parameters` after it."""
        if self._quiet or epoch < self._next:
            return
        self._next = epoch - epoch % self._every + self._every
        shown = [f"{name} {number(value)}" for name, value in metrics.items()]
        for name, values in (parameters or {}).items():
            shown.append(f"{name} {', '.join(number(value) for value in values)}")
        self._say(f"epoch {epoch}/{self._epochs}: {'  '.join(shown)}")

    def warned(self, message: str) -> None:
        """Something to know."""
        if not self._quiet:
            self._say(f"warning: {message}")

    def _say(self, line: str) -> None:
        self._console.print(clean(line), soft_wrap=True)
