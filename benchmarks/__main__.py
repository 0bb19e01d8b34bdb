"""The project beside its peers: one command, one table.

    python -m benchmarks [ROW …] [--repeat N] [--quick] [--output FILE]

ROW is the name of a row or its first part: W1, R1.1000, start. Without any, everything is measured and `benchmarks/results.md`
is written; that takes about an hour on two cores, which should have nothing else to do: what measures matrix products is
measured on the machine's own BLAS kernel and on that of machines without AVX-512. `python docs/derive.py` takes its figures into
the docs.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.commands import environment
from benchmarks.kernels import Kernel, kernels
from benchmarks.measuring import Benchmark, Effort, Measured, MissingError, pin
from benchmarks.report import document, lines_of, markdown_table
from benchmarks.table import BENCHMARKS, selected

RESULTS = Path(__file__).parent / "results.md"


def measured(benchmark: Benchmark, effort: Effort, kernel: Kernel) -> Measured | str:
    """What `benchmark` measures on `kernel`, in a fresh process on its own cores; a word where it needs what is not there."""
    # Libraries read the number of their threads and choose their kernel when they are loaded.
    os.environ.update(environment())
    with (
        kernel.chosen(),
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=pin, initargs=(benchmark.cores,)) as alone,
    ):
        try:
            return alone.submit(benchmark.measure, effort).result()
        except MissingError as missing:
            return str(missing)


def main(arguments: Sequence[str]) -> int:
    """Measures, prints, writes; 1 where a target is missed, 2 where a row is unknown."""
    parser = argparse.ArgumentParser("benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument(
        "--repeat", type=int, default=9, metavar="N", help="repetitions (9), a third of them where one takes minutes"
    )
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it works")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the page here, whatever was measured")
    chosen = parser.parse_args(arguments)
    try:
        benchmarks = selected(chosen.rows)
    except LookupError as error:
        names = ", ".join(row.name for benchmark in BENCHMARKS for row in benchmark.rows)
        print(f"error: no such row: {error}. Rows: {names}.", file=sys.stderr)
        return 2
    effort = Effort(chosen.repeat, chosen.quick)
    lines, profiles = [], []
    for benchmark in benchmarks:
        for kernel in kernels() if benchmark.products else kernels()[:1]:
            print(", ".join(row.name for row in benchmark.rows), f"on {kernel.name} …", file=sys.stderr, flush=True)
            outcome = measured(benchmark, effort, kernel)
            lines += lines_of(benchmark.rows, outcome, kernel.name)
            if not isinstance(outcome, str) and outcome.profile:
                profiles.append(f"{outcome.profile} ({kernel.name})")
    print(markdown_table(lines))
    for profile in profiles:
        print(profile)
    output = chosen.output or (None if chosen.rows or chosen.quick else RESULTS)
    if output is not None:
        output.write_text(document(lines, profiles, effort.repeat, arguments), encoding="utf-8")
    return int(any(line.verdict == "**missed**" for line in lines) and not effort.quick)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
