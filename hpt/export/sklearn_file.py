"""A model as a Python file for scikit-learn: an estimator that is trained, and one to fit with the same settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpt.export.counterparts import NUMPY_ACTIVATIONS
from hpt.export.model import ExportedModel
from hpt.export.python_files import Library, counterpart_of, missing_function, python_file

_MODEL = '''
def activation(values):
    """That of all layers but the last."""
    return {activation}


def outputs(inputs):
    """The outputs (n, C) of the network for encoded rows (n, D)."""
    stored = weights()
    values = np.asarray(inputs, dtype=np.float64)
    for index in range({depth}):
        values = values @ stored[f"layers.{{index}}.weight"].astype(np.float64) + stored[f"layers.{{index}}.bias"]
        if index < {last}:
            values = activation(values)
    return values
'''
_ESTIMATOR = '''
class Trained({mixin}, BaseEstimator):
    """The trained model as an estimator, for pipelines, scorers and model inspection; fit changes nothing.

    X: a data frame with the columns COLUMNS, or what predict(rows) takes.
    """

    def fit(self, X=None, y=None):
        return self

    def __sklearn_is_fitted__(self):
        return True

    def predict(self, X):
        return np.array(predict(_rows(X)))
{more}

def _rows(X):
    return X.to_dict("records") if hasattr(X, "to_dict") else X


{estimator}
'''
_CLASSES = """
    @property
    def classes_(self):
        return np.array(CLASSES)
"""
_PROBABILITIES = """
    def predict_proba(self, X):
        return predict_proba(_rows(X))
"""
_ACTIVATIONS = {"identity": "identity", "relu": "relu", "tanh": "tanh", "sigmoid": "logistic"}
_LOSSES = {"MLPClassifier": ("cross_entropy", "binary_cross_entropy"), "MLPRegressor": ("mse",)}


def sklearn_file(model: ExportedModel) -> str:
    """The text of the file. Raises InputError where there is no formula of the activation."""
    activation = counterpart_of("an activation", model.activation, NUMPY_ACTIVATIONS, "sklearn")
    classes, depth = model.predictor.encoding.classes, len(model.layers)
    more = _CLASSES if classes is not None else ""
    if classes is not None and model.predictor.loss.probabilities is not None:
        more += _PROBABILITIES
    imports = ["from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin"]
    imports += ["from sklearn.neural_network import MLPClassifier, MLPRegressor"]
    imports += ["from scipy.special import ndtr"] if "ndtr(" in activation else []
    return python_file(
        model,
        Library(
            imports=tuple(imports),
            model=_MODEL.format(activation=activation, depth=depth, last=depth - 1),
            training=_ESTIMATOR.format(
                mixin="RegressorMixin" if classes is None else "ClassifierMixin",
                more=more,
                estimator=_estimator(model, "MLPRegressor" if classes is None else "MLPClassifier"),
            ),
        ),
    )


def _estimator(model: ExportedModel, name: str) -> str:
    """The text of a function that makes an estimator to fit; one that raises and says why where scikit-learn has none."""
    settings, training = model.settings.optimizer, model.settings.training
    differing = []
    if model.activation not in _ACTIVATIONS:
        differing.append(f"the activation {model.activation}")
    if model.predictor.loss.name not in _LOSSES[name]:
        differing.append(f"the loss {model.predictor.loss.name}")
    if settings["name"] not in ("sgd", "adam"):
        differing.append(f"the optimizer {settings['name']}")
    if model.dropout:
        differing.append("dropout")
    if differing:
        why = f"{name} has not {', nor '.join(differing)}"
        return missing_function("estimator()", why)
    arguments = {**_arguments(model, settings, training), **_solver(settings)}
    written = ",\n        ".join(f"{key}={value!r}" for key, value in arguments.items())
    return f'''def estimator():
    """An estimator with the settings that were tuned, to be fitted to encode(rows) and the classes or scaled amounts.

    alpha is an L2 penalty that is divided by the rows of a batch, and biases have none; there is no schedule but adaptive, and
    epsilon is added before the correction for the start.
    """
    return {name}(
        {written},
    )'''


def _arguments(model: ExportedModel, settings: Mapping[str, Any], training: Mapping[str, Any]) -> dict[str, Any]:
    rows = training["batch_size"] if isinstance(training["batch_size"], int) else "auto"
    penalty = settings.get("weight_decay", 0.0)
    return {
        "hidden_layer_sizes": tuple(model.settings.model.get("hidden", ())),
        "activation": _ACTIVATIONS[model.activation],
        "alpha": penalty * rows if isinstance(rows, int) else penalty,
        "batch_size": rows,
        "learning_rate_init": settings["learning_rate"],
        "max_iter": training["epochs"],
        "n_iter_no_change": training["epochs"],
    }


def _solver(settings: Mapping[str, Any]) -> dict[str, Any]:
    if settings["name"] == "sgd":
        return {"solver": "sgd", "momentum": settings["momentum"], "nesterovs_momentum": settings["nesterov"]}
    first, second = settings["betas"]
    return {"solver": "adam", "beta_1": first, "beta_2": second, "epsilon": settings["eps"]}
