"""An exported Python file stands alone, and predicts as `hpt predict` does: for every activation, loss, and kind of column."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from hpt.export.keras_file import keras_file
from hpt.export.model import ExportedModel
from hpt.export.sklearn_file import sklearn_file
from hpt.export.torch_file import torch_file
from hpt.foundation.errors import InputError
from hpt.numerics.optimizers import OPTIMIZERS
from tests.export.models import HEADER, LOSSES_OF, SHAPES, answers, exported, new_rows
from tests.numerics.stepping import path

os.environ.setdefault("KERAS_BACKEND", "torch")
WRITERS = {"sklearn": sklearn_file, "torch": torch_file, "keras": keras_file}


def loaded(text: str) -> Any:
    """The file as a module."""
    module = ModuleType("exported")
    sys.modules["exported"] = module  # a dataclass looks its module up
    exec(compile(text, "exported.py", "exec"), vars(module))  # noqa: S102  it is what is tested
    return module


def test_files_are_written_without_the_libraries_and_hold_no_import_of_ours() -> None:
    for write in WRITERS.values():
        text = write(exported())
        compile(text, "exported.py", "exec")
        assert "import hpt" not in text
        assert "from hpt" not in text
        assert "pickle" not in text.replace("allow_pickle=False", "")


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras's torch backend
@pytest.mark.parametrize("library", WRITERS)
@pytest.mark.parametrize("activation", SHAPES)
def test_it_predicts_as_hpt_does(library: str, activation: str) -> None:
    pytest.importorskip(library, reason="not in the extra `test`: too large for what it tests there")
    for loss, task in LOSSES_OF:
        check(library, activation, loss, task)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("library", WRITERS)
@pytest.mark.parametrize("activation", ["linear", "relu", "tanh"])
def test_several_networks_predict_as_their_mean(library: str, activation: str) -> None:
    pytest.importorskip(library, reason="not in the extra `test`: too large for what it tests there")
    for loss, task in LOSSES_OF:
        check(library, activation, loss, task, networks=3)


def check(library: str, activation: str, loss: str, task: str, networks: int = 1) -> None:
    model = exported(activation, loss, task, networks=networks)
    module, rows = loaded(WRITERS[library](model)), new_rows()
    inputs, probabilities, predictions = answers(model, rows)
    np.testing.assert_array_equal(module.encode(rows), inputs)
    close = 1e-6 if library == "keras" else 1e-9
    outputs = model.predictor.models[0].outputs(inputs)
    np.testing.assert_allclose(module.outputs(inputs), outputs, rtol=close, atol=close)
    if task == "classification":
        assert module.predict(rows) == predictions
        np.testing.assert_allclose(module.predict_proba(rows), probabilities, atol=close)
    else:
        np.testing.assert_allclose(module.predict(rows), predictions, rtol=close)


def test_it_runs_in_a_python_that_knows_nothing_of_hpt(tmp_path) -> None:
    model = exported()
    (tmp_path / "model.py").write_text(sklearn_file(model), encoding="utf-8")
    import csv

    with (tmp_path / "rows.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, HEADER)
        writer.writeheader()
        writer.writerows(new_rows())
    bare = {"PATH": os.environ["PATH"]}
    ended = subprocess.run(
        [sys.executable, "-I", "model.py", "rows.csv"], cwd=tmp_path, env=bare, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "\n".join(["prediction", *answers(model, new_rows())[2]]) + "\n"


def test_the_file_reads_tables_without_names_and_with_other_delimiters(tmp_path) -> None:
    module, rows = loaded(sklearn_file(exported())), new_rows()[:3]
    text = "".join(
        ";".join(f'"{(row[name] or "").replace(chr(34), 2 * chr(34))}"' for name in HEADER) + "\n" for row in rows
    )
    (tmp_path / "rows.csv").write_text(f"remark\n{text}", encoding="utf-8")
    module.ENCODING["reading"] |= {"header": "none", "skip_rows": 1}
    found = module.rows_of(tmp_path / "rows.csv")
    assert [list(row) for row in found] == [[f"column_{index}" for index in range(1, 6)]] * 3
    assert [list(row.values()) for row in found] == [[row[name] or "" for name in HEADER] for row in rows]


def test_the_file_knows_the_words_for_delimiters_and_blanks_behind_them(tmp_path) -> None:
    model = exported()
    encoding = replace(model.predictor.encoding, reading={**model.predictor.encoding.reading, "delimiter": "semicolon"})
    module = loaded(sklearn_file(replace(model, predictor=replace(model.predictor, encoding=encoding))))
    (tmp_path / "rows.csv").write_text('one; "two"; three, and more\n1; "2;2"; 3\n', encoding="utf-8")
    assert module.rows_of(tmp_path / "rows.csv") == [{"one": "1", "two": "2;2", "three, and more": "3"}]


def test_what_does_not_fit_is_refused_by_the_file() -> None:
    model = exported()
    module = loaded(sklearn_file(model))
    with pytest.raises(KeyError, match="town"):
        module.predict([{"rooms": 1}])
    module.MISSING_CELLS = "error"
    with pytest.raises(ValueError, match="missing"):
        module.predict(new_rows())


def test_the_estimator_works_with_data_frames_and_scorers() -> None:
    pandas = pytest.importorskip("pandas", reason="not in the extra `test`")
    module, rows = loaded(sklearn_file(exported())), new_rows()
    frame, predictions = pandas.DataFrame(rows), answers(exported(), rows)[2]
    trained = module.Trained().fit()
    assert trained.predict(frame).tolist() == predictions
    assert trained.score(frame, predictions) == 1
    assert trained.classes_.tolist() == list(exported().predictor.encoding.classes)


def test_an_estimator_to_fit_has_the_settings_or_says_why_not() -> None:
    fitted = loaded(sklearn_file(exported("tanh", dropout=0.0))).estimator()
    assert fitted.hidden_layer_sizes == (7, 5)
    assert (fitted.activation, fitted.solver, fitted.beta_2) == ("tanh", "adam", 0.999)
    for model in (exported("tanh"), exported("gelu"), exported(optimizer="lion"), exported("tanh", "mse", "classification")):
        with pytest.raises(NotImplementedError, match="MLPClassifier has not"):
            loaded(sklearn_file(model)).estimator()


UNUSUAL = {
    "momentum": 0.7,
    "dampening": 0.2,
    "rho": 0.8,
    "eps": 1e-2,
    "betas": (0.7, 0.9),
    "centered": True,
    "initial_accumulator": 0.3,
    "momentum_decay": 0.02,
}
"""Values that a wrong argument would not have by chance."""


def with_optimizer(name: str, **values: Any) -> ExportedModel:
    """A model whose optimizer has such hyperparameters, where it has them."""
    model, row = exported(), OPTIMIZERS[name]
    known = {key: value for key, value in {"learning_rate": 0.05, **UNUSUAL, **values}.items() if key in row.defaults()}
    optimizer = {"name": name, **row.defaults(), **known}
    return replace(model, settings=replace(model.settings, optimizer=optimizer))


def trajectory(model: ExportedModel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Start (P,), gradients (T, P), and where our own rule gets to after each."""
    random = np.random.default_rng(2)
    start, gradients = random.normal(size=6), random.normal(size=(7, 6))
    settings = {key: value for key, value in model.settings.optimizer.items() if key != "name"}
    return start, gradients, path(model.settings.optimizer["name"], settings, gradients, start)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_torch_optimizers_go_where_ours_go(name: str) -> None:
    torch = pytest.importorskip("torch", reason="not in the extra `test`: too large for what it tests there")
    own = {"initial_accumulator": 0.0} if name == "rmsprop" else {}
    model = with_optimizer(name, weight_decay=0.1, decay=1.0, nesterov=False, **own)
    module = loaded(torch_file(model))
    if name in ("lion", "adabelief"):
        with pytest.raises(NotImplementedError, match="no counterpart"):
            module.optimizer(module.model())
        return
    start, gradients, ours = trajectory(model)
    network = torch.nn.Linear(6, 1, bias=False, dtype=torch.float64)
    network.weight.data[:] = torch.from_numpy(start)
    optimizer = module.optimizer(network)
    for gradient, expected in zip(gradients, ours, strict=True):
        network.weight.grad = torch.from_numpy(gradient[None].copy())
        optimizer.step()
        np.testing.assert_allclose(network.weight.detach().numpy()[0], expected, rtol=1e-7)
    assert module.loss() is not None


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras's torch backend
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_keras_optimizers_go_where_ours_go_or_a_note_says_why_not(name: str) -> None:
    keras = pytest.importorskip("keras", reason="not in the extra `test`: too large for what it tests there")
    own = {"momentum_decay": 1.0} if name == "nadam" else {}
    decoupled = {"weight_decay": 0.1} if name in ("adamw", "lion") else {"weight_decay": 0.0}
    model = with_optimizer(name, **decoupled, decay=1.0, dampening=0.0, nesterov=True, momentum_form="keras", **own)
    text = keras_file(model)
    module = loaded(text)
    if name in ("radam", "adabelief"):
        with pytest.raises(NotImplementedError, match="no counterpart"):
            module.optimizer()
        return
    start, gradients, ours = trajectory(model)
    variable, optimizer = keras.Variable(start.astype(np.float32)), module.optimizer()
    found = []
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient.astype(np.float32))], [variable])
        found.append(np.array(keras.ops.convert_to_numpy(variable)))
    notes = ("inside the root, where", "before the correction", "to the maximum, where")
    noted = any(note in text for note in notes)
    assert np.allclose(found, ours, rtol=1e-4, atol=1e-5) != noted, name


def test_a_difference_that_another_library_has_is_said() -> None:
    model = exported()
    changed = {**model.settings.optimizer, "eps_root": 1e-5, "decay": 0.999, "weight_decay": 0.1}
    object.__setattr__(model.settings, "optimizer", changed)
    try:
        for text in (torch_file(model), keras_file(model)):
            assert "hpt trained with eps_root: 1e-05" in text
            assert "after every update" in text
        assert "weight_decay: 0.1, which keras.optimizers.Adam does not have" in keras_file(model)
    finally:
        exported.cache_clear()


def test_an_activation_that_a_library_lacks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from hpt.export import torch_file as module

    monkeypatch.delitem(module.TORCH_ACTIVATIONS, "relu")
    with pytest.raises(InputError, match="expected an activation that it has, found relu"):
        torch_file(exported())
