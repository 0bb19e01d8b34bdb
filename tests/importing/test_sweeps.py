"""A sweep of W&B becomes the configuration that searches the same."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from hpt.configuration.config import read
from hpt.configuration.space import plain
from hpt.foundation.errors import InputError
from hpt.importing.imported import Imported, imported

HEAD = "method: bayes\nmetric: {name: val_loss, goal: minimize}\nrun_cap: 20\nparameters:\n"
HYPERBAND = "early_terminate: {type: hyperband, "


def taken(folder: Path, text: str) -> Imported:
    """What becomes of the sweep `text` on iris; a configuration that is read without a complaint."""
    (folder / "sweep.yaml").write_text(text, encoding="utf-8")
    made = imported(str(folder / "sweep.yaml"), None, None, None, folder)
    (folder / "made.yaml").write_text(f"data: iris\n{made.text}", encoding="utf-8")
    config = read(folder / "made.yaml", mode="tune")
    for section, written in made.configuration.items():
        if section in ("model", "training"):
            cells = plain(getattr(config.space, section))
            assert {key: cells[key] for key in written} == written
    return made


def lines(parameters: str) -> str:
    return HEAD + "".join(f"  {line.strip()}\n" for line in parameters.strip().splitlines())


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{min: 0.001, max: 0.1}", {"min": 0.001, "max": 0.1}),
        ("{distribution: uniform, min: 0.001, max: 1}", {"min": 0.001, "max": 1.0}),
        ("{distribution: log_uniform_values, min: 1e-5, max: 0.1}", {"min": 1e-5, "max": 0.1, "scale": "log"}),
        ("{distribution: inv_log_uniform_values, min: 1e-5, max: 0.1}", {"min": 1e-5, "max": 0.1, "scale": "log"}),
        ("{distribution: q_log_uniform_values, q: 0.001, min: 1e-3, max: 0.1}", {"min": 1e-3, "max": 0.1, "scale": "log"}),
        ("{distribution: q_uniform, q: 0.05, min: 0.07, max: 0.32}", {"min": 0.05, "max": 0.3, "step": 0.05}),
        ("{values: [0.1, 0.01, 0.1]}", {"values": [0.1, 0.01]}),
        ("{values: [0.1]}", 0.1),
        ("{value: 0.1}", 0.1),
        ("{distribution: constant, value: 0.1}", 0.1),
        (
            "{distribution: categorical_w_probabilities, values: [0.1, 0.2], probabilities: [0.9, 0.1]}",
            {"values": [0.1, 0.2]},
        ),
    ],
)
def test_a_distribution(tmp_path: Path, written: str, expected: Any) -> None:
    made = taken(tmp_path, lines(f"lr: {written}\nbatch_size: {{values: [16, 32]}}"))
    assert made.configuration["optimizer"]["learning_rate"] == expected
    assert made.refused == ()


@pytest.mark.parametrize(
    ("kind", "low", "high", "ends"),
    [
        ("log_uniform", -9.21034, -2.302585, (-9.21034, -2.302585)),
        ("q_log_uniform", -7, -1, (-7, -1)),
        ("inv_log_uniform", 2, 7, (-7, -2)),
    ],
)
def test_bounds_that_are_exponents(tmp_path: Path, kind: str, low: float, high: float, ends: tuple[float, float]) -> None:
    made = taken(tmp_path, lines(f"lr: {{distribution: {kind}, min: {low}, max: {high}}}"))
    found = made.configuration["optimizer"]["learning_rate"]
    assert found["scale"] == "log"
    assert (math.log(found["min"]), math.log(found["max"])) == pytest.approx(ends, abs=1e-5)


@pytest.mark.parametrize("kind", ["normal", "q_normal", "log_normal", "q_log_normal", "beta", "q_beta", "gumbel"])
def test_a_distribution_without_a_counterpart_is_named(tmp_path: Path, kind: str) -> None:
    made = taken(tmp_path, lines(f"lr: {{min: 0.1, max: 0.2}}\nwd: {{distribution: {kind}, mu: 0, sigma: 1}}"))
    assert [(each.name, each.reason) for each in made.refused] == [("wd", f"{kind} has no counterpart")]
    assert f"#   wd: {kind} has no counterpart\n" in made.text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("batch_size: {min: 16, max: 64}", {"min": 16, "max": 64}),
        ("batch_size: {distribution: q_uniform, q: 16, min: 16, max: 64}", {"min": 16, "max": 64, "step": 16}),
        ("batch_size: {distribution: q_log_uniform_values, q: 1, min: 16, max: 64}", {"min": 16, "max": 64, "scale": "log"}),
        ("bs: {distribution: uniform, min: 15.5, max: 64.5}", {"min": 16, "max": 64}),
        ("train_batch_size: {values: [8, 16]}", {"values": [8, 16]}),
    ],
)
def test_whole_numbers(tmp_path: Path, written: str, expected: Any) -> None:
    assert taken(tmp_path, lines(written)).configuration["training"]["batch_size"] == expected


def test_the_names_of_other_tools(tmp_path: Path) -> None:
    made = taken(
        tmp_path,
        lines("""
        optimizer: {values: [AdamW, torch.optim.SGD, RMSprop, lbfgs]}
        wd: {min: 0.0, max: 0.1}
        learning_rate_init: {values: [0.1, 0.01]}
        momentum: {min: 0.1, max: 0.9}
        beta_1: {min: 0.8, max: 0.95}
        dropout_rate: {min: 0.0, max: 0.5}
        activation_fn: {values: [nn.ReLU, Tanh, maxout]}
        n_epochs: {values: [2, 9, 5]}
        random_seed: {value: 5}
        gradient_clip_val: {values: [1.0, 5.0]}
        step_size: {values: [1, 2]}
        """),
    )
    rate, decay = {"values": [0.1, 0.01]}, {"min": 0.0, "max": 0.1}
    momentum = {"min": 0.1, "max": 0.9}
    assert made.configuration["optimizer"]["choose"] == {
        "adamw": {"weight_decay": decay, "learning_rate": rate, "betas": [{"min": 0.8, "max": 0.95}, 0.999]},
        "sgd": {"weight_decay": decay, "learning_rate": rate, "momentum": momentum},
        "rmsprop": {"weight_decay": decay, "learning_rate": rate, "momentum": momentum},
    }
    assert made.configuration["model"] == {"dropout": {"min": 0.0, "max": 0.5}, "activation": {"values": ["relu", "tanh"]}}
    assert made.configuration["training"] == {"epochs": 9, "clip_norm": {"values": [1.0, 5.0]}}
    assert made.configuration["seed"] == 5
    assert [each.name for each in made.refused] == ["step_size", "optimizer"]
    assert [notice.partition(":")[0] for notice in made.notices] == ["activation_fn", "n_epochs"]


def test_parameters_in_parameters(tmp_path: Path) -> None:
    made = taken(
        tmp_path,
        lines("""
        optimizer: {parameters: {name: {values: [adam, sgd]}, lr: {values: [0.1, 0.2]}, sgd: {parameters: {momentum: {value: 0.5}}}}}
        model: {parameters: {hidden: {values: [[8], [8, 4]]}, dropout: {value: 0.1}}}
        adam_eps: {value: 1e-7}
        """),
    )
    rate = {"values": [0.1, 0.2]}
    assert made.configuration["optimizer"] == {
        "choose": {"adam": {"learning_rate": rate, "eps": 1e-7}, "sgd": {"learning_rate": rate, "momentum": 0.5}}
    }
    assert made.configuration["model"] == {"dropout": 0.1, "hidden": {"values": [[8], [8, 4]]}}
    assert made.refused == ()


WIDTH = {"min": 4, "max": 64}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("hidden_layers: {values: [[8], [8, 8], []]}", {"values": [[8], [8, 8], []]}),
        ("fc_layer_size: {values: [8, 16]}", {"values": [[8], [16]]}),
        ("units: {min: 4, max: 64}", [WIDTH]),
        ("units: {value: 12}", [12]),
        ("n_layers: {values: [0, 2]}\nhidden_size: {values: [8, 16]}", {"values": [[], [8, 8], [16, 16]]}),
        ("num_layers: {min: 1, max: 2}\nunits: {min: 4, max: 64}", {"values": [[WIDTH], [WIDTH, WIDTH]]}),
        ("num_layers: {value: 2}", [32, 32]),
        ("fc1_size: {min: 4, max: 64}\nfc2_size: {values: [8, 16]}", [WIDTH, {"values": [8, 16]}]),
        ("n_layers: {min: 1, max: 2}\nn_units_l0: {value: 9}\nn_units_l1: {min: 4, max: 64}", {"values": [[9], [9, WIDTH]]}),
    ],
)
def test_depths_and_widths(tmp_path: Path, written: str, expected: Any) -> None:
    made = taken(tmp_path, lines(f"lr: {{min: 0.1, max: 0.2}}\n{written}"))
    assert made.configuration["model"]["hidden"] == expected
    assert made.refused == ()


@pytest.mark.parametrize(
    ("written", "epochs", "expected"),
    [
        ("min_iter: 3}", 20, {"type": "halving", "eta": 3, "min_epochs": 3}),
        ("min_iter: 2, eta: 2}", 20, {"type": "halving", "eta": 2, "min_epochs": 2}),
        ("max_iter: 27, s: 2}", 27, {"type": "halving", "eta": 3, "min_epochs": 3}),
        ("max_iter: 27, s: 9}", 27, {"type": "halving", "eta": 3, "min_epochs": 1}),
        ("min_iter: 30}", 20, None),
        ("eta: 3}", 20, None),
        ("type: envelope}", 20, None),
    ],
)
def test_hyperband_is_halving(tmp_path: Path, written: str, epochs: int, expected: Any) -> None:
    early = (HYPERBAND + written).replace("type: hyperband, type:", "type:")
    made = taken(tmp_path, f"{early}\n{lines('lr: {min: 0.1, max: 0.2}')}  epochs: {{value: {epochs}}}\n")
    assert made.configuration["study"].get("pruner") == expected
    assert [each.name for each in made.refused] == ([] if expected else ["early_terminate"])


@pytest.mark.parametrize(
    ("metric", "objective"),
    [
        ("{name: val_loss, goal: minimize}", "validation_loss"),
        ("{name: val/acc, goal: maximize}", "validation_accuracy"),
        ("{name: Validation Accuracy, goal: maximize}", "validation_accuracy"),
        ("{name: train_loss}", "train_loss"),
        ("{name: loss}", "validation_loss"),
        ("{name: eval.f1, goal: maximize}", "validation_macro_f1"),
        ("{name: bleu, goal: maximize}", None),
    ],
)
def test_the_metric(tmp_path: Path, metric: str, objective: str | None) -> None:
    made = taken(tmp_path, lines("lr: {min: 0.1, max: 0.2}").replace("{name: val_loss, goal: minimize}", metric))
    assert made.configuration["study"].get("objective") == objective
    assert [each.name for each in made.refused] == ([] if objective else ["metric"])


def test_a_target_a_goal_and_a_method(tmp_path: Path) -> None:
    text = lines("lr: {values: [0.1, 0.2]}\nbatch_size: {min: 16, max: 32}").replace("method: bayes", "method: grid")
    made = taken(tmp_path, text.replace("goal: minimize", "goal: maximize, target: 0.3"))
    assert made.configuration["study"] == {
        "objective": "validation_loss",
        "trials": 20,
        "sampler": "tpe",
        "stop": {"value": 0.3},
    }
    assert any("to maximize there, validation_loss to minimize here" in notice for notice in made.notices)
    assert any("study.sampler is tpe" in notice for notice in made.notices)
    grid = taken(tmp_path, lines("lr: {values: [0.1, 0.2]}").replace("method: bayes", "method: grid"))
    assert grid.configuration["study"]["sampler"] == "grid"


WRONG = """
method: 7
metric: foo
run_cap: -1
early_terminate: [1]
parameters:
  lr: {min: 1.0, max: 0.1}
  a: 7
  b: {values: 3}
  c: {values: []}
  d: {distribution: log_uniform, min: -1e9, max: 1e9}
  dropout: {min: 0.0, max: 1.5}
  hidden: {values: [1000000000, 3]}
  n_layers: {min: 1, max: 100000000000}
  batch_size: {values: [full, 16, null]}
  activation: {min: 0, max: 1}
  optimizer: {min: 0, max: 1}
  momentum: {values: [{a: 1}, [2]]}
  learning_rate: {distribution: uniform, min: true, max: 2}
  q: {distribution: q_uniform, min: 0, max: 1, q: 0}
  epochs: {values: [a, b]}
  eps: {min: 1e-9, max: 1e-7}
"""


def test_what_makes_no_sense_is_named_and_the_rest_is_taken(tmp_path: Path) -> None:
    made = taken(tmp_path, WRONG)
    assert made.configuration == {"optimizer": {"name": "adam", "eps": {"min": 1e-9, "max": 1e-7}}}
    keys = {key for line in WRONG.splitlines() if (key := line.strip().partition(":")[0]) not in ("", "parameters", "eps")}
    assert {each.name for each in made.refused} == keys
    assert all(each.reason for each in made.refused)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "found an empty file."),
        ("hello", "found the text 'hello'."),
        ("[1, 2]", "found a list of 2."),
        ("{a: 1}", "found another mapping."),
        ("{data: digits, optimizer: adam}", "found a configuration of hpt. `hpt check` says what it searches."),
        ("parameters: " + "[" * 60, ": expected at most 50 levels, found more."),
        ("parameters: " + "[" * 100_000, "sweep.yaml:1: "),  # newer versions of the parser have a depth of their own
        ("a: &a [x]\nb: [*a, *a]\n" * 50, "found the anchor &a. Remove it."),
        ("parameters: !!python/object/apply:os.system [ls]", "Remove it."),
        ("parameters: {a: " * 40 + "}" * 40, "sweep.yaml:1: "),
        ("#" * 2_000_000, "expected at most 1,000,000 bytes, found more."),
        ("# " + "é" * 1_000_000, "expected at most 1,000,000 bytes, found more."),
    ],
    ids=range(12),
)
def test_what_is_no_sweep_is_refused_in_a_line(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(InputError) as refused:
        taken(tmp_path, text)
    assert found in str(refused.value)
    assert "\n" not in str(refused.value)


def test_comments_cannot_be_left(tmp_path: Path) -> None:
    made = taken(tmp_path, HEAD + '  lr: {min: 0.1, max: 0.2}\n  "a\\nseed: 7 # \\u2028x": {value: 1}\n')
    assert "seed" not in made.configuration
    assert "\nseed" not in made.text


def test_what_is_said_of_one_optimizer_goes_before_what_is_said_of_others(tmp_path: Path) -> None:
    made = taken(
        tmp_path,
        lines("""
        optimizer: {values: [adam, rmsprop]}
        lr: {min: 0.2, max: 0.5}
        adam_lr: {min: 0.001, max: 0.01}
        """),
    )
    branches = made.configuration["optimizer"]["choose"]
    assert branches["adam"]["learning_rate"] == {"min": 0.001, "max": 0.01}
    assert branches["rmsprop"]["learning_rate"] == {"min": 0.2, "max": 0.5}
    made = taken(
        tmp_path,
        lines("""
        optimizer: {value: adam}
        adam_lr: {min: 0.001, max: 0.01}
        sgd_lr: {min: 0.1, max: 1.0}
        """),
    )
    assert made.configuration["optimizer"] == {"name": "adam", "learning_rate": {"min": 0.001, "max": 0.01}}
    assert [(each.name, "already" in each.reason) for each in made.refused] == [("sgd_lr", True)]
