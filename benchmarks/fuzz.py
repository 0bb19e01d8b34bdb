"""Random input at every door: `python -m benchmarks.fuzz`, ten minutes a surface. Prints cases and findings.

A finding is anything but a result or a refusal in words: another exception, a table of known meaning that is refused or read
as something else, or more than two seconds in a reader.
"""

from __future__ import annotations

import contextlib
import io
import random
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.faults import import_all
from benchmarks.fuzz_surfaces import SURFACES, Case
from hpt.foundation.errors import HptError

MOST_SECONDS = 2.0
MOST_SHOWN = 5


@dataclass
class Found:
    """What came of a surface. slowest: seconds of CPU of the slowest case."""

    cases: int = 0
    refused: int = 0
    slowest: float = 0.0
    findings: list[str] = field(default_factory=list)


def main(
    minutes: Annotated[float, typer.Option(help="For each surface.")] = 10,
    seed: Annotated[int, typer.Option(help="Where cases are drawn from.")] = 0,
    surface: Annotated[list[str] | None, typer.Option(help="These only.")] = None,
    case: Annotated[int | None, typer.Option(help="This one alone, of one surface; what it raises comes out.")] = None,
) -> None:
    """Tries each surface for so long, prints a table, and ends with 1 where there are findings."""
    warnings.simplefilter("error")
    if unknown := set(surface or ()) - set(SURFACES):
        raise typer.BadParameter(f"expected some of {', '.join(SURFACES)}; found {', '.join(sorted(unknown))}")
    import_all()
    if case is not None:
        folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
        print(f"in {folder}")
        for name in surface or ():
            SURFACES[name](random.Random(case), folder)
        return
    found: dict[str, Found] = {}
    with tempfile.TemporaryDirectory() as root:
        for name in surface or SURFACES:
            folder = Path(root) / name.replace(" ", "-")
            folder.mkdir()
            found[name] = fuzz(SURFACES[name], folder, random.Random(f"{seed} {name}"), minutes * 60)
    print("| surface | cases | refused | slowest, s | findings |\n| --- | --- | --- | --- | --- |")
    for name, one in found.items():
        print(f"| {name} | {one.cases:,} | {one.refused:,} | {one.slowest:.2f} | {len(one.findings)} |")
    for name, one in found.items():
        for text in one.findings[:MOST_SHOWN]:
            print(f"\n{name}: {text}")
    sys.exit(1 if any(one.findings for one in found.values()) else 0)


def fuzz(case: Case, folder: Path, source: random.Random, seconds: float) -> Found:
    """What comes of `case` in `folder`, again and again for so long."""
    found = Found()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        state = source.getrandbits(64)
        began = time.process_time()
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                case(random.Random(state), folder)
        except HptError:
            found.refused += 1
        except BaseException as error:  # noqa: BLE001  whatever it is, it should not have come out
            found.findings.append(f"case {state}: {type(error).__name__}: {error}"[:2000])
        spent = time.process_time() - began
        found.slowest = max(found.slowest, spent)
        if spent > MOST_SECONDS:
            found.findings.append(f"case {state}: {spent:.1f} s")
        found.cases += 1
    return found


if __name__ == "__main__":
    typer.run(main)
