"""Comparisons made up for tests: the protocol's own steps, with results that are given instead of trained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hpt.compare import protocol as steps
from hpt.compare.protocol import Protocol, Run
from hpt.compare.records import RunRecord, SetupRecord
from hpt.compare.session import as_compared
from hpt.compare.setup import ComparisonSetup
from hpt.configuration import config as configuration
from hpt.training.result import TrainingResult

Loss = Callable[[int, Run], float]
"""What a run of a study ends with; inf where it diverges."""

CONSTANT = 2.0
CONFIG = """
data: iris
model: linear
optimizer: {choose: [sgd, adam, rmsprop]}
training: {epochs: 8}
compare: {trials: 8, studies: 12, seeds: 3}
"""


def terms_for(folder: Path, text: str = CONFIG) -> ComparisonSetup:
    """The setup of a configuration, on data of which nothing but the sizes is known."""
    (folder / "made_up.yaml").write_text(text)
    config, _ = as_compared(configuration.read(folder / "made_up.yaml", mode="compare"))
    rows = {"train": 90, "validation": 30, "test": 30}
    recorded = SetupRecord(metric="test_loss", margin=0.04, data="iris", task="classification", rows=rows)
    return ComparisonSetup.of(config, recorded)


def study_of(protocol: Protocol, study: int, loss: Loss) -> list[RunRecord]:
    """The records of one study whose runs end with `loss`."""
    constant = {"validation_loss": CONSTANT, "test_loss": CONSTANT, "validation_accuracy": 0.4, "test_accuracy": 0.4}
    done = [steps.baseline(protocol, study, constant)]
    for name in ("search", "rerun", "test"):
        runs = steps.STEPS[name](protocol, study, done)
        done += [steps.recorded(protocol, study, run, _result(protocol, run, loss(study, run)), 0.01) for run in runs]
    return done


def _result(protocol: Protocol, run: Run, loss: float) -> TrainingResult:
    epochs = protocol.epochs
    diverged = loss == float("inf")
    curve = tuple(loss + 1.0 * (epochs - epoch) / epochs for epoch in range(1, epochs + 1))
    metrics = {
        f"{part}_{name}": value
        for part in ("validation", "test")
        for name, value in (("loss", loss), ("accuracy", 1 / (1 + loss)))
    }
    if run.phase not in ("test", "default"):
        metrics = {name: value for name, value in metrics.items() if not name.startswith("test_")}
    return TrainingResult(
        trial=run.trial,
        epochs=epochs,
        reason="diverged" if diverged else "epochs",
        criterion=None,
        history={"train_loss": curve, "validation_loss": curve, "validation_accuracy": tuple(1 / (1 + x) for x in curve)},
        metrics=metrics,
        weights={},
    )
