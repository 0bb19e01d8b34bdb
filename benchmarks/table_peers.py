"""What scikit-learn makes of a table: its MLP behind a random search, and its linear model, on rows that it is given."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import loguniform
from sklearn.compose import TransformedTargetRegressor, make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import RandomizedSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SEARCHED = {
    "hidden_layer_sizes": [(32,), (64,), (100,), (64, 32)],
    "activation": ["relu", "tanh"],
    "alpha": loguniform(1e-5, 1e-1),
    "learning_rate_init": loguniform(1e-4, 1e-1),
}
"""As scikit-learn's own examples search it; the rest is at its defaults, 200 epochs with a stop among them."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a peer predicts for the test rows, (n,), and the CPU seconds that it took to be fitted and searched."""

    predictions: NDArray[Any]
    seconds: float


def features(table: pd.DataFrame, target: str) -> pd.DataFrame:
    """The inputs as a careful user of scikit-learn makes them: dates as days; texts that are nearly all different are left out."""
    found = table.drop(columns=target)
    for name in found.columns:
        if pd.api.types.is_numeric_dtype(found[name]):
            continue
        days = pd.to_datetime(found[name], errors="coerce", format="ISO8601")
        if days.isna().all():
            days = pd.to_datetime(found[name], errors="coerce", format="%Y/%m/%d")
        if days.notna().mean() > 0.8:
            found[name] = (days - days.min()).dt.days.astype(float)
        elif found[name].nunique() > 0.5 * len(found):
            found = found.drop(columns=name)
    return found


def linear(train: pd.DataFrame, values: NDArray[Any], test: pd.DataFrame, *, classes: bool) -> Fitted:
    """Logistic or least squares regression behind a scaler and one-hot."""
    model = LogisticRegression(max_iter=2000) if classes else LinearRegression()
    return _timed(_prepared(model), train, values, test)


def searched(
    train: pd.DataFrame, values: NDArray[Any], test: pd.DataFrame, *, classes: bool, trials: int, folds: int, seed: int
) -> Fitted:
    """An MLP behind a scaler and one-hot, by a random search of `trials`, fitted again with what was best.

    Targets of a regression are scaled too: unscaled, scikit-learn's MLP fails on most of these tables.
    """
    model = (MLPClassifier if classes else MLPRegressor)(random_state=seed)
    whole = _prepared(model if classes else TransformedTargetRegressor(model, transformer=StandardScaler()))
    prefix = f"{model.__class__.__name__.lower()}__" if classes else "transformedtargetregressor__regressor__"
    space = {prefix + name: choices for name, choices in SEARCHED.items()}
    return _timed(RandomizedSearchCV(whole, space, n_iter=trials, cv=folds, random_state=seed), train, values, test)


def _prepared(model: Any) -> Any:
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    texts = OneHotEncoder(handle_unknown="ignore")
    return make_pipeline(
        make_column_transformer(
            (numbers, make_column_selector(dtype_include="number")),
            (texts, make_column_selector(dtype_exclude="number")),
            sparse_threshold=0,
        ),
        model,
    )


def _timed(model: Any, train: pd.DataFrame, values: NDArray[Any], test: pd.DataFrame) -> Fitted:
    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of epochs that were too few: what a search tries is not always sensible
        predictions = model.fit(train, values).predict(test)
    return Fitted(predictions, time.process_time() - began)


def measure(classes: bool) -> tuple[str, Callable[[NDArray[Any], NDArray[Any]], float]]:
    """The name of what tables are judged by, and its function of the truth and of predictions: higher is better."""
    if classes:
        return "accuracy", lambda truth, found: float(np.mean(truth == found))
    return "R²", lambda truth, found: float(1 - np.sum((truth - found) ** 2) / np.sum((truth - truth.mean()) ** 2))
