"""Writes `fixtures/trajectories.npz` and `fixtures/schedules.npz` from PyTorch, optax and Keras, in float64.

Run by hand: `python tests/numerics/make_fixtures.py`.

A trajectory is 20 updates of parameters of the shapes (4, 6) and (6,), kept flat, (30,), at the updates in `KEPT`, with
gradients that do not depend on them: zeros, 1e-8, 1e8 and changes of sign among them. `decay` sets the learning rate
before each update.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import torch

FOLDER = Path(__file__).with_name("fixtures")
UPDATES = 20
KEPT = (1, 2, 6, 11, 20)
Runner = Callable[[float, float, np.ndarray, np.ndarray], np.ndarray]


DEFAULT_RATES = {
    "adagrad": 0.01, "adadelta": 1.0, "rmsprop": 0.01, "adam": 1e-3, "amsgrad": 1e-3, "adamw": 1e-3,
    "adamax": 2e-3, "nadam": 2e-3, "radam": 1e-3, "lion": 1e-4, "adabelief": 1e-3,
}  # fmt: skip


def gradients_and_start() -> tuple[np.ndarray, np.ndarray]:
    """Gradients (20, 30) and parameters (30,)."""
    random = np.random.default_rng(5)
    gradients = random.normal(size=(UPDATES, 30))
    signs = np.where(random.random(UPDATES) < 0.5, -1.0, 1.0)
    gradients[:, 0] = 0
    gradients[:, 1] = 1e-8 * signs * random.uniform(0.5, 2, UPDATES)
    gradients[:, 2] = 1e8 * signs * random.uniform(0.5, 2, UPDATES)
    gradients[::2, 3] = 0
    gradients[4, 4] = 1e8
    gradients[:, 5] = np.abs(gradients[:, 5])
    gradients[:3, 24] = 0
    gradients[3:, 24] = 1e-8
    gradients[:, 25] *= np.logspace(-8, 8, UPDATES)
    return gradients, random.normal(size=30)


def parts(flat: np.ndarray) -> list[np.ndarray]:
    return [flat[:24].reshape(4, 6), flat[24:]]


def whole(arrays: Any) -> np.ndarray:
    return np.concatenate([np.asarray(a, dtype=np.float64).ravel() for a in arrays])


def by_torch(optimizer: type[torch.optim.Optimizer], **options: Any) -> Runner:
    def run(learning_rate: float, decay: float, gradients: np.ndarray, start: np.ndarray) -> np.ndarray:
        parameters = [torch.tensor(part, requires_grad=True) for part in parts(start)]
        made = optimizer(parameters, lr=learning_rate, foreach=False, **options)
        path = []
        for update, gradient in enumerate(gradients):
            for parameter, part in zip(parameters, parts(gradient), strict=True):
                parameter.grad = torch.tensor(part)
            made.param_groups[0]["lr"] = learning_rate * decay**update
            made.step()
            path.append(whole([p.detach().numpy() for p in parameters]))
        return np.array(path)

    return run


def by_optax(make: Callable[..., optax.GradientTransformation], **options: Any) -> Runner:
    def run(learning_rate: float, decay: float, gradients: np.ndarray, start: np.ndarray) -> np.ndarray:
        made = make(lambda count: learning_rate * decay**count, **options)
        parameters = [jnp.asarray(part) for part in parts(start)]
        state = made.init(parameters)
        path = []
        for gradient in gradients:
            changes, state = made.update([jnp.asarray(part) for part in parts(gradient)], state, parameters)
            parameters = optax.apply_updates(parameters, changes)
            path.append(whole(parameters))
        return np.array(path)

    return run


def by_keras(optimizer: type[keras.optimizers.Optimizer], **options: Any) -> Runner:
    def run(learning_rate: float, decay: float, gradients: np.ndarray, start: np.ndarray) -> np.ndarray:
        rate = keras.optimizers.schedules.ExponentialDecay(learning_rate, 1, decay)
        made = optimizer(learning_rate=rate if decay != 1 else learning_rate, **options)
        variables = [keras.Variable(part, dtype="float64") for part in parts(start)]
        path = []
        for gradient in gradients:
            made.apply([jnp.asarray(part) for part in parts(gradient)], variables)
            path.append(whole([v.numpy() for v in variables]))
        return np.array(path)

    return run


def uncorrected(rate: Any, b1: float, b2: float, eps: float, eps_root: float) -> optax.GradientTransformation:
    """Adam without bias correction, put together from optax's own means."""
    first, second = optax.ema(b1, debias=False), optax.ema(b2, debias=False)

    def init(parameters: Any) -> Any:
        return first.init(parameters), second.init(parameters), 0

    def update(gradients: Any, state: Any, parameters: Any = None) -> Any:
        mean, first_state = first.update(gradients, state[0])
        square, second_state = second.update(jax.tree.map(jnp.square, gradients), state[1])
        change = jax.tree.map(lambda m, v: -rate(state[2]) * m / (jnp.sqrt(v + eps_root) + eps), mean, square)
        return change, (first_state, second_state, state[2] + 1)

    return optax.GradientTransformation(init, update)


def cases() -> list[tuple[str, Mapping[str, Any], Runner]]:
    """Optimizer, its hyperparameters here, and the same by another library."""
    o = torch.optim
    k = keras.optimizers
    betas = {"betas": (0.7, 0.95)}
    large: dict[str, Any] = {"eps": 0.1, "weight_decay": 0.05}
    kin = {"adamax": o.Adamax, "nadam": o.NAdam, "radam": o.RAdam, "adam": o.Adam, "adamw": o.AdamW}
    return [
        ("gd", {"learning_rate": 0.1}, by_torch(o.SGD)),
        ("gd", {"learning_rate": 0.5, "decay": 0.9}, by_torch(o.SGD)),
        ("dynamic_gd", {"learning_rate": 0.1, "decay": 0.999}, by_torch(o.SGD)),
        ("dynamic_gd", {"learning_rate": 0.5, "decay": 0.9}, by_torch(o.SGD)),
        ("sgd", {"learning_rate": 0.1}, by_torch(o.SGD)),
        ("sgd", {"learning_rate": 0.1, "momentum": 0.9}, by_torch(o.SGD, momentum=0.9)),
        *(
            ("sgd", {"learning_rate": 0.03, "decay": 0.9, **options}, by_torch(o.SGD, **options))
            for options in (
                {"momentum": 0.8, "dampening": 0.3, "weight_decay": 0.05},
                {"momentum": 0.8, "nesterov": True, "weight_decay": 0.05},
                {"weight_decay": 0.05},
            )
        ),
        *(
            (
                "sgd",
                {"learning_rate": 0.03, "decay": 0.9, "momentum": 0.8, "nesterov": nesterov, "momentum_form": "keras"},
                by_keras(k.SGD, momentum=0.8, nesterov=nesterov),
            )
            for nesterov in (False, True)
        ),
        ("sgd", {"learning_rate": 0.03, "decay": 0.9, "momentum": 0.8}, by_optax(optax.sgd, momentum=0.8)),
        ("adagrad", {}, by_torch(o.Adagrad)),
        (
            "adagrad",
            {"learning_rate": 0.3, "decay": 0.9, "initial_accumulator": 0.1, **large},
            by_torch(o.Adagrad, initial_accumulator_value=0.1, **large),
        ),
        ("adadelta", {}, by_torch(o.Adadelta)),
        ("adadelta", {"learning_rate": 0.3, "decay": 0.9, "rho": 0.8, **large}, by_torch(o.Adadelta, rho=0.8, **large)),
        ("rmsprop", {}, by_torch(o.RMSprop)),
        *(
            (
                "rmsprop",
                {"learning_rate": 0.03, "decay": 0.9, "rho": 0.8, **large, **options},
                by_torch(o.RMSprop, alpha=0.8, **large, **options),
            )
            for options in ({}, {"momentum": 0.7}, {"centered": True}, {"momentum": 0.7, "centered": True})
        ),
        (
            "rmsprop",
            {"eps": 0.0, "eps_root": 0.1, "rho": 0.9, "momentum": 0.7, "initial_accumulator": 1.0},
            by_optax(optax.rmsprop, decay=0.9, eps=0.1, initial_scale=1.0, eps_in_sqrt=True, momentum=0.7),
        ),
        (
            "rmsprop",
            {"eps": 0.0, "eps_root": 0.1, "rho": 0.8, "centered": True},
            by_keras(k.RMSprop, rho=0.8, epsilon=0.1, centered=True),
        ),
        *(
            (name, {"learning_rate": 0.03, "decay": 0.9, **betas, **large, **more}, by_torch(kind, **betas, **large, **more))
            for name, kind in kin.items()
            for more in ({"momentum_decay": 0.02} if name == "nadam" else {},)
        ),
        *((name, {}, by_torch(kind)) for name, kind in kin.items()),
        ("radam", {"learning_rate": 0.03, "betas": (0.5, 0.7)}, by_torch(o.RAdam, betas=(0.5, 0.7))),
        ("amsgrad", {}, by_torch(o.Adam, amsgrad=True)),
        (
            "amsgrad",
            {"learning_rate": 0.03, "decay": 0.9, **betas, **large},
            by_torch(o.Adam, amsgrad=True, **betas, **large),
        ),
        (
            "adam",
            {"learning_rate": 0.03, "decay": 0.9, **betas, "eps": 1e-3, "eps_root": 0.1},
            by_optax(optax.adam, b1=0.7, b2=0.95, eps=1e-3, eps_root=0.1),
        ),
        *(
            (
                "adam",
                {"learning_rate": 0.03, "decay": 0.9, **betas, "eps": 1e-3, "eps_root": eps_root, "bias_correction": False},
                by_optax(uncorrected, b1=0.7, b2=0.95, eps=1e-3, eps_root=eps_root),
            )
            for eps_root in (0.0, 0.1)
        ),
        ("lion", {}, by_optax(optax.lion, weight_decay=0.0)),
        (
            "lion",
            {"learning_rate": 0.03, "decay": 0.9, "betas": (0.6, 0.9), "weight_decay": 0.1},
            by_optax(optax.lion, b1=0.6, b2=0.9, weight_decay=0.1),
        ),
        ("adabelief", {}, by_optax(optax.adabelief)),
        (
            "adabelief",
            {"learning_rate": 0.03, "decay": 0.9, **betas, "eps": 0.1, "eps_root": 0.01},
            by_optax(optax.adabelief, b1=0.7, b2=0.95, eps=0.1, eps_root=0.01),
        ),
    ]


def torch_rates(make: Callable[[torch.optim.Optimizer], Any], updates: int) -> np.ndarray:
    """The learning rates of `updates` steps of a scheduler that starts from 1."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    found = scheduler.get_last_lr()
    for _ in range(updates - 1):
        optimizer.step()
        scheduler.step()
        found = [*found, *scheduler.get_last_lr()]
    return np.array(found)


def schedules() -> list[tuple[Mapping[str, Any], int, int, np.ndarray]]:
    """A schedule here, its total and updates an epoch, and the same rates by another library, one for each update."""
    s = torch.optim.lr_scheduler
    k = keras.optimizers.schedules

    def by_count(schedule: Callable[[int], Any], updates: int) -> np.ndarray:
        return np.array([float(schedule(n)) for n in range(updates)])

    def an_epoch(rates: np.ndarray, updates: int) -> np.ndarray:
        return np.repeat(rates, updates)

    return [
        ({"type": "exponential", "rate": 0.9, "per": "update"}, 40, 8, torch_rates(lambda o: s.ExponentialLR(o, 0.9), 40)),
        (
            {"type": "exponential", "rate": 0.9, "per": "epoch"},
            40,
            8,
            an_epoch(torch_rates(lambda o: s.ExponentialLR(o, 0.9), 5), 8),
        ),
        ({"type": "step", "every": 2, "factor": 0.3}, 40, 8, an_epoch(torch_rates(lambda o: s.StepLR(o, 2, 0.3), 5), 8)),
        (
            {"type": "inverse_time", "rate": 0.3, "per": "update"},
            40,
            8,
            by_count(k.InverseTimeDecay(1.0, 1, 0.3), 40),
        ),
        (
            {"type": "inverse_time", "rate": 0.3, "per": "epoch"},
            40,
            8,
            by_count(k.InverseTimeDecay(1.0, 8, 0.3, staircase=True), 40),
        ),
        (
            {"type": "polynomial", "power": 1.5, "min_ratio": 0.0},
            40,
            8,
            torch_rates(lambda o: s.PolynomialLR(o, 40, 1.5), 40),
        ),
        (
            {"type": "polynomial", "power": 2.0, "min_ratio": 0.1},
            40,
            8,
            by_count(optax.polynomial_schedule(1.0, 0.1, 2.0, 40), 40),
        ),
        (
            {"type": "cosine", "min_ratio": 0.0},
            40,
            8,
            torch_rates(lambda o: s.CosineAnnealingLR(o, 40), 40),
        ),
        ({"type": "cosine", "min_ratio": 0.1}, 40, 8, by_count(optax.cosine_decay_schedule(1.0, 40, 0.1), 40)),
        (
            {"type": "cosine", "min_ratio": 0.1, "warmup": 0.25},
            40,
            8,
            by_count(lambda n: optax.warmup_cosine_decay_schedule(0.0, 1.0, 11, 41, 0.1)(n + 1), 40),
        ),
        *(
            (
                {"type": "one_cycle", "rise": rise, "start_ratio": 0.04, "end_ratio": 4e-6},
                40,
                8,
                torch_rates(partial(s.OneCycleLR, max_lr=1.0, total_steps=40, pct_start=rise), 40),
            )
            for rise in (0.3, 0.5)
        ),
    ]


def main() -> None:
    torch.set_default_dtype(torch.float64)
    keras.config.set_floatx("float64")
    versions = {m.__name__: m.__version__ for m in (np, torch, jax, optax, keras)}
    gradients, start = gradients_and_start()
    described, paths = [], []
    for name, settings, run in cases():
        learning_rate = settings.get("learning_rate", DEFAULT_RATES.get(name))
        path = run(learning_rate, settings.get("decay", 1.0), gradients, start)
        described.append({"optimizer": name, "settings": {**settings, "learning_rate": learning_rate}})
        paths.append(path[[update - 1 for update in KEPT]])
    _write(
        "trajectories",
        {"versions": versions, "kept": KEPT, "cases": described},
        gradients=gradients,
        start=start,
        paths=paths,
    )
    found = schedules()
    described = [{"schedule": schedule, "total": total, "per_epoch": updates} for schedule, total, updates, _ in found]
    _write("schedules", {"versions": versions, "cases": described}, factors=[factors for *_, factors in found])


def _write(name: str, description: Mapping[str, Any], **arrays: Any) -> None:
    text = np.array(json.dumps(description))
    np.savez_compressed(FOLDER / f"{name}.npz", description=text, **{key: np.array(value) for key, value in arrays.items()})


if __name__ == "__main__":
    main()
