"""The reference workloads. What is trained, by us and by every peer, is said here once."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.measuring import MissingError
from hpt.data.dataset import Dataset, Part
from hpt.data.load import load
from hpt.data.options import DATA
from hpt.data.prepare import prepare
from hpt.models import MODELS
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.training.cohort import Cohort, begin
from hpt.training.loop import advance
from hpt.training.objective import Objective
from hpt.training.options import TRAINING
from hpt.training.problem import Problem
from hpt.training.settings import Member, Settings

Floats = NDArray[np.float32]
LEARNING_RATE = 1e-3


@dataclass(frozen=True, slots=True)
class Workload:
    """One training run: softmax cross-entropy of a relu network with one hidden layer, in float32, over whole epochs.

    The last batch of an epoch is the smaller one that is left over. Nothing is evaluated, on either side.
    inputs: (n, D). labels: (n,), integers. hidden: units.
    """

    dataset: Dataset
    hidden: int
    batch: int
    epochs: int

    @property
    def inputs(self) -> Floats:
        return self.dataset.train.inputs.astype(np.float32)

    @property
    def labels(self) -> NDArray[np.int64]:
        return np.asarray(self.dataset.train.targets, dtype=np.int64)

    @property
    def classes(self) -> int:
        return len(self.dataset.classes or ())

    @property
    def updates(self) -> int:
        """Updates of one run."""
        return self.epochs * -(-len(self.dataset.train.inputs) // self.batch)


@cache
def digits(seed: int, test: float) -> Dataset:
    """The bundled digits, standardised: a fifth for validation, the share `test` for testing, the rest to train on."""
    options = {row.name: row.default for row in DATA} | {"source": "digits", "validation": 0.2, "test": test}
    table = load(options, Path()).source
    return prepare(table, options, (seed,))


def small(*, quick: bool) -> Workload:
    """W1, where overhead rules: 1,438 rows of digits, 64-32-10, batches of 32, 20 epochs of 45 updates."""
    return Workload(digits(7, 0.0), hidden=32, batch=32, epochs=1 if quick else 20)


def large(*, quick: bool) -> Workload:
    """W2, where the matrix products rule: Fashion-MNIST, 784-128-10, batches of 128, one epoch of 469 updates."""
    return Workload(fashion_mnist(1280 if quick else 60_000), hidden=128, batch=128, epochs=1)


@cache
def fashion_mnist(rows: int) -> Dataset:
    """The first training rows of Fashion-MNIST, from 0 to 1. Raises MissingError without its Debian package."""
    images, labels = (_idx(part) for part in ("train-images", "train-labels"))
    inputs = images[:rows].reshape(rows, -1) / 255
    width = inputs.shape[1]
    names = tuple(str(c) for c in range(10))
    train = Part(inputs, labels[:rows].astype(np.int64))
    return replace(
        digits(7, 0.0),
        name="fashion_mnist",
        train=train,
        validation=None,
        shapes=((width,),),
        input_names=tuple(str(column) for column in range(width)),
        input_mean=np.zeros(width),
        input_sd=np.ones(width),
        classes=names,
    )


def _idx(part: str) -> NDArray[np.uint8]:
    """The array in the IDX file `part`: two zeros, a type, the number of axes, their lengths as big-endian words, the bytes."""
    package = "dataset-fashion-mnist"
    missing = MissingError(f"the Debian package {package} is not installed")
    if (dpkg := shutil.which("dpkg")) is None:
        raise missing
    listed = subprocess.run([dpkg, "-L", package], capture_output=True, text=True, check=False).stdout.split()  # noqa: S603  constants
    paths = [Path(path) for path in listed if part in path]
    if not paths:
        raise missing
    content = gzip.decompress(paths[0].read_bytes())
    axes = content[3]
    shape = np.frombuffer(content, ">u4", axes, 4).tolist()
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


def problem(dataset: Dataset) -> Problem:
    """What is trained on, with nothing to be measured but the training loss, which training gives for nothing."""
    return Problem(dataset, Objective.parse("train_loss"), (), ())


def cohort(work: Workload, on: Problem, optimizers: Sequence[str], seed: int = 7) -> Cohort:
    """An untrained stack with one member for each of `optimizers`, each with a learning rate of its own."""
    model = {"type": "mlp", **MODELS["mlp"].defaults(), "hidden": (work.hidden,)}
    training = {row.name: row.default for row in TRAINING} | {"batch_size": work.batch, "epochs": work.epochs}
    push = {"sgd": {"momentum": 0.9}}
    members = [
        Member(
            index,
            Settings(
                model,
                {"name": name, **OPTIMIZERS[name].defaults(), **push.get(name, {})}
                | {"learning_rate": LEARNING_RATE * (1 + index / len(optimizers))},
                training,
            ),
            (seed, index),
            (seed,),
        )
        for index, name in enumerate(optimizers)
    ]
    return begin(members, on)


_SEEDS = count()


def train(work: Workload, on: Problem, optimizers: Sequence[str]) -> None:
    """Draws and trains a stack with one member for each of `optimizers`, from the first epoch to the last.

    By another seed each time: the orders of one that ran before are still there.
    """
    advance(cohort(work, on, optimizers, next(_SEEDS)), on, work.epochs)


R1 = """
name: r1
data: {source: digits, validation: 0.2, test: 0.2}
model: {type: mlp, hidden: [32], activation: relu}
optimizer:
  choose:
    sgd: {learning_rate: {min: 1e-4, max: 1.0, scale: log}, momentum: 0.9}
    rmsprop: {learning_rate: {min: 1e-5, max: 0.1, scale: log}}
    adam: {learning_rate: {min: 1e-5, max: 0.1, scale: log}}
training: {batch_size: {values: [16, 32, 64, 128]}, epochs: 20}
"""
"""R1, a whole study: 64-32-10 on digits split 60/20/20, TPE, no pruning. `peers/optuna_torch.py` searches the same space."""

W1 = """
name: w1
seed: 7
data: {source: digits, validation: 0.2, test: 0}
model: {type: mlp, hidden: [32], activation: relu}
optimizer: {name: adam, learning_rate: {min: 1e-4, max: 1e-2, scale: log}}
training: {batch_size: 32, epochs: 20}
study: {trials: 32, population: 32}
"""
"""W1 as a study of one generation."""
