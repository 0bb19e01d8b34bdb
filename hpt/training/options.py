"""The keys under `training:`, and the stopping criteria."""

from __future__ import annotations

from hpt.foundation.catalogue import Entry, Hyperparameter, table
from hpt.numerics.losses import LOSSES
from hpt.numerics.schedules import SCHEDULES


def _criterion(name: str, what: str, high: float | None = None) -> Hyperparameter:
    return Hyperparameter(name, "float", None, what, low=0, high=high, optional=True, scope="never")


STOP: tuple[Hyperparameter, ...] = (
    _criterion("train_loss_below", "stop when the epoch's training loss is below this"),
    _criterion("validation_loss_below", "stop when the validation loss is below this"),
    _criterion("validation_accuracy_above", "stop when the validation accuracy is above this", high=1),
    _criterion("gradient_norm_below", "stop when the norm of the epoch's last gradient is below this"),
    Hyperparameter(
        "patience",
        "integer",
        None,
        "stop after this many epochs without a better objective",
        low=1,
        optional=True,
        scope="never",
        aliases=("early_stopping",),
    ),
)


TRAINING: tuple[Hyperparameter, ...] = (
    Hyperparameter(
        "batch_size",
        "integer",
        32,
        "rows an update; `full`, or any size from the rows on, is one update an epoch",
        low=1,
        words=("full",),
        scope="stack",
        aliases=("bs", "batch", "minibatch_size"),
    ),
    Hyperparameter(
        "epochs", "integer", 20, "passes over the training rows", low=1, scope="never", aliases=("iterations", "steps")
    ),
    Hyperparameter(
        "loss",
        "row",
        None,
        "what is minimised; by default the task's",
        table=LOSSES,
        optional=True,
        scope="never",
        aliases=("criterion", "loss_function"),
    ),
    Hyperparameter(
        "dtype", "choice", "float32", "precision of the training core", choices=("float32", "float64"), scope="never"
    ),
    Hyperparameter(
        "schedule",
        "row",
        None,
        "course of the learning rate; none: as given",
        table=SCHEDULES,
        optional=True,
        aliases=("scheduler", "lr_schedule"),
    ),
    Hyperparameter("clip_norm", "float", None, "largest norm of a member's gradient", low=0, open_low=True, optional=True),
    Hyperparameter("clip_value", "float", None, "largest size of a gradient's entry", low=0, open_low=True, optional=True),
    Hyperparameter(
        "label_smoothing",
        "float",
        0.0,
        "share of each label spread over all classes",
        low=0,
        high=1,
        open_high=True,
        scope="stack",
    ),
    Hyperparameter(
        "class_weights",
        "float",
        None,
        "how much the rows of each class count in the gradient: balanced, n / (classes x rows of the class), or a mapping from labels",
        low=0,
        words=("balanced",),
        optional=True,
        keyed=True,
        scope="never",
        aliases=("class_weight", "sample_weight"),
    ),
    Hyperparameter(
        "stop",
        "row",
        {},
        "convergence criteria; any one stops",
        table=table(Entry("stop", "convergence criteria", STOP)),
        row_key="",
        scope="never",
    ),
    Hyperparameter(
        "checkpoint",
        "choice",
        "last",
        "which epoch's weights are kept",
        choices=("last", "best_validation"),
        scope="never",
    ),
)
