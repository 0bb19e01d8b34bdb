"""W1 in scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.workloads import LEARNING_RATE, Workload


def training(work: Workload) -> Callable[[], None]:
    """A function that fits one network, all epochs of it; float32 inputs keep it in float32."""
    inputs, labels = work.inputs, work.labels

    def train() -> None:
        model = MLPClassifier(
            (work.hidden,),
            alpha=0.0,
            batch_size=work.batch,
            learning_rate_init=LEARNING_RATE,
            max_iter=work.epochs,
            n_iter_no_change=work.epochs + 1,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(inputs, labels)

    return train
