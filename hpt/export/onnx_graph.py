"""A graph of ONNX operators under construction, and activations made of operators that runtimes have in double precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import pi, sqrt
from typing import Any

import numpy as np

from hpt.numerics.activations import REACH, erfc_polynomial


class Graph:
    """Nodes and constants. A call adds an operator and gives the name of its result.

    taken: names of inputs and outputs, which no other value has.
    """

    def __init__(self, taken: set[str]) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._taken = set(taken)

    def __call__(self, operator: str, *values: str, domain: str = "", named: str | None = None, **attributes: Any) -> str:
        """The result of `operator` of `values`. named: its name, where it is an output of the graph."""
        from onnx import helper

        name = named or self._name(operator.lower())
        self.nodes.append(helper.make_node(operator, list(values), [name], domain=domain, **attributes))
        return name

    def constant(self, value: Any, dtype: Any = np.float64) -> str:
        """A constant array."""
        from onnx import numpy_helper

        name = self._name("constant")
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def one_hot(self, codes: str, count: int) -> str:
        """(n, count) for (n,) int64 codes; one that is not of 0 to count - 1 is all zeros."""
        from onnx import TensorProto

        standing = self("Unsqueeze", codes, self.constant([1], np.int64))
        hit = self("Equal", standing, self.constant(np.arange(count)[None], np.int64))
        return self("Cast", hit, to=TensorProto.DOUBLE)

    def _name(self, stem: str) -> str:
        name = f"{stem}_{len(self._taken)}"
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name


def _scaled(g: Graph, values: str, factor: float) -> str:
    return g("Mul", values, g.constant(factor))


def _shifted(g: Graph, values: str, summand: float) -> str:
    return g("Add", values, g.constant(summand))


def _share(g: Graph, values: str) -> str:
    """(1 + tanh(x)) / 2."""
    return _scaled(g, _shifted(g, g("Tanh", values), 1.0), 0.5)


def _elu(g: Graph, x: str) -> str:
    below = _shifted(g, g("Exp", g("Min", x, g.constant(0.0))), -1.0)
    return g("Where", g("Greater", x, g.constant(0.0)), x, below)


def _softplus(g: Graph, x: str) -> str:
    rest = g("Log", _shifted(g, g("Exp", g("Neg", g("Abs", x))), 1.0))
    return g("Add", g("Max", x, g.constant(0.0)), rest)


def _gelu(g: Graph, x: str) -> str:
    """x Φ(x) as `hpt.numerics.activations.gelu` computes it: runtimes have no error function in double precision."""
    reach = g("Min", _scaled(g, g("Abs", x), 1 / sqrt(2)), g.constant(REACH))
    density = g("Exp", g("Neg", g("Mul", reach, reach)))
    position = _shifted(g, g("Div", g.constant(8 / 3), _shifted(g, _scaled(g, reach, 0.5), 1.0)), -5 / 3)
    first, *others = erfc_polynomial(np.dtype(np.float64))
    tail = g.constant(first)
    for coefficient in others:
        tail = _shifted(g, g("Mul", tail, position), coefficient)
    half = _shifted(g, _scaled(g, g("Mul", tail, density), -0.5), 0.5)
    return g("Mul", x, _shifted(g, g("Mul", g("Sign", x), half), 0.5))


def _gelu_tanh(g: Graph, x: str) -> str:
    cubic = _shifted(g, _scaled(g, g("Mul", x, x), sqrt(2 / pi) * 0.044715), sqrt(2 / pi))
    return g("Mul", x, _share(g, g("Mul", cubic, x)))


ONNX_ACTIVATIONS: Mapping[str, Callable[[Graph, str], str]] = {
    "identity": lambda g, x: x,
    "relu": lambda g, x: g("Relu", x),
    "leaky_relu": lambda g, x: g("Max", x, _scaled(g, x, 0.01)),
    "elu": _elu,
    "tanh": lambda g, x: g("Tanh", x),
    "sigmoid": lambda g, x: _share(g, _scaled(g, x, 0.5)),
    "silu": lambda g, x: g("Mul", x, _share(g, _scaled(g, x, 0.5))),
    "softplus": _softplus,
    "gelu": _gelu,
    "gelu_tanh": _gelu_tanh,
}


def _clipped(g: Graph, outputs: str, classes: int) -> str:
    shares = g("Max", outputs, g.constant(0.0))
    total = g("ReduceSum", shares, g.constant([1], np.int64), keepdims=1)
    some = g("Greater", total, g.constant(0.0))
    even = g.constant(1 / classes)
    return g("Where", some, g("Div", shares, g("Where", some, total, g.constant(1.0))), even)


def _logistic(g: Graph, outputs: str, classes: int) -> str:
    both = [g("Sigmoid", g("Neg", outputs)), g("Sigmoid", outputs)]
    return g("Concat", *both, axis=1)


ONNX_PROBABILITIES: Mapping[str, Callable[[Graph, str, int], str]] = {
    "mse": _clipped,
    "cross_entropy": lambda g, outputs, classes: g("Softmax", outputs, axis=1),
    "binary_cross_entropy": _logistic,
}
"""Of classes from outputs (n, C), by the name of the loss."""
