"""Random input at every door: `python -m benchmarks.fuzz`, ten minutes a surface. Prints cases and findings.

A finding is anything but a result or a refusal in words: another exception, or more than two seconds in a reader.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import shutil
import string
import sys
import tempfile
import time
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from zlib import crc32

import numpy as np
import typer

from benchmarks.faults import Ended, called, forked, import_all
from hpt.configuration import config as configuration
from hpt.configuration.resolution import Override
from hpt.foundation.errors import REFUSED, HptError, InputError
from hpt.study.preparing import problem_of
from hpt.yaml.tree import dump

MOST_SECONDS = 2.0
MOST_SHOWN = 5
CONFIG = """
name: fuzz
seed: 7
data: {source: iris, validation: 0.2, test: 0.2}
model: {type: mlp, hidden: [8, 4], activation: {values: [relu, tanh]}, dropout: 0.1}
optimizer:
  choose:
    sgd: {learning_rate: {min: 1e-4, max: 1.0, scale: log}, momentum: {min: 0.5, max: 0.99, scale: reverse_log}}
    adam: {learning_rate: 0.01, betas: [0.9, {min: 0.9, max: 0.999}]}
    rmsprop: default
training: {batch_size: {values: [16, 32]}, epochs: 3, schedule: cosine, stop: {patience: 3}}
study: {trials: 4, pruner: {type: halving, eta: 3}, objective: validation_loss}
"""
WORDS = (
    *(
        "data",
        "model",
        "optimizer",
        "training",
        "study",
        "compare",
        "choose",
        "values",
        "min",
        "max",
        "scale",
        "log",
        "step",
    ),
    *(
        "name",
        "seed",
        "iris",
        "adam",
        "sgd",
        "epochs",
        "hidden",
        "null",
        "true",
        "no",
        "010",
        "1e-3",
        "1e999",
        "-1",
        "0",
        ".nan",
    ),
    *(
        "12:30:45",
        "2020-01-01",
        "&a",
        "*a",
        "!!python/object:os.system",
        "---",
        "...",
        "[",
        "]",
        "{",
        "}",
        ": ",
        "- ",
        "\n",
        "\t",
    ),
    *("'", '"', "#", "|", ">", "%", "@", "`", "\x00", "\x1b[", "\u2028", "é", "\ufeff", "𝛼", "9" * 50, "[/]", "../x", "<b>"),
)
SHORT = ("show", "list", "schema", "check")
VERBS = (*SHORT, *SHORT, "train", "replay", "predict", "report", "export", "tune")
RESUMED = 0.02
"""The share of run folders that are gone on with, which takes a thousand times as long as to show them."""
FLAGS = (
    "--json",
    "--quiet",
    "--set",
    "--seed",
    "--name",
    "--target",
    "--runs",
    "--top",
    "--sort",
    "--trials",
    "--help",
    "--test",
)

Case = Callable[[random.Random, Path], None]


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
) -> None:
    """Tries each surface for so long, prints a table, and ends with 1 where there are findings."""
    warnings.simplefilter("error")
    import_all()
    found: dict[str, Found] = {}
    with tempfile.TemporaryDirectory() as root:
        for name in surface or SURFACES:
            folder = Path(root) / name.replace(" ", "-")
            folder.mkdir()
            found[name] = _fuzz(SURFACES[name], folder, random.Random(f"{seed} {name}"), minutes * 60)
    print("| surface | cases | refused | slowest, s | findings |\n| --- | --- | --- | --- | --- |")
    for name, one in found.items():
        print(f"| {name} | {one.cases:,} | {one.refused:,} | {one.slowest:.2f} | {len(one.findings)} |")
    for name, one in found.items():
        for text in one.findings[:MOST_SHOWN]:
            print(f"\n{name}: {text}")
    sys.exit(1 if any(one.findings for one in found.values()) else 0)


def _fuzz(case: Case, folder: Path, source: random.Random, seconds: float) -> Found:
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


def mutated(source: random.Random, content: bytes, pieces: tuple[bytes, ...]) -> bytes:
    """`content` with a few places cut, doubled, overwritten or filled with one of `pieces`."""
    made = bytearray(content)
    for _ in range(source.choice((1, 1, 2, 4, 16))):
        at = source.randrange(len(made) + 1)
        end = min(len(made), at + source.choice((0, 1, 1, 4, 40)))
        change = source.randrange(5)
        if change == 0:
            del made[at:end]
        elif change == 1:
            made[at:at] = made[at:end] * source.choice((1, 2, 50))
        elif change == 2:
            made[at:end] = source.randbytes(end - at)
        else:
            made[at:end] = source.choice(pieces)
    return bytes(made)


def _read(path: Path, *overrides: Override) -> configuration.Config:
    return configuration.read(path, overrides=overrides, mode="tune")


def yaml_case(source: random.Random, folder: Path) -> None:
    """A configuration with things done to it, or words strewn about."""
    words = tuple(word.encode() for word in WORDS)
    if source.random() < 0.8:
        content = mutated(source, CONFIG.encode(), words)
    else:
        content = b"".join(source.choice((*words, b" ", b"\n  ")) for _ in range(source.randrange(200)))
    (folder / "fuzz.yaml").write_bytes(content)
    config = _read(folder / "fuzz.yaml")
    (folder / "again.yaml").write_text(dump(config.resolved(folder)), encoding="utf-8")
    if _read(folder / "again.yaml").resolved(folder) != config.resolved(folder):
        raise AssertionError("what was resolved reads as something else")


def set_case(source: random.Random, folder: Path) -> None:
    """--set with any path and any value."""
    path = folder / "fuzz.yaml"
    path.write_text(CONFIG)
    node = ".".join(source.choice((*WORDS[:26], "0", "betas", "sgd", "", "*")) for _ in range(source.randrange(1, 5)))
    value = mutated(
        source, source.choice((b"0.1", b"{min: 0.1, max: 1}", b"[1, 2]", b"adam")), tuple(w.encode() for w in WORDS)
    )
    _read(path, Override(node, value.decode("utf-8", "replace"), "--set"))


def csv_case(source: random.Random, folder: Path) -> None:
    """A table with things done to it."""
    kinds = [source.choice(("number", "text", "date", "whole", "empty")) for _ in range(source.randrange(1, 6))]
    separator = source.choice(",;\t|")
    rows = [separator.join(source.choice((f"c{i}", f'"a {i}"', "x", "")) for i in range(len(kinds)))]
    rows += [separator.join(_cell(source, kind) for kind in kinds) for _ in range(source.choice((0, 1, 5, 60)))]
    content = (
        source.choice(("\n", "\r\n", "\r"))
        .join(rows)
        .encode(source.choice(("utf-8", "utf-8-sig", "latin-1", "utf-16")), "replace")
    )
    if source.random() < 0.7:
        content = mutated(source, content, (b'"', b"\x00", b"\xff", b"\n", b"1e999", b"nan", b"=1", b"," * 2000, b"9" * 400))
    (folder / "table.csv").write_bytes(content)
    missing = source.choice(("error", "mean", "drop"))
    (folder / "fuzz.yaml").write_text(
        f"data: {{source: table.csv, missing: {missing}}}\noptimizer: {{choose: [sgd, adam]}}\n"
    )
    problem_of(_read(folder / "fuzz.yaml"))


def npz_case(source: random.Random, folder: Path) -> None:
    """An archive with things done to it."""
    rows = source.choice((0, 1, 30))
    buffer = io.BytesIO()
    kind = source.choice(("f4", "f8", "i8", "bool", "U3", "c8", "M8[s]"))
    np.savez(buffer, x=np.zeros((rows, source.randrange(3))), y=np.arange(rows).astype("i8").astype(kind))
    content = buffer.getvalue()
    if source.random() < 0.8:
        content = mutated(
            source, content, (b"\x93NUMPY", b"'descr': '|O'", b"(999999999, 9)", b"PK\x03\x04", b"\xff" * 4, b"x.npy")
        )
    (folder / "table.npz").write_bytes(content)
    (folder / "fuzz.yaml").write_text("data: {source: table.npz, target: y}\noptimizer: {choose: [sgd, adam]}\n")
    problem_of(_read(folder / "fuzz.yaml"))


def run_case(source: random.Random, folder: Path) -> None:
    """A run folder with things done to its files, or with fields replaced and checksums made anew, shown and gone on with."""
    name, verb = source.choice((("fuzz", "tune"), ("fuzz-compare", "compare")))
    run, kept = folder / "runs" / name, folder / name
    if not kept.exists():
        (folder / "fuzz.yaml").write_text(CONFIG + "compare: {trials: 2, studies: 2, seeds: 1}\n")
        _expect(forked(folder, [verb, "fuzz.yaml", "--jobs", "1", "--quiet"]), {0})
        shutil.copytree(run, kept)
    for path in kept.iterdir():
        (run / path.name).write_bytes(path.read_bytes())
    path = source.choice([*sorted(run.iterdir()), run / "trials.jsonl", run / "trials.jsonl"])
    if path.suffix in (".json", ".jsonl") and source.random() < 0.7:
        path.write_bytes(b"".join(_refielded(source, line) for line in _documents(path)))
    else:
        path.write_bytes(mutated(source, path.read_bytes(), (b'"', b"{", b"null", b"1e999", b"NaN", b"\n", b"-1", b"[]")))
    if source.random() < RESUMED:
        _expect(forked(folder, [verb, "fuzz.yaml", "--resume", "--jobs", "1", "--quiet"]), {0, 1, 2})
    else:
        command = source.choice((["show"], ["show", name], ["show", name, "1"], ["show", name, "--json"]))
        _expect(called(folder, command), {0, 1, 2})


def line_case(source: random.Random, folder: Path) -> None:
    """Any words in any order."""
    (folder / "fuzz.yaml").write_text(CONFIG)
    words = [source.choice(VERBS)]
    known = (*FLAGS, *FLAGS, "fuzz.yaml", "iris", "1", "-1", "x=y", "training.epochs=1", *WORDS)
    words += (source.choice(known) for _ in range(source.randrange(6)))
    words = [word.replace("\x00", "") for word in words]
    if words[0] in SHORT:
        _expect(called(folder, words), {0, 1, 2, 3})
    else:
        _expect(forked(folder, [*words, *(["--trials", "4", "--jobs", "1"] if words[0] == "tune" else [])]), {0, 1, 2, 3})


SURFACES: Mapping[str, Case] = {
    "YAML": yaml_case,
    "--set": set_case,
    "CSV": csv_case,
    "NPZ": npz_case,
    "run folders": run_case,
    "command lines": line_case,
}


def _cell(source: random.Random, kind: str) -> str:
    if source.random() < 0.05:
        return source.choice(("", "NA", "?", '"', '""', "inf", "1,5", "=cmd()", "\x1b[31m"))
    return {
        "number": f"{source.gauss(0, 10 ** source.uniform(-3, 9)):.{source.randrange(6)}f}",
        "text": source.choice(("a", "b", "c", "".join(source.choices(string.printable, k=3)))),
        "date": f"2020-{source.randrange(1, 14):02}-{source.randrange(1, 32):02}",
        "whole": str(source.randrange(3)),
        "empty": "",
    }[kind]


def _documents(path: Path) -> Iterator[Any]:
    text = path.read_text()
    yield from map(json.loads, text.splitlines()) if path.suffix == ".jsonl" else [json.loads(text)]


def _refielded(source: random.Random, document: dict[str, Any]) -> bytes:
    """A document with one field replaced, sometimes, and the checksum that it then has to have."""
    content = {name: value for name, value in document.items() if name != "crc"}
    if source.random() < 0.5:
        odd = (
            None,
            True,
            -1,
            0,
            1,
            0.5,
            10**20,
            "",
            "x",
            "adam",
            [],
            [1],
            {},
            {"x": 1},
            {"optimizer": "sgd"},
            float("inf"),
            float("nan"),
        )
        content[source.choice(list(content))] = source.choice(odd)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return (f'{text[:-1]},"crc":"{crc32(text.encode()):08x}"}}\n' if "crc" in document else text).encode()


def _expect(ended: Ended, codes: set[int]) -> None:
    """Raises AssertionError where a command ended in another way, InputError where it refused."""
    if ended.code not in codes or "Traceback" in ended.err:
        raise AssertionError(f"exit code {ended.code} after {ended.seconds:.1f} s: {ended.err[-1500:]}")
    if any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in ended.err + ended.out):
        raise AssertionError(f"a control character in {ended.err[-300:]!r}")
    if ended.code == REFUSED:
        raise InputError(ended.err)


if __name__ == "__main__":
    typer.run(main)
