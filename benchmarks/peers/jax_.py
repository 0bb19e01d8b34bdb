"""W1 in JAX: adam under `lax.scan`, `vmap` over trials that share the order of the rows, `jit` around it all."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.workloads import LEARNING_RATE, Workload

BETA1, BETA2, EPS = 0.9, 0.999, 1e-8


def training(work: Workload, trials: int) -> Callable[[], None]:
    """A function that draws and trains `trials` networks at once; its first call compiles."""
    random = np.random.default_rng(7)
    inputs, labels = jnp.asarray(work.inputs), jnp.asarray(work.labels)
    widths = (inputs.shape[1], work.hidden, work.classes)
    rates = jnp.asarray(LEARNING_RATE * (1 + np.arange(trials) / trials), dtype=jnp.float32)
    # A new partial has compiled code of its own: JAX keeps that by the identity of the function.
    compiled = jax.jit(partial(_run, widths=widths, batch=work.batch))

    def train() -> None:
        orders = np.stack([random.permutation(len(inputs)) for _ in range(work.epochs)])
        keys = jax.random.split(jax.random.key(7), trials)
        jax.block_until_ready(compiled(keys, rates, orders, inputs, labels))

    return train


def _run(keys: Any, rates: Any, orders: Any, inputs: Any, labels: Any, *, widths: tuple[int, ...], batch: int) -> Any:
    """The trained parameters of all trials, for `orders` (epochs, n) of the rows."""
    even = orders.shape[1] // batch * batch

    def one(key: Any, rate: Any) -> Any:
        def update(carry: Any, rows: Any) -> tuple[Any, None]:
            return _adam(carry, jax.grad(_loss)(carry[0], inputs[rows], labels[rows]), rate), None

        def epoch(carry: Any, order: Any) -> tuple[Any, None]:
            carry, _ = jax.lax.scan(update, carry, order[:even].reshape(-1, batch))
            return update(carry, order[even:]) if even < len(order) else (carry, None)

        parameters = _initial(key, widths)
        zeros = jax.tree.map(jnp.zeros_like, parameters)
        carry, _ = jax.lax.scan(epoch, (parameters, zeros, zeros, jnp.float32(0)), orders)
        return carry[0]

    return jax.vmap(one)(keys, rates)


def _initial(key: Any, widths: tuple[int, ...]) -> list[tuple[Any, Any]]:
    keys = jax.random.split(key, len(widths) - 1)
    return [
        (jax.random.normal(k, (into, out)) * (2 / into) ** 0.5, jnp.zeros(out))
        for k, into, out in zip(keys, widths, widths[1:], strict=False)
    ]


def _loss(parameters: list[tuple[Any, Any]], inputs: Any, labels: Any) -> Any:
    (weight1, bias1), (weight2, bias2) = parameters
    shares = jax.nn.log_softmax(jax.nn.relu(inputs @ weight1 + bias1) @ weight2 + bias2)
    return -jnp.take_along_axis(shares, labels[:, None], axis=1).mean()


def _adam(carry: Any, gradients: Any, rate: Any) -> Any:
    parameters, first, second, step = carry
    step += 1
    first = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, gradients)
    second = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, gradients)
    size, root = rate / (1 - BETA1**step), 1 / (1 - BETA2**step)
    parameters = jax.tree.map(lambda p, m, v: p - size * m / (jnp.sqrt(v * root) + EPS), parameters, first, second)
    return parameters, first, second, step
