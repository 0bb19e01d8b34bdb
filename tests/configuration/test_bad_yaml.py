"""Bad files, one fault or several each: told by file, line and dotted path, and never by a traceback."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hpt.configuration.aliases import ADVICE
from hpt.configuration.cells import only_entry
from hpt.configuration.config import read
from hpt.configuration.draft import Mode
from hpt.configuration.reader import FORM_KEYS
from hpt.configuration.resolution import Override
from hpt.configuration.sections import ROOT, SECTIONS
from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError
from hpt.models import MODELS

D = "data: digits\n"
A = "optimizer: adam\n"
C = "optimizer: {choose: [sgd, adam]}\n"

# mode, text, and of each problem in order: the line, the dotted path, and words that must stand in it.
BAD: list[tuple[Mode, str, list[tuple[int, str, str]]]] = [
    ("tune", "", [(1, "", "an empty file")]),
    ("tune", "# only a comment\n", [(1, "", "an empty file")]),
    ("tune", "- a\n- b\n", [(1, "", "found a list of 2")]),
    ("tune", "hello\n", [(1, "", "found the text 'hello'")]),
    ("tune", D + "\toptimizer: adam\n", [(2, "", "found a tab")]),
    ("tune", "data: [digits\n", [(2, "", "expected valid YAML")]),
    ("train", D + A + "---\na: 1\n", [(3, "", "found a second")]),
    ("train", D + A + "data: iris\n", [(3, "data", "first on line 1")]),
    ("train", D + "optimizer: &a adam\n", [(2, "optimizer", "anchor &a")]),
    ("train", D + A + "name: *a\n", [(3, "name", "alias *a")]),
    ("train", D + "optimizer: !!python/name:os.system adam\n", [(2, "optimizer", "tag")]),
    ("train", D + A + "1: 2\n", [(3, "", "text as key, found 1")]),
    ("train", D + A + "null: 2\n", [(3, "", "text as key")]),
    ("train", D + A + "seed: " + "1" * 41, [(3, "seed", "at most 40 digits")]),
    ("train", D + "optimizer: {name: adam, learning_rate: .inf}", [(2, "optimizer.learning_rate", "finite")]),
    (
        "tune",
        D + "optimizer: {name: adam, learning_rate: {min: .nan, max: 1}}",
        [(2, "optimizer.learning_rate.min", "finite")],
    ),
    ("train", A, [(1, "data", "Write data: digits")]),
    ("train", D, [(1, "optimizer", "Write optimizer: adam")]),
    ("train", "{}", [(1, "data", "found nothing"), (1, "optimizer", "found nothing")]),
    ("train", "data: 5\n" + A, [(1, "data", "expected a mapping, found 5")]),
    (
        "train",
        "data: {values: [digits, iris]}\n" + A,
        [(1, "data.values", "expected a key of data"), (1, "data.source", "required")],
    ),
    ("train", "data: {}\n" + A, [(1, "data.source", "required")]),
    ("train", "data: digts\n" + A, [(1, "data.source", "Did you mean digits?")]),
    ("train", "data: missing.csv\n" + A, [(1, "data.source", "expected a file")]),
    ("train", "data: notes.md\n" + A, [(1, "data.source", "expected a data set or a file ending in .csv, .tsv")]),
    ("train", "data: {source: digits, split: fixed}\n" + A, [(1, "data.split", "test_source")]),
    ("train", "data: {source: digits, validation: 0.6, test: 0.4}\n" + A, [(1, "data.validation", "below 1")]),
    ("train", "data: {source: digits, validation: 1}\n" + A, [(1, "data.validation", "from 0 to below 1, found 1")]),
    ("train", "data: {source: digits, drop: a}\n" + A, [(1, "data.drop", "Try [a]")]),
    ("train", D + "optimizer: adm", [(2, "optimizer.name", "Did you mean adam?")]),
    ("train", D + "optimizer: {type: adam}", [(2, "optimizer.name", "Did you mean name?")]),
    ("train", D + "optimizer: [adam]", [(2, "optimizer", "found a list of 1")]),
    ("train", D + "optimizer: {adam: {}}", [(2, "optimizer", "Put the optimizers under choose")]),
    ("train", D + "optimizer: {name: adam, lr: 0.1}", [(2, "optimizer.lr", "Did you mean learning_rate?")]),
    ("train", D + "optimizer: {name: adam, beta1: 0.1}", [(2, "optimizer.beta1", "Did you mean betas?")]),
    ("train", D + "optimizer: {name: adam, bs: 1}", [(2, "optimizer.bs", "Did you mean training.batch_size?")]),
    ("train", D + "optimizer: {name: adam, momentum: 0.9}", [(2, "optimizer.momentum", "Known: learning_rate, betas")]),
    ("train", D + "optimizer: {name: adam, betas: [0.9]}", [(2, "optimizer.betas", "a list of 2")]),
    ("train", D + "optimizer: {name: adam, betas: [0.9, 1]}", [(2, "optimizer.betas.1", "to below 1, found 1")]),
    ("train", D + "optimizer: {name: adam, learning_rate: '0.1'}", [(2, "optimizer.learning_rate", "Remove the quotes")]),
    ("train", D + "optimizer: {name: adam, learning_rate: true}", [(2, "optimizer.learning_rate", "found true")]),
    ("train", D + "optimizer: {name: adam, learning_rate: }", [(2, "optimizer.learning_rate", "found nothing")]),
    (
        "train",
        D + "optimizer: {name: adam, learning_rate: -1}",
        [(2, "optimizer.learning_rate", "of at least 0, found -1. Try 1e-5")],
    ),
    ("train", D + "optimizer: {name: sgd, nesterov: no}", [(2, "optimizer.nesterov", "found the text 'no'. Write false")]),
    (
        "train",
        D + "optimizer: {name: adam, learning_rate: 12:30:45}",
        [(2, "optimizer.learning_rate", "the text '12:30:45'")],
    ),
    ("train", D + A + "epochs: 3", [(3, "epochs", "Did you mean training.epochs?")]),
    ("tune", D + C + "lr: 3", [(3, "lr", "Did you mean optimizer.sgd.learning_rate?")]),
    (
        "tune",
        D + "optimizer: {choose: {a: {name: sgd}, b: {name: adam}}}\nbetas: 3",
        [(3, "betas", "Did you mean optimizer.b.betas?")],
    ),
    (
        "tune",
        D + "optimizer: {choose: [sgd, adam], lr: 3}",
        [(2, "optimizer.lr", "in each branch, such as optimizer.sgd.learning_rate")],
    ),
    ("tune", D + C + "trials: 3", [(3, "trials", "Did you mean trial, or study.trials?")]),
    ("train", D + A + "model: {init: xavier_uniform}", [(3, "model.init", "Did you mean glorot_uniform?")]),
    ("train", D + A + "iterations: 3", [(3, "iterations", "Did you mean training.epochs?")]),
    ("train", D + A + "training: {iterations: 3}", [(3, "training.iterations", "Did you mean epochs?")]),
    ("train", D + A + "training: {seed: 3}", [(3, "training.seed", "top level")]),
    ("train", D + A + "training: {epochs: 010}", [(3, "training.epochs", "Write 10")]),
    ("train", D + A + "training: {epochs: 2.5}", [(3, "training.epochs", "an integer of at least 1, found 2.5")]),
    ("train", D + A + "training: {epochs: 99999999999999999999}", [(3, "training.epochs", "The largest is")]),
    ("train", D + A + "training: {batch_size: ful}", [(3, "training.batch_size", "Did you mean full?")]),
    ("train", D + A + "training: {stop: {patiense: 3}}", [(3, "training.stop.patiense", "Did you mean patience?")]),
    ("train", D + A + "training: [1]", [(3, "training", "expected a mapping, found a list of 1. Its keys: batch_size")]),
    ("train", D + A + "model: {type: mpl}", [(3, "model.type", "Did you mean mlp?")]),
    ("train", D + A + "model: {type: linear, hidden: [3]}", [(3, "model.hidden", "expected a key of linear")]),
    ("train", D + A + "model: {hidden: 32}", [(3, "model.hidden", "Try [32]")]),
    ("train", D + A + "model: {hidden: [32, 0]}", [(3, "model.hidden.1", "found 0")]),
    ("train", D + A + "model: {activation: rleu}", [(3, "model.activation", "Did you mean relu?")]),
    ("train", D + C, [(2, "optimizer", "Use `hpt tune`")]),
    ("train", D + A + "model: {dropout: {min: 0, max: 0.5}}", [(3, "model.dropout", "--set model.dropout=VALUE")]),
    ("train", D + A + "model: {hidden: [{values: [1, 2]}]}", [(3, "model.hidden.0", "found values. Use `hpt tune`")]),
    ("tune", D + A, [(2, "optimizer", "found constants only")]),
    ("tune", D, [(1, "optimizer", "Write optimizer: {choose: [sgd, adam]}.")]),
    ("train", D, [(1, "optimizer", "Write optimizer: adam.")]),
    (
        "tune",
        D + "optimizer: {name: adam, learning_rate: [0.1, 0.2]}",
        [(2, "optimizer.learning_rate", "To search several write {values: [...]}")],
    ),
    (
        "tune",
        D + "optimizer: {name: adam, learning_rate: {min: 0.1, max: 1, scale: log}}\nstudy: {sampler: grid}",
        [(2, "optimizer.learning_rate", "Use values: a step needs scale: linear.")],
    ),
    ("tune", D + "optimizer: {choose: [adma]}", [(2, "optimizer.adma", "Did you mean adam?")]),
    (
        "tune",
        D + "optimizer: {choose: [gd]}\ntraining: {batch_size: {values: [1, 2]}}\noptimizer: {}",
        [(4, "optimizer", "again")],
    ),
    (
        "tune",
        D + C + "training: {epochs: {min: 1, max: 9}}",
        [(3, "training.epochs", "a constant (it is the same in every trial")],
    ),
    ("tune", D + C + "training: {stop: {values: [{patience: 3}]}}", [(3, "training.stop", "expected a constant")]),
    ("tune", D + C + "model: {type: {values: [linear, mlp]}}", [(3, "model.type", "expected a constant")]),
    ("tune", D + C + "model: {dropout: {min: 0.5, max: 0.5}}", [(3, "model.dropout.max", "above min (0.5), found 0.5")]),
    ("tune", D + C + "model: {dropout: {min: 0.5}}", [(3, "model.dropout.max", "required")]),
    ("tune", D + C + "model: {dropout: {min: 0, max: 1}}", [(3, "model.dropout.max", "to below 1, found 1")]),
    ("tune", D + C + "model: {dropout: {min: 0, max: 0.5, scal: log}}", [(3, "model.dropout.scal", "Did you mean scale?")]),
    (
        "tune",
        D + C + "model: {dropout: {low: 0, max: 0.5}}",
        [(3, "model.dropout.low", "Did you mean min?"), (3, "model.dropout.min", "found low")],
    ),
    (
        "tune",
        D + C + "model: {dropout: {min: 0, max: 0.5, scale: log}}",
        [(3, "model.dropout.min", "above 0 (scale: log), found 0")],
    ),
    ("tune", D + C + "model: {dropout: {min: 0, max: 0.5, scale: lgo}}", [(3, "model.dropout.scale", "Did you mean log?")]),
    ("tune", D + C + "model: {dropout: {min: 0, max: 0.5, step: 0.2}}", [(3, "model.dropout.step", "Try max: 0.4 or 0.6")]),
    ("tune", D + C + "model: {dropout: {min: 0, max: 0.5, step: 0}}", [(3, "model.dropout.step", "above 0")]),
    (
        "tune",
        D + C + "model: {dropout: {min: 0.1, max: 0.5, scale: log, step: 0.1}}",
        [(3, "model.dropout.step", "no step")],
    ),
    ("tune", D + C + "model: {activation: {min: relu, max: tanh}}", [(3, "model.activation", "Use {values: […]}")]),
    ("tune", D + C + "model: {hidden: {min: 1, max: 9}}", [(3, "model.hidden", "Write a list whose members are ranges")]),
    ("tune", D + C + "model: {activation: {values: []}}", [(3, "model.activation.values", "an empty list")]),
    ("tune", D + C + "model: {activation: {values: relu}}", [(3, "model.activation.values", "a list of values")]),
    ("tune", D + C + "model: {activation: {values: [relu, ReLU]}}", [(3, "model.activation.values", "each value once")]),
    (
        "tune",
        D + C + "model: {dropout: {values: [0, {min: 0, max: 1}]}}",
        [(3, "model.dropout.values.1", "ranges do not nest")],
    ),
    ("tune", D + C + "model: {dropout: {values: [0], min: 0}}", [(3, "model.dropout.min", "values alone")]),
    (
        "tune",
        D + C + "training: {batch_size: {min: 1.5, max: 8}}",
        [(3, "training.batch_size.min", "an integer of at least 1")],
    ),
    (
        "tune",
        D + C + "training: {batch_size: {min: 2, max: 8, scale: reverse_log}}",
        [(3, "training.batch_size.scale", "linear or log")],
    ),
    (
        "tune",
        D + C + "training: {batch_size: {min: 16, max: 250, step: 16}}",
        [(3, "training.batch_size.step", "Try max: 240 or 256")],
    ),
    (
        "tune",
        D + C + "training: {batch_size: {values: [16, 16.0]}}",
        [(3, "training.batch_size.values", "found 16.0 again")],
    ),
    (
        "tune",
        D + "optimizer: {choose: {adam: {learning_rate: {min: 0, max: 1, scale: log}}}}",
        [(2, "optimizer.adam.learning_rate.min", "expected a number above 0 (scale: log), found 0. Try 1e-5.")],
    ),
    (
        "tune",
        D + "optimizer: {choose: {sgd: {momentum: {min: 0.5, max: 1, scale: reverse_log}}}}",
        [(2, "optimizer.sgd.momentum.max", "found 1")],
    ),
    (
        "tune",
        D + "optimizer: {choose: {gd: {decay: {min: 0.5, max: 1, scale: reverse_log}}}}",
        [(2, "optimizer.gd.decay.max", "below 1 (scale: reverse_log), found 1")],
    ),
    ("tune", D + "optimizer: {choose: []}", [(2, "optimizer.choose", "found none")]),
    ("tune", D + "optimizer: {choose: [sgd, sgd]}", [(2, "optimizer.choose", "each once")]),
    ("tune", D + "optimizer: {choose: [sgd, SGD]}", [(2, "optimizer.sgd", "each branch once")]),
    ("tune", D + "optimizer: {choose: {SGD: {decay: 1}, sgd: default}}", [(2, "optimizer.sgd", "each branch once")]),
    ("tune", D + "optimizer: {choose: {sgd: {decay: 1}, SGD: default}}", [(2, "optimizer.sgd", "each branch once")]),
    ("tune", D + "optimizer: {choose: sgd}", [(2, "optimizer.choose", "found the text 'sgd'")]),
    ("tune", D + "optimizer: {choose: {sgd: , adam: default}}", [(2, "optimizer.sgd", "Write sgd: default")]),
    ("tune", D + "optimizer: {choose: {plain: default, adam: default}}", [(2, "optimizer.plain", "`name:` itself")]),
    ("tune", D + "optimizer: {choose: {plain: {eps: 1}, adam: default}}", [(2, "optimizer.plain", "`name:` itself")]),
    ("tune", D + "optimizer: {choose: {a.b: {name: adam}, adam: default}}", [(2, "optimizer.choose", "letters, digits")]),
    ("tune", D + "optimizer:\n  choose: [sgd, adam]\n  decay: 1", [(4, "optimizer.decay", "choose alone")]),
    ("tune", D + C + "study: {objective: test_loss}", [(3, "study.objective", "use validation_loss")]),
    ("tune", D + C + "study: {objective: [~]}", [(3, "study.objective.0", "expected a text, found nothing")]),
    ("tune", D + C + "study: {objective: [[a]]}", [(3, "study.objective.0", "expected a text, found a list")]),
    (
        "tune",
        D + C + "study: {objective: [{a: b}, loss]}",
        [(3, "study.objective.0", "a mapping"), (3, "study.objective.1", "loss")],
    ),
    ("tune", D + C + "study: {objective: loss}", [(3, "study.objective", "expected train_METRIC or validation_METRIC")]),
    (
        "tune",
        D + C + "study: {objective: validation_acuracy}",
        [(3, "study.objective", "Did you mean validation_accuracy?")],
    ),
    (
        "tune",
        D + C + "study: {objective: validation_macro_f1, pruner: halving}",
        [
            (
                3,
                "study.objective",
                "as a pruner needs it, found validation_macro_f1. Use one of validation_loss, validation_accuracy.",
            )
        ],
    ),
    ("tune", D + C + "study: {sampler: cmaes}", [(3, "study.sampler.type", "one of tpe, random, grid")]),
    (
        "tune",
        D + C + "model: {n_layers: {min: 1, max: 3}, units: {min: 4, max: 64, step: 4}}",
        [(3, "model.n_layers", "Depth and width are one key"), (3, "model.units", "hidden: {values: [[32], [64, 32]]}")],
    ),
    ("tune", D + C + "study: {n_trials: 3}", [(3, "study.n_trials", "Did you mean trials?")]),
    (
        "tune",
        D + C + "study: {pruner: {type: halving, min_epochs: 20}}",
        [(3, "study.pruner.min_epochs", "below training.epochs (20)")],
    ),
    ("tune", D + "optimizer: {values: [sgd, adam]}", [(2, "optimizer", "Put the optimizers under choose")]),
    ("tune", D + "optimizer: {name: adam, values: [sgd]}", [(2, "optimizer", "Put the optimizers under choose")]),
    (
        "tune",
        D + "optimizer: {choose: {a: {name: adam, values: [sgd]}}}",
        [(2, "optimizer.a.values", "expected hyperparameters")],
    ),
    ("train", D + A + "training: {stop: early}", [(3, "training.stop", "expected a mapping")]),
    ("tune", D + C + "study: {pruner: {type: halving, eta: 1}}", [(3, "study.pruner.eta", "from 2 to")]),
    (
        "tune",
        D + "optimizer: {choose: {sgd: {momentum: {min: 0, max: 0.9}}, adam: {}}}\nstudy: {sampler: grid}",
        [(2, "optimizer.sgd.momentum", "Add a step")],
    ),
    ("compare", D + A, [(2, "optimizer", "at least two optimizers")]),
    ("compare", D + C + "compare: {reference: adm}", [(3, "compare.reference", "Did you mean adam?")]),
    ("compare", D + C + "compare: {metric: validation_loss}", [(3, "compare.metric", "expected test_METRIC")]),
    ("compare", "data: {source: digits, test: 0}\n" + C, [(1, "data.test", "above 0")]),
    (
        "train",
        "data: {source: digits, validation: 0}\n"
        + A
        + "training:\n  stop: {validation_loss_below: 0.1}\n  checkpoint: best_validation\n",
        [(4, "training.stop.validation_loss_below", "data.validation is 0"), (5, "training.checkpoint", "expected last")],
    ),
    (
        "train",
        D + A + "training: {checkpoint: best_validation}\nstudy: {objective: train_loss}",
        [(3, "training.checkpoint", "Use a validation_ objective")],
    ),
    (
        "train",
        "data: {source: digits, validation: 0}\n" + A + "study: {objective: validation_loss}",
        [(3, "study.objective", "use train_loss")],
    ),
    *(
        ("train", D + A + f"name: {name}", [(3, "name", "1 to 64 letters")])
        for name in ("../x", "/abs", ".hidden", "CON", "com1.txt", "x" * 65, "'a b'", "é", "a/b", "'[/]'")
    ),
    ("train", D + A + 'name: "a\\0b"', [(3, "name", "U+0000")]),
    ("train", D + A + "name: [a]", [(3, "name", "expected a text or none, found a list of 1")]),
    # What other tools write, led to what was meant.
    ("tune", D + C + "metric: {name: val_loss, goal: minimize}", [(3, "metric", "Did you mean study.objective?")]),
    ("tune", D + C + "method: bayes", [(3, "method", "Did you mean study.sampler?")]),
    ("tune", D + C + "early_terminate: {type: hyperband}", [(3, "early_terminate", "Did you mean study.pruner?")]),
    ("tune", D + C + "parameters: {lr: {max: 1}}", [(3, "parameters", "under model, optimizer or training")]),
    ("tune", D + C + "program: train.py", [(3, "program", "Remove it")]),
    ("tune", D + C + "lr_scheduler: {name: step}", [(3, "lr_scheduler", "Did you mean training.schedule?")]),
    ("tune", D + C + "study: {sampler: bayes}", [(3, "study.sampler.type", "Did you mean tpe?")]),
    ("tune", D + C + "study: {pruner: {type: hyperband}}", [(3, "study.pruner.type", "Did you mean halving?")]),
    ("tune", D + C + "study: {objective: val_loss}", [(3, "study.objective", "Use validation_loss")]),
    (
        "tune",
        D + "optimizer: {name: {values: [sgd, adam]}, lr: 1}",
        [(2, "optimizer.name", "optimizers under choose, each")],
    ),
    ("tune", D + C + "model: {activation: {value: relu}}", [(3, "model.activation", "found a mapping. Write relu.")]),
    (
        "tune",
        D + "optimizer: {name: adam, learning_rate: {low: 1e-5, high: 1e-1, log: true}}",
        [(2, "optimizer.learning_rate", "Write {min: 1e-5, max: 1e-1, scale: log}.")],
    ),
    (
        "tune",
        D + C + "model: {dropout: {low: 0, high: 0.5, log: false}}",
        [(3, "model.dropout", "Write {min: 0, max: 0.5}.")],
    ),
    (
        "tune",
        D + C + "model: {dropout: {min: 0.1, max: 0.5, scale: log_uniform_values}}",
        [(3, "model.dropout.scale", "Did you mean log?")],
    ),
    (
        "tune",
        D + C + "model: {dropout: {min: 0.1, max: 0.5, init: 0.2}}",
        [
            (
                3,
                "model.dropout.init",
                "expected a key of a range, found init. A known value to begin with stands under study.first",
            )
        ],
    ),
    ("tune", D + "optimizer: {name: adam, betas: {init: 1}}", [(2, "optimizer.betas", "Try [0.9, 0.999].")]),
]


def problems_of(tmp_path: Path, text: str, mode: Mode) -> tuple[str, ...]:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(InputError) as error:
        read(path, mode=mode)
    prefix = f"{tmp_path}/"
    assert all(problem.startswith(f"{path}:") for problem in error.value.complaints)
    return tuple(problem.removeprefix(prefix) for problem in error.value.complaints)


@pytest.mark.parametrize(
    ("mode", "text", "expected"), BAD, ids=lambda value: repr(value)[-60:] if isinstance(value, str) else ""
)
def test_bad_file(tmp_path: Path, mode: Mode, text: str, expected: list[tuple[int, str, str]]) -> None:
    problems = problems_of(tmp_path, text, mode)
    starts = [f"bad.yaml:{line}: {path}: expected " if path else f"bad.yaml:{line}: expected " for line, path, _ in expected]
    assert [c.split("expected ")[0] + "expected " for c in problems] == starts
    for problem, (_, _, words) in zip(problems, expected, strict=True):
        assert words in problem
        assert problem.endswith((".", "?"))
        assert problem.isprintable()


def test_all_faults_at_once_in_line_order(tmp_path: Path) -> None:
    text = (
        "study: {trials: 0}\nnam: x\ndata: {source: digits, tset: 1}\noptimizer: {name: adam, lr: 1}\nmodel: *m\nseed: -1\n"
    )
    problems = problems_of(tmp_path, text, "train")
    assert [problem.split(":")[1] for problem in problems] == ["1", "2", "3", "4", "5", "6"]


def test_a_thousand_faults_are_told_quickly(tmp_path: Path) -> None:
    start = time.thread_time()
    problems = problems_of(tmp_path, "".join(f"learning_rat{i}: 1\n" for i in range(4_000)), "train")
    assert 1 < len(problems) <= 200
    assert time.thread_time() - start < 2


def test_a_file_that_is_no_utf8(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(b"data: digits\nname: \xff\n")
    with pytest.raises(InputError, match=r"bad\.yaml:2: expected text in UTF-8"):
        read(path, mode="train")


@pytest.mark.parametrize("name", ["missing.yaml", "missing.csv", ".", "a\0b"])
def test_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="found none"):
        read(tmp_path / name, mode="train")


def test_over_a_megabyte(tmp_path: Path) -> None:
    assert "bytes" in problems_of(tmp_path, "#" * 1_000_001, "train")[0]


WORDS = st.sampled_from([
    "data", "optimizer", "choose", "name", "adam", "sgd", "default", "learning_rate", "betas", "training", "batch_size",
    "stop", "schedule", "type", "model", "hidden", "study", "pruner", "halving", "values", "min", "max", "step",
    "scale", "log", "digits", "source", "drop", "compare", "full", "none", "seed", "a.csv", "test_source", "checkpoint",
])  # fmt: skip
ATOMS = WORDS | st.integers(-3, 300) | st.floats(-2, 2) | st.none() | st.booleans() | st.text(max_size=3)
TREES = st.recursive(
    ATOMS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=20
)
MODES: st.SearchStrategy[Mode] = st.sampled_from(["train", "tune", "compare", "lr-find"])
RELAXED = settings(deadline=2000, max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read_or_refuse(path: Path, text: str, mode: Mode, overrides: list[Override]) -> None:
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    problems: tuple[str, ...] = ()
    try:
        read(path, mode=mode, overrides=overrides)
    except InputError as error:
        problems = error.complaints
    assert all(problem.startswith((f"{path}:", "--set ")) for problem in problems)


@given(st.text(max_size=100), MODES)
@RELAXED
def test_any_text(tmp_path: Path, text: str, mode: Mode) -> None:
    read_or_refuse(tmp_path / "any.yaml", text, mode, [])


@given(
    st.dictionaries(WORDS, TREES, max_size=5),
    MODES,
    st.lists(st.tuples(st.lists(WORDS, max_size=4), TREES), max_size=3),
)
@RELAXED
def test_any_tree_and_overrides(
    tmp_path: Path, tree: dict[str, object], mode: Mode, overrides: list[tuple[list[str], object]]
) -> None:
    text = json.dumps({"data": "digits", "optimizer": {"choose": ["sgd", "adam"]}} | tree)
    read_or_refuse(
        tmp_path / "any.yaml", text, mode, [Override(".".join(path), json.dumps(value)) for path, value in overrides]
    )


def test_advice_is_about_keys_that_there_are_none() -> None:
    known = {"a configuration": {row.name for row in ROOT}, "a range": set(FORM_KEYS), "study.stop": {"patience", "value"}}
    known |= {
        section.name: {row.name for row in entry.hyperparameters} for section in SECTIONS if (entry := only_entry(section))
    }
    known |= {entry.name: {row.name for row in entry.hyperparameters} for entry in MODELS.values()}
    assert all(key not in known[owner] for owner, key in ADVICE)


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [("mpl", "mlp", "mlp"), ("epoch", "epochs", "epochs"), ("group", "drop", None), ("tree", "true", "true")],
)
def test_a_hint_is_likely_to_be_the_word(word: str, known: str, found: str | None) -> None:
    assert nearest(word, [known]) == found


@pytest.mark.parametrize("key", ["objective", "constraints"])
def test_a_list_whose_members_are_no_texts_is_refused_where_it_stands(key: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(f"data: iris\noptimizer: {{choose: [sgd]}}\nstudy: {{{key}: [0.9, {{min: 0.9}}]}}\n")
    with pytest.raises(InputError) as refused:
        read(path, mode="tune")
    assert all(f"study.{key}" in complaint for complaint in refused.value.complaints)
