"""`hpt list`: the whole catalogue, a kind, an entry; as a document and on terminals of any width."""

from __future__ import annotations

import pytest

from tests.black_box.hpt_command import Hpt

KINDS = ("optimizers", "schedules", "losses", "activations", "models", "datasets", "metrics", "samplers")
OPTIMIZERS = (
    "gd", "sgd", "dynamic_gd", "adagrad", "adadelta", "rmsprop", "adam", "amsgrad", "adamw", "adamax", "nadam", "radam",
    "lion", "adabelief",
)  # fmt: skip


def test_the_document_holds_every_kind(hpt: Hpt) -> None:
    document = hpt("list", "--json").document
    assert document["schema"] == "hpt.list/1"
    assert set(KINDS) <= set(document)
    names = {kind: [entry["name"] for entry in document[kind]] for kind in KINDS}
    assert set(names["optimizers"]) == set(OPTIMIZERS)
    assert {"constant", "exponential", "step", "inverse_time", "polynomial", "cosine", "one_cycle"} <= set(
        names["schedules"]
    )
    assert {"mse", "mae", "huber", "cross_entropy", "binary_cross_entropy"} == set(names["losses"])
    assert {"identity", "relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid", "softplus"} <= set(
        names["activations"]
    )
    assert names["models"] == ["linear", "mlp"]
    for kind in KINDS:
        for entry in document[kind]:
            assert set(entry) >= {"name", "summary", "formula", "reference", "hyperparameters"}
            for row in entry["hyperparameters"]:
                assert set(row) >= {"name", "kind", "default", "low", "high", "choices", "search", "help"}
    assert hpt.files() == ["small.yaml"]


def test_one_kind_and_one_entry(hpt: Hpt) -> None:
    optimizers = hpt("list", "optimizers", "--json").document
    assert set(optimizers) == {"schema", "optimizers"}
    assert all(entry["formula"] for entry in optimizers["optimizers"])
    (adam,) = hpt("list", "optimizers", "Adam", "--json").document["optimizers"]
    assert adam in optimizers["optimizers"]
    rows = {row["name"]: row for row in adam["hyperparameters"]}
    assert rows["learning_rate"]["default"] == 1e-3
    assert rows["learning_rate"]["search"] == {"min": 1e-5, "max": 0.1, "scale": "log"}
    assert rows["betas"]["default"] == [0.9, 0.999]
    assert [search["scale"] for search in rows["betas"]["search"]] == ["reverse_log"] * 2
    assert rows["weight_decay"]["search"] is None


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("optimizer",), "Did you mean optimizers?"),
        (("optimizers", "adm"), "Did you mean adam?"),
        (("losses", "zzz"), "There are: mse, mae, huber, "),
    ],
)
def test_what_is_not_there(hpt: Hpt, words: tuple[str, ...], hint: str) -> None:
    ended = hpt("list", *words, "--json", code=2)
    assert ended.out == ""
    assert hint in ended.errors[0]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_every_width(hpt: Hpt, width: int) -> None:
    environment = {"COLUMNS": str(width)}
    overview = hpt("list", environment=environment).out.splitlines()
    assert max(map(len, overview)) <= width
    assert set(KINDS) <= set(overview)
    entry = hpt("list", "optimizers", "rmsprop", environment=environment).out
    assert max(map(len, entry.splitlines())) <= width
    words = " ".join(entry.split())
    assert "√(s + ε_root) + ε" in words
    for name in ("learning_rate", "rho", "eps_root", "centered", "initial_accumulator", "decay"):
        assert name in words
    assert "reverse_log" in words or width == 40
    assert "\x1b" not in entry
