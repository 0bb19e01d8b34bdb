"""Each update rule once more, as the textbook writes it: one parameter, plain Python floats, one step a call.

A class starts from its hyperparameters and gives `step(theta, g, rate) -> theta`.
"""

from __future__ import annotations

import math
from typing import Any


class Oracle:
    def __init__(self, **h: Any) -> None:
        self.h = h
        self.t = 0
        self.slots: dict[str, float] = {}

    def step(self, theta: float, g: float, rate: float) -> float:
        self.t += 1
        return self.rule(theta, g + self.h.get("weight_decay", 0.0) * theta, rate)

    def rule(self, theta: float, g: float, rate: float) -> float:
        raise NotImplementedError

    def mean(self, name: str, value: float, decay: float, start: float = 0.0) -> float:
        self.slots[name] = decay * self.slots.get(name, start) + (1 - decay) * value
        return self.slots[name]

    def debiased(self, name: str, value: float, decay: float) -> float:
        return self.mean(name, value, decay) / (1 - decay**self.t)


class Descent(Oracle):
    def rule(self, theta, g, rate):
        return theta - rate * g


class Sgd(Oracle):
    def rule(self, theta, g, rate):
        h = self.h
        mu = h["momentum"]
        if mu == 0:
            return theta - rate * g
        push = g if self.t == 1 else (1 - h["dampening"]) * g
        if h["momentum_form"] == "keras":
            v = self.slots["v"] = mu * self.slots.get("v", 0.0) - rate * push
            return theta + mu * v - rate * g if h["nesterov"] else theta + v
        v = self.slots["v"] = mu * self.slots.get("v", 0.0) + push
        return theta - rate * (g + mu * v if h["nesterov"] else v)


class Adagrad(Oracle):
    def rule(self, theta, g, rate):
        s = self.slots["s"] = self.slots.get("s", self.h["initial_accumulator"]) + g * g
        return theta - rate * g / (math.sqrt(s) + self.h["eps"])


class Adadelta(Oracle):
    def rule(self, theta, g, rate):
        eps, rho = self.h["eps"], self.h["rho"]
        square = self.mean("E", g * g, rho)
        delta = math.sqrt(self.slots.get("D", 0.0) + eps) / math.sqrt(square + eps) * g
        self.mean("D", delta * delta, rho)
        return theta - rate * delta


class Rmsprop(Oracle):
    def rule(self, theta, g, rate):
        h = self.h
        s = self.mean("s", g * g, h["rho"], h["initial_accumulator"])
        if h["centered"]:
            s = max(s - self.mean("g", g, h["rho"]) ** 2, 0.0)
        push = g / (math.sqrt(s + h["eps_root"]) + h["eps"])
        b = self.slots["b"] = h["momentum"] * self.slots.get("b", 0.0) + push
        return theta - rate * b


class Adam(Oracle):
    def rule(self, theta, g, rate):
        h = self.h
        mean = self.debiased if h.get("bias_correction", True) else self.mean
        m, v = mean("m", g, h["betas"][0]), mean("v", g * g, h["betas"][1])
        return theta - rate * m / (math.sqrt(v + h.get("eps_root", 0.0)) + h["eps"])


class Amsgrad(Oracle):
    def rule(self, theta, g, rate):
        h = self.h
        m, v = self.mean("m", g, h["betas"][0]), self.mean("v", g * g, h["betas"][1])
        peak = self.slots["peak"] = max(self.slots.get("peak", 0.0), v)
        if h["bias_correction"]:
            m, peak = m / (1 - h["betas"][0] ** self.t), peak / (1 - h["betas"][1] ** self.t)
        return theta - rate * m / (math.sqrt(peak + h["eps_root"]) + h["eps"])


class Adamw(Adam):
    def step(self, theta, g, rate):
        self.t += 1
        return self.rule(theta * (1 - rate * self.h["weight_decay"]), g, rate)


class Adamax(Oracle):
    def rule(self, theta, g, rate):
        m = self.debiased("m", g, self.h["betas"][0])
        u = self.slots["u"] = max(self.h["betas"][1] * self.slots.get("u", 0.0), abs(g) + self.h["eps"])
        return theta - rate * m / u


class Nadam(Oracle):
    def rule(self, theta, g, rate):
        h = self.h

        def mu(t):
            return h["betas"][0] * (1 - 0.5 * 0.96 ** (t * h["momentum_decay"]))

        product = self.slots["product"] = self.slots.get("product", 1.0) * mu(self.t)
        m, v = self.mean("m", g, h["betas"][0]), self.debiased("v", g * g, h["betas"][1])
        ahead = mu(self.t + 1)
        look = (1 - mu(self.t)) * g / (1 - product) + ahead * m / (1 - product * ahead)
        return theta - rate * look / (math.sqrt(v) + h["eps"])


class Radam(Oracle):
    def rule(self, theta, g, rate):
        beta1, beta2 = self.h["betas"]
        m, v = self.debiased("m", g, beta1), self.mean("v", g * g, beta2)
        longest = 2 / (1 - beta2) - 1
        rho = longest - 2 * self.t * beta2**self.t / (1 - beta2**self.t)
        if rho <= 5:
            return theta - rate * m
        r = math.sqrt((rho - 4) * (rho - 2) * longest / ((longest - 4) * (longest - 2) * rho))
        return theta - rate * m * r * math.sqrt(1 - beta2**self.t) / (math.sqrt(v) + self.h["eps"])


class Lion(Oracle):
    def step(self, theta, g, rate):
        beta1, beta2 = self.h["betas"]
        look = beta1 * self.slots.get("m", 0.0) + (1 - beta1) * g
        self.mean("m", g, beta2)
        sign = (look > 0) - (look < 0)
        return theta - rate * (sign + self.h["weight_decay"] * theta)


class Adabelief(Oracle):
    def rule(self, theta, g, rate):
        h = self.h
        self.mean("m", g, h["betas"][0])
        m = self.slots["m"]
        s = self.mean("s", (g - m) ** 2, h["betas"][1]) + h["eps_root"]
        self.slots["s"] = s
        m, s = m / (1 - h["betas"][0] ** self.t), s / (1 - h["betas"][1] ** self.t)
        return theta - rate * m / (math.sqrt(s) + h["eps"])


ORACLES: dict[str, type[Oracle]] = {
    "gd": Descent,
    "dynamic_gd": Descent,
    "sgd": Sgd,
    "adagrad": Adagrad,
    "adadelta": Adadelta,
    "rmsprop": Rmsprop,
    "adam": Adam,
    "amsgrad": Amsgrad,
    "adamw": Adamw,
    "adamax": Adamax,
    "nadam": Nadam,
    "radam": Radam,
    "lion": Lion,
    "adabelief": Adabelief,
}


def walk(name: str, settings: dict[str, Any], gradients: list[float], theta: float) -> list[float]:
    """The parameter after each of the updates with `gradients`; `settings` holds every hyperparameter."""
    oracle = ORACLES[name](**settings)
    path = []
    for update, g in enumerate(gradients):
        theta = oracle.step(theta, g, settings["learning_rate"] * settings["decay"] ** update)
        path.append(theta)
    return path
