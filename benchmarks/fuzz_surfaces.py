"""What is tried at each door: a case is drawn from a source of randomness and made in a folder."""

from __future__ import annotations

import io
import json
import random
import shutil
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from benchmarks.faults import Ended, called, forked
from benchmarks.fuzz_tables import csv_case, mutated, read_config
from hpt.configuration.resolution import Override
from hpt.foundation.errors import REFUSED, InputError
from hpt.study.preparing import problem_of
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


def yaml_case(source: random.Random, folder: Path) -> None:
    """A configuration with things done to it, or words strewn about."""
    words = tuple(word.encode() for word in WORDS)
    if source.random() < 0.8:
        content = mutated(source, CONFIG.encode(), words)
    else:
        content = b"".join(source.choice((*words, b" ", b"\n  ")) for _ in range(source.randrange(200)))
    (folder / "fuzz.yaml").write_bytes(content)
    config = read_config(folder / "fuzz.yaml")
    (folder / "again.yaml").write_text(dump(config.resolved(folder)), encoding="utf-8")
    if read_config(folder / "again.yaml").resolved(folder) != config.resolved(folder):
        raise AssertionError("what was resolved reads as something else")


def set_case(source: random.Random, folder: Path) -> None:
    """--set with any path and any value."""
    path = folder / "fuzz.yaml"
    path.write_text(CONFIG)
    node = ".".join(source.choice((*NODES, "0", "betas", "sgd", "", "*")) for _ in range(source.randrange(1, 5)))
    value = mutated(
        source, source.choice((b"0.1", b"{min: 0.1, max: 1}", b"[1, 2]", b"adam")), tuple(w.encode() for w in WORDS)
    )
    read_config(path, Override(node, value.decode("utf-8", "replace"), "--set"))


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
    problem_of(read_config(folder / "fuzz.yaml"))


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
