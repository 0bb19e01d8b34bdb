"""Studies on a cluster of processes on this machine: with faults, against a pool, and simulated for many workers.

    python -m benchmarks.cluster faults [--studies 30] [--seed 1]
    python -m benchmarks.cluster speed [--workers 2]
    python -m benchmarks.cluster simulate

faults: each study meets faults at random moments (a worker killed, a worker stopped, a machine killed, the scheduler killed, the
study itself killed and resumed), and its record is held against that of the same study with one job; says how many were wrong and
how many trials were lost. speed: wall seconds of a study whose trials take a second, on a pool and on a cluster of as many
workers. simulate: the share of worker time spent training, by workers and trials a generation, with backup copies and without.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.cluster_simulation import table
from hpt.foundation.errors import REFUSED

STUDY = """
data: digits
seed: {seed}
model: {{hidden: [32]}}
optimizer: {{choose: [sgd, adam]}}
training: {{epochs: 9, batch_size: {{values: [16, 32]}}}}
study: {{trials: 24, population: 8, pruner: {pruner}}}
"""
SECONDS_A_TRIAL = """
data: digits
model: {hidden: [64, 64]}
optimizer: {choose: [sgd, adam]}
training: {epochs: 60, batch_size: 16}
study: {trials: 24, population: 12}
"""
DEADLINE = 240.0


class Machines:
    """A scheduler and workers, started again when a fault has ended them. jobs: worker processes of each of two `hpt worker`."""

    def __init__(self, folder: Path, jobs: int) -> None:
        self.folder = folder
        self.file = folder / "s.json"
        self.jobs = jobs
        self.start()

    def start(self) -> None:
        """All of it anew."""
        self.file.unlink(missing_ok=True)
        self.scheduler = hpt(self.folder, "scheduler", self.file, "--port", 0)
        until(self.file.exists)
        self.workers = [self.machine(), self.machine()]

    def machine(self) -> subprocess.Popen[bytes]:
        """One more `hpt worker`."""
        return hpt(self.folder, "worker", self.file, "--jobs", self.jobs)

    def processes(self) -> list[int]:
        """The processes that train."""
        parents = {machine.pid for machine in self.workers}
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(status.read_text().rpartition(")")[2].split()[1])
                spawned = b"spawn_main" in (status.parent / "cmdline").read_bytes()
            except OSError:
                continue
            if parent in parents and spawned:
                found.append(int(status.parent.name))
        return found

    def close(self) -> None:
        """Ends it."""
        for process in (self.scheduler, *self.workers):
            process.kill()
            process.wait()


def hpt(folder: Path, *arguments: object) -> subprocess.Popen[bytes]:
    """The command, started."""
    with (folder / "log").open("ab") as log:
        # The command under test, with what is written above.
        return subprocess.Popen([sys.executable, "-m", "hpt", *map(str, arguments)], cwd=folder, stdout=log, stderr=log)  # noqa: S603


def until(holds: Callable[[], object], seconds: float = 60.0) -> None:
    """Waits until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)


def kill_worker(machines: Machines, chance: random.Random) -> None:
    """One process that trains; what watches it starts another."""
    if processes := machines.processes():
        _signal(chance.choice(processes), signal.SIGKILL)


def stop_worker(machines: Machines, chance: random.Random) -> None:
    """One process that trains stands still for some seconds."""
    if processes := machines.processes():
        stopped = chance.choice(processes)
        _signal(stopped, signal.SIGSTOP)
        time.sleep(chance.uniform(0.5, 4.0))
        _signal(stopped, signal.SIGCONT)


def kill_machine(machines: Machines, chance: random.Random) -> None:
    """All workers of a machine at once; another comes in its place."""
    lost = machines.workers.pop(chance.randrange(len(machines.workers)))
    lost.kill()
    lost.wait()
    machines.workers.append(machines.machine())


def kill_scheduler(machines: Machines, chance: random.Random) -> None:
    """The scheduler, and with it its workers; all is started again."""
    machines.scheduler.kill()
    machines.scheduler.wait()
    for machine in machines.workers:
        machine.wait(60)
    machines.start()


FAULTS = (kill_worker, stop_worker, kill_machine, kill_scheduler)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def faulty_study(machines: Machines, name: str, config: str, chance: random.Random) -> list[str]:
    """Runs a study while faults come at random moments; their names."""
    arguments = ("tune", config, "--cluster", machines.file, "--name", name, "--quiet")
    study, met = hpt(machines.folder, *arguments), []
    end = time.monotonic() + DEADLINE
    due = time.monotonic() + chance.uniform(0.5, 5.0)
    while (code := study.poll()) != 0:
        if code == REFUSED:  # it began while there was no scheduler: what a user would do
            time.sleep(1)
            study = hpt(machines.folder, *arguments, "--resume")
        elif code is not None:
            raise RuntimeError(f"{name} met {met} and ended with {code}: {(machines.folder / 'log').read_text()[-2000:]}")
        if time.monotonic() > end:
            study.kill()
            raise TimeoutError(f"{name} met {met} and did not end")
        if time.monotonic() > due and len(met) < 4:
            due = time.monotonic() + chance.uniform(0.5, 5.0)
            if chance.random() < 0.2:
                met.append("kill_study")
                study.kill()
                study.wait()
                study = hpt(machines.folder, *arguments, "--resume")
            else:
                fault = chance.choice(FAULTS)
                met.append(fault.__name__)
                fault(machines, chance)
        time.sleep(0.02)
    return met


def faults(folder: Path, studies: int, seed: int) -> int:
    """How many studies were wrong or lost a trial, said as they come."""
    chance = random.Random(seed)
    machines = Machines(folder, 2)
    wrong, lost, met = 0, 0, 0
    try:
        for number in range(studies):
            (folder / "study.yaml").write_text(STUDY.format(seed=number, pruner=chance.choice(("none", "halving"))))
            hpt(folder, "tune", "study.yaml", "--jobs", 1, "--quiet", "--name", f"alone-{number}").wait()
            names = faulty_study(machines, f"faulty-{number}", "study.yaml", chance)
            alone, record = (
                (folder / "runs" / f"{kind}-{number}" / "trials.jsonl").read_bytes() for kind in ("alone", "faulty")
            )
            wrong += record != alone
            lost += record.count(b'"state":"failed"') + max(0, 24 - record.count(b"\n"))
            met += len(names)
            print(
                f"{number}: {'the same' if record == alone else 'NOT THE SAME'} after {', '.join(names) or 'no fault'}",
                flush=True,
            )
    finally:
        machines.close()
    print(f"{studies} studies, {met} faults: {wrong} wrong, {lost} trials lost")
    return wrong + lost


def speed(folder: Path, workers: int) -> int:
    """Wall seconds on a pool and on a cluster, in turn."""
    (folder / "study.yaml").write_text(SECONDS_A_TRIAL)
    machines = Machines(folder, workers // 2)
    took: dict[str, list[float]] = {"pool": [], "cluster": []}
    try:
        until(lambda: len(machines.processes()) == workers)
        for turn in range(3):
            for kind, options in (("pool", ("--jobs", workers)), ("cluster", ("--cluster", machines.file))):
                began = time.perf_counter()
                hpt(folder, "tune", "study.yaml", *options, "--quiet", "--name", f"{kind}-{turn}").wait()
                took[kind].append(time.perf_counter() - began)
                print(f"{kind}: {took[kind][-1]:.2f} s", flush=True)
    finally:
        machines.close()
    pool, cluster = (sorted(seconds)[1] for seconds in took.values())
    print(f"median of 3, {workers} workers: pool {pool:.2f} s, cluster {cluster:.2f} s, {100 * (cluster / pool - 1):+.1f}%")
    return 0


def main(arguments: list[str]) -> int:
    """0 where nothing was wrong."""
    parser = argparse.ArgumentParser(
        "benchmarks.cluster", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("faults", "speed", "simulate"))
    parser.add_argument("--studies", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="an even number")
    chosen = parser.parse_args(arguments)
    if chosen.what == "simulate":
        print(table(chosen.seed))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        if chosen.what == "speed":
            return speed(Path(folder), chosen.workers)
        return int(faults(Path(folder), chosen.studies, chosen.seed) > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
