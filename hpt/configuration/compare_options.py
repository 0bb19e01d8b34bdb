"""The keys under `compare:`."""

from __future__ import annotations

from hpt.foundation.catalogue import Hyperparameter

COMPARE = (
    Hyperparameter(
        "trials",
        "integer",
        32,
        "settings tried for each optimizer in each study",
        low=1,
        high=1_000_000,
        scope="never",
        aliases=("n_trials",),
    ),
    Hyperparameter("studies", "integer", 12, "repetitions of the whole procedure", low=1, high=10_000, scope="never"),
    Hyperparameter(
        "seeds", "integer", 3, "fresh runs of the selected setting in each study", low=1, high=10_000, scope="never"
    ),
    Hyperparameter(
        "margin",
        "float",
        None,
        "difference that counts as none; 0.01 for accuracy, else 2% of the constant predictor's test loss",
        low=0,
        open_low=True,
        optional=True,
        scope="never",
    ),
    Hyperparameter(
        "metric", "text", None, "test metric of the ranking; that of the objective", optional=True, scope="never"
    ),
    Hyperparameter(
        "reference",
        "text",
        None,
        "the optimizer the others are compared with, instead of all pairs",
        optional=True,
        scope="never",
        aliases=("baseline",),
    ),
    Hyperparameter(
        "target",
        "float",
        None,
        "value of the objective to reach in the diagnosis; the median final one of the best",
        optional=True,
        scope="never",
    ),
)
