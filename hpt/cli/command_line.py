"""What a command line that is still being typed is about: its configuration, its run, its folder for runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_YAML = (".yaml", ".yml")
_TEXT = {".csv": ",", ".tsv": "\t"}
_LONGEST = 1_000_000
"""Of a longer file nobody waits for completions."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The whole words of a command line, without the program's name."""

    words: Sequence[str]

    @property
    def runs(self) -> Path:
        """The folder for runs."""
        found = "runs"
        for at, word in enumerate(self.words):
            if word == "--runs" and at + 1 < len(self.words):
                found = self.words[at + 1]
            elif word.startswith("--runs="):
                found = word.partition("=")[2]
        return Path(found)

    @property
    def run(self) -> Path | None:
        """The first run that is named."""
        return next(self._runs(), None)

    @property
    def configuration(self) -> Any:
        """The content of the first configuration, or of that of the first run; None where there is none that can be read."""
        import yaml

        files = [Path(word) for word in self.words if Path(word).suffix in _YAML]
        for file in (*files, *(run / "config.yaml" for run in self._runs())):
            try:
                if file.stat().st_size <= _LONGEST:
                    return yaml.safe_load(file.read_text("utf-8"))
            except (OSError, ValueError, yaml.YAMLError):
                continue
        return None

    def columns(self) -> list[str]:
        """The titles of the first delimited file."""
        import csv

        for word in self.words:
            file = Path(word)
            try:
                if file.suffix in _TEXT:
                    with file.open(encoding="utf-8-sig", newline="") as lines:
                        return next(csv.reader(lines, delimiter=_TEXT[file.suffix]), [])
            except (OSError, ValueError, csv.Error):
                continue
        return []

    def _runs(self) -> Iterator[Path]:
        for word in self.words[1:]:
            for folder in (self.runs / word, Path(word)):
                if not word.startswith("-") and (folder / "run.json").is_file():
                    yield folder
