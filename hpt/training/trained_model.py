"""A model that is trained, by its settings and weights: its outputs for any rows, its metrics on the test rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpt.data.dataset import Shape
from hpt.models import MODELS
from hpt.models.family import Architecture
from hpt.models.networks import apart
from hpt.models.outputs import Outputs, largest
from hpt.numerics.metrics import Outcome, measure
from hpt.numerics.types import Doubles, Floats
from hpt.training.cohort import architecture, begin
from hpt.training.measuring import MEASURED_ROWS, evaluate
from hpt.training.problem import Problem
from hpt.training.settings import Member, Settings
from hpt.training.stack import Stack, bound

PRECISION = np.dtype(np.float64)
"""Of predictions, whatever the weights were trained in: their last bits then hang on no BLAS and no company of rows."""


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model with its weights by name, of one network or of several whose outputs are averaged.

    shapes: of a row of inputs. count: how many outputs it has.
    """

    settings: Settings
    weights: Mapping[str, Floats]
    shapes: tuple[Shape, ...]
    count: int

    @property
    def architecture(self) -> Architecture:
        """What the settings make of these inputs and outputs, of each network."""
        return MODELS[self.settings.model["type"]].family.architecture(self.shapes, self.count, self.settings.model)

    def outputs(self, inputs: Doubles) -> Doubles:
        """(n, C) for encoded inputs (n, D)."""
        first, *others = apart(self.weights)
        total = self._outputs(first, inputs)
        for network in others:
            total += self._outputs(network, inputs)
        return total / (1 + len(others))

    def _outputs(self, weights: Mapping[str, Floats], inputs: Doubles) -> Doubles:
        """(n, C) of one network."""
        family, architecture = MODELS[self.settings.model["type"]].family, self.architecture
        rows = family.lay_out(inputs, np.zeros((len(inputs), self.count)), PRECISION)
        views = architecture.views(np.asarray(architecture.flat(weights), PRECISION)[None])
        found = np.empty((len(inputs), self.count))
        for start in range(0, len(inputs), MEASURED_ROWS):
            chunk = slice(start, min(start + MEASURED_ROWS, len(inputs)))
            network = architecture.network([self.settings.model], chunk.stop - chunk.start, PRECISION)
            network.forward(views, rows, chunk)
            found[chunk] = network.outputs.values[0].T
        return found


def measured_on_test_rows(problem: Problem, member: Member, weights: Mapping[str, Floats]) -> dict[str, float]:
    """Every metric of the model of `member` with these weights on the test rows: of one network with the bits of training."""
    first, *others = apart(weights)
    if others:
        every = np.arange(len(problem.part("test").inputs))
        measured = measure(outcomes_on_test_rows(problem, member, weights)(every), "test", every_epoch=False)
    else:
        cohort = begin([member], problem)
        cohort.parameters[0] = architecture(member.settings, problem).flat(first)
        measured = evaluate(Stack(cohort, problem), problem, "test", every_epoch=False)
    return {name: float(found[0]) for name, found in measured.items()}


def outcomes_on_test_rows(problem: Problem, member: Member, weights: Mapping[str, Floats]) -> Callable[[Any], Outcome]:
    """Gives what the model answers for the test rows at some indices."""
    chosen = member.settings.training["loss"]
    dataset, part, width = problem.dataset, problem.part("test"), problem.outputs(chosen)
    outputs = TrainedModel(member.settings, weights, dataset.shapes, width).outputs(part.inputs)
    losses = _losses(problem, chosen, outputs)
    score: Doubles | None = None
    truth = part.targets
    if problem.classes:
        predicted = largest(outputs.T[None])[0] if width > 1 else outputs[:, 0] > 0
        if problem.classes == 2:
            score = outputs[:, 1] - outputs[:, 0] if width > 1 else outputs[:, 0]
    else:
        predicted = outputs[:, 0] * dataset.target_sd + dataset.target_mean
        truth = truth * dataset.target_sd + dataset.target_mean

    def outcome(at: Any) -> Outcome:
        scores = None if score is None else score[None, at]
        return Outcome(losses[at].mean(keepdims=True), predicted[None, at], truth[at], problem.classes, scores)

    return outcome


def _losses(problem: Problem, chosen: Mapping[str, Any] | None, outputs: Doubles) -> Doubles:
    """The loss (n,) of each test row."""
    rows, width = outputs.shape
    room = Outputs(1, width, rows, np.dtype(np.float64))
    room.values[...] = outputs.T[None]
    targets = np.ascontiguousarray(problem.targets("test", width, 0.0).T)
    room.apply(bound(problem.loss(chosen), chosen), targets[None], with_gradient=False)
    return np.asarray(room.losses[0])
