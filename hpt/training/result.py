"""What training one trial gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from numpy.typing import NDArray

Reason = Literal["epochs", "converged", "patience", "diverged", "pruned", "infeasible", "interrupted"]


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """One trial after its last epoch.

    epochs: epochs trained. reason: why it ended; `criterion` names the stopping criterion that was met, or the constraints for which an
        infeasible trial was not trained.
    history: a value an epoch of `train_loss`, `learning_rate` (of the epoch's last update) and each monitored metric.
    metrics: every metric at the end, by its prefixed name; may hold non-finite numbers.
    error: the standard error of the objective over the copies of a trial that is trained more than once, on folds or from several
        initialisations; its numbers are then means over them. None for a trial that is trained once.
    weights: the named arrays `layers.0.weight` (in, out), `layers.0.bias` (out,), …; empty where they are not wanted.
    """

    trial: int
    epochs: int
    reason: Reason
    criterion: str | None
    history: Mapping[str, tuple[float, ...]]
    metrics: Mapping[str, float]
    weights: Mapping[str, NDArray]  # type: ignore[type-arg]
    error: float | None = None
