"""A console that records what it would print."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console, RenderableType

Shown = Callable[[RenderableType, int], list[str]]


@pytest.fixture
def shown() -> Shown:
    """What a renderable prints at a width, line by line, without styles."""

    def show(renderable: RenderableType, width: int) -> list[str]:
        console = Console(file=io.StringIO(), width=width, height=24, force_terminal=True, no_color=True, color_system=None)
        console.print(renderable)
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue().splitlines()

    return show
