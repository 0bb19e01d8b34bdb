"""What must hold between keys of the objectives and constraints of a study, and others."""

from __future__ import annotations

from collections.abc import Iterator

from hpt.configuration.draft import Draft, Findings, validates
from hpt.foundation.catalogue import nearest
from hpt.numerics.metrics import METRICS, MeasuredMetric
from hpt.training.bounds import Bound
from hpt.training.objectives import COSTS, objectives_of
from hpt.yaml.diagnostics import listed, shortened


def objective(draft: Draft) -> Findings:
    """The objective is a metric that is measured, and as often as it is needed."""
    metric = MeasuredMetric.parse(draft.study["objective"])
    found = f"found {shortened(draft.study['objective'])}"
    parts = ("train", "validation") if validates(draft.data) else ("train",)
    expected = f"expected {' or '.join(str(MeasuredMetric(part, 'METRIC')) for part in parts)}"
    usual = metric.on(parts[-1])
    if metric.name not in METRICS:
        near = nearest(metric.name or metric.part, METRICS)
        meant = metric if metric.name and metric.part in parts else usual
        hint = f"Did you mean {meant.beside(near)}?" if near else ""
        yield "study.objective", f"{expected}, {found}. {hint} Metrics: {listed(METRICS)}.".replace("  ", " ")
    elif metric.part == "test":
        yield "study.objective", f"{expected}, {found}. Test rows are never searched on: use {usual}."
    elif metric.part not in parts:
        why = "data.validation is 0: use" if metric.part == "validation" else "Use"
        yield "study.objective", f"{expected}, {found}. {why} {usual}."
    elif not metric.entry.every_epoch:
        users = {
            "a pruner": draft.study["pruner"]["type"] != "none",
            "patience": "patience" in draft.training["stop"],
            "checkpoint: best_validation": draft.training["checkpoint"] == "best_validation",
        }
        fitting = [entry for entry in METRICS.values() if entry.task in (None, metric.entry.task)]
        known = listed(str(metric.beside(entry.name)) for entry in fitting if entry.every_epoch)
        for user in (user for user, used in users.items() if used):
            yield (
                "study.objective",
                f"expected a metric of every epoch, as {user} needs it, {found}. Use one of {known}.",
            )


def constraints(draft: Draft) -> Findings:
    """Constraints bound what is known of each trial and is the same in each run."""
    parts = ("train", "validation") if validates(draft.data) else ("train",)
    for index, text in enumerate(draft.study["constraints"]):
        path = f"study.constraints.{index}"
        if text is None:
            continue
        try:
            name = Bound.parse(text).metric
        except ValueError as error:
            yield path, f"{error}, found {shortened(text)}."
        else:
            yield from ((path, wrong) for wrong in _unmeasured(name, parts))
    if draft.mode == "compare" and draft.study["constraints"]:
        yield (
            "study.constraints",
            "expected none in `hpt compare`, which ranks optimizers by one metric. Remove them: --set study.constraints=[].",
        )


def _unmeasured(name: str, parts: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with `name` as a metric of a trial, or as what it costs. parts: of the data, those that trials are measured on."""
    metric = MeasuredMetric.parse(name)
    if name == "seconds":
        yield f"expected what is the same in each run, found seconds. Use {' or '.join(COSTS)}."
    elif metric.part == "test" and metric.name in METRICS:
        yield f"expected what trials are measured by, found {name}. Test rows are never searched on: use {metric.on(parts[-1])}."
    elif name not in COSTS and (metric.part not in parts or metric.name not in METRICS):
        near = nearest(name, [*COSTS, *(f"{part}_{metric}" for part in parts for metric in METRICS)])
        hint = f"Did you mean {near}?" if near else f"Metrics: {listed(METRICS)}."
        yield f"expected {' or '.join((*(f'{part}_METRIC' for part in parts), *COSTS))}, found {shortened(name)}. {hint}"


def objectives(draft: Draft) -> Findings:
    """Several objectives are metrics or costs, each once, after one by which trials can be ranked, and none of them is pruned by."""
    several = objectives_of(draft.study)
    parts = ("train", "validation") if validates(draft.data) else ("train",)
    for index, name in enumerate(several):
        path = f"study.objective.{index}"
        if name is None:
            # Refused where it was read.
            continue
        if name in several[:index]:
            yield path, f"expected each objective once, found {shortened(name)} again. Remove it."
        elif index or name == "seconds":
            yield from ((path, wrong) for wrong in _unmeasured(name, parts))
    if several and draft.study["pruner"]["type"] != "none":
        yield (
            "study.pruner",
            "expected none with several objectives, of which trials that end early show one only. Remove it.",
        )
    if several and draft.study["select"] not in ("lowest", "refit"):
        yield "study.select", f"expected lowest with several objectives, found {draft.study['select']}. Remove it."
