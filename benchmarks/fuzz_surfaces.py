"""What is tried at each door: a case is drawn from a source of randomness and made in a folder."""

from __future__ import annotations

import io
import json
import random
import shutil
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from benchmarks.faults import Ended, called, forked
from benchmarks.fuzz_tables import csv_case, mutated, read_config
from hpt.configuration.config import Config
from hpt.configuration.resolution import Override
from hpt.data.load import load
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
SWEEP = """
program: train.py
method: bayes
metric: {name: val_loss, goal: minimize}
early_terminate: {type: hyperband, min_iter: 3, eta: 3}
parameters:
  optimizer: {values: [adam, sgd]}
  learning_rate: {distribution: log_uniform_values, min: 1e-5, max: 0.1}
  batch_size: {values: [16, 32, 64]}
  dropout: {min: 0.0, max: 0.5}
  hidden_layers: {distribution: q_uniform, min: 1, max: 4, q: 1}
  epochs: {value: 20}
"""
NUMBERS = ("f4", "f8", ">f8", "i8", "u1", "i2", "f2")
SETS: Mapping[str, Sequence[str]] = {
    "seed": ("0", "7"),
    "name": ("x", "a.b"),
    "training.epochs": ("1", "5"),
    "training.batch_size": ("16", "full", "{values: [8, 16]}", "{min: 8, max: 64, step: 8}"),
    "training.stop": ("{}", "{patience: 2}"),
    "model.hidden": ("[8]", "[]", "{values: [[4], [8, 8]]}"),
    "model.dropout": ("0", "{min: 0, max: 0.5}"),
    "optimizer.choose.adam.learning_rate": ("0.1", "{min: 1e-4, max: 1, scale: log}"),
    "optimizer.choose.adam.betas": ("[0.9, 0.99]", "[0.9, {min: 0.9, max: 0.999, scale: reverse_log}]"),
    "optimizer": ("{choose: [sgd, adam]}", "{choose: {sgd: default}}"),
    "data.validation": ("0.1", ".3"),
    "study.pruner": ("none", "halving"),
    "study.objective": ("validation_accuracy", "train_loss", "[validation_loss, parameters]"),
    "study.constraints": ("['parameters<=5000']", "[]"),
}
"""What may be set, to what."""
RESUMED, REPLAYED = 0.1, 0.1
"""The shares of run folders that are gone on with and trained again, which takes a hundred times as long as to show them."""
FRONT = "objective: [validation_loss, parameters]"
TABLE = """
data: {source: rows.csv, target: y}
optimizer: {choose: [sgd, adam]}
training: {epochs: 2}
study: {trials: 4}
"""
RUNS = {
    "fuzz": ("tune", CONFIG, ("--test",)),
    "fuzz-table": ("tune", TABLE, ("--test",)),
    "fuzz-front": ("tune", CONFIG.replace("pruner: {type: halving, eta: 3}, objective: validation_loss", FRONT), ()),
    "fuzz-compare": ("compare", CONFIG + "compare: {trials: 2, studies: 2, seeds: 1}\n", ()),
}
"""Runs to be damaged: the command, its configuration, its flags."""
ASKING = (
    ("show",), ("show", "{}"), ("show", "{}", "1"), ("show", "{}", "--json"), ("show", "{}", "--top", "1"),
    ("report", "{}", "-o", "page.html"), ("predict", "{}", "rows.csv"), ("export", "{}", "--to", "json"),
)  # fmt: skip
COLUMNS = "sepal_length,sepal_width,petal_length,petal_width,size,kind,day,y"
ROWS = "".join(
    f"{row},2,{row % 5},1,{row / 7},k{row % 3},2021-03-{row % 28 + 1:02},{'no' if row % 2 else 'yes'}\n" for row in range(40)
)
ODD = (
    *(None, True, -1, 0, 1, 0.5, 10**20, float("inf"), float("nan")),
    *("", "x", "adam", [], [1], [[]], {}, {"x": 1}, {"optimizer": "sgd"}),
)
"""What a field may hold that another person wrote."""

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
    _reads_again(config, folder)


def set_case(source: random.Random, folder: Path) -> None:
    """--set with any path and any value."""
    path = folder / "fuzz.yaml"
    path.write_text(CONFIG)
    known, value = source.choice(list(SETS)), ""
    node = (
        known
        if source.random() < 0.8
        else ".".join(source.choice((*NODES, "0", "*")) for _ in range(source.randrange(1, 5)))
    )
    value = source.choice(SETS[known if source.random() < 0.7 else source.choice(list(SETS))])
    if source.random() < 0.3:
        value = mutated(source, value.encode(), tuple(word.encode() for word in WORDS)).decode("utf-8", "replace")
    config = read_config(path, Override(node, value, "--set"))
    _reads_again(config, folder)


def _reads_again(config: Config, folder: Path) -> None:
    """Raises AssertionError where a configuration that was resolved and written reads as another."""
    (folder / "again.yaml").write_text(dump(config.resolved(folder)), encoding="utf-8")
    if read_config(folder / "again.yaml").resolved(folder) != config.resolved(folder):
        raise AssertionError("what was resolved reads as something else")


def npz_case(source: random.Random, folder: Path) -> None:
    """An archive of known arrays, held against how it is read; or one with things done to it."""
    rows, right = source.choice((30, 61)), source.random() < 0.5
    shape = source.choice(((2,), (1,), (2, 3), (1, 2, 2))) if right else (source.randrange(3),)
    rows = rows if right or source.random() < 0.5 else source.choice((0, 1))
    inputs = np.random.default_rng(source.getrandbits(32)).integers(0, 100, (rows, *shape)).astype(source.choice(NUMBERS))
    labels = np.arange(rows) % 3
    target = labels.astype(source.choice(("f4", "i8", ">i2", "U3", "u1") if right else ("f8", "bool", "c8", "M8[s]", "O")))
    buffer = io.BytesIO()
    save = source.choice((np.savez, np.savez_compressed))
    save(buffer, x=np.asfortranarray(inputs) if source.random() < 0.2 else inputs, y=target)
    content = buffer.getvalue()
    if not right:
        pieces = (b"\x93NUMPY", b"'descr': '|O'", b"(999999999, 9)", b"PK\x03\x04", b"\xff" * 4, b"x.npy")
        content = mutated(source, content, pieces)
    (folder / "table.npz").write_bytes(content)
    (folder / "fuzz.yaml").write_text("data: {source: table.npz, target: y}\noptimizer: {choose: [sgd, adam]}\n")
    config = read_config(folder / "fuzz.yaml")
    if not right:
        problem_of(config)
        return
    try:
        columns = load(config.data, folder).source.columns
        classes = problem_of(config).dataset.classes
    except InputError as error:
        raise AssertionError(f"an archive that is right is refused: {error}") from None
    read = np.stack([columns[name] for name in columns if name != "y"], axis=1)
    if not np.array_equal(read, inputs.reshape(rows, -1).astype(float)) or classes != ("0", "1", "2"):
        raise AssertionError(f"read as {read[:2]} and {classes}, meant {inputs[:2]}")


def run_case(source: random.Random, folder: Path) -> None:
    """A run folder with things done to its files, or with fields replaced and checksums made anew, then asked for or gone on with."""
    name = source.choice(list(RUNS))
    verb, content, flags = RUNS[name]
    run, kept, config = folder / "runs" / name, folder / name, f"{name}.yaml"
    if not kept.exists():
        (folder / config).write_text(content)
        (folder / "rows.csv").write_text(f"{COLUMNS}\n{ROWS}")
        _expect(forked(folder, [verb, config, *flags, "--jobs", "1", "--quiet", "--name", name]), {0})
        shutil.copytree(run, kept)
    shutil.rmtree(run)
    shutil.copytree(kept, run)
    path = source.choice([*sorted(run.iterdir()), run / "trials.jsonl", run / "trials.jsonl"])
    if path.suffix in (".json", ".jsonl") and source.random() < 0.7:
        path.write_bytes(b"".join(_refielded(source, line) for line in _documents(path)))
    elif path.suffix == ".npz" and source.random() < 0.7:
        _encoded_otherwise(source, run)
    else:
        path.write_bytes(mutated(source, path.read_bytes(), (b'"', b"{", b"null", b"1e999", b"NaN", b"\n", b"-1", b"[]")))
    drawn = source.random()
    if drawn < RESUMED:
        _expect(forked(folder, [verb, config, "--resume", "--jobs", "1", "--quiet", "--name", name]), {0, 1, 2})
    elif drawn < RESUMED + REPLAYED:
        _expect(forked(folder, ["replay", name, *(["3"] if verb == "compare" else [])]), {0, 1, 2})
    else:
        asked = source.choice(ASKING) if path.suffix != ".npz" else ("predict", "{}", "rows.csv")
        _expect(called(folder, [word.format(name) for word in asked]), {0, 1, 2})


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


def import_case(source: random.Random, folder: Path) -> None:
    """A sweep or a study of another tool with things done to it."""
    database = folder / "kept.db"
    if not database.exists():
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            study = optuna.create_study(storage=f"sqlite:///{database}", study_name="a")
            study.optimize(lambda trial: trial.suggest_float("lr", 1e-4, 1, log=True) + trial.suggest_int("units", 4, 64), 3)
    name = "study.db" if source.random() < 0.1 else "sweep.yaml"
    content = database.read_bytes() if name == "study.db" else SWEEP.encode()
    pieces = tuple(word.encode() for word in WORDS)
    (folder / name).write_bytes(mutated(source, content, pieces) if source.random() < 0.9 else content)
    flags = source.choice(((), ("--json",), ("--data", "iris.csv"), ("--study", "a")))
    _expect(called(folder, ["import", name, *flags]), {0, 1, 2})


def _documents(path: Path) -> Iterator[Any]:
    text = path.read_text()
    yield from map(json.loads, text.splitlines()) if path.suffix == ".jsonl" else [json.loads(text)]


def _refielded(source: random.Random, document: dict[str, Any]) -> bytes:
    """A document with one field replaced, sometimes, and the checksum that it then has to have."""
    content = {name: value for name, value in document.items() if name != "crc"}
    if source.random() < 0.5:
        content = _replaced(source, content)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return (f'{text[:-1]},"crc":"{crc32(text.encode()):08x}"}}\n' if "crc" in document else text).encode()


def _replaced(source: random.Random, content: Any, least: int = 1) -> Any:
    """Plain data with one value within, at least so deep, replaced."""
    if not content or not isinstance(content, (dict, list)) or (least <= 0 and source.random() < 0.4):
        return source.choice(ODD)
    key = source.choice(list(content) if isinstance(content, dict) else range(len(content)))
    changed = {key: _replaced(source, content[key], least - 1)}
    return content | changed if isinstance(content, dict) else [changed.get(i, item) for i, item in enumerate(content)]


def _encoded_otherwise(source: random.Random, run: Path) -> None:
    """Replaces a value of what `best.npz` says of a file's encoding, and takes the digest away that would tell."""
    with np.load(run / "best.npz") as stored:
        arrays = dict(stored)
    arrays["encoding"] = np.array(json.dumps(_replaced(source, json.loads(str(arrays["encoding"])))))
    np.savez(run / "best.npz", **arrays)
    content = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(content | {"winner": None}))


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
    "imports": import_case,
}
