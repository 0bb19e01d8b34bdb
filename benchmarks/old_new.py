"""The speed of this checkout over that of another, in turns within one run.

    python -m benchmarks.old_new --old PATH_OF_ANOTHER_CHECKOUT [ROW …] [--repeat N] [--quick]

W1 (32 stacked), W1.alone and W2 on one core in two processes that wait for each other, each with its own checkout; R1.200 as whole
commands of two jobs. On the machine's own BLAS kernel and on that of machines without AVX-512. Takes some eight minutes on
two cores that have nothing else to do; exit code 1 where a median is below the target.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.checkouts import Checkout, pair
from benchmarks.commands import tune
from benchmarks.kernels import kernels
from benchmarks.measuring import Effort, MissingError, Reading, faster, median
from benchmarks.report import number
from benchmarks.workloads import R1, large

TARGET = 0.97
TURNS = """
import sys, time
from benchmarks import workloads
from benchmarks.measuring import pin
from benchmarks.training_rows import stacked
pin(1)
call = stacked(workloads.{workload}(quick={quick}), {members})
call()
print("ready", flush=True)
for _ in sys.stdin:
    started = time.process_time()
    for _ in range({calls}):
        call()
    print((time.process_time() - started) / {calls}, flush=True)
"""
"""A process that trains a workload when a line comes in, and answers with the CPU seconds: of one thread that never waits they are
the wall seconds, without what other processes took."""


@dataclass(frozen=True, slots=True)
class Row:
    """name: as in `python -m benchmarks`. measure: seconds of old and new, a pair a turn."""

    name: str
    measure: Callable[[Sequence[Checkout], Effort], tuple[list[float], list[float]]]


def training(
    workload: str, members: int, calls: int
) -> Callable[[Sequence[Checkout], Effort], tuple[list[float], list[float]]]:
    """Measures a stack of `members`; `calls` runs a turn, so that a turn is longer than what disturbs it."""

    def measure(checkouts: Sequence[Checkout], effort: Effort) -> tuple[list[float], list[float]]:
        source = TURNS.format(workload=workload, members=members, quick=effort.quick, calls=effort.size(calls, 1))
        with trainers(checkouts, source) as turns:
            return in_turns(turns, effort.repeat)

    return measure


@contextmanager
def trainers(checkouts: Sequence[Checkout], source: str) -> Iterator[list[Callable[[int], float]]]:
    """A process for each checkout that runs `source`, as a function of the turn that gives the seconds it took."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    processes = [checkout.start("-c", source, folder=checkout.root, **pipes) for checkout in checkouts]

    def turn(process: subprocess.Popen[str]) -> Callable[[int], float]:
        def seconds(_: int) -> float:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n")
            process.stdin.flush()
            return float(process.stdout.readline())

        return seconds

    try:
        for checkout, process in zip(checkouts, processes, strict=True):
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                raise RuntimeError(f"the workload does not run in {checkout.root}")
        yield [turn(process) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def large_training(checkouts: Sequence[Checkout], effort: Effort) -> tuple[list[float], list[float]]:
    """W2, 8 stacked. Raises MissingError without its data."""
    large(quick=effort.quick)
    return training("large", 8, 1)(checkouts, effort)


def few(checkouts: Sequence[Checkout], effort: Effort) -> tuple[list[float], list[float]]:
    """R1 with 200 trials and two jobs, start-up included, by another seed each turn."""
    trials = effort.size(200, 8)

    def turn(checkout: Checkout) -> Callable[[int], float]:
        def seconds(seed: int) -> float:
            with tempfile.TemporaryDirectory() as name:
                arguments = tune(R1, Path(name), trials, 2, {"seed": seed})
                started = time.perf_counter()
                code, _ = checkout.hpt(*arguments, folder=Path(name))
                if code:
                    raise RuntimeError(f"hpt tune of {checkout.root} ended with exit code {code}")
                return time.perf_counter() - started

        return seconds

    return in_turns([turn(checkout) for checkout in checkouts], effort.repeat)


def in_turns(turns: Sequence[Callable[[int], float]], repeat: int) -> tuple[list[float], list[float]]:
    """Seconds of the two calls, `repeat` times one after the other, after one that does not count."""
    for call in turns:
        call(0)
    both = [[call(number) for call in turns] for number in range(1, repeat + 1)]
    old, new = zip(*both, strict=True)
    return list(old), list(new)


ROWS = (
    Row("W1", training("small", 32, 2)),
    Row("W1.alone", training("small", 1, 10)),
    Row("W2", large_training),
    Row("R1.200", few),
)


def line(kernel: str, row: Row, reading: Reading) -> str:
    """A row of the table: the ratio's median and spread, the milliseconds of both sides, whether it is fast enough."""
    ratio = median(reading.values)
    spread = f"{number(min(reading.values))} … {number(max(reading.values))}"
    sides = [f"{number(median(side))} {reading.unit}" for side in (reading.theirs, reading.ours)]
    verdict = "met" if ratio >= TARGET else "**missed**"
    return f"| {' | '.join((kernel, row.name, f'{number(ratio)} ×', spread, *sides, f'≥ {TARGET} ×', verdict))} |"


def main(arguments: Sequence[str]) -> int:
    """Measures, prints; 1 where a target is missed, 2 where there is nothing to measure."""
    parser = argparse.ArgumentParser(
        "benchmarks.old_new", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", choices=[[], *(row.name for row in ROWS)])
    parser.add_argument("--old", type=Path, required=True, metavar="PATH", help="another checkout of this project")
    parser.add_argument("--repeat", type=int, default=15, metavar="N", help="turns (15)")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it works")
    chosen = parser.parse_args(arguments)
    try:
        checkouts = pair(chosen.old)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    effort = Effort(chosen.repeat, chosen.quick)
    missed = False
    print("| kernel | row | new over old | spread | old | new | target | |\n|" + " --- |" * 8, flush=True)
    for kernel in kernels():
        for row in ROWS:
            if chosen.rows and row.name not in chosen.rows:
                continue
            try:
                with kernel.chosen():
                    old, new = row.measure(checkouts, effort)
            except MissingError as missing:
                print(f"| {kernel.name} | {row.name} | | | | | | skipped: {missing} |", flush=True)
                continue
            reading = faster(new, old, "ms", 1e3)
            print(line(kernel.name, row, reading), flush=True)
            missed |= median(reading.values) < TARGET
    return int(missed and not effort.quick)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
