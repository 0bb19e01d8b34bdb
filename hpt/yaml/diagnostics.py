"""Problems about a configuration: where, which key, what was expected, what was found; raised together, in line order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hpt.foundation.errors import InputError

LIMIT = 200
_NAMES = 12
_PATH = 200


@dataclass(frozen=True, slots=True)
class Location:
    """A line of a file, or (`line` 0) another source, such as `--set training.epochs`."""

    source: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}" if self.line else self.source


class Problems:
    """Collects problems. Raises InputError at the end, or on the `LIMIT`th: nobody mends more at once."""

    def __init__(self) -> None:
        self._found: list[tuple[Location, str]] = []

    def __len__(self) -> int:
        return len(self._found)

    def add(self, location: Location, path: str, text: str) -> None:
        """Adds `text` about the dotted `path` (empty where no key is concerned), which is cut where it is long."""
        path = shortened(".".join(shortened(key) for key in path.split(".")), _PATH)
        problem = (location, f"{location}: {path}: {text}" if path else f"{location}: {text}")
        if problem not in self._found:
            self._found.append(problem)
        if len(self._found) >= LIMIT:
            self.raise_any()

    def raise_any(self) -> None:
        """Raises InputError with all problems, if any: the file's by line, then those of overrides."""
        if self._found:
            by_line = sorted(self._found, key=lambda found: (found[0].line == 0, found[0].line))
            raise InputError([text for _, text in by_line])


def location_of(path: str, locations: Mapping[str, Location]) -> Location:
    """The location of the dotted `path`, or of the nearest mapping around it that was written; `locations` has that of ""."""
    while path and path not in locations:
        path = path.rpartition(".")[0]
    return locations[path]


def listed(names: Iterable[object]) -> str:
    """`names` as `a, b, c`, the first dozen of them."""
    known = [str(name) for name in names]
    return ", ".join(known[:_NAMES]) + (", …" if len(known) > _NAMES else "")


def shortened(text: str, width: int = 40) -> str:
    """`text` on one line without control characters, cut to `width`."""
    printable = "".join(c if c.isprintable() else "�" for c in text[: width + 1])
    return printable if len(printable) <= width else printable[: width - 1] + "…"
