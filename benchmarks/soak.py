"""Studies and comparisons with a fault each, at a random call: `python -m benchmarks.soak`. Prints what was lost.

A command meets its fault, then `--resume` goes on until it is complete. Nothing recorded may be lost, and the leaderboard must be that of a
run that met none.
"""

from __future__ import annotations

import errno
import json
import random
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.faults import Ended, at_call, failing, forked, import_all, limited, signalled

TUNE = """
data: iris
model: linear
optimizer: {choose: [sgd, adam]}
training: {epochs: 3, batch_size: 32}
study: {trials: 16, population: 4, pruner: {type: halving, min_epochs: 1}}
"""
COMPARE = TUNE + "compare: {trials: 3, studies: 3, seeds: 1}\n"
CONFIGS = {"tune": TUNE, "compare": COMPARE}
COMPARE_EVERY = 8
MOST_CALLS = {"tune": 110, "compare": 90}
"""Of calls in a whole command, about."""
MOST_RESUMES = 4
PATIENCE = 600.0
"""Seconds after which a command that takes one is taken to wait for ever, on a machine that others use too."""
TIMELESS = ("seconds", "run", "warnings", "notices", "status", "cpu_seconds", "seconds_to_target")

Prepare = Callable[[], None]
Fault = Callable[[random.Random, int], Prepare]
FAULTS: Mapping[str, Fault] = {
    "kill -9": lambda source, most: _at(source, most, signalled(signal.SIGKILL)),
    "SIGTERM": lambda source, most: _at(source, most, signalled(signal.SIGTERM)),
    "Ctrl-C": lambda source, most: _at(source, most, signalled(signal.SIGINT)),
    "stopped and continued": lambda source, most: _at(source, most, signalled(signal.SIGSTOP)),
    "disk full": lambda source, most: _at(source, most, failing(errno.ENOSPC)),
    "I/O error": lambda source, most: _at(source, most, failing(errno.EIO)),
    "no more files": lambda source, most: _at(source, most, failing(errno.EMFILE)),
    "file size limit": lambda source, most: _limit(resource.RLIMIT_FSIZE, source.randrange(12_000)),
    "kill -9, then a torn end": lambda source, most: _at(source, most, signalled(signal.SIGKILL)),
}


@dataclass
class Found:
    """What came of one kind of fault. lost: records that had been reported. wrong: leaderboards. odd: other things, in words."""

    studies: int = 0
    met: int = 0
    lost: int = 0
    wrong: int = 0
    odd: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Counts what came of other studies too."""
        self.studies += other.studies
        self.met += other.met
        self.lost += other.lost
        self.wrong += other.wrong
        self.odd += other.odd


def main(
    studies: Annotated[int, typer.Option(help="Studies and comparisons.")] = 200,
    seed: Annotated[int, typer.Option(help="Where the faults are drawn from.")] = 0,
    jobs: Annotated[int, typer.Option(help="So many at a time.")] = 1,
) -> None:
    """Runs them, prints a table, and ends with 1 where something was lost or wrong."""
    import_all()
    found = {kind: Found() for kind in FAULTS}
    with tempfile.TemporaryDirectory() as root:
        expected = {verb: _reference(Path(root), verb) for verb in CONFIGS}
        soaked = partial(_soaked, Path(root), seed, expected)
        with get_context("fork").Pool(jobs) as pool:
            for kind, one in pool.imap_unordered(soaked, range(studies)):
                found[kind].add(one)
    print("| fault | studies | met it | records lost | wrong leaderboards |\n| --- | --- | --- | --- | --- |")
    for kind, one in found.items():
        print(f"| {kind} | {one.studies} | {one.met} | {one.lost} | {one.wrong} |")
    total = [sum(getattr(one, name) for one in found.values()) for name in ("studies", "met", "lost", "wrong")]
    print("| " + " | ".join(["all", *map(str, total)]) + " |")
    odd = [text for one in found.values() for text in one.odd]
    print("\n".join(odd))
    sys.exit(1 if total[2] or total[3] or odd else 0)


def _soaked(root: Path, seed: int, expected: Mapping[str, Any], number: int) -> tuple[str, Found]:
    """The kind of the fault of study `number`, and what came of it."""
    kind = list(FAULTS)[number % len(FAULTS)]
    verb = "compare" if number % COMPARE_EVERY == COMPARE_EVERY - 1 else "tune"
    folder, found = root / str(number), Found()
    _soak(folder, verb, kind, random.Random(f"{seed} {number}"), expected[verb], found)
    shutil.rmtree(folder)
    return kind, found


def _soak(folder: Path, verb: str, kind: str, source: random.Random, expected: Any, found: Found) -> None:
    folder.mkdir()
    (folder / "study.yaml").write_text(CONFIGS[verb])
    found.studies += 1
    prepare = FAULTS[kind](source, MOST_CALLS[verb])
    ended = _command(folder, verb, prepare=prepare)
    found.met += ended.code != 0 or kind.startswith("stopped")
    if "Traceback" in ended.err:
        found.odd.append(f"{verb}, {kind}: {ended.err[-2000:]}")
    reported, before = _recorded(folder)
    if kind.endswith("torn end") and before:
        whole = before.rstrip(b"\n").rfind(b"\n") + 1
        cut = source.randrange(whole, len(before))
        _trials(folder).write_bytes(before[:cut])
        reported, before = 0, before[:whole]
    for _ in range(MOST_RESUMES):
        if (ended := _command(folder, verb, "--resume")).code == 0:
            break
    if ended.code != 0:
        found.odd.append(f"{verb}, {kind}: resume ends with {ended.code}: {ended.err[-2000:]}")
        return
    after = _recorded(folder)[1]
    whole = before[: before.rfind(b"\n") + 1]
    kept = len(_common(whole, after).splitlines())
    found.lost += max(0, reported - kept)
    found.wrong += _timeless(json.loads(ended.out)) != expected


def _reference(root: Path, verb: str) -> Any:
    folder = root / verb
    folder.mkdir()
    (folder / "study.yaml").write_text(CONFIGS[verb])
    ended = _command(folder, verb)
    if ended.code:
        sys.exit(f"without a fault {verb} ends with {ended.code}:\n{ended.err}")
    return _timeless(json.loads(ended.out))


def _command(folder: Path, verb: str, *flags: str, prepare: Prepare = lambda: None) -> Ended:
    arguments = [verb, "study.yaml", "--jobs", "1", "--json", "--quiet", "--name", "study", *flags]
    return forked(folder, arguments, prepare, patience=PATIENCE)


def _trials(folder: Path) -> Path:
    return next(iter((folder / "runs").glob("*/trials.jsonl")), folder / "runs/study/trials.jsonl")


def _recorded(folder: Path) -> tuple[int, bytes]:
    """How many lines `run.json` tells of, and the content of `trials.jsonl`."""
    path = _trials(folder)
    metadata = path.with_name("run.json")
    content = path.read_bytes() if path.exists() else b""
    told = json.loads(metadata.read_bytes()) if metadata.exists() else {"kind": "tune", "records": 0}
    lines = json.loads(content.split(b"\n")[0])["of"] if told["kind"] == "compare" and told["records"] else 1
    return told["records"] * lines, content


def _common(one: bytes, other: bytes) -> bytes:
    return (
        one
        if other.startswith(one)
        else other[: next(i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)]
    )


def _timeless(document: Any) -> Any:
    if isinstance(document, dict):
        return {key: _timeless(value) for key, value in document.items() if key not in TIMELESS}
    return [_timeless(item) for item in document] if isinstance(document, list) else document


def _at(source: random.Random, most: int, act: Prepare) -> Prepare:
    number = source.randrange(1, most)
    return lambda: at_call(number, act)


def _limit(what: int, amount: int) -> Prepare:
    return lambda: limited(what, amount)


if __name__ == "__main__":
    typer.run(main)
