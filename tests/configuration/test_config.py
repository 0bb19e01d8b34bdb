"""From files to configurations: short forms, defaults, overrides, modes, and the files written back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from hpt.configuration.checks import default_name, valid_name
from hpt.configuration.compare_options import COMPARE
from hpt.configuration.config import Config, read
from hpt.configuration.draft import Mode
from hpt.configuration.options import PRUNERS, STUDY
from hpt.configuration.resolution import Override
from hpt.data.options import DATA
from hpt.foundation.catalogue import Range, Values
from hpt.foundation.errors import InputError
from hpt.models import MODELS
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.numerics.schedules import SCHEDULES
from hpt.training.options import TRAINING
from hpt.yaml.tree import dump

CONFIGS = Path(__file__).parents[2] / "configs"


class Folder:
    """Reads texts as files of one folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, text: str, mode: Mode = "lr-find", name: str = "run.yaml", **overrides: str) -> Config:
        (self.path / name).write_text(text)
        return read(self.path / name, mode=mode, overrides=[Override(k.replace("__", "."), v) for k, v in overrides.items()])


@pytest.fixture
def config(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def branch(read_config: Config, label: str) -> Any:
    return read_config.space.branches[label]


def test_shortest_file(config: Folder) -> None:
    short = config("data: digits\noptimizer: {choose: [sgd, adam]}\n", "tune")
    assert (short.name, short.name_given, short.seed, short.trial) == ("run", False, 0, 0)
    assert short.data == {row.name: row.default for row in DATA} | {"source": "digits"}
    assert short.compare == {row.name: row.default for row in COMPARE}
    assert short.study["objective"] == "validation_loss"
    assert short.study["population"] == "auto"
    assert short.study["pruner"] == {"type": "none"}
    assert short.space.model == {"type": "mlp"} | MODELS["mlp"].defaults()
    assert set(short.space.training) == {row.name for row in TRAINING}
    assert short.space.training["stop"] == {}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_default_is_the_catalogues_search(config: Folder, name: str) -> None:
    row = OPTIMIZERS[name]
    expected = {"name": name, **{h.name: h.default if h.search is None else h.search for h in row.hyperparameters}}
    for text in (
        f"[{name}]",
        f"{{{name}: default}}",
        f"[{name.upper()}]",
        f"{{any: {{name: {name}}}, {name}: default}}",
    ):
        assert branch(config(f"data: digits\noptimizer: {{choose: {text}}}\n"), name) == expected
    constants = config(f"data: digits\noptimizer: {name.title()}\n", "train").space.constants().optimizer
    assert constants == {"name": name} | row.defaults()


def test_a_branch_searches_what_it_writes(config: Folder) -> None:
    branches = "{adam: {learning_rate: {min: 1, max: 10}}, plain: {name: Adam, bias_correction: false}}"
    text = f"data: digits\noptimizer: {{choose: {branches}}}\n"
    space = config(text).space
    assert space.branches["adam"] == {"name": "adam"} | OPTIMIZERS["adam"].defaults() | {"learning_rate": Range(1.0, 10.0)}
    assert isinstance(space.branches["adam"]["learning_rate"].min, float)
    assert space.branches["plain"]["bias_correction"] is False
    assert space.paths() == ("optimizer", "optimizer.adam.learning_rate")


def test_types_are_the_catalogues(config: Folder) -> None:
    text = """
data: {source: iris, target: 5, test: 0}
optimizer: {name: sgd, momentum: 0, learning_rate: 1}
training: {epochs: 1e1, batch_size: {min: 16.0, max: 32}, clip_norm: none, clip_value: {values: [null, 1]}}
"""
    found = config(text)
    assert found.data["target"] == "5"
    assert repr(found.data["test"]) == "0.0"
    assert repr(found.space.branches["sgd"]["learning_rate"]) == "1.0"
    assert repr(found.space.training["epochs"]) == "10"
    assert repr(found.space.training["batch_size"]) == repr(Range(16, 32))
    assert found.space.training["clip_norm"] is None
    assert repr(found.space.training["clip_value"]) == repr(Values((None, 1.0)))


@pytest.mark.parametrize("text", ["pruner: halving", "pruner: {type: halving}", "pruner: {type: Halving, eta: 3}"])
def test_short_form_of_a_row(config: Folder, text: str) -> None:
    assert config(f"data: digits\noptimizer: adam\nstudy:\n  {text}\n").study["pruner"] == {
        "type": "halving",
        "eta": 3,
        "min_epochs": 1,
    }


def test_stop_holds_the_criteria_in_force(config: Folder) -> None:
    text = "data: digits\noptimizer: adam\ntraining: {stop: {patience: 3, train_loss_below: null}}\n"
    assert config(text).space.training["stop"] == {"patience": 3}


def test_without_validation_the_objective_is_the_training_loss(config: Folder) -> None:
    assert config("data: {source: line, validation: 0}\noptimizer: gd\n").study["objective"] == "train_loss"


def test_trial_belongs_to_train(config: Folder) -> None:
    text = "data: digits\noptimizer: {choose: [sgd]}\ntrial: 5\n"
    assert config(text, "tune").trial == 0
    assert config("data: digits\noptimizer: adam\ntrial: 5\n", "train").trial == 5


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("digits", True), ("a.b_c-1", True), ("x" * 64, True), ("-a", True), ("console", True), ("", False),
        (".a", False), ("..", False), ("a/b", False), ("x" * 65, False), ("nul", False), ("LPT1", False), ("a\n", False),
        ("aux.csv", False),
    ],
)  # fmt: skip
def test_run_names(name: str, *, valid: bool) -> None:
    assert valid_name(name) is valid
    assert valid_name(default_name(name))


def test_name_of_the_file(config: Folder) -> None:
    text = "data: digits\noptimizer: adam\n"
    assert config(text, name="my run (1).yaml").name == "my-run-1"
    named = config(text + "name: other\n")
    assert (named.name, named.name_given) == ("other", True)


DIGITS = """
data: digits
optimizer:
  choose:
    sgd: default
    Adam: {learning_rate: {min: 1e-5, max: 9, scale: log}, betas: [{min: 0.8, max: 0.9}, 0.99]}
study: {pruner: halving}
"""


@pytest.mark.parametrize(
    ("path", "value", "get", "expected"),
    [
        ("seed", "7", lambda c: c.seed, 7),
        ("name", "x", lambda c: (c.name, c.name_given), ("x", True)),
        ("data.validation", ".1", lambda c: c.data["validation"], 0.1),
        ("data", "iris", lambda c: c.data["source"], "iris"),
        ("training.epochs", "3", lambda c: c.space.training["epochs"], 3),
        ("training.stop.patience", "3", lambda c: c.space.training["stop"], {"patience": 3}),
        ("training", "{epochs: 4}", lambda c: c.space.training["epochs"], 4),
        ("study.pruner.eta", "4", lambda c: c.study["pruner"], {"type": "halving", "eta": 4, "min_epochs": 1}),
        ("model.hidden.0", "5", lambda c: c.space.model["hidden"], (5,)),
        ("model", "linear", lambda c: c.space.model, {"type": "linear", "init": "zeros"}),
        ("optimizer.adam.learning_rate", "1e-3", lambda c: branch(c, "adam")["learning_rate"], 1e-3),
        ("optimizer.choose.Adam.learning_rate", "1e-3", lambda c: branch(c, "adam")["learning_rate"], 1e-3),
        ("optimizer.choose.adam.learning_rate.min", "1", lambda c: branch(c, "adam")["learning_rate"].min, 1.0),
        ("optimizer.adam.betas.1", "0.5", lambda c: branch(c, "adam")["betas"], (Range(0.8, 0.9), 0.5)),
        ("optimizer.adam.betas.0.max", "0.85", lambda c: branch(c, "adam")["betas"], (Range(0.8, 0.85), 0.99)),
        ("optimizer.sgd.momentum", "0.9", lambda c: branch(c, "sgd")["momentum"], 0.9),
        ("optimizer.sgd.momentum", "0.9", lambda c: branch(c, "sgd")["learning_rate"], Range(1e-4, 5.0, "log")),
        ("optimizer.choose.rmsprop", "default", lambda c: tuple(c.space.branches), ("sgd", "adam", "rmsprop")),
        ("optimizer.choose", "[gd, sgd]", lambda c: tuple(c.space.branches), ("gd", "sgd")),
        ("optimizer", "adam", lambda c: (tuple(c.space.branches), c.space.chosen), (("adam",), False)),
    ],
)  # fmt: skip
def test_override(tmp_path: Path, path: str, value: str, get: Any, expected: Any) -> None:
    (tmp_path / "digits.yaml").write_text(DIGITS)
    assert get(read(tmp_path / "digits.yaml", mode="lr-find", overrides=[Override(path, value)])) == expected


def test_overrides_write_short_forms_out(tmp_path: Path) -> None:
    path = tmp_path / "short.yaml"
    path.write_text("data: digits\noptimizer: Adam\n")
    overrides = [
        Override("data.test", "0"),
        Override("optimizer.betas.0", "0.8"),
        Override("optimizer.learning_rate", "0.5"),
        Override("seed", "1"),
        Override("seed", "2"),
    ]
    found = read(path, mode="train", overrides=overrides)
    assert (found.data["source"], found.data["test"], found.seed) == ("digits", 0.0, 2)
    assert found.space.constants().optimizer == {"name": "adam"} | OPTIMIZERS["adam"].defaults() | {
        "betas": (0.8, 0.999),
        "learning_rate": 0.5,
    }
    path.write_text("data: digits\noptimizer: {choose: [sgd, adam]}\n")
    chosen = read(
        path,
        mode="tune",
        overrides=[Override("optimizer.adam.betas.1", "0.5"), Override("optimizer.choose.sgd.learning_rate", "0.1")],
    )
    assert branch(chosen, "adam")["betas"] == (Range(0.5, 0.99, "reverse_log"), 0.5)
    assert branch(chosen, "sgd")["learning_rate"] == 0.1


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (
            "training.epoch",
            "3",
            "--set training.epoch: training.epoch: expected a key of training, found epoch. Did you mean epochs?",
        ),
        (
            "trainig.epochs",
            "3",
            "--set trainig.epochs: trainig: expected a key of a configuration, found trainig. Did you mean training?",
        ),
        (
            "training.epochs",
            "0",
            "--set training.epochs: training.epochs: expected an integer of at least 1, found 0. Try 20.",
        ),
        ("training.epochs", "[1", "--set training.epochs: training.epochs: expected valid YAML"),
        (
            "training.epochs",
            "",
            "--set training.epochs: training.epochs: expected an integer of at least 1, found nothing",
        ),
        ("training.epochs", ".inf", "--set training.epochs: training.epochs: expected a finite number"),
        ("seed.a", "1", "--set seed.a: expected a key with a mapping before .a, found 1."),
        ("model.hidden.7", "1", "--set model.hidden.7: expected the number of a list member, 0 to 0, found 7."),
        (
            "optimizer.lion.learning_rate",
            "1",
            "--set optimizer.lion.learning_rate: optimizer.lion: expected a branch of choose: sgd, adam, found lion",
        ),
        ("data.source", "nope.csv", "--set data.source: data.source: expected a file, found none"),
        ("a..b", "1", "--set a..b: expected a dotted path"),
        ("a." * 60 + "b", "1", "--set a.a.a"),
        ("", "1", "--set : expected a dotted path"),
    ],
)
def test_bad_override(tmp_path: Path, path: str, value: str, problem: str) -> None:
    file = tmp_path / "run.yaml"
    file.write_text("data: digits\nseed: 1\noptimizer: {choose: [sgd, adam]}\n")
    with pytest.raises(InputError) as error:
        read(file, mode="tune", overrides=[Override(path, value)])
    assert error.value.complaints[0].startswith(problem)


@pytest.mark.parametrize("none", ["none", "null"])
def test_an_override_goes_below_none(config: Folder, none: str) -> None:
    found = config(
        f"data: digits\noptimizer: adam\ntraining: {{schedule: {none}}}\n", "train", training__schedule__type="step"
    )
    assert found.space.training["schedule"] == {"type": "step", **SCHEDULES["step"].defaults()}


def test_a_flag_is_named_as_it_was_given(tmp_path: Path) -> None:
    file = tmp_path / "run.yaml"
    file.write_text("data: digits\noptimizer: adam\n")
    with pytest.raises(InputError) as error:
        read(file, mode="tune", overrides=[Override("study.trials", "0", "--trials")])
    assert error.value.complaints[0].startswith("--trials: study.trials: expected")


def every_configuration() -> list[tuple[str, Mode]]:
    return [("digits", "tune"), ("smoke", "tune"), ("smoke", "compare"), ("line", "train")]


@pytest.mark.parametrize(("name", "mode"), every_configuration())
def test_resolved_file_is_the_same_configuration(tmp_path: Path, name: str, mode: Mode) -> None:
    first = read(CONFIGS / f"{name}.yaml", mode=mode)
    text = dump(first.resolved())
    (tmp_path / "config.yaml").write_text(text)
    second = read(tmp_path / "config.yaml", mode=mode)
    assert second == first
    assert repr(second.space) == repr(first.space)
    assert dump(second.resolved()) == text
    assert yaml.safe_load(text) == first.resolved()
    assert second.name_given


def test_every_shipped_configuration_is_read() -> None:
    named = {name for name, _ in every_configuration()}
    assert named <= {path.stem for path in CONFIGS.glob("*.yaml")}


def test_resolved_keeps_variants_and_values(config: Folder, tmp_path: Path) -> None:
    text = """
data: digits
optimizer: {choose: {adam: default, plain: {name: adam, bias_correction: false}}}
model: {hidden: {values: [[64, 32], [], [8]]}}
training: {clip_norm: {values: [none, 1]}, batch_size: full, schedule: {values: [none, constant]}, stop: {patience: 2}}
"""
    first = config(text)
    assert config(dump(first.resolved()), name="again.yaml").space == first.space
    assert first.space.model["hidden"] == Values(((64, 32), (), (8,)))
    assert first.space.training["schedule"] == Values((None, {"type": "constant"} | SCHEDULES["constant"].defaults()))


def test_winner_is_one_branch_of_constants(config: Folder) -> None:
    found = config(DIGITS, "tune")
    parameters = {"optimizer": "adam", "optimizer.adam.learning_rate": 0.25, "optimizer.adam.betas.0": 0.875}
    winner = found.winner(parameters, 3)
    assert winner["trial"] == 3
    assert winner["optimizer"] == {
        "name": "adam",
        **OPTIMIZERS["adam"].defaults(),
        "learning_rate": 0.25,
        "betas": [0.875, 0.99],
    }
    assert set(winner) == {*found.resolved(), "trial"}


def test_data_paths_follow_the_file(tmp_path: Path) -> None:
    for folder in ("data", "runs/r"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("a.csv", "b.csv"):
        (tmp_path / "data" / name).write_text("x,y\n1,2\n")
    path = tmp_path / "run.yaml"
    path.write_text("data: {source: data/a.csv, test_source: data/b.csv, split: fixed}\noptimizer: {choose: [sgd]}\n")
    found = read(path, mode="tune")
    moved = found.resolved(at=tmp_path / "runs" / "r")["data"]
    assert (moved["source"], moved["test_source"]) == ("../../data/a.csv", "../../data/b.csv")
    (tmp_path / "runs/r/config.yaml").write_text(dump(found.resolved(at=tmp_path / "runs" / "r")))
    again = read(tmp_path / "runs/r/config.yaml", mode="tune")
    assert (again.folder / again.data["source"]).samefile(tmp_path / "data/a.csv")
    assert found.resolved()["data"]["source"] == "data/a.csv"


@pytest.mark.parametrize(
    ("mode", "names"),
    [
        ("tune", ["sgd", "adagrad", "rmsprop", "adam"]),
        ("compare", ["gd", "sgd", "adagrad", "rmsprop", "adam"]),
        ("train", ["adam"]),
        ("lr-find", ["adam"]),
    ],
)
def test_a_data_file_is_a_configuration(tmp_path: Path, mode: Mode, names: list[str]) -> None:
    path = tmp_path / "wine data.csv"
    path.write_text("x,quality\n1,2\n")
    found = read(path, mode=mode, overrides=[Override("data.target", "quality")])
    assert list(found.space.branches) == names
    assert (found.name, found.name_given, found.folder) == ("wine-data", False, tmp_path)
    assert (found.data["source"], found.data["target"]) == ("wine data.csv", "quality")
    searched = {dimension.path for name in names for dimension in found.space.dimensions(name)}
    assert ("model.hidden" in searched) == (mode == "tune")
    assert found.space.training["epochs"] == (60 if mode == "tune" else 20)


def test_what_is_said_goes_over_the_default_search_of_a_data_file(tmp_path: Path) -> None:
    path = tmp_path / "wine.csv"
    path.write_text("x,quality\n1,2\n")
    said = {"model.type": "linear", "training.batch_size": "{values: [16, 32]}", "training.epochs": "5"}
    found = read(path, mode="tune", overrides=[Override(*pair) for pair in said.items()])
    assert found.resolved()["model"]["type"] == "linear"
    assert found.space.training["epochs"] == 5
    assert "model.hidden" not in {dimension.path for dimension in found.space.dimensions("sgd")}


@pytest.mark.parametrize(
    ("task", "text", "paths"),
    [
        ("regression", "study: {objective: validation_accuracy}", ["study.objective"]),
        ("classification", "study: {objective: validation_rmse}", ["study.objective"]),
        (
            "regression",
            "training: {stop: {validation_accuracy_above: 0.9}}",
            ["training.stop.validation_accuracy_above"],
        ),
        (
            "regression",
            "training: {loss: cross_entropy, label_smoothing: 0.1}",
            ["training.loss", "training.label_smoothing"],
        ),
        (
            "classification",
            "training: {loss: cross_entropy, label_smoothing: 0.1, stop: {train_loss_below: 1, gradient_norm_below: 1}}",
            [],
        ),
        ("regression", "training: {loss: mse, stop: {validation_loss_below: 1, patience: 2}}", []),
    ],
)
def test_what_does_not_go_with_the_task(config: Folder, task: str, text: str, paths: list[str]) -> None:
    found = config(f"data: digits\noptimizer: adam\n{text}\n", "train")
    problems: tuple[str, ...] = ()
    try:
        found.check_classes(3 if task == "classification" else 0)
    except InputError as error:
        problems = error.complaints
    assert [problem.split(": ")[1] for problem in problems] == paths
    assert all(problem.split(": ")[0].endswith("run.yaml:3") for problem in problems)


@pytest.mark.parametrize(
    ("epochs", "options", "rungs"),
    [(20, {"eta": 3, "min_epochs": 2}, (2, 6, 18)), (9, {"eta": 3, "min_epochs": 1}, (1, 3))],
)
def test_rungs(epochs: int, options: dict[str, int], rungs: tuple[int, ...]) -> None:
    assert PRUNERS["halving"].function(epochs, **options) == rungs
    assert PRUNERS["none"].function(epochs) == ()


@pytest.mark.parametrize("row", [*STUDY, *COMPARE], ids=lambda row: row.name)
def test_study_and_compare_hold_constants(row: Any) -> None:
    assert row.scope == "never"


def test_reading_a_configuration_imports_no_optuna() -> None:
    code = (
        "import sys; from pathlib import Path; from hpt.configuration.config import read; "
        f"read(Path({str(CONFIGS / 'line.yaml')!r}), mode='train').space.constants(); sys.exit('optuna' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=CONFIGS.parent).returncode == 0


def test_modes_are_the_commands() -> None:
    assert get_args(Mode) == ("train", "tune", "compare", "lr-find")
