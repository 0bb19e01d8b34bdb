"""What one update costs, counted and not timed: passes over the parameters, array calls around them, memory."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest

from hpt.models import MODELS
from hpt.models.batches import SideBySide
from hpt.numerics.activations import ACTIVATIONS
from hpt.numerics.losses import LOSSES
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.training.cohort import begin
from hpt.training.problem import Problem
from hpt.training.settings import Member, Settings
from hpt.training.stack import Stack
from tests.training.samples import a_problem, some_settings

# In one update. A count that falls is a faster step: write it down. One that rises wants a reason.
CALLS_OF_A_LOSS = {"mse": 5, "mae": 6, "huber": 8, "cross_entropy": 12, "binary_cross_entropy": 14}
CALLS_OF_A_HIDDEN_LAYER = {
    "identity": 3,
    "relu": 5,
    "leaky_relu": 7,
    "elu": 8,
    "tanh": 6,
    "sigmoid": 9,
    "silu": 11,
    "softplus": 12,
    "gelu": 40,
    "gelu_tanh": 19,
}
# The batch is transposed, both products are taken, the rows' losses are summed; to fetch it is a method, which is not counted.
AROUND_A_LOSS = 4


class Counted(np.ndarray):  # type: ignore[type-arg]
    """An array that counts what is done to it and to whatever is cut from it: calls by the size of their result.

    fresh: the largest result that had no place to go.
    """

    calls: ClassVar[Counter[int]] = Counter()
    fresh = 0

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        given = options.get("out", ())
        if given:
            options["out"] = tuple(plain(array) for array in given)
        result = getattr(ufunc, method)(*map(plain, inputs), **options)
        Counted.calls[result.size] += 1
        if not given:
            Counted.fresh = max(Counted.fresh, result.size)
        return given[0] if given else result

    def __array_function__(self, function: Any, types: Any, inputs: Any, options: Any) -> Any:
        before = Counted.calls.total()
        result = super().__array_function__(function, types, inputs, options)
        # One that is made of a ufunc, such as clip, has counted itself.
        Counted.calls[0] += Counted.calls.total() == before
        return result


def plain(array: Any) -> Any:
    return array.view(np.ndarray) if isinstance(array, Counted) else array


def counted(value: Any) -> Any:
    """`value` with every array in it counted, in the same memory."""
    if isinstance(value, np.ndarray):
        return value.view(Counted)
    if isinstance(value, list):
        return [counted(item) for item in value]
    if is_dataclass(value) and not isinstance(value, (type, SideBySide)):
        return replace(value, **{field.name: counted(getattr(value, field.name)) for field in fields(value)})
    return value


def watch(stack: Stack) -> None:
    """Makes every buffer of `stack` a counted one."""
    networks: list[Any] = [batch.network for batch in stack.batches.values()]
    parts = [stack, *stack.batches.values(), *networks]
    parts += [part for network in networks for part in (network.batch, network.outputs)]
    assert stack.scratch.size  # made when it is first asked for, like the batches
    for part in parts:
        for name, value in list(vars(part).items()):
            setattr(part, name, counted(value))
    for name in ("parameters", "slots"):
        object.__setattr__(stack.cohort, name, counted(getattr(stack.cohort, name)))


def a_stack(problem: Problem, settings: Settings, members: int = 3) -> Stack:
    return Stack(begin([Member(i, settings, (7, i), (7,)) for i in range(members)], problem), problem)


def updates_of(stack: Stack) -> Iterator[Any]:
    """The updates of epoch after epoch: with full batches each has only one."""
    while True:
        yield from stack.steps(norms=False)
        stack.cohort = replace(stack.cohort, step=stack.cohort.step + stack.updates)


def second_update(stack: Stack) -> Counter[int]:
    """The array calls of the second update by size: the first also computes the coefficients of those to come."""
    watch(stack)
    updates = updates_of(stack)
    next(updates)
    Counted.calls, Counted.fresh = Counter(), 0
    next(updates)
    return Counted.calls


def test_every_row_is_counted() -> None:
    assert set(CALLS_OF_A_LOSS) == set(LOSSES)
    assert set(CALLS_OF_A_HIDDEN_LAYER) == set(ACTIVATIONS)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_passes_of_a_rule(name: str) -> None:
    stack = a_stack(a_problem(), some_settings(name))
    assert second_update(stack)[stack.cohort.parameters.size] == OPTIMIZERS[name].passes


@pytest.mark.parametrize("name", LOSSES)
def test_calls_of_a_loss(name: str) -> None:
    problem = a_problem("diabetes" if "regression" in LOSSES[name].tasks else "breast_cancer")
    settings = some_settings("sgd", {"loss": {"type": name, **LOSSES[name].defaults()}})
    stack = a_stack(problem, replace(settings, model={"type": "linear", **MODELS["linear"].defaults()}))
    assert second_update(stack).total() - OPTIMIZERS["sgd"].passes - AROUND_A_LOSS == CALLS_OF_A_LOSS[name]


@pytest.mark.parametrize("name", [name for name, row in LOSSES.items() if "classification" in row.tasks])
def test_weights_of_classes_make_no_array(name: str) -> None:
    settings = some_settings("sgd", {"loss": {"type": name, **LOSSES[name].defaults()}, "class_weights": "balanced"})
    stack = a_stack(a_problem("breast_cancer"), replace(settings, model={"type": "linear", **MODELS["linear"].defaults()}))
    calls = second_update(stack).total()
    assert calls - OPTIMIZERS["sgd"].passes - AROUND_A_LOSS == CALLS_OF_A_LOSS[name] + 4
    assert Counted.fresh <= len(stack.cohort.members)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_calls_of_a_hidden_layer(name: str) -> None:
    settings = some_settings("sgd")
    stack = a_stack(a_problem(), replace(settings, model={**settings.model, "activation": name}))
    calls = second_update(stack)
    assert calls[stack.batches[stack.batch].network.derivatives[0].size] == CALLS_OF_A_HIDDEN_LAYER[name]


@pytest.mark.parametrize("name", [name for name, row in OPTIMIZERS.items() if not row.full_batch])
def test_an_update_makes_no_array(name: str) -> None:
    """Nothing larger than a number a member; the bound on the memory leaves room for the buffer in which NumPy converts."""
    stack = a_stack(a_problem("digits"), some_settings(name), members=64)
    updates = stack.steps(norms=False)
    next(updates)
    tracemalloc.start()
    try:
        next(updates)
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        next(updates)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < stack.cohort.parameters.nbytes / 4
    second_update(stack)
    assert Counted.fresh <= len(stack.cohort.members)


def test_the_memory_of_a_stack_goes_with_it() -> None:
    """Stacks follow one another: what waits for the collector of cycles would be there beside the next one."""
    gc.disable()
    try:
        stack = a_stack(a_problem("digits"), some_settings("adam", {"batch_size": 100}))
        stack.epoch(norms=True)
        buffers = [
            weakref.ref(array) for array in (stack.gradient, stack.scratch, stack.batches[100].network.outputs.values)
        ]
        del stack
        assert [buffer() for buffer in buffers] == [None] * 3
    finally:
        gc.enable()
