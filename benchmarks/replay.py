"""What it costs to cut stacks, without anything else that differs between one job and two.

    python -m benchmarks.replay FILE START STEP

FILE is one that `benchmarks.worker_times` left. Every STEP-th call to train, from START on, is done again in this process: its
stacks whole, as one job has them, and as they were cut. Prints JSON, the CPU seconds of either.
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from hpt.evaluate.executors import one_blas_thread
from hpt.training.cohort import Trials
from hpt.training.loop import advance
from hpt.training.packing import joined
from hpt.training.problem import Problem


def trained(stacks: Sequence[Trials], problem: Problem, until: int) -> float:
    """CPU seconds to train `stacks` up to epoch `until`, one after the other."""
    before = time.process_time()
    for stack in stacks:
        advance(stack, problem, until)
    return time.process_time() - before


def main(file: str, start: str, step: str) -> None:
    """Trains whole and cut in turns, so that both meet the same machine."""
    # Written by our own command a moment ago.
    problems, calls = pickle.loads(Path(file).read_bytes())  # noqa: S301
    problem = problems(None)
    seconds = {"whole": 0.0, "cut": 0.0}
    with one_blas_thread():
        trained(
            [min((piece.trials for piece in calls[0]), key=lambda stack: len(stack.members))], problem, calls[0][0].until
        )
        for turn, cut in enumerate(calls[int(start) :: int(step)]):
            pieces = [piece.trials for piece in cut]
            ways = {"whole": joined(pieces, problem), "cut": pieces}
            for way in sorted(ways, reverse=bool(turn % 2)):
                seconds[way] += trained(ways[way], problem, cut[0].until)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
