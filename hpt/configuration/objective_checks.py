"""What must hold between keys of the objectives and constraints of a study, and others."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from hpt.configuration.draft import Draft, Findings, validates
from hpt.foundation.catalogue import nearest
from hpt.numerics.metrics import METRICS, MeasuredMetric
from hpt.training.bounds import Bound
from hpt.training.objectives import COSTS, objectives_of
from hpt.yaml.diagnostics import listed, shortened


def objective(draft: Draft) -> Findings:
    """The objective is a metric that is measured, and as often as it is needed."""
    name = draft.study["objective"]
    wrong = next(_unmeasured(name, _parts(draft)), None)
    if wrong is not None:
        yield "study.objective", wrong
    elif not (metric := MeasuredMetric.parse(name)).entry.every_epoch:
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
                f"expected a metric of every epoch, as {user} needs it, found {shortened(name)}. Use one of {known}.",
            )


def constraints(draft: Draft) -> Findings:
    """Constraints bound what is known of each trial and is the same in each run."""
    for index, text in enumerate(draft.study["constraints"]):
        path = f"study.constraints.{index}"
        if text is None:
            continue
        try:
            name = Bound.parse(text).metric
        except ValueError as error:
            yield path, f"{error}, found {shortened(text)}."
        else:
            yield from ((path, wrong) for wrong in _unmeasured(name, _parts(draft), COSTS))
    if draft.mode == "compare" and draft.study["constraints"]:
        yield (
            "study.constraints",
            "expected none in `hpt compare`, which ranks optimizers by one metric. Remove them: --set study.constraints=[].",
        )


def _parts(draft: Draft) -> tuple[str, ...]:
    """The parts of the data that trials are measured on."""
    return ("train", "validation") if validates(draft.data) else ("train",)


def _unmeasured(name: str, parts: tuple[str, ...], costs: Collection[str] = ()) -> Iterator[str]:
    """What is wrong with `name` as a metric of a trial on one of `parts`, or as one of `costs`; nothing, or one text."""
    metric = MeasuredMetric.parse(name)
    usual = metric.on(parts[-1])
    expected = f"expected {' or '.join((*(str(MeasuredMetric(part, 'METRIC')) for part in parts), *costs))}, found {shortened(name)}."
    if name in costs:
        return
    if name == "seconds" and costs:
        yield f"expected what is the same in each run, found seconds. Use {' or '.join(costs)}."
    elif metric.name not in METRICS:
        near = nearest(name, costs)
        other = nearest(metric.name or metric.part, METRICS)
        if near is None and other is not None:
            near = str((metric if metric.name and metric.part in parts else usual).beside(other))
        hint = f" Did you mean {near}?" if near else ""
        yield f"{expected}{hint} Metrics: {listed(METRICS)}."
    elif metric.part == "test":
        yield f"{expected} Test rows are never searched on: use {usual}."
    elif metric.part not in parts:
        yield f"{expected} {'data.validation is 0: use' if metric.part == 'validation' else 'Use'} {usual}."


def objectives(draft: Draft) -> Findings:
    """Several objectives are metrics or costs, each once, after one by which trials can be ranked, and none of them is pruned by."""
    several = objectives_of(draft.study)
    for index, name in enumerate(several):
        path = f"study.objective.{index}"
        if name is None:
            # Refused where it was read.
            continue
        if name in several[:index]:
            yield path, f"expected each objective once, found {shortened(name)} again. Remove it."
        elif index:
            yield from ((path, wrong) for wrong in _unmeasured(name, _parts(draft), COSTS))
    if several and draft.study["pruner"]["type"] != "none":
        yield (
            "study.pruner",
            "expected none with several objectives, of which trials that end early show one only. Remove it.",
        )
    if several and draft.study["select"] != "lowest":
        yield "study.select", f"expected lowest with several objectives, found {draft.study['select']}. Remove it."
