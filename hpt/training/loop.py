"""The training loop: a pure function from a cohort to the same cohort some epochs later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hpt.numerics.stack import arithmetic
from hpt.numerics.types import Doubles
from hpt.training.cohort import Cohort, NewCohort, Trials, begin
from hpt.training.measuring import evaluate
from hpt.training.problem import Problem
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
        for part in problem.every_epoch:
            measured.update(evaluate(stack, problem, part, every_epoch=True))
        metrics.update({name: values for name, values in measured.items() if name != "train_loss"})
        recorded.append(dict(metrics))
        cohort = stack.cohort = _with_epoch(stack, problem, metrics)
        if wants_norms:
            metrics["gradient_norm"] = norms
        if problem.dataset.validation is None and "train_loss" in measured:
            # The epoch's losses were taken before its updates: only this one shows that the last update overflowed.
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


def _with_epoch(stack: Stack, problem: Problem, metrics: Mapping[str, Doubles]) -> Cohort:
    """The cohort of `stack` an epoch later, which gave `metrics`, with its best epoch up to date."""
    cohort = stack.cohort
    # An objective that is measured at the end only has no best epoch: whoever needs one is refused it in the configuration.
    values = metrics.get(problem.objective.metric, np.full(len(cohort.members), np.inf))
    costs = np.array([problem.objective.cost(float(value)) for value in values])
    better = costs < cohort.best
    if cohort.best_parameters.shape[1]:
        stack.remember(better)
    return replace(
        cohort,
        epoch=cohort.epoch + 1,
        step=cohort.step + stack.updates,
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
    if cohort.best_parameters.shape[1]:
        epochs = cohort.epoch - cohort.since_best
        has_best = np.isfinite(cohort.best)[:, None]
        cohort = replace(cohort, parameters=np.where(has_best, cohort.best_parameters, cohort.parameters))
    measured: dict[str, Doubles] = {}
    stack = Stack(cohort, problem)
    for part in problem.at_end:
        measured.update(evaluate(stack, problem, part, every_epoch=False))
    measured["train_loss"] = np.array([cohort.history["train_loss"][e - 1, i] for i, e in enumerate(epochs)])
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
            weights=stack.architecture.named(cohort.parameters[index]),
        )
        for index, (member, (reason, criterion)) in enumerate(zip(cohort.members, reasons, strict=True))
    ]
