"""Studies on a cluster that meet faults at random moments, each held against the same study with one job."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.cluster_machines import PATIENCE, Machines, hpt
from hpt.foundation.errors import REFUSED

TUNE = """
data: digits
seed: {seed}
model: {{hidden: [32]}}
optimizer: {{choose: [sgd, adam]}}
training: {{epochs: 9, batch_size: {{values: [16, 32]}}}}
study: {{trials: 24, population: 8, pruner: {pruner}}}
"""
COMPARE = """
data: digits
seed: {seed}
optimizer: {{choose: [sgd, adam]}}
training: {{epochs: 4}}
compare: {{trials: 4, studies: 3, seeds: 2}}
"""
KINDS: Mapping[str, tuple[str, str]] = {
    "tune, halving": ("tune", TUNE.replace("{pruner}", "halving")),
    "tune, no pruner": ("tune", TUNE.replace("{pruner}", "none")),
    "compare": ("compare", COMPARE),
}
DEADLINE = 1200.0
MOST_FAULTS = 4
"""Of a study."""
SOON = (0.5, 5.0)
"""Seconds from one fault to the next: from, to."""


def kill_worker(machines: Machines, chance: random.Random) -> None:
    """One process that trains; what watches it starts another."""
    if processes := machines.processes():
        _signal(chance.choice(processes), signal.SIGKILL)


def stop_worker(machines: Machines, chance: random.Random) -> None:
    """One process that trains stands still for some seconds."""
    if processes := machines.processes():
        stopped = chance.choice(processes)
        _signal(stopped, signal.SIGSTOP)
        time.sleep(chance.uniform(*SOON))
        _signal(stopped, signal.SIGCONT)


def kill_machine(machines: Machines, chance: random.Random) -> None:
    """All workers of a machine at once; another comes in its place."""
    lost = machines.workers.pop(chance.randrange(len(machines.workers)))
    lost.kill()
    lost.wait()
    machines.workers.append(machines.machine())


def kill_scheduler(machines: Machines, _: random.Random) -> None:
    """The scheduler, and with it its workers; all is started again."""
    machines.scheduler.kill()
    machines.scheduler.wait()
    for machine in machines.workers:
        machine.wait(PATIENCE)
    machines.start()


FAULTS = (kill_worker, stop_worker, kill_machine, kill_scheduler)
KILL_STUDY = 0.2
"""The chance that it is the study itself that is killed, and resumed."""


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


@dataclass
class Found:
    """What came of the studies of one kind. lost: trials."""

    studies: int = 0
    met: Counter[str] = field(default_factory=Counter)
    wrong: int = 0
    lost: int = 0


def faulty_study(machines: Machines, verb: str, name: str, chance: random.Random) -> list[str]:
    """Runs a study while faults come at random moments; their names. Raises RuntimeError where it ends in another way."""
    arguments = (verb, "study.yaml", "--cluster", machines.file, "--name", name, "--quiet")
    study, met = hpt(machines.folder, *arguments), []
    end, due = time.monotonic() + DEADLINE, time.monotonic() + chance.uniform(*SOON)
    try:
        while (code := study.poll()) != 0:
            if code == REFUSED:  # it began while there was no scheduler: what a user would do
                time.sleep(1)
                study = hpt(machines.folder, *arguments, "--resume")
            elif code is not None or time.monotonic() > end:
                log = (machines.folder / "log").read_text()[-2000:]
                raise RuntimeError(f"{name} met {met} and ended with {code}: {log}")
            if time.monotonic() > due and len(met) < MOST_FAULTS:
                if chance.random() < KILL_STUDY:
                    met.append("kill_study")
                    study.kill()
                    study.wait()
                    study = hpt(machines.folder, *arguments, "--resume")
                else:
                    fault: Callable[[Machines, random.Random], None] = chance.choice(FAULTS)
                    met.append(fault.__name__)
                    fault(machines, chance)
                due = time.monotonic() + chance.uniform(*SOON)
            time.sleep(0.02)
    finally:
        study.kill()
    return met


def faults(folder: Path, studies: int, seed: int) -> int:
    """How many studies were wrong, and trials lost; said as they come and in a table."""
    chance = random.Random(seed)
    machines = Machines(folder, 2)
    found = {kind: Found() for kind in KINDS}
    try:
        for number in range(studies):
            kind = list(KINDS)[number % len(KINDS)]
            verb, text = KINDS[kind]
            (folder / "study.yaml").write_text(text.format(seed=number))
            hpt(folder, verb, "study.yaml", "--jobs", 1, "--quiet", "--name", f"alone-{number}").wait()
            met = faulty_study(machines, verb, f"faulty-{number}", chance)
            alone, record = (_record(folder, f"{name}-{number}", verb) for name in ("alone", "faulty"))
            of = found[kind]
            of.studies += 1
            of.met.update(met)
            of.wrong += record != alone
            of.lost += sum('"state":"failed"' in line for line in record) + max(0, len(alone) - len(record))
            said = "the same" if record == alone else "NOT THE SAME"
            print(f"{number}, {kind}: {said} after {', '.join(met) or 'no fault'}", flush=True)
    finally:
        machines.close()
        print(table(found), flush=True)
    return sum(of.wrong + of.lost for of in found.values())


def _record(folder: Path, name: str, verb: str) -> list[str]:
    """The lines of a record; those of a comparison without the seconds that its stacks took, and without the sum over them."""
    suffix = "-compare" if verb == "compare" else ""
    lines = (folder / "runs" / f"{name}{suffix}" / "trials.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    if verb == "tune":
        return lines
    kept = ({k: v for k, v in json.loads(line).items() if k not in ("seconds", "crc")} for line in lines)
    return [json.dumps(line, separators=(",", ":")) for line in kept]


def table(found: Mapping[str, Found]) -> str:
    """A row for each kind of study, and one for all."""
    names = [*(fault.__name__ for fault in FAULTS), "kill_study"]
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
