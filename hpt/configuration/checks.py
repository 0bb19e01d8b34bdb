"""What must hold between keys. Each check gives dotted paths and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hpt.configuration.draft import Draft, Findings, validates
from hpt.configuration.objective_checks import constraints, objective, objectives
from hpt.configuration.options import PRUNERS
from hpt.data.datasets import DATASETS
from hpt.data.drawing import fold_count
from hpt.foundation.catalogue import nearest
from hpt.numerics.losses import LOSSES
from hpt.numerics.metrics import METRICS, MeasuredMetric
from hpt.tables.files import ENDINGS, absence, ending_of, foreign_ending
from hpt.training.bounds import Bound
from hpt.training.objectives import COSTS, objectives_of
from hpt.training.stopping import watched
from hpt.yaml.diagnostics import listed, shortened

SOURCES = ("source", "test_source", "validation_source")
"""The keys of `data` that name a file."""

RUN_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
# Names that Windows keeps for devices: a run folder of that name could not be copied there.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def valid_name(name: str) -> bool:
    """Whether a run may have this name: it becomes a folder's."""
    return bool(RUN_NAME.fullmatch(name)) and not _DEVICES.fullmatch(name)


def default_name(stem: str) -> str:
    """The run name for a file's stem: what no name may hold becomes a dash."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-.")[:64]
    return name if valid_name(name) else f"run-{name}"[:64].rstrip("-.")


def run_name(draft: Draft) -> Findings:
    """The run name can name a folder."""
    if not valid_name(draft.name):
        rule = "1 to 64 letters, digits, '.', '_' and '-', no leading dot, no device name"
        yield "name", f"expected {rule}, found '{shortened(draft.name)}'. Try {default_name(draft.name)}."


def sources(draft: Draft) -> Findings:
    """Data sources are bundled sets or files that are there."""
    for key in SOURCES:
        source = draft.data[key]
        if source is None or (key == "source" and source.lower() in DATASETS):
            continue
        if (absent := absence(source, draft.folder)) is not None:
            yield f"data.{key}", shortened(absent, 300)
        elif ending_of(source) is None:
            near = nearest(source, DATASETS)
            hint = f"Did you mean {near}?" if near else f"Data sets: {', '.join(DATASETS)}."
            if (better := foreign_ending(source)) is not None:
                hint = f"Save it as {better}."
            expected = f"a data set or a file ending in {', '.join(ENDINGS)}"
            yield f"data.{key}", f"expected {expected}, found '{shortened(source)}'. {hint}"


def fixed_split(draft: Draft) -> Findings:
    """`split: fixed` and `test_source` come together."""
    fixed, written = draft.data["split"] == "fixed", draft.data["test_source"] is not None
    if fixed and not written:
        yield "data.split", "expected test_source beside split: fixed, found none. Name the file with the test rows."
    if written and not fixed:
        yield "data.test_source", "expected split: fixed beside test_source, found split: random. Add it."


def arrangement(draft: Draft) -> Findings:
    """A split follows one column at most."""
    group, order = draft.data["group"], draft.data["order"]
    if group is not None and order is not None:
        yield (
            "data.order",
            f"expected none beside data.group, found {shortened(order)}. A split follows one of them: remove one.",
        )


def folds(draft: Draft) -> Findings:
    """Folds take the place of other validation rows."""
    if fold_count(draft.data) > 1 and draft.data["validation_source"] is not None:
        found = f"found {draft.data['folds']}"
        yield "data.folds", f"expected none, as validation_source has the rows that validate, {found}. Remove one of them."


def shares(draft: Draft) -> Findings:
    """Rows are left for training."""
    validation, test = draft.data["validation"], draft.data["test"]
    if draft.data["validation_source"] is not None:
        return
    if draft.data["split"] == "random" and validation + test >= 1:
        yield (
            "data.validation",
            f"expected validation + test below 1, found {validation} + {test}. Leave rows for training.",
        )


def validation_rows(draft: Draft) -> Findings:
    """Nothing asks for validation rows where there are none."""
    if validates(draft.data):
        return
    for criterion in draft.training["stop"]:
        watch = watched(criterion)
        if watch is not None and MeasuredMetric.parse(watch[0]).part == "validation":
            yield (
                f"training.stop.{criterion}",
                "expected no validation criterion, as data.validation is 0. Use a train_ one.",
            )
    if draft.training["checkpoint"] == "best_validation":
        yield "training.checkpoint", "expected last, as data.validation is 0, found best_validation."


def best_epoch(draft: Draft) -> Findings:
    """The best epoch, which is the objective's, is one by validation."""
    objective, checkpoint = draft.study["objective"], draft.training["checkpoint"]
    on_training = MeasuredMetric.parse(objective).part == "train"
    if checkpoint == "best_validation" and validates(draft.data) and on_training:
        yield (
            "training.checkpoint",
            f"expected last, as study.objective is {shortened(objective)}, found best_validation. Use a validation_ objective.",
        )


def rungs(draft: Draft) -> Findings:
    """A pruner has a rung before the last epoch."""
    options = {key: value for key, value in draft.study["pruner"].items() if key != "type"}
    entry = PRUNERS[draft.study["pruner"]["type"]]
    epochs = draft.training["epochs"]
    if options and not entry.function(epochs, **options):
        text = f"expected a rung below training.epochs ({epochs}), found none. Lower min_epochs or write pruner: none."
        yield "study.pruner.min_epochs", text


def grid(draft: Draft) -> Findings:
    """A grid has steps everywhere."""
    if draft.study["sampler"]["type"] != "grid" or draft.mode != "tune":
        return
    dimensions = {d.path: d for label in draft.space.branches for d in draft.space.dimensions(label)}
    for path, dimension in dimensions.items():
        if dimension.given is not None:
            yield dimension.given[0], "expected constants in values (sampler: grid), found ranges. Take tpe or random."
        elif not dimension.countable():
            yield (
                path,
                "expected values or a range with a step (sampler: grid), found a range without. "
                + ("Add a step or use values." if dimension.may_step else "Use values: a step needs scale: linear."),
            )


def comparison(draft: Draft) -> Findings:
    """`compare` has branches, rows and a metric to compare on."""
    if draft.mode != "compare" or not draft.space.branches:
        return
    labels = tuple(draft.space.branches)
    if len(labels) <= 1:
        yield (
            "optimizer",
            f"expected at least two optimizers to compare, found {listed(labels)}. Write choose: [sgd, adam].",
        )
    reference = draft.compare["reference"]
    if reference is not None and reference not in labels:
        near = nearest(reference, labels)
        hint = f"Did you mean {near}?" if near else f"Branches: {listed(labels)}."
        yield "compare.reference", f"expected a branch of choose, found {shortened(reference)}. {hint}"
    metric = draft.compare["metric"]
    if metric is not None and metric not in {str(MeasuredMetric("test", name)) for name in METRICS}:
        yield "compare.metric", f"expected test_METRIC, found {shortened(metric)}. Metrics: {listed(METRICS)}."
    without = {part for part in ("validation", "test") if not draft.data[part] and draft.data[f"{part}_source"] is None}
    for share in sorted(without, reverse=True):
        yield f"data.{share}", f"expected a {share} share above 0, as compare needs those rows, found 0. Try 0.2."


def something_searched(draft: Draft) -> Findings:
    """`tune` has something to search."""
    if draft.mode == "tune" and draft.space.branches and not draft.space.paths():
        advice = "Write one, such as learning_rate: {min: 1e-5, max: 0.1, scale: log}, or use `hpt train`."
        yield (
            "optimizer",
            f"expected a range, values or a choice of optimizers in `hpt tune`, found constants only. {advice}",
        )


CHECKS: tuple[Callable[[Draft], Findings], ...] = (
    run_name, sources, fixed_split, arrangement, folds, shares, objective, objectives, constraints, validation_rows, best_epoch, rungs,
    grid, comparison,
)  # fmt: skip


def fits_task(classes: int, data: Mapping[str, Any], training: Mapping[str, Any], study: Mapping[str, Any]) -> Findings:
    """What does not go with so many classes, 0 for regression, as the data may tell first: metrics, the loss, target options."""
    task = "classification" if classes else "regression"
    kind = f"classification with {classes} classes" if classes else task
    metrics = {"study.objective": study["objective"]}
    metrics |= {f"study.objective.{i}": name for i, name in enumerate(objectives_of(study)) if i and name not in COSTS}
    metrics |= {f"study.constraints.{i}": Bound.parse(text).metric for i, text in enumerate(study["constraints"])}
    metrics |= {f"training.stop.{name}": watch[0] for name in training["stop"] if (watch := watched(name)) is not None}
    for path, metric in metrics.items():
        entry = METRICS.get(MeasuredMetric.parse(metric).name)
        if entry is not None and not entry.fits(classes):
            fitting = listed(name for name, other in METRICS.items() if other.fits(classes))
            yield path, f"expected a metric of {kind}, found {metric}. Metrics: {fitting}."
    loss = training["loss"] and training["loss"]["type"]
    if loss is not None and task not in LOSSES[loss].tasks:
        fitting = listed(name for name, entry in LOSSES.items() if task in entry.tasks)
        yield "training.loss", f"expected a loss for {task}, found {loss}. Losses: {fitting}."
    if task != "classification" and training["class_weights"] is not None:
        yield "training.class_weights", f"expected none, as the task is {task}. Remove it."
    if task != "classification" and training["label_smoothing"] != 0:
        yield "training.label_smoothing", f"expected 0, as the task is {task}. Remove it."
