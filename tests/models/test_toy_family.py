"""A new model family is one module: two inputs of different rank, a weight that two layers share, and nothing else changes."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from hpt.cli.app import app
from hpt.configuration.config import read
from hpt.data.dataset import Shape
from hpt.data.datasets import DATASETS, DatasetEntry
from hpt.data.load import Tables
from hpt.foundation.catalogue import Hyperparameter
from hpt.models import MODELS
from hpt.models.batches import Batch, SideBySide
from hpt.models.family import ModelEntry
from hpt.models.layout import Block, Layout
from hpt.models.outputs import Outputs
from hpt.numerics.initializers import INITIALIZERS
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.study.preparing import split_problem
from hpt.tables.table import Table
from hpt.training.cohort import NewCohort
from hpt.training.loop import advance
from hpt.training.settings import Member, Settings
from tests.models import test_families as battery
from tests.models.gradients import gradient_error
from tests.training.test_stacks import same

VECTOR, MATRIX = (3,), (4, 2)


class Twins:
    """Room for K members. With x a vector and M a matrix of rows m_r it computes what follows, each weight with its bias.

    a = tanh(A x) + gain · mean_r tanh(E m_r); b = tanh(S a); c = tanh(S b); z = O c.
    """

    random = False

    def __init__(self, model, gains, rows, dtype, source, orders):
        (columns,), (height, width) = model.vector, model.matrix
        members, hidden = len(gains), model.hidden
        self.outputs = Outputs(members, model.outputs, rows, dtype)
        self.batch = None if source is None else Batch(source, rows, orders)
        self.gain = (gains / height).astype(dtype)[:, None, None]
        inputs = 1 if source is None else orders
        self.x = np.ones((inputs, columns + 1, rows), dtype)
        self.m = np.ones((inputs, height, width + 1, rows), dtype)
        self.u = np.empty((members, hidden, rows), dtype)
        self.t = np.empty((members, height, hidden, rows), dtype)
        self.a, self.b, self.c = (np.ones((members, hidden + 1, rows), dtype) for _ in range(3))
        back = members if source is not None else 0
        self.above, self.spare = (np.empty((back, hidden, rows), dtype) for _ in range(2))
        self.part = np.empty((back, hidden, max(hidden, width) + 1), dtype)

    def forward(self, weights, rows, chunk):
        self._forward(weights, rows.chunk(chunk))

    def forward_backward(self, weights, gradients, order, loss, streams):
        self.batch.gather(order)
        self._forward(weights, self.batch.inputs)
        self.outputs.apply(loss, self.batch.targets, with_gradient=True)
        self._backward(weights, gradients)

    def _forward(self, weights, inputs):
        vector, matrix, shared, last = weights
        columns = self.x.shape[1] - 1
        self.x[:, :-1] = inputs[:, :columns]
        self.m[:, :, :-1] = inputs[:, columns:-1].reshape(self.m.shape[0], self.m.shape[1], -1, self.m.shape[3])
        np.tanh(np.matmul(vector, self.x, out=self.u), out=self.u)
        np.tanh(np.matmul(matrix[:, None], self.m, out=self.t), out=self.t)
        a = self.a[:, :-1]
        a[...] = self.t[:, 0]
        for row in range(1, self.t.shape[1]):
            a += self.t[:, row]
        a *= self.gain
        a += self.u
        for below, here in ((self.a, self.b), (self.b, self.c)):
            units = here[:, :-1]
            np.tanh(np.matmul(shared, below, out=units), out=units)
        np.matmul(last, self.c, out=self.outputs.values)

    def _backward(self, weights, gradients):
        shared, last = weights[2:]
        above, spare, gradient = self.above, self.spare, self.outputs.gradient
        np.matmul(gradient, self.c.swapaxes(1, 2), out=gradients[3])
        np.matmul(last[:, :, :-1].swapaxes(1, 2), gradient, out=above)
        part = self.part[:, :, : self.a.shape[1]]
        for index, (here, below) in enumerate(((self.c, self.b), (self.b, self.a))):
            self._through_tanh(above, here[:, :-1])
            np.matmul(above, below.swapaxes(1, 2), out=part if index else gradients[2])
            np.matmul(shared[:, :, :-1].swapaxes(1, 2), above, out=spare)
            above, spare = spare, above
        gradients[2][...] += part
        np.copyto(spare, above)
        self._through_tanh(spare, self.u)
        np.matmul(spare, self.x.swapaxes(1, 2), out=gradients[0])
        above *= self.gain
        gradients[1][...] = 0
        part = self.part[:, :, : self.m.shape[2]]
        for row in range(self.t.shape[1]):
            np.copyto(spare, above)
            self._through_tanh(spare, self.t[:, row])
            gradients[1][...] += np.matmul(spare, self.m[:, row].swapaxes(1, 2), out=part)

    @staticmethod
    def _through_tanh(above, values):
        """The gradient before a tanh that gave `values`, in the place of the one after it."""
        above *= 1 - values * values


@dataclass(frozen=True)
class TwinsArchitecture:
    vector: Shape
    matrix: Shape
    hidden: int
    outputs: int

    @property
    def layout(self):
        blocks = (("vector", self.vector[0]), ("matrix", self.matrix[1]), ("shared", self.hidden))
        last = Block("output", self.hidden, self.outputs)
        return Layout((*(Block(name, into, self.hidden) for name, into in blocks), last))

    @property
    def size(self):
        return self.layout.size

    @property
    def values(self):
        return self.hidden * (3 + self.matrix[0]) + self.outputs

    @property
    def operations(self):
        """The shared block is used twice, the one of the matrix once a row."""
        vector, matrix, shared, last = (block.size for block in self.layout.blocks)
        return 6 * (vector + self.matrix[0] * matrix + 2 * shared + last)

    def initial(self, random, model):
        return self.layout.initial(random, INITIALIZERS[model["init"]].function)

    def entries(self, models, rows, *, train):
        (columns,), (height, width) = self.vector, self.matrix
        back = 2 * self.hidden * rows + self.hidden * (max(self.hidden, width) + 1)
        inputs = -(-rows * (columns + 1 + height * (width + 1)) // len(models))
        return inputs + rows * (self.hidden * (4 + height) + 3 + 2 * self.outputs) + train * back

    def views(self, flat):
        return self.layout.views(flat)

    def network(self, models, rows, dtype, source=None, orders=1):
        return Twins(self, np.array([model["gain"] for model in models]), rows, dtype, source, orders)

    def named(self, flat):
        return self.layout.named(flat)

    def flat(self, named):
        return self.layout.flat(named)


@dataclass(frozen=True)
class TwinsFamily:
    def architecture(self, inputs, outputs, model):
        vector, matrix = inputs
        return TwinsArchitecture(vector, matrix, model["width"], outputs)

    def place(self, model):
        return ()

    def lay_out(self, inputs, targets, dtype):
        return SideBySide.of(inputs, targets, dtype)


ROW = ModelEntry(
    "twins",
    "a vector, a matrix and a weight that two layers share",
    family=TwinsFamily(),
    hyperparameters=(
        Hyperparameter("width", "integer", 6, "hidden units", low=1, high=64, scope="stack"),
        Hyperparameter("gain", "float", 1.0, "what the matrix counts", low=0, high=10),
        Hyperparameter("init", "choice", "glorot", "how the weights start", choices=tuple(INITIALIZERS)),
    ),
    formula="z = O tanh(S tanh(S (tanh(A x) + gain · mean tanh(E m))))",
)


def pairs() -> Table:
    """120 vectors and matrices; the class says whether their means are of one sign."""
    random = np.random.default_rng(0)
    x, m = random.normal(size=(120, *VECTOR)), random.normal(size=(120, *MATRIX))
    cells = np.concatenate([x, m.reshape(120, -1)], axis=1)
    columns: dict[str, Any] = {f"c{index}": column for index, column in enumerate(cells.T)}
    same = np.where(x.mean(axis=1) * m.mean(axis=(1, 2)) > 0, "same", "other").astype(object)
    return Table.of("pairs", columns | {"signs": same}, "signs", shapes=(VECTOR, MATRIX))


@pytest.fixture(autouse=True)
def _added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, "twins", ROW)
    facts = {"task": "classification", "target": "signs", "rows": 120, "columns": 11, "licence": "this test's"}
    monkeypatch.setitem(DATASETS, "pairs", DatasetEntry("pairs", "two inputs", function=pairs, **facts))


def configured(folder: Path, optimizer: str, more: str = "") -> Path:
    path = folder / "toy.yaml"
    model = "{type: twins, width: {values: [4, 6]}, gain: {min: 0.5, max: 2.0}}" if "choose" in optimizer else "twins"
    training = "{epochs: 6, batch_size: 16, checkpoint: best_validation}"
    path.write_text(
        f"data: {{source: pairs, folds: 1}}\nseed: 3\nmodel: {model}\noptimizer: {optimizer}\ntraining: {training}\n{more}"
    )
    return path


def run(folder: Path, verb: str, *arguments: object) -> Any:
    chosen = [verb, *map(str, arguments), "--json", "--quiet", "--runs", str(folder / "runs")]
    ended = CliRunner().invoke(app, chosen, catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.stdout)


def test_its_gradient_agrees_with_central_differences() -> None:
    for loss in ("cross_entropy", "mse"):
        assert gradient_error(ROW.family, {**ROW.defaults(), "gain": 1.7}, loss, (VECTOR, MATRIX)) < 1e-6


def test_the_battery_covers_it() -> None:
    checks = [check for name, check in vars(battery).items() if name.startswith("test_")]
    assert len(checks) >= 7
    choices = {"dtype": ("float32", "float64"), "train": (True, False)}
    for check in checks:
        wanted = [name for name in inspect.signature(check).parameters if name != "name"]
        for values in zip(*(choices[name] for name in wanted), strict=True) if wanted else [()]:
            check(name="twins", **dict(zip(wanted, values, strict=True)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_alone_stacked_and_surviving_it_has_the_same_bits(tmp_path: Path, dtype: str) -> None:
    config = read(configured(tmp_path, "adam"), mode="train")
    of, settings = split_problem(config, Tables(pairs()), (3,)), config.space.constants()
    training = {**settings.training, "dtype": dtype, "batch_size": 7}
    members = []
    for trial, name in enumerate(("sgd", "adam", "lion", "sgd", "rmsprop")):
        model, optimizer = {**settings.model, "gain": 0.5 + trial}, {"name": name, **OPTIMIZERS[name].defaults()}
        members.append(Member(trial, Settings(model, optimizer, training), (3, trial), (3,)))
    alone = [advance(NewCohort((member,)), of, 6).ended[0] for member in members]
    stacked = {result.trial: result for result in advance(NewCohort(tuple(members)), of, 6).ended}
    assert all(same(stacked[result.trial], result) for result in alone)
    half = advance(NewCohort(tuple(members)), of, 2).cohort
    assert half is not None
    survivors = advance(half.keep([i for i, member in enumerate(half.members) if member.trial in (1, 3)]), of, 6).ended
    assert sorted(result.trial for result in survivors) == [1, 3]
    assert all(same(result, alone[result.trial]) for result in survivors)


def outputs_of(weights, rows, gain):
    """(n, C) by the formula, from what an archive holds."""

    def layer(name, values):
        return values @ weights[f"{name}.weight"].astype(float) + weights[f"{name}.bias"]

    x, m = rows[:, :3], rows[:, 3:].reshape(-1, *MATRIX)
    a = np.tanh(layer("vector", x)) + gain * np.tanh(layer("matrix", m)).mean(axis=1)
    return layer("output", np.tanh(layer("shared", np.tanh(layer("shared", a)))))


def test_it_is_tuned_resumed_and_trained_again_and_its_archive_predicts(tmp_path: Path) -> None:
    halving = "study: {trials: 12, population: 4, pruner: {type: halving, eta: 2, min_epochs: 2}}"
    config = configured(tmp_path, "{choose: [sgd, adam]}", halving)
    whole = run(tmp_path, "tune", config, "--jobs", 1, "--name", "whole")
    assert whole["trials"]["pruned"] > 0
    assert {row["parameters"]["model.width"] for row in whole["leaderboard"]} == {4, 6}
    run(tmp_path, "tune", config, "--jobs", 1, "--name", "parts")
    records = tmp_path / "runs" / "parts" / "trials.jsonl"
    records.write_text("".join(records.read_text().splitlines(keepends=True)[:6]))  # a generation and a half
    resumed = run(tmp_path, "tune", config, "--jobs", 1, "--name", "parts", "--resume")
    assert resumed["leaderboard"] == whole["leaderboard"]

    folder = tmp_path / "runs" / "whole"
    again = run(tmp_path, "train", folder / "best.yaml")
    assert again["final"]["validation_loss"] == whole["best"]["value"]
    with np.load(folder / "best.npz", allow_pickle=False) as archive:
        weights = dict(archive)
    of = split_problem(read(folder / "best.yaml", mode="train"), Tables(pairs()), (3,))
    part = of.part("validation")
    z = outputs_of(weights, part.inputs, again["settings"]["model"]["gain"])
    loss = np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), part.targets])
    assert loss == pytest.approx(whole["best"]["value"], rel=1e-5)


def test_it_is_compared_and_its_rate_found(tmp_path: Path) -> None:
    few = "compare: {trials: 2, studies: 3, seeds: 2}"
    compared = run(tmp_path, "compare", configured(tmp_path, "{choose: [sgd, adam]}", few), "--jobs", 1)
    assert {optimizer["name"] for optimizer in compared["optimizers"]} == {"sgd", "adam"}
    found = run(tmp_path, "lr-find", configured(tmp_path, "adam"))
    assert found["path"] == "optimizer.learning_rate"
