"""What happened to the winner's files of a run after they were written."""

from __future__ import annotations

from pathlib import Path

from hpt.foundation.errors import InputError
from hpt.runs.files import digest
from hpt.runs.finding import BEST_CONFIG, BEST_WEIGHTS
from hpt.runs.run_metadata import RunMetadata


def changed_files(folder: Path, metadata: RunMetadata) -> list[str]:
    """What is wrong with the winner's files in a run folder, a sentence each: one is not there, or not as it was written.

    Of a run whose metadata know no digests, of an hpt before there were any, only that they are there is checked.
    """
    found = []
    for name in (BEST_CONFIG, BEST_WEIGHTS):
        try:
            actual = digest(folder / name)
        except InputError as error:
            found.append(str(error))
            continue
        expected = actual if metadata.winner is None else metadata.winner.get(name)
        if actual is None or actual != expected:
            found.append(f"{folder / name}: {'not there' if actual is None else 'changed after it was written'}.")
    return found
