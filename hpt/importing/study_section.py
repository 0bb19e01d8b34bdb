"""The section `study` from what another tool says of its search: what is optimised, how often, how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hpt.configuration.options import PRUNERS, STUDY
from hpt.importing.foreign import Foreign
from hpt.importing.searches import UnfitError, check
from hpt.numerics.metrics import MeasuredMetric
from hpt.training.options import TRAINING

_TRIALS = next(row for row in STUDY if row.name == "trials")
_EPOCHS = next(row for row in TRAINING if row.name == "epochs")
# What metrics are called elsewhere; a part before it, such as val_, says on which rows.
_PARTS = {
    **dict.fromkeys(("validation", "valid", "val", "eval", "dev", "test"), "validation"),
    **dict.fromkeys(("train", "training"), "train"),
}
_METRICS = {
    "acc": "accuracy",
    "top1": "accuracy",
    "accuracy_score": "accuracy",
    "balanced_acc": "balanced_accuracy",
    "f1": "macro_f1",
    "f1_score": "macro_f1",
    "f1_macro": "macro_f1",
    "auc": "roc_auc",
    "auroc": "roc_auc",
    "root_mean_squared_error": "rmse",
    "mean_absolute_error": "mae",
    "r2_score": "r2",
    "cross_entropy": "loss",
}
_DEFAULT = "study.objective is hpt's, the loss on the validation rows"


def study_section(found: Foreign, document: Mapping[str, Any]) -> dict[str, Any]:
    """The section beside the others, which are in `document`; `found` gets what is left out and what was decided."""
    study: dict[str, Any] = {}
    metric = _metric(found)
    if metric is not None:
        study["objective"] = str(metric)
    if found.trials is None:
        found.notices.append(f"it does not say how many trials there are: study.trials is {_TRIALS.default}.")
    elif _fits_trials(found):
        study["trials"] = found.trials
    if found.sampler is not None:
        study["sampler"] = _sampler(found, document)
    if found.pruner is not None and _fits_pruner(found, metric, document.get("training", {}).get("epochs", _EPOCHS.default)):
        study["pruner"] = found.pruner
    if found.target is not None and metric is not None:
        study["stop"] = {"value": found.target}
    return study


def _metric(found: Foreign) -> MeasuredMetric | None:
    """The objective by the name that it has here, None where it is hpt's own."""
    if found.metric is None:
        if found.direction == "maximize":
            found.refuse("objective", f"it is maximised and has no name; {_DEFAULT}")
        return None
    name = "_".join(word for word in re.split(r"[/ .:_-]", found.metric.lower()) if word)
    first, _, rest = name.partition("_")
    part, short = (_PARTS[first], rest) if first in _PARTS and rest else ("validation", name)
    metric = MeasuredMetric(part, _METRICS.get(short, short))
    if not metric.known:
        found.refuse("metric", f"hpt has no metric {found.metric}; {_DEFAULT}")
        return None
    if found.direction is not None and found.direction != metric.direction:
        found.notices.append(f"{found.metric} is to {found.direction} there, {metric} to {metric.direction} here.")
    if first == "test":
        found.notices.append(f"{found.metric} is {metric} here: test rows are never searched on.")
    return metric


def _fits_trials(found: Foreign) -> bool:
    try:
        check(_TRIALS, found.trials, "trials")
    except UnfitError as error:
        found.refuse("trials", str(error))
        return False
    return True


def _sampler(found: Foreign, document: Mapping[str, Any]) -> str | None:
    """The sampler; tpe for a grid where something is searched that has no points to count."""
    if found.sampler != "grid" or not _uncountable(document):
        return found.sampler
    found.notices.append("a grid needs values or a step everywhere: study.sampler is tpe.")
    return "tpe"


def _uncountable(plain: Any) -> bool:
    """Whether a range without a step is searched, or a range in one of several values."""
    if isinstance(plain, Mapping):
        return ("min" in plain and "step" not in plain) or any(map(_uncountable, plain.values()))
    return isinstance(plain, list) and any(map(_uncountable, plain))


def _fits_pruner(found: Foreign, metric: MeasuredMetric | None, epochs: int) -> bool:
    """Whether there is a rung before the last epoch, and the metric is known at it."""
    pruner = dict(found.pruner or {})
    row = PRUNERS[pruner.pop("type")]
    if metric is not None and not metric.entry.every_epoch:
        found.refuse("early_terminate", f"{metric} is measured after the last epoch alone")
    elif not row.function(epochs, **pruner):
        found.refuse("early_terminate", f"its first band is at epoch {pruner['min_epochs']} of {epochs}")
    else:
        return True
    return False
