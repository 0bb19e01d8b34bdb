"""An ONNX file takes cells, and predicts as `hpt predict` does: for every activation, loss, and kind of column."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest

from hpt.data.encode import Encoder
from hpt.export.onnx_file import onnx_file
from hpt.export.onnx_graph import ONNX_ACTIVATIONS
from hpt.foundation.errors import InputError
from hpt.tables.plans import Plan, convert
from tests.export.models import HOSTILE, LOSSES_OF, SHAPES, answers, exported, new_rows

REASON = "in the extra `test`; not where that was installed before"
onnx = pytest.importorskip("onnx", reason=REASON)
runtime = pytest.importorskip("onnxruntime", reason=REASON)


def session(content: bytes):
    return runtime.InferenceSession(content, providers=["CPUExecutionProvider"])


def fed(model, rows):
    """The inputs of the file: numbers, days since 1970, texts."""
    feed = {}
    for encoder in model.predictor.encoding.columns:
        written = ["" if row[encoder.column] is None else str(row[encoder.column]) for row in rows]
        cells = convert(written, encoder.plan).column
        text = encoder.categories is not None
        feed[encoder.column] = np.array([cell or "" for cell in cells], dtype=object) if text else cells
    return feed


@pytest.mark.parametrize("activation", SHAPES)
def test_it_predicts_as_hpt_does(activation: str) -> None:
    for loss, task in LOSSES_OF:
        check(activation, loss, task)


def test_several_networks_predict_as_their_mean() -> None:
    for activation in ("linear", "relu", "tanh"):
        for loss, task in LOSSES_OF:
            check(activation, loss, task, networks=3)


def check(activation: str, loss: str, task: str, networks: int = 1) -> None:
    model, rows = exported(activation, loss, task, networks=networks), new_rows()
    content = onnx_file(model)
    onnx.checker.check_model(onnx.load_from_string(content))
    names = [output.name for output in session(content).get_outputs()]
    found = dict(zip(names, session(content).run(None, fed(model, rows)), strict=True))
    inputs, probabilities, predictions = answers(model, rows)
    np.testing.assert_allclose(found["outputs"], model.predictor.models[0].outputs(inputs), rtol=1e-9, atol=1e-9)
    if task == "classification":
        assert found["prediction"].tolist() == predictions
        np.testing.assert_allclose(found["probabilities"], probabilities, atol=1e-9)
    else:
        np.testing.assert_allclose(found["prediction"], predictions, rtol=1e-9)


def test_every_activation_far_from_zero() -> None:
    from onnx import TensorProto, helper

    from hpt.export.onnx_graph import Graph
    from hpt.numerics.activations import ACTIVATIONS

    x = np.concatenate([np.linspace(-40, 40, 161), [-1e-9, 1e-9, 0.0]])
    for name, row in ACTIVATIONS.items():
        graph = Graph({"x", "y"})
        graph("Identity", ONNX_ACTIVATIONS[name](graph, "x"), named="y")
        ends = [helper.make_tensor_value_info(end, TensorProto.DOUBLE, ["n"]) for end in "xy"]
        made = helper.make_graph(graph.nodes, "g", ends[:1], ends[1:], graph.constants)
        content = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
        expected = x.copy()[None, None]
        row.function(expected, None, np.empty((row.scratch, 1, 1, len(x))))
        (found,) = session(content).run(None, {"x": x})
        np.testing.assert_allclose(found, expected[0, 0], rtol=1e-12, atol=1e-13, err_msg=name)


def test_dates_of_all_centuries_fall_on_their_weekday_month_and_hour() -> None:
    from onnx import TensorProto, helper

    from hpt.export import onnx_file as module
    from hpt.export.onnx_graph import Graph

    first = dt.date(1600, 1, 1).toordinal() - dt.date(1970, 1, 1).toordinal()
    days = np.arange(first, first + 300_000, 13) + np.arange(len(range(0, 300_000, 13))) % 24 / 24
    days = np.append(days, [np.nan, np.inf])
    encoder = Encoder("when", Plan("date", date="year-month-day"), parts=("weekday", "month", "hour"), fill=1.0, origin=5.0)
    graph = Graph({"when", "y"})
    graph("Identity", module._encoded(graph, encoder), named="y")
    ends = [helper.make_tensor_value_info("when", TensorProto.DOUBLE, ["n"])]
    ends += [helper.make_tensor_value_info("y", TensorProto.DOUBLE, ["n", 44])]
    made = helper.make_graph(graph.nodes, "g", ends[:1], ends[1:], graph.constants)
    content = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    (found,) = session(content).run(None, {"when": days})
    np.testing.assert_array_equal(found, encoder.apply(days))


def test_an_output_gives_way_to_a_column_of_its_name() -> None:
    model = exported()
    first, *others = model.predictor.encoding.columns
    columns = (replace(first, column="outputs"), *others)
    predictor = replace(model.predictor, encoding=replace(model.predictor.encoding, columns=columns))
    found = session(onnx_file(replace(model, predictor=predictor)))
    assert "outputs" in [value.name for value in found.get_inputs()]
    assert sorted(value.name for value in found.get_outputs()) == ["hpt.outputs", "prediction", "probabilities"]


def test_it_says_where_it_comes_from_and_what_it_cannot_do(monkeypatch: pytest.MonkeyPatch) -> None:
    model = exported()
    facts = session(onnx_file(model)).get_modelmeta().custom_metadata_map
    assert json.loads(facts["run"]) == f"run {HOSTILE}"
    assert json.loads(facts["settings"])["optimizer"]["name"] == "adam"
    assert json.loads(facts["dates"]) == {"built": "day.month.year"}
    monkeypatch.delitem(ONNX_ACTIVATIONS, "relu")
    with pytest.raises(InputError, match="expected an activation that it has, found relu"):
        onnx_file(model)
