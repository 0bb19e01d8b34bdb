"""Studies on a cluster of processes on this machine: with faults, against a pool, and simulated for many workers.

    python -m benchmarks.cluster faults [--studies 30] [--seed 1] [--at-once 1]
    python -m benchmarks.cluster speed [--workers 4] [--jobs 2] [--turns 5]
    python -m benchmarks.cluster idle [--workers 4]
    python -m benchmarks.cluster coordinator [--trials 4000] [--workers 1000]
    python -m benchmarks.cluster simulate

faults: studies and comparisons meet faults at random moments (a worker killed, a worker stopped, a machine killed, the scheduler
killed, the study itself killed and resumed), and each record is held against that of the same study with one job; says how many
were wrong and how many trials were lost. speed: wall and CPU seconds of a study whose trials take a second, on a pool and on a
cluster, in turns. idle: CPU time of a cluster that waits. coordinator: CPU seconds to draw and to pack a generation, and the bytes
that come back. simulate: the share of worker time spent training, by workers and trials a generation, with backup copies and
without.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.cluster_coordinator import coordinator
from benchmarks.cluster_faults import faults
from benchmarks.cluster_faults import table as fault_table
from benchmarks.cluster_simulation import table
from benchmarks.cluster_speed import idle, speed


def main(arguments: list[str]) -> int:
    """0 where nothing was wrong."""
    parser = argparse.ArgumentParser(
        "benchmarks.cluster", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("faults", "speed", "idle", "coordinator", "simulate"))
    parser.add_argument("--studies", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=1, help="studies, for faults: each on a cluster of its own")
    parser.add_argument("--workers", type=int, help="an even number; 4, for coordinator 1000")
    parser.add_argument("--trials", type=int, default=4000, help="a generation, for coordinator")
    parser.add_argument("--jobs", type=int, default=2, help="of the pool")
    parser.add_argument("--turns", type=int, default=5)
    chosen = parser.parse_args(arguments)
    if chosen.what == "simulate":
        print(table(chosen.seed))
        return 0
    if chosen.what == "coordinator":
        return coordinator(chosen.trials, chosen.workers or 1000)
    with tempfile.TemporaryDirectory() as folder:
        if chosen.what == "speed":
            return speed(Path(folder), chosen.workers or 4, chosen.jobs, chosen.turns)
        if chosen.what == "idle":
            return idle(Path(folder), chosen.workers or 4)
        found = faults(Path(folder), chosen.studies, chosen.seed, chosen.at_once)
    print(fault_table(found))
    return int(any(of.wrong or of.lost for of in found.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
