"""Studies on a cluster that meet faults at random moments, each held against the same study with one job."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

from benchmarks.cluster_machines import Machines, hpt, until
from hpt.foundation.errors import REFUSED

TUNE = """
data: digits
seed: {seed}
model: {{hidden: [64, 32]}}
optimizer: {{choose: [sgd, adam]}}
training: {{epochs: 18, batch_size: {{values: [16, 32]}}}}
study: {{trials: 40, population: 8, pruner: {pruner}}}
"""
STAYING = """
data: digits
seed: {seed}
model: {{hidden: [512, 512]}}
optimizer: {{choose: [sgd, adam]}}
training: {{epochs: 6, batch_size: 128}}
study: {{trials: 18, population: 6, pruner: halving}}
"""
COMPARE = """
data: digits
seed: {seed}
optimizer: {{choose: [sgd, adam]}}
training: {{epochs: 15, batch_size: 16}}
compare: {{trials: 6, studies: 4, seeds: 2}}
"""
KINDS: Mapping[str, tuple[str, str]] = {
    "tune, halving": ("tune", TUNE.replace("{pruner}", "halving")),
    "tune, halving, stacks that stay": ("tune", STAYING),
    "tune, no pruner": ("tune", TUNE.replace("{pruner}", "none")),
    "compare": ("compare", COMPARE),
}
DEADLINE = 1200.0
MOST_FAULTS = 4
"""Of a study."""
GAPS = (0.02, 0.25)
"""From the beginning of a study to its first fault, and from one to the next, in the seconds that it takes without any: from, to."""
ENDING = 15.0
"""Seconds that workers may take to end with their scheduler."""
STOPPED = (0.5, 5.0)
"""Seconds that a worker stands still: from, to."""


def kill_worker(machines: Machines, chance: random.Random) -> bool:
    """One process that trains; what watches it starts another."""
    processes = machines.processes()
    return bool(processes) and _signal(chance.choice(processes), signal.SIGKILL)


def stop_worker(machines: Machines, chance: random.Random) -> bool:
    """One process that trains stands still for some seconds, in which other faults may come."""
    processes = machines.processes()
    if not processes or not _signal(stopped := chance.choice(processes), signal.SIGSTOP):
        return False
    Timer(chance.uniform(*STOPPED), _signal, (stopped, signal.SIGCONT)).start()
    return True


def kill_machine(machines: Machines, chance: random.Random) -> bool:
    """All workers of a machine at once; another comes in its place."""
    lost = machines.workers.pop(chance.randrange(len(machines.workers)))
    lost.kill()
    lost.wait()
    machines.workers.append(machines.machine())
    return True


def kill_scheduler(machines: Machines, _: random.Random) -> bool:
    """The scheduler, and with it its workers; all is started again."""
    machines.scheduler.kill()
    machines.scheduler.wait()
    for machine in machines.workers:
        try:
            machine.wait(ENDING)
        except subprocess.TimeoutExpired:  # it has not reached its scheduler yet, and waits for one
            machine.kill()
            machine.wait()
    machines.start()
    return True


FAULTS: Mapping[str, Callable[[Machines, random.Random], bool]] = {
    "worker killed": kill_worker,
    "worker stopped": stop_worker,
    "machine killed": kill_machine,
    "scheduler killed": kill_scheduler,
}
"""What each does, and whether there was anything to do it to."""
STUDY_KILLED = "study killed"
"""The fault of the study itself, which is then resumed; as likely as each of the others."""


def _signal(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


@dataclass
class Found:
    """What came of the studies of one kind. lost: trials."""

    studies: int = 0
    met: Counter[str] = field(default_factory=Counter)
    wrong: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Study:
    """One on the cluster `machines`, in the run `name`."""

    machines: Machines
    verb: str
    name: str

    def begun(self) -> bool:
        """Whether it has opened its run folder: the command has started, and has a scheduler."""
        return (_folder(self.machines.folder, self.name, self.verb) / "run.json").exists()

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        """The command."""
        arguments = (self.verb, "study.yaml", "--cluster", self.machines.file, "--name", self.name, "--quiet")
        return hpt(self.machines.folder, *arguments, *options)

    def undisturbed(self) -> float:
        """Seconds that it takes from when it has begun."""
        study = self.start()
        until(self.begun)
        since = time.monotonic()
        if code := study.wait(DEADLINE):
            raise self._ended(code, ())
        return time.monotonic() - since

    def disturbed(self, seconds: float, chance: random.Random) -> list[str]:
        """The faults that it met while it ran; they come at random moments of the `seconds` that it takes without.

        Raises RuntimeError where it does not end well.
        """
        study, met = self.start(), []
        until(self.begun)
        end, due = time.monotonic() + DEADLINE, time.monotonic() + seconds * chance.uniform(*GAPS)
        try:
            while (code := study.poll()) != 0:
                if code == REFUSED:  # it began while there was no scheduler: what a user would do
                    time.sleep(1)
                    study = self.start("--resume")
                elif code is not None or time.monotonic() > end:
                    raise self._ended(code, met)
                if time.monotonic() > due and len(met) < MOST_FAULTS:
                    kind = chance.choice([*FAULTS, STUDY_KILLED])
                    if kind == STUDY_KILLED:
                        study.kill()
                        study.wait()
                        study = self.start("--resume")
                    elif not FAULTS[kind](self.machines, chance):
                        continue
                    met.append(kind)
                    due = time.monotonic() + seconds * chance.uniform(*GAPS)
                time.sleep(0.02)
        finally:
            study.kill()
        return met

    def _ended(self, code: int | None, met: Sequence[str]) -> RuntimeError:
        log = (self.machines.folder / "log").read_text()[-2000:]
        return RuntimeError(f"{self.name} met {', '.join(met) or 'no fault'} and ended with {code}: {log}")


def faults(folder: Path, studies: int, seed: int, at_once: int) -> dict[str, Found]:
    """What came of so many studies, by kind; said as they come. at_once: studies, each on a cluster of its own."""
    found = {kind: Found() for kind in KINDS}
    seconds: dict[str, float] = {}
    for number, kind in enumerate(KINDS):
        with _prepared(folder / f"undisturbed-{number}", kind, seed) as study:
            seconds[kind] = study.undisturbed()
        print(f"{kind}: {seconds[kind]:.1f} s without a fault", file=sys.stderr, flush=True)

    def one(number: int) -> None:
        kind, of = list(KINDS)[number % len(KINDS)], found[list(KINDS)[number % len(KINDS)]]
        with _prepared(folder / f"study-{number}", kind, number) as study:
            hpt(study.machines.folder, study.verb, "study.yaml", "--jobs", 1, "--quiet", "--name", "alone").wait()
            met = study.disturbed(seconds[kind], random.Random(f"{seed} {number}"))
            alone, record = (_record(study.machines.folder, name, study.verb) for name in ("alone", study.name))
        of.studies += 1
        of.met.update(met)
        of.wrong += record != alone
        of.lost += sum('"state":"failed"' in line for line in record) + max(0, len(alone) - len(record))
        said = "the same" if record == alone else "NOT THE SAME"
        print(f"{number}, {kind}: {said} after {', '.join(met) or 'no fault'}", file=sys.stderr, flush=True)

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(one, range(studies)))
    return found


@contextmanager
def _prepared(folder: Path, kind: str, seed: int) -> Iterator[Study]:
    """A study of a kind in its `folder`, and a cluster for it, which is there while within."""
    verb, text = KINDS[kind]
    folder.mkdir()
    (folder / "study.yaml").write_text(text.format(seed=seed))
    machines = Machines(folder, 2)
    try:
        yield Study(machines, verb, "cluster")
    finally:
        machines.close()


def _folder(folder: Path, name: str, verb: str) -> Path:
    return folder / "runs" / f"{name}{'-compare' if verb == 'compare' else ''}"


def _record(folder: Path, name: str, verb: str) -> list[str]:
    """The lines of a record; those of a comparison without the seconds that its stacks took, and without the sum over them."""
    lines = (_folder(folder, name, verb) / "trials.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    if verb == "tune":
        return lines
    kept = ({k: v for k, v in json.loads(line).items() if k not in ("seconds", "crc")} for line in lines)
    return [json.dumps(line, separators=(",", ":")) for line in kept]


def table(found: Mapping[str, Found]) -> str:
    """A Markdown table: a row for each kind of study, and one for all."""
    names = [*FAULTS, STUDY_KILLED]
    whole = Found()
    for of in found.values():
        whole.studies += of.studies
        whole.met.update(of.met)
        whole.wrong += of.wrong
        whole.lost += of.lost
    lines = [f"| | studies | {' | '.join(names)} | faults | wrong | trials lost |", "|" + " --- |" * (len(names) + 5)]
    for kind, of in {**found, "all": whole}.items():
        each = " | ".join(str(of.met[name]) for name in names)
        lines.append(f"| {kind} | {of.studies} | {each} | {of.met.total()} | {of.wrong} | {of.lost} |")
    return "\n".join(lines)
