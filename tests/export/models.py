"""Models of every kind to export, and rows to ask them about: texts, missing cells, dates, amounts with units."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from hpt.configuration.config import Config, read
from hpt.data.dataset import Dataset
from hpt.export.model import ExportedModel
from hpt.models.networks import together
from hpt.numerics.activations import ACTIVATIONS
from hpt.numerics.losses import LOSSES
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.study.predicting import predictor_of
from hpt.study.preparing import problem_of
from hpt.training.cohort import NewCohort
from hpt.training.loop import advance
from hpt.training.settings import Member, Settings

LOSSES_OF = [(entry, loss) for entry, row in LOSSES.items() for loss in row.tasks]
HEADER = ["town", 'a "quoted"\n{name}', "price", "built", "rooms"]
HOSTILE = "'''\"\"\"\\{x}\n# $(exit)"
"""A category that would end a text, a format, a line or a comment."""


def cells(count: int, seed: int) -> list[list[str]]:
    draw = random.Random(seed)
    rows = []
    for _ in range(count):
        area = f"{draw.uniform(20, 200):.1f} m²" if draw.random() > 0.1 else ""
        built = f"{draw.randrange(1, 29)}.{draw.randrange(1, 13)}.{draw.randrange(1950, 2020)}"
        price = f"€{draw.uniform(1, 9):.2f}"
        rows.append(
            [draw.choice(["Åre", "Cork, Ireland", HOSTILE]), area, price, built, draw.choice(["1", "2", "3.5", "NA"])]
        )
    return rows


@cache
def new_rows() -> list[dict[str, Any]]:
    """Rows as mappings, one with a category that training did not see and cells that are missing or numbers."""
    rows: list[dict[str, Any]] = [dict(zip(HEADER, row, strict=True)) for row in cells(12, 9)]
    rows[3] |= {"town": "Nowhere", "rooms": None, "built": "soon"}
    rows[4] |= {"rooms": 2}
    return rows


@cache
def trained_on(task: str, classes: int) -> tuple[Config, Dataset, Any]:
    import csv

    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        draw = random.Random(1)
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow([*HEADER, "target"])
            for row in cells(80, 2):
                target = draw.choice(["no", "yes", HOSTILE][:classes]) if classes else f"{draw.gauss(900, 60):.3f}"
                writer.writerow([*row, target])
        config = Path(folder) / "config.yaml"
        config.write_text(
            f"data: {{source: rows.csv, task: {task}, missing: mean, date_parts: [weekday, month], target: target}}\n"
            "model: {hidden: [7, 5]}\noptimizer: adam\n"
        )
        found = read(config, mode="train")
        return found, problem_of(found).dataset, problem_of(found)


@cache
def exported(
    activation: str = "relu",
    loss: str = "cross_entropy",
    task: str = "classification",
    optimizer: str = "adam",
    dropout: float = 0.1,
    networks: int = 1,
):
    """A model that was trained for three epochs, of so many networks."""
    classes = 0 if task == "regression" else LOSSES[loss].classes or 3
    config, dataset, problem = trained_on(task, classes)
    constants = config.space.constants()
    model = {**constants.model, "activation": activation, "dropout": dropout}
    if activation == "linear":
        model = {"type": "linear", "init": "glorot"}
    chosen = {"name": optimizer, **OPTIMIZERS[optimizer].defaults()}
    training = {**constants.training, "epochs": 3, "loss": {"type": loss, **LOSSES[loss].defaults()}}
    settings = Settings(model, chosen, training)
    members = tuple(Member(4 + index, settings, (0, 4 + index), (0,)) for index in range(networks))
    weights = together([result.weights for result in advance(NewCohort(members), problem, 3).ended])
    predictor = predictor_of([(settings, weights)], dataset.shapes, dataset.encoding, "mean")
    return ExportedModel.of(f"run {HOSTILE}", 4, predictor)


def answers(model: ExportedModel, rows: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray | None, list[Any]]:
    """What `hpt predict` would say of `rows`, and the inputs that it sees."""
    import csv

    with TemporaryDirectory() as folder:
        path = Path(folder) / "new.csv"
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, HEADER)
            writer.writeheader()
            writer.writerows(rows)
        read_rows = model.predictor.read(path)
    found = model.predictor.predict(read_rows.inputs)
    values = found.values.tolist()
    return read_rows.inputs, found.probabilities, [found.classes[v] for v in values] if found.classes else values


SHAPES = ["linear", *ACTIVATIONS]
"""A linear model, and a network of each activation; each with every loss and task of `LOSSES_OF`."""
