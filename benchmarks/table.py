"""The table of everything that is measured. Targets are those the project set itself before it was fast."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks import command_rows, study_rows, training_rows
from benchmarks.measuring import Benchmark, Row

BENCHMARKS = (
    Benchmark(
        training_rows.small_beside_torch,
        (
            Row("W1.torch", "small network, 32 stacked, against PyTorch eager", 30, 40),
            Row("W1.alone", "the same, one trial alone", 7, 8),
        ),
        products=True,
    ),
    Benchmark(
        training_rows.small_beside_sklearn,
        (Row("W1.sklearn", "small network, against scikit-learn", 14, 20),),
        products=True,
    ),
    Benchmark(
        training_rows.small_beside_jax,
        (
            Row("W1.jax", "small network, against JAX vmap, warm", 0.95, 1.2),
            Row("W1.jax.compiling", "the same, with its compilation", 8),
        ),
        products=True,
    ),
    Benchmark(
        training_rows.large_beside_torch,
        (
            Row("W2.torch", "large network, 8 stacked, against PyTorch eager", 1.3, 1.6),
            Row("W2.alone", "the same, one trial alone"),
        ),
        products=True,
    ),
    Benchmark(
        study_rows.many,
        (
            Row("R1.1000", "study of 1,000 trials, 2 jobs, against Optuna + PyTorch on both cores", 20, 30),
            Row("R1.outside", "share of its wall time outside training", 25, 10, "%", "less"),
        ),
        cores=2,
        products=True,
    ),
    Benchmark(study_rows.few, (Row("R1.200", "study of 200 trials, likewise"),), cores=2, products=True),
    Benchmark(
        study_rows.time_to_target,
        (Row("R1.target", "one core, until validation loss 0.10, against Optuna + PyTorch, 10 seeds"),),
        products=True,
    ),
    Benchmark(study_rows.growth, (Row("R2.growth", "cost of a trial at 10,000 trials over 1,000", 1.5, 1.1, "×", "less"),)),
    Benchmark(
        study_rows.search,
        (Row("search", "lower end of the difference in best value to sequential TPE, 10 seeds", 0, None, "", "less"),),
    ),
    Benchmark(
        study_rows.jobs,
        (Row("jobs", "2 jobs, training, against two independent processes", 0.9, 0.97),),
        cores=2,
    ),
    Benchmark(
        training_rows.mixed,
        (
            Row("mixed.8", "three rules in a stack of 8, over stacks of one rule each", unit="×", better="less"),
            Row("mixed.16", "the same, 16 stacked", unit="×", better="less"),
            Row("mixed.32", "the same, 32 stacked", 1.15, 1.05, "×", "less"),
        ),
    ),
    Benchmark(command_rows.memory, (Row("memory", "peak memory of 32 × W1, whole command", 200, None, "MB", "less"),)),
    Benchmark(
        command_rows.help_page,
        (Row("start.help", "hpt --help, over a bare Typer application", 1.2, None, "×", "less"),),
    ),
    Benchmark(
        command_rows.everyday,
        (
            Row("start.train", "hpt train configs/line.yaml", 1, 0.5, "s", "less"),
            Row("start.show", "hpt show", 1, 0.5, "s", "less"),
        ),
    ),
)


def selected(words: Sequence[str]) -> list[Benchmark]:
    """The benchmarks with a row that one of `words` names, whole or up to a dot; all of them without words.

    Raises LookupError with the words that name nothing.
    """

    def named(row: Row, word: str) -> bool:
        return f"{row.name}.".lower().startswith(f"{word}.".lower())

    unknown = [word for word in words if not any(named(row, word) for benchmark in BENCHMARKS for row in benchmark.rows)]
    if unknown:
        raise LookupError(", ".join(unknown))
    return [b for b in BENCHMARKS if not words or any(named(row, word) for row in b.rows for word in words)]
