"""The commands whose results `python -m benchmarks.same_bits` holds against each other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """A command: its verb, the configuration it reads as `case.yaml`, more flags, and the files it leaves that must be the same.

    exact: byte for byte. records: JSON Lines, but for what is measured in seconds.
    """

    name: str
    verb: str
    config: str
    flags: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


def train(name: str, config: str, *flags: str) -> Case:
    """One run, with the weights it ends with."""
    return Case(name, "train", config, ("--save", "saved", *flags), ("saved/best.npz", "saved/best.yaml"))


def tune(name: str, config: str, jobs: int) -> Case:
    """A study, with its records and the weights of its best trial."""
    files = tuple(f"runs/case/{file}" for file in ("trials.jsonl", "best.npz", "best.yaml"))
    return Case(name, "tune", config, ("--jobs", str(jobs)), files)


DIGITS = "data: digits\nmodel: {hidden: [32, 16]}\n"
CHOICE = """
optimizer:
  choose:
    sgd: {learning_rate: {min: 1e-4, max: 1.0, scale: log}, momentum: {min: 0.5, max: 0.995, scale: reverse_log}}
    adam: default
    rmsprop: default
"""

TRAINED = (
    train("gd, full batch", f"{DIGITS}optimizer: gd\ntraining: {{batch_size: full, epochs: 40}}\n"),
    train("dynamic_gd, linear regression", "data: diabetes\nmodel: linear\noptimizer: dynamic_gd\ntraining: {epochs: 60}\n"),
    train(
        "sgd, momentum, dropout",
        "data: digits\nmodel: {hidden: [48], dropout: 0.3}\noptimizer: {name: sgd, momentum: 0.9}\n",
    ),
    train(
        "adagrad, tanh, clipped by norm",
        f"{DIGITS}optimizer: adagrad\ntraining: {{clip_norm: 0.5, epochs: 12}}\n",
        "--set",
        "model.activation=tanh",
    ),
    train("adadelta, clipped by value", f"{DIGITS}optimizer: adadelta\ntraining: {{clip_value: 0.01, epochs: 12}}\n"),
    train(
        "rmsprop, step, warm-up",
        f"{DIGITS}optimizer: {{name: rmsprop, centered: true}}\ntraining: {{schedule: {{type: step, every: 4, warmup: 0.1}}}}\n",
    ),
    train(
        "adam, cosine, warm-up, decay",
        f"{DIGITS}optimizer: {{name: adam, decay: 0.999}}\ntraining: {{schedule: {{type: cosine, warmup: 0.2}}}}\n",
    ),
    train("amsgrad, float64", f"{DIGITS}optimizer: amsgrad\ntraining: {{dtype: float64, epochs: 10}}\n"),
    train(
        "adamw, best checkpoint",
        f"{DIGITS}optimizer: {{name: adamw, learning_rate: 0.03}}\ntraining: {{checkpoint: best_validation}}\n",
    ),
    train(
        "adamax, regression, huber",
        "data: {source: diabetes, standardize_target: true}\noptimizer: adamax\ntraining: {loss: huber}\n",
    ),
    train("nadam, label smoothing", f"{DIGITS}optimizer: nadam\ntraining: {{label_smoothing: 0.1, epochs: 10}}\n"),
    train("radam, one cycle, test rows", f"{DIGITS}optimizer: radam\ntraining: {{schedule: one_cycle}}\n", "--test"),
    train("lion, patience", f"{DIGITS}optimizer: lion\ntraining: {{epochs: 60, stop: {{patience: 3}}}}\n"),
    train("adabelief, two classes", "data: breast_cancer\noptimizer: adabelief\ntraining: {loss: binary_cross_entropy}\n"),
)
STUDIES = (
    tune("random", f"{DIGITS}{CHOICE}training: {{epochs: 6}}\nstudy: {{trials: 24, population: 8, sampler: random}}\n", 1),
    tune(
        "grid",
        f"{DIGITS}optimizer:\n  choose:\n"
        "    sgd: {learning_rate: {values: [0.01, 0.1]}, nesterov: {values: [true, false]}, momentum: 0.9}\n"
        "    adam: {learning_rate: {values: [1e-3, 1e-2]}}\n"
        "training: {batch_size: {values: [16, 64]}, epochs: 5}\nstudy: {sampler: grid, population: 5}\n",
        2,
    ),
    tune(
        "tpe, halving",
        f"{DIGITS}{CHOICE}training: {{batch_size: {{values: [16, 32, 64]}}, epochs: 9}}\n"
        "study: {trials: 60, population: 12, pruner: {type: halving, eta: 3, min_epochs: 1}}\n",
        2,
    ),
)
COMPARED = Case(
    "sgd, adam",
    "compare",
    "data: iris\nmodel: {hidden: [8]}\noptimizer: {choose: [sgd, adam]}\ntraining: {epochs: 6}\n"
    "compare: {trials: 6, studies: 4, seeds: 2}\n",
    ("--jobs", "2"),
    records=("runs/case-compare/trials.jsonl",),
)
CASES = (*TRAINED, *STUDIES, COMPARED)
