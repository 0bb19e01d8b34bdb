"""Which epoch's weights to keep: `python -m benchmarks.checkpoint` measures both values of training.checkpoint on the bundled data.

For each data set and seed a study with halving is run under each of them; the winner is judged on the test rows, which had no part in
the choice. A ratio below 1 is in favour of best_validation.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

DATA = ("iris", "wine", "breast_cancer", "diabetes", "digits")
CHECKPOINTS = ("last", "best_validation")


def test_loss(data: str, checkpoint: str, seed: int, trials: int, epochs: int) -> float:
    """The test loss of the winner of one study."""
    changes = [f"training.checkpoint={checkpoint}", f"training.epochs={epochs}", "study.pruner=halving"]
    sets = [word for change in changes for word in ("--set", change)]
    with tempfile.TemporaryDirectory() as runs:
        command = [sys.executable, "-m", "hpt", "tune", data, "--test", "--json", "-q", "--runs", runs, "--seed", str(seed)]
        # The words are this file's own.
        ended = subprocess.run(  # noqa: S603
            [*command, "--trials", str(trials), *sets], capture_output=True, text=True, check=True
        )
    return float(json.loads(ended.stdout)["test"]["test_loss"])


def main(seeds: Annotated[int, typer.Option()] = 5, trials: int = 40, epochs: int = 60) -> None:
    """Prints a line a data set: the median test losses, and the geometric mean of their ratio."""
    console = Console()
    ratios = []
    for data in DATA:
        losses = np.array([[test_loss(data, c, seed, trials, epochs) for c in CHECKPOINTS] for seed in range(seeds)])
        ratio = np.log(losses[:, 1] / losses[:, 0])
        ratios.extend(ratio)
        medians = "  ".join(f"{c} {m:.4g}" for c, m in zip(CHECKPOINTS, np.median(losses, axis=0), strict=True))
        console.print(f"{data:14} {medians}  ratio {np.exp(ratio.mean()):.3f}")
    mean, error = np.mean(ratios), np.std(ratios, ddof=1) / np.sqrt(len(ratios))
    low, high = np.exp([mean - 2 * error, mean + 2 * error])
    console.print(f"all            ratio {np.exp(mean):.3f} ({low:.3f} to {high:.3f}, two standard errors)")


if __name__ == "__main__":
    typer.run(main)
