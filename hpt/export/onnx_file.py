"""A model as an ONNX file: from cells to predictions, in double precision."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from hpt.data.encode import Encoder
from hpt.export.model import ExportedModel
from hpt.export.onnx_graph import ONNX_ACTIVATIONS, ONNX_PROBABILITIES, Graph
from hpt.foundation.errors import InputError
from hpt.tables.dates import PARTS

OUTPUTS = ("prediction", "probabilities", "outputs")
LEARNING = "ai.onnx.ml"
_ROWS = "rows"
_OPERATORS, _OPERATORS_OF_LEARNING, _FORMAT = 17, 3, 8
_DAY = 86_400_000
"""Milliseconds."""


def onnx_file(model: ExportedModel) -> bytes:
    """The content of the file; `docs/predict.md` says what its inputs and outputs are.

    Raises InputError where the activation or the loss has no formula here.
    """
    from onnx import TensorProto, helper

    if model.activation not in ONNX_ACTIVATIONS:
        known = ", ".join(ONNX_ACTIVATIONS)
        raise InputError(f"--to onnx: expected an activation that it has, found {model.activation}. It has {known}.")
    encoders, classes = model.predictor.encoding.columns, model.predictor.encoding.classes
    inputs = [
        helper.make_tensor_value_info(
            encoder.column, TensorProto.DOUBLE if encoder.categories is None else TensorProto.STRING, [_ROWS]
        )
        for encoder in encoders
    ]
    graph = Graph({*(encoder.column for encoder in encoders), *OUTPUTS})
    named = _output_names({encoder.column for encoder in encoders})
    values = graph("Concat", *(_encoded(graph, encoder) for encoder in encoders), axis=1)
    last = len(model.layers) - 1
    for index, layer in enumerate(model.layers):
        product = graph("MatMul", values, graph.constant(layer.weight))
        values = graph("Add", product, graph.constant(layer.bias), named=named["outputs"] if index == last else None)
        if index < last:
            values = ONNX_ACTIVATIONS[model.activation](graph, values)
    outputs = _answers(graph, model, values, named)
    outputs.append(helper.make_tensor_value_info(values, TensorProto.DOUBLE, [_ROWS, model.layers[-1].bias.size]))
    made = helper.make_model(
        helper.make_graph(graph.nodes, "hpt", inputs, outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", _OPERATORS), helper.make_opsetid(LEARNING, _OPERATORS_OF_LEARNING)],
        ir_version=_FORMAT,
        producer_name="hpt",
    )
    facts = {"run": model.run, "trial": model.trial, "settings": model.written_settings, "classes": classes}
    dates = {encoder.column: encoder.plan.date for encoder in encoders if encoder.plan.kind == "date"}
    helper.set_model_props(made, {key: json.dumps(value) for key, value in {**facts, "dates": dates}.items()})
    return bytes(made.SerializeToString())


def _output_names(columns: set[str]) -> dict[str, str]:
    """What the outputs are called; a column of the same name keeps it."""
    return {name: name if name not in columns else f"hpt.{name}" for name in OUTPUTS}


def _answers(graph: Graph, model: ExportedModel, values: str, named: dict[str, str]) -> list[Any]:
    """The outputs `prediction` and, of classes, `probabilities`, made from those of the network."""
    from onnx import TensorProto, helper

    encoding, loss = model.predictor.encoding, model.predictor.loss.name
    if encoding.classes is None:
        amounts = graph("Mul", graph("Squeeze", values, graph.constant([1], np.int64)), graph.constant(encoding.target_sd))
        graph("Add", amounts, graph.constant(encoding.target_mean), named=named["prediction"])
        return [helper.make_tensor_value_info(named["prediction"], TensorProto.DOUBLE, [_ROWS])]
    count = len(encoding.classes)
    if model.layers[-1].bias.size == 1:
        positive = graph("Greater", graph("Squeeze", values, graph.constant([1], np.int64)), graph.constant(0.0))
        codes = graph("Cast", positive, to=TensorProto.INT64)
    else:
        codes = graph("ArgMax", values, axis=1, keepdims=0)
    graph(
        "LabelEncoder",
        codes,
        domain=LEARNING,
        named=named["prediction"],
        keys_int64s=list(range(count)),
        values_strings=list(encoding.classes),
    )
    found = [helper.make_tensor_value_info(named["prediction"], TensorProto.STRING, [_ROWS])]
    if loss in ONNX_PROBABILITIES:
        graph("Identity", ONNX_PROBABILITIES[loss](graph, values, count), named=named["probabilities"])
        found.append(helper.make_tensor_value_info(named["probabilities"], TensorProto.DOUBLE, [_ROWS, count]))
    return found


def _encoded(graph: Graph, encoder: Encoder) -> str:
    """(n, inputs) of a column: what `Encoder.apply` does, as operators."""
    if encoder.categories is not None:
        codes = graph(
            "LabelEncoder",
            encoder.column,
            domain=LEARNING,
            keys_strings=list(encoder.categories),
            values_int64s=list(range(len(encoder.categories))),
            default_int64=-1,
        )
        return graph.one_hot(codes, len(encoder.categories))
    # Of a number that is not finite, the difference from itself is no number.
    unknown = graph("IsNaN", graph("Sub", encoder.column, encoder.column))
    filled = graph("Where", unknown, graph.constant(encoder.fill), encoder.column)
    days = graph("Sub", filled, graph.constant(encoder.origin))
    scaled = graph("Div", graph("Sub", days, graph.constant(encoder.mean)), graph.constant(encoder.sd))
    columns = [graph("Unsqueeze", scaled, graph.constant([1], np.int64))]
    for part in encoder.parts:
        code = graph("Where", unknown, graph.constant(-1, np.int64), _PARTS[part](graph, filled))
        columns.append(graph.one_hot(code, len(PARTS[part].names)))
    return graph("Concat", *columns, axis=1) if len(columns) > 1 else columns[0]


def _day_and_rest(graph: Graph, days: str) -> tuple[str, str]:
    """The whole days since 1970 (int64), and the milliseconds of the day (double)."""
    from onnx import TensorProto

    moment = graph("Round", graph("Mul", days, graph.constant(float(_DAY))))
    whole = graph("Floor", graph("Div", moment, graph.constant(float(_DAY))))
    rest = graph("Sub", moment, graph("Mul", whole, graph.constant(float(_DAY))))
    return graph("Cast", whole, to=TensorProto.INT64), rest


def _weekday(graph: Graph, days: str) -> str:
    """0 for a Monday: the first day of 1970 was a Thursday."""
    day, _ = _day_and_rest(graph, days)
    return _integers(graph, "Mod", _integers(graph, "Add", day, 3), 7)


def _hour(graph: Graph, days: str) -> str:
    from onnx import TensorProto

    _, rest = _day_and_rest(graph, days)
    return graph("Cast", graph("Floor", graph("Div", rest, graph.constant(3_600_000.0))), to=TensorProto.INT64)


def _month(graph: Graph, days: str) -> str:
    """0 for January. Years are counted from March in cycles of 400: the days of a month then follow one line, (153 m + 2) / 5.

    Hinnant, "chrono-compatible low-level date algorithms".
    """
    day, _ = _day_and_rest(graph, days)

    def less(value: str, divisor: int) -> str:
        return _integers(graph, "Div", value, divisor)

    of_cycle = _integers(graph, "Mod", _integers(graph, "Add", day, 719_468), 146_097)
    leaps = graph("Sub", graph("Sub", less(of_cycle, 36_524), less(of_cycle, 1460)), less(of_cycle, 146_096))
    year = less(graph("Add", of_cycle, leaps), 365)
    before = graph("Sub", graph("Add", _integers(graph, "Mul", year, 365), less(year, 4)), less(year, 100))
    of_year = graph("Sub", of_cycle, before)
    since_march = less(_integers(graph, "Add", _integers(graph, "Mul", of_year, 5), 2), 153)
    return _integers(graph, "Mod", _integers(graph, "Add", since_march, 2), 12)


def _integers(graph: Graph, operator: str, value: str, other: int) -> str:
    return graph(operator, value, graph.constant(other, np.int64))


_PARTS = {"weekday": _weekday, "month": _month, "hour": _hour}
