"""What a trial costs to draw: `python -m benchmarks.sampling_cost` prints milliseconds of CPU after 200, 1,000 and 10,000 trials.

The trials before are random ones of a formula (`benchmarks/search_quality.py`); a generation has as many trials as in a study. It is the
median of several generations, each learning from the one before; the ratio is that of the last column to the one at 1,000.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import optuna

from benchmarks.search_quality import CHEAP, record
from hpt.configuration.samplers import SAMPLERS
from hpt.evaluate.executors import one_blas_thread
from hpt.search.generation_sizes import GenerationSizes
from hpt.search.sampling import Sampling

DONE = (200, 1000, 10_000)


def cost(name: str, *, gp: bool, done: int, generations: int) -> float:
    """Milliseconds of CPU for each trial that follows `done` ones."""
    task = CHEAP[name](0)
    drawn = Sampling(task.space, "random", "minimize", 0, done).generation(0, done)
    sampling = Sampling(task.space, "tpe", "minimize", 0, 2 * done, {"gp": gp})
    sampling.learn(record(i, at, value) for i, (at, value) in enumerate(zip(drawn, task.values(0, 0, drawn), strict=True)))
    size, spent = GenerationSizes(None, SAMPLERS["tpe"].each).after(done, 10 * done, sampling.each), []
    for first in range(done, done + generations * size, size):
        began = time.process_time()
        drawn = sampling.generation(first, size)
        spent.append((time.process_time() - began) / size)
        values = task.values(0, first, drawn)
        sampling.learn(record(first + i, at, value) for i, (at, value) in enumerate(zip(drawn, values, strict=True)))
    return 1000 * float(np.median(spent))


def main() -> None:
    """Prints a row for each space, by both models and without the Gaussian process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spaces", default="branches,steps,quadratic8")
    parser.add_argument("--generations", type=int, default=9)
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print("| | | " + " | ".join(f"after {done:,}" for done in DONE) + " | ratio |\n" + "| --- " * (3 + len(DONE)) + "|")
    with one_blas_thread():
        for name in options.spaces.split(","):
            for gp in (True, False):
                found = [cost(name, gp=gp, done=done, generations=options.generations) for done in DONE]
                name_of, each = "both" if gp else "tpe alone", " | ".join(f"{one:.2f}" for one in found)
                print(f"| {name} | {name_of} | {each} | {found[-1] / found[-2]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
