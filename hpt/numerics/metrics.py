"""Metrics, per member, from what a set of rows gave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from hpt.foundation.catalogue import Entry, table
from hpt.numerics.types import Doubles, Task

Direction = Literal["minimize", "maximize"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """K members on N rows.

    loss: (K,), the mean loss. predicted: (K, N), class codes or, for regression, the target in its own units.
    truth: (N,) likewise. classes: how many, 0 for regression. score: (K, N), how much the second class is preferred,
    for two classes.
    """

    loss: Doubles
    predicted: NDArray[Any]
    truth: NDArray[Any]
    classes: int
    score: NDArray[Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricEntry(Entry):
    """A metric.

    function: its values (K,) from what K members gave. direction: which way is better. task: what it is for; None: any.
    every_epoch: whether it is measured after each epoch, and not at the end alone. two_classes: whether it needs two.
    """

    function: Callable[[Outcome], Doubles]
    direction: Direction
    task: Task | None
    every_epoch: bool = False
    two_classes: bool = False

    def fits(self, classes: int) -> bool:
        """Whether it is for so many classes, 0 for regression."""
        task = "classification" if classes else "regression"
        return self.task in (None, task) and (not self.two_classes or classes == 2)


def loss(outcome: Outcome) -> Doubles:
    """The mean of the training loss, without label smoothing or penalties."""
    return outcome.loss


def accuracy(outcome: Outcome) -> Doubles:
    """Share of rows whose class is right."""
    return np.asarray((outcome.predicted == outcome.truth).sum(axis=1) / len(outcome.truth))


def rmse(outcome: Outcome) -> Doubles:
    """Root of the mean squared error, in the target's units."""
    return np.sqrt(_errors(outcome, 2))


def mae(outcome: Outcome) -> Doubles:
    """Mean absolute error, in the target's units."""
    return _errors(outcome, 1)


def r2(outcome: Outcome) -> Doubles:
    """1 - Σ(y - ŷ)² / Σ(y - ȳ)²; nan where the truth is constant."""
    spread = np.mean((outcome.truth - outcome.truth.mean()) ** 2)
    return 1 - _errors(outcome, 2) / (spread if spread > 0 else np.nan)


def balanced_accuracy(outcome: Outcome) -> Doubles:
    """Mean of the classes' recalls, over the classes that occur."""
    confusion = _confusion(outcome)
    hits, actual = np.diagonal(confusion, axis1=1, axis2=2), confusion.sum(axis=2)
    present = actual[0] > 0
    recalls = np.ascontiguousarray(hits[:, present] / actual[:, present])
    return np.asarray(recalls.sum(axis=1) / present.sum())


def macro_f1(outcome: Outcome) -> Doubles:
    """Mean of the classes' F1 = 2 tp / (2 tp + fp + fn), over the classes that occur or are predicted, as scikit-learn."""
    confusion = _confusion(outcome)
    hits = np.diagonal(confusion, axis1=1, axis2=2)
    both = confusion.sum(axis=1) + confusion.sum(axis=2)
    scores = np.divide(2 * hits, both, out=np.zeros(both.shape), where=both > 0)
    return np.asarray(scores.sum(axis=1) / (both > 0).sum(axis=1))


def roc_auc(outcome: Outcome) -> Doubles:
    """Area under the ROC curve (Mann-Whitney, ties count half), for two classes; nan where only one occurs."""
    if outcome.score is None:
        raise ValueError("roc_auc needs the scores of two classes")
    positive = outcome.truth == 1
    pairs = int(positive.sum()) * int((~positive).sum())
    areas = np.full(len(outcome.score), np.nan)
    for index, score in enumerate(outcome.score if pairs else ()):
        ordered = np.sort(score[~positive])
        below = np.searchsorted(ordered, score[positive], "left")
        below_or_equal = np.searchsorted(ordered, score[positive], "right")
        areas[index] = (below.sum() + below_or_equal.sum()) / (2 * pairs)
    return areas


def average_precision(outcome: Outcome) -> Doubles:
    """Mean precision over the rows of the second class, each at its own score, for two classes; nan where it does not occur.

    Rows of equal scores are taken together, as scikit-learn does: Σ (Rₙ - Rₙ₋₁) Pₙ over the distinct scores.
    """
    if outcome.score is None:
        raise ValueError("average_precision needs the scores of two classes")
    positive = outcome.truth == 1
    found = np.full(len(outcome.score), np.nan)
    for index, score in enumerate(outcome.score if positive.any() else ()):
        order = np.argsort(-score, kind="stable")
        ends = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
        hits = np.cumsum(positive[order])[ends]
        found[index] = np.sum(np.diff(hits, prepend=0) * (hits / (ends + 1))) / positive.sum()
    return found


def _errors(outcome: Outcome, power: int) -> Doubles:
    differences = np.abs(outcome.predicted.astype(np.float64) - outcome.truth)
    return np.asarray((differences**power).sum(axis=1) / len(outcome.truth))


def _confusion(outcome: Outcome) -> NDArray[np.int64]:
    """Counts (K, truth, predicted)."""
    members, count = len(outcome.predicted), outcome.classes
    cells = (np.arange(members)[:, None] * count + outcome.truth) * count + outcome.predicted
    return np.bincount(cells.ravel(), minlength=members * count * count).reshape(members, count, count)


def _row(
    name: str,
    function: Callable[[Outcome], Doubles],
    direction: Direction,
    task: Task | None,
    formula: str,
    *,
    every_epoch: bool = False,
    two_classes: bool = False,
) -> MetricEntry:
    return MetricEntry(
        name,
        f"{(function.__doc__ or '').splitlines()[0].rstrip('.')} ({direction}d)",
        formula=formula,
        function=function,
        direction=direction,
        task=task,
        every_epoch=every_epoch,
        two_classes=two_classes,
    )


METRICS = table(
    _row("loss", loss, "minimize", None, "mean of the rows' losses", every_epoch=True),
    _row("accuracy", accuracy, "maximize", "classification", "mean [ŷ = y]", every_epoch=True),
    _row("rmse", rmse, "minimize", "regression", "√ mean (ŷ - y)²", every_epoch=True),
    _row("balanced_accuracy", balanced_accuracy, "maximize", "classification", "mean over classes of tp / (tp + fn)"),
    _row("macro_f1", macro_f1, "maximize", "classification", "mean over classes of 2 tp / (2 tp + fp + fn)"),
    _row("roc_auc", roc_auc, "maximize", "classification", "P(z₁ > z₀) + P(z₁ = z₀) / 2", two_classes=True),
    _row(
        "average_precision",
        average_precision,
        "maximize",
        "classification",
        "Σ (Rₙ - Rₙ₋₁) Pₙ over scores",
        two_classes=True,
    ),
    _row("mae", mae, "minimize", "regression", "mean |ŷ - y|"),
    _row("r2", r2, "maximize", "regression", "1 - Σ (y - ŷ)² / Σ (y - ȳ)²"),
)
PARTS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class MeasuredMetric:
    """A metric on the rows of one part of the data: `validation_loss` is the metric `loss` on the part `validation`.

    What comes from outside may name a metric or a part that there is not: see `known`.
    """

    part: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The metric that is written `<part>_<name>`; without an underscore, all of it is the part."""
        part, _, name = text.partition("_")
        return cls(part, name)

    def __str__(self) -> str:
        return f"{self.part}_{self.name}"

    @property
    def known(self) -> bool:
        """Whether there are such a metric and such a part."""
        return self.name in METRICS and self.part in PARTS

    @property
    def entry(self) -> MetricEntry:
        """The row of the metric. Raises KeyError where there is none."""
        return METRICS[self.name]

    @property
    def direction(self) -> Direction:
        """Which way is better. Raises KeyError where there is no such metric."""
        return self.entry.direction

    def on(self, part: str) -> Self:
        """The same metric on the rows of another part."""
        return replace(self, part=part)

    def beside(self, name: str) -> Self:
        """Another metric on the same rows."""
        return replace(self, name=name)


def measure(outcome: Outcome, part: str, *, every_epoch: bool) -> dict[str, Doubles]:
    """The metrics (K,) on the rows of `part` that fit the task, as they are written: those of every epoch, or all."""
    return {
        str(MeasuredMetric(part, entry.name)): entry.function(outcome)
        for entry in METRICS.values()
        if entry.fits(outcome.classes) and (entry.every_epoch or not every_epoch)
    }
