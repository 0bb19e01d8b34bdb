"""A terminal's screen, made from the bytes a program writes to it."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|(\r)|(\n)|([^\x1b\r\n])")


class Screen:
    """The visible lines after `text`: the cursor's moves, erased lines, wrapping and scrolling; colours are left out."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._rows: list[list[str]] = [[]]
        self._row = self._column = 0

    def feed(self, text: str) -> Screen:
        """The same after `text`, in which a line feed also returns, as where a terminal's driver adds it."""
        for order, letter, back, feed, character in _TOKEN.findall(text):
            if back:
                self._column = 0
            elif feed:
                self._down()
            elif character:
                self._put(character)
            else:
                self._obey(letter, order)
        return self

    @property
    def lines(self) -> list[str]:
        """What is seen, from the top."""
        return ["".join(row).rstrip() for row in self._rows[-self.height :]]

    @property
    def text(self) -> str:
        """What is seen."""
        return "\n".join(self.lines)

    def _put(self, character: str) -> None:
        if self._column == self.width:
            self._down()
        row = self._rows[self._row]
        row += [" "] * (self._column + 1 - len(row))
        row[self._column] = character
        self._column += 1

    def _down(self) -> None:
        self._row += 1
        self._column = 0
        if self._row == len(self._rows):
            self._rows.append([])

    def _obey(self, letter: str, order: str) -> None:
        if letter == "A":
            # What has left the screen at its top is out of reach.
            self._row = max(self._row - int(order or 1), len(self._rows) - self.height, 0)
        elif letter == "K":
            assert order == "2", f"erase {order!r}"
            self._rows[self._row] = []
        else:
            assert letter in "mlh", f"an order {order}{letter} that this screen does not know"
