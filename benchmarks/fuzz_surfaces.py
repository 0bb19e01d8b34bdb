"""What is tried at each door: a case is drawn from a source of randomness and made in a folder."""

from __future__ import annotations

import io
import json
import math
import random
import shutil
import string
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from benchmarks import typed_tables
from benchmarks.faults import Ended, called, forked
from hpt.configuration import config as configuration
from hpt.configuration.resolution import Override
from hpt.data.load import load
from hpt.foundation.errors import REFUSED, InputError
from hpt.study.preparing import problem_of
from hpt.tables.table import is_text
from hpt.yaml.tree import dump

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
NODES, SIGNS, FLAGS = (line.split() for line in Path(__file__).with_name("fuzz_words.txt").read_text("utf-8").splitlines())
WORDS = (*NODES, *SIGNS, ": ", "- ", "\n", "\t", "\x00", "\x1b[", "\u2028", "\ufeff", "9" * 50)
SHORT = ("show", "list", "schema", "check")
VERBS = (*SHORT, *SHORT, "train", "replay", "predict", "report", "export", "tune")
RESUMED = 0.02
"""The share of run folders that are gone on with, which takes a thousand times as long as to show them."""
LEAST_OF_A_LABEL = 10
"""So many rows of a label are enough for any split."""
RUNS = {
    "fuzz": ("tune", ""),
    "fuzz-front": ("tune", ", objective: [validation_loss, parameters]"),
    "fuzz-compare": ("compare", "compare: {trials: 2, studies: 2, seeds: 1}\n"),
}
"""Runs to be damaged: the command, and what their configuration says besides."""
ASKING = (
    ("show",), ("show", "{}"), ("show", "{}", "1"), ("show", "{}", "--json"), ("show", "{}", "--top", "1"),
    ("report", "{}", "-o", "page.html"), ("predict", "{}", "rows.csv"), ("export", "{}", "--to", "json"),
)  # fmt: skip
ROWS = "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n"

Case = Callable[[random.Random, Path], None]


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
    node = ".".join(source.choice((*NODES, "0", "betas", "sgd", "", "*")) for _ in range(source.randrange(1, 5)))
    value = mutated(
        source, source.choice((b"0.1", b"{min: 0.1, max: 1}", b"[1, 2]", b"adam")), tuple(w.encode() for w in WORDS)
    )
    _read(path, Override(node, value.decode("utf-8", "replace"), "--set"))


def csv_case(source: random.Random, folder: Path) -> None:
    """A table of which each cell's meaning is known, held against how it is read; or one with things done to it."""
    writing = typed_tables.Writing.drawn(source)
    table = typed_tables.drawn(source, writing)
    path = folder / f"table.{source.choice(('csv', 'tsv', 'txt'))}{'.gz' if writing.packed else ''}"
    typed_tables.write(table, writing, path)
    missing = source.choice(("mean", "mean", "drop", "error"))
    apart = f", split: fixed, test_source: {path.name}" if source.random() < 0.2 else ""
    (folder / "fuzz.yaml").write_text(
        f"data: {{source: {path.name}, missing: {missing}{apart}}}\noptimizer: {{choose: [sgd, adam]}}\n"
    )
    if source.random() < 0.6:
        _read_right(table, table.left_out(writing), folder, missing)
        return
    content = path.read_bytes()
    if source.random() < 0.5:
        content = _any_table(source)
    pieces = (b'"', b"\x00", b"\xff", b"\n", b"1e999", b"nan", b"=1", b"," * 2000, b"9" * 400, b"1,5", b"\x1b[31m", b";")
    path.write_bytes(mutated(source, content, pieces) if source.random() < 0.8 else content)
    problem_of(_read(folder / "fuzz.yaml"))


def _read_right(table: typed_tables.TypedTable, left_out: Mapping[str, str], folder: Path, missing: str) -> None:
    """Raises AssertionError where a table is refused, or where a kind, a cell, a count or a label is not what was meant."""
    config = _read(folder / "fuzz.yaml")
    try:
        found = load(config.data, folder)
        columns: Mapping[str, typed_tables.TypedColumn] = {column.name: column for column in table.columns}
        for read in (found.source, found.test):
            for name in columns if read is not None else ():
                _same_cells(columns[name], read.columns[name].tolist(), text=is_text(read.columns[name]))
        for name, column in columns.items():
            _same("strays", name, column.strays, sum(count for count, _ in found.source.fact(name).strays.values()))
        holes = [column for column in table.columns if None in column.means]
        if missing == "error" and holes:
            _refuses(config)
            return
        if missing == "drop" and table.least < LEAST_OF_A_LABEL:
            return
        dataset = problem_of(config).dataset
    except InputError as error:
        raise AssertionError(f"a table that is right is refused: {error}") from None
    _same("columns", "", [*left_out, *columns], [info.name for info in dataset.columns])
    for info in dataset.columns:
        _same("kind", info.name, left_out.get(info.name) or columns[info.name].kind, info.kind)
        expected = 0 if info.name in left_out else list(columns[info.name].means).count(None)
        _same("missing", info.name, expected, info.missing)
    _same("classes", table.columns[-1].name, table.classes, None if dataset.classes is None else list(dataset.classes))
    if missing != "drop":
        parts = [dataset.train, dataset.validation] + ([dataset.test] if found.test is None else [])
        _same("rows", "", table.rows, sum(len(part.targets) for part in parts if part is not None))


def _refuses(config: configuration.Config) -> None:
    try:
        problem_of(config)
    except InputError:
        return
    raise AssertionError("missing cells are let in")


def _same_cells(column: typed_tables.TypedColumn, cells: Sequence[Any], *, text: bool) -> None:
    _same("text", column.name, column.kind in ("category", "identifier", "constant"), text)
    read = [None if isinstance(cell, float) and math.isnan(cell) else cell for cell in cells]
    for row, (meant, found) in enumerate(zip(column.means, read, strict=True)):
        close = (
            isinstance(meant, float) and isinstance(found, float) and column.kind == "date" and math.isclose(meant, found)
        )
        if not close:
            _same(f"row {row}, written {column.cells[row]!r}", column.name, meant, found)


def _same(what: str, name: str, meant: object, found: object) -> None:
    if meant != found:
        raise AssertionError(f"column {name!r}: {what}: meant {meant!r}, read {found!r}")


def _any_table(source: random.Random) -> bytes:
    kinds = [source.choice(("number", "text", "date", "whole", "empty")) for _ in range(source.randrange(1, 6))]
    separator = source.choice(",;\t|")
    rows = [separator.join(source.choice((f"c{i}", f'"a {i}"', "x", "")) for i in range(len(kinds)))]
    rows += [separator.join(_cell(source, kind) for kind in kinds) for _ in range(source.choice((0, 1, 5, 60)))]
    text = source.choice(("\n", "\r\n", "\r")).join(rows)
    return text.encode(source.choice(("utf-8", "utf-8-sig", "latin-1", "utf-16")), "replace")


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
    """A run folder with things done to its files, or with fields replaced and checksums made anew, then asked for or gone on with."""
    name = source.choice(list(RUNS))
    verb, more = RUNS[name]
    run, kept, config = folder / "runs" / name, folder / name, f"{name}.yaml"
    if not kept.exists():
        (folder / config).write_text(_several(more) if "front" in name else CONFIG + more)
        (folder / "rows.csv").write_text(ROWS)
        _expect(forked(folder, [verb, config, "--jobs", "1", "--quiet", "--runs", "runs", "--name", name]), {0})
        shutil.copytree(run, kept)
    shutil.rmtree(run)
    shutil.copytree(kept, run)
    path = source.choice([*sorted(run.iterdir()), run / "trials.jsonl", run / "trials.jsonl"])
    if path.suffix in (".json", ".jsonl") and source.random() < 0.7:
        path.write_bytes(b"".join(_refielded(source, line) for line in _documents(path)))
    else:
        path.write_bytes(mutated(source, path.read_bytes(), (b'"', b"{", b"null", b"1e999", b"NaN", b"\n", b"-1", b"[]")))
    if source.random() < RESUMED:
        _expect(forked(folder, [verb, config, "--resume", "--jobs", "1", "--quiet", "--name", name]), {0, 1, 2})
    else:
        _expect(called(folder, [word.format(name) for word in source.choice(ASKING)]), {0, 1, 2})


def _several(objectives: str) -> str:
    """The configuration with several objectives, with which nothing is pruned."""
    return CONFIG.replace(", pruner: {type: halving, eta: 3}, objective: validation_loss", objectives)


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


SURFACES: Mapping[str, Case] = {
    "YAML": yaml_case,
    "--set": set_case,
    "CSV": csv_case,
    "NPZ": npz_case,
    "run folders": run_case,
    "command lines": line_case,
}
