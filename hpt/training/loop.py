"""The training loop: a pure function from a cohort to the same cohort some epochs later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt.models.network import largest
from hpt.numerics.metrics import Outcome, measure
from hpt.numerics.stack import arithmetic
from hpt.numerics.types import Doubles
from hpt.training.cohort import Cohort, NewCohort, Trials, begin, layout
from hpt.training.packing import MEASURED_ROWS
from hpt.training.problem import Problem, arrays
from hpt.training.result import Reason, TrainingResult
from hpt.training.stack import Stack
from hpt.training.stopping import ending


@dataclass(frozen=True, slots=True)
class Advanced:
    """Where `advance` came to: the members that still train, None if there are none, and the results of those that ended.

    seconds: CPU seconds it took, where whoever called it measured them.
    """

    cohort: Cohort | None
    ended: tuple[TrainingResult, ...]
    seconds: float = 0.0


def advance(trials: Trials, problem: Problem, until: int) -> Advanced:
    """Trains `trials` up to epoch `until`; members that end before (stopped, diverged, out of epochs) leave with a result.

    Pure: `trials` are not changed, and the same call gives the same bits in any process.
    """
    ended: list[TrainingResult] = []
    active: Cohort | None = begin(trials.members, problem) if isinstance(trials, NewCohort) else trials.copy()
    with arithmetic():
        while active is not None and active.epoch < until:
            active, results = _until_one_ends(active, problem, until)
            ended.extend(results)
    return Advanced(active, tuple(ended))


def _until_one_ends(cohort: Cohort, problem: Problem, until: int) -> tuple[Cohort | None, list[TrainingResult]]:
    """Trains until a member ends, or to epoch `until`."""
    stack = Stack(cohort, problem)
    recorded: list[dict[str, Doubles]] = []
    wants_norms = any(m.settings.training["stop"].get("gradient_norm_below") is not None for m in cohort.members)
    endings: dict[int, tuple[Reason, str | None]] = {}
    while cohort.epoch < until and not endings:
        losses, rates, norms = stack.epoch(norms=wants_norms)
        metrics = {"train_loss": losses, "learning_rate": rates}
        measured: dict[str, Doubles] = {}
        for prefix in problem.every_epoch:
            measured.update(evaluate(stack, problem, prefix, every_epoch=True))
        metrics.update({name: values for name, values in measured.items() if name != "train_loss"})
        recorded.append(dict(metrics))
        cohort = stack.cohort = _with_epoch(cohort, problem, metrics, stack.updates)
        if wants_norms:
            metrics["gradient_norm"] = norms
        if problem.dataset.validation is None and "train_loss" in measured:
            # The loss of the epoch is from before its updates, and nothing else would tell that the last one left the numbers.
            metrics["ended_loss"] = measured["train_loss"]
        columns = zip(*(values.tolist() for values in metrics.values()), strict=True)
        waited = cohort.since_best.tolist()
        for index, (member, values) in enumerate(zip(cohort.members, columns, strict=True)):
            of_member = dict(zip(metrics, values, strict=True))
            reason = ending(member.settings, problem.objective, cohort.epoch, of_member, waited[index])
            if reason is not None:
                endings[index] = reason
    cohort = _with_history(cohort, recorded)
    if not endings:
        return cohort, []
    # What is measured at the end takes memory too.
    del stack
    rest = [i for i in range(len(cohort.members)) if i not in endings]
    results = finish(cohort.keep(list(endings)), problem, list(endings.values()))
    return (cohort.keep(rest) if rest else None), results


def _with_epoch(cohort: Cohort, problem: Problem, metrics: Mapping[str, Doubles], updates: int) -> Cohort:
    """The cohort an epoch later, which gave `metrics`, with its best epoch up to date."""
    # An objective that is measured at the end only has no best epoch: whoever needs one is refused it in the configuration.
    values = metrics.get(problem.objective.metric, np.full(len(cohort.members), np.inf))
    costs = np.array([problem.objective.cost(float(value)) for value in values])
    better = costs < cohort.best
    if cohort.kept.shape[1]:
        cohort.kept[better] = cohort.parameters[better]
    return replace(
        cohort,
        epoch=cohort.epoch + 1,
        step=cohort.step + updates,
        best=np.where(better, costs, cohort.best),
        since_best=np.where(better, 0, cohort.since_best + 1),
    )


def _with_history(cohort: Cohort, recorded: Sequence[Mapping[str, Doubles]]) -> Cohort:
    """The cohort with the metrics (K,) of further epochs in its history."""
    before = {name: cohort.history.get(name, np.empty((0, len(cohort.members)))) for name in recorded[0]}
    history = {name: np.concatenate([values, [epoch[name] for epoch in recorded]]) for name, values in before.items()}
    return replace(cohort, history=history)


@arithmetic()
def finish(cohort: Cohort, problem: Problem, reasons: Sequence[tuple[Reason, str | None]]) -> list[TrainingResult]:
    """The results of all members, each with its reason, at every metric; with `checkpoint: best_validation` at the best epoch.

    A member has diverged too where the objective is a metric that is measured here for the first time, and is not finite.
    """
    epochs = np.full(len(cohort.members), cohort.epoch)
    if cohort.kept.shape[1]:
        epochs = cohort.epoch - cohort.since_best
        cohort = replace(cohort, parameters=np.where(np.isfinite(cohort.best)[:, None], cohort.kept, cohort.parameters))
    measured: dict[str, Doubles] = {}
    stack = Stack(cohort, problem)
    for prefix in problem.at_end:
        measured.update(evaluate(stack, problem, prefix, every_epoch=False))
    measured["train_loss"] = np.array([cohort.history["train_loss"][e - 1, i] for i, e in enumerate(epochs)])
    shape = layout(cohort.members[0].settings, problem)
    objective = measured[problem.objective.metric]
    reasons = [reason if np.isfinite(objective[i]) else ("diverged", None) for i, reason in enumerate(reasons)]
    return [
        TrainingResult(
            trial=member.trial,
            epochs=cohort.epoch,
            reason=reason,
            criterion=criterion,
            history={name: tuple(values[:, index].tolist()) for name, values in cohort.history.items()},
            metrics={name: float(values[index]) for name, values in measured.items()},
            weights=shape.named(cohort.parameters[index]),
        )
        for index, (member, (reason, criterion)) in enumerate(zip(cohort.members, reasons, strict=True))
    ]


def pruned(cohort: Cohort, index: int) -> TrainingResult:
    """The result of member `index` that is dropped here: the metrics of its last epoch, no weights."""
    history = {name: tuple(values[:, index].tolist()) for name, values in cohort.history.items()}
    return TrainingResult(
        trial=cohort.members[index].trial,
        epochs=cohort.epoch,
        reason="pruned",
        criterion=None,
        history=history,
        metrics={name: values[-1] for name, values in history.items() if name != "learning_rate"},
        weights={},
    )


def evaluate(stack: Stack, problem: Problem, prefix: str, *, every_epoch: bool) -> dict[str, Doubles]:
    """The metrics (K,) of the members on the rows of `prefix`, by prefixed name."""
    training = stack.cohort.members[0].settings.training
    width = stack.layout.widths[-1]
    data = arrays(problem, prefix, width, training["dtype"], 0.0)
    truth = problem.part(prefix).targets
    count, members = len(truth), stack.members
    losses = np.zeros(members)
    predicted: NDArray[Any] = np.empty((members, count), np.int64 if problem.classes else np.float64)
    score = np.empty((members, count)) if problem.classes == 2 and not every_epoch else None
    for start in range(0, count, MEASURED_ROWS):
        chunk = slice(start, min(start + MEASURED_ROWS, count))
        network = stack.measuring(chunk.stop - chunk.start)
        columns = data.columns[None, :, chunk]
        outputs = network.forward(stack.layers, columns[:, : data.inputs], train=False)
        if problem.classes:
            predicted[:, chunk] = largest(outputs) if width > 1 else outputs[:, 0] > 0
        else:
            predicted[:, chunk] = outputs[:, 0]
        if score is not None:
            score[:, chunk] = outputs[:, 1] - outputs[:, 0] if width > 1 else outputs[:, 0]
        stack.loss(
            outputs,
            columns[:, data.inputs :],
            network.row_losses,
            network.gradient,
            network.row_scratch,
            with_gradient=False,
        )
        losses += np.add.reduce(network.row_losses, axis=1)
    if not problem.classes:
        dataset = problem.dataset
        predicted = predicted * dataset.target_sd + dataset.target_mean
        truth = truth * dataset.target_sd + dataset.target_mean
    return measure(Outcome(losses / count, predicted, truth, problem.classes, score), prefix, every_epoch=every_epoch)
