"""Whole studies, by the command line, beside Optuna with PyTorch and beside Optuna's own search."""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.commands import run, start, tune
from benchmarks.measuring import Effort, Measured, MissingError, Reading, faster, median, peer
from benchmarks.workloads import R1
from hpt.compare.statistics import hodges_lehmann, paired_differences, signed_rank_interval
from hpt.evaluate.executors import one_blas_thread

OPTUNA = "benchmarks.peers.optuna_torch"
TARGET_LOSS = 0.10
SEEDS = 10
MILLI = 1e3


def many(effort: Effort) -> Measured:
    """R1 with 1,000 trials on two jobs beside two processes of Optuna and PyTorch; the share of our time outside training."""
    trials = effort.size(1000, 16)
    ours, theirs, phases = whole(trials, effort.long)
    outside = [1 - p["training"] / p["total"] for p in phases]
    readings = {
        "R1.1000": faster(ours, theirs),
        "R1.outside": Reading([100 * share for share in outside], ours),
    }
    return Measured(readings, f"R1, {trials} trials: {spent(phases[-1])}")


def few(effort: Effort) -> Measured:
    """R1 with 200 trials, likewise."""
    trials = effort.size(200, 8)
    ours, theirs, phases = whole(trials, effort.long)
    return Measured({"R1.200": faster(ours, theirs)}, f"R1, {trials} trials: {spent(phases[-1])}")


def whole(trials: int, repeat: int) -> tuple[list[float], list[float], list[Mapping[str, float]]]:
    """Wall seconds of our command and of theirs, in turns, both on two processes, and our phases."""
    peer("torch")
    ours: list[float] = []
    theirs: list[float] = []
    phases: list[Mapping[str, float]] = []
    for seed in range(repeat):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            ran = run("hpt", *tune(R1, folder, trials, 2, {"seed": seed}), "--json")
            ours.append(ran.seconds)
            phases.append(ran.phases)
            theirs.append(optuna_on_two(trials, seed, folder))
    return ours, theirs, phases


def optuna_on_two(trials: int, seed: int, folder: Path) -> float:
    """Wall seconds of two processes that share one study through Optuna's journal file, half the trials each."""
    started = time.perf_counter()
    each = [
        start(
            OPTUNA, "--trials", str(trials // 2), "--seed", str(2 * seed + worker), "--split", str(seed),
            "--journal", folder / "journal.log",
        )
        for worker in range(2)
    ]  # fmt: skip
    for process in each:
        process.communicate()
        if process.returncode:
            raise RuntimeError(f"{OPTUNA} ended with exit code {process.returncode}")
    return time.perf_counter() - started


def spent(phases: Mapping[str, float]) -> str:
    """Seconds by phase, as the command says them."""
    return ", ".join(f"{name} {seconds:.2f} s" for name, seconds in phases.items())


def growth(effort: Effort) -> Measured:
    """R2: R1 with trials of one epoch. The cost of a trial, start-up left out, at 10,000 trials over that at 1,000."""
    counts = [effort.size(full, quick) for full, quick in ((100, 8), (1000, 16), (10_000, 32))]
    costs: dict[int, list[float]] = {count: [] for count in counts}
    profile = ""
    for seed in range(effort.long):
        for count in counts:
            with tempfile.TemporaryDirectory() as name:
                arguments = tune(R1, Path(name), count, 1, {"seed": seed, "training.epochs": 1})
                phases = run("hpt", *arguments, "--json").phases
            costs[count].append(MILLI * (phases["total"] - phases["start"]) / count)
            profile = spent(phases)
    _, middle, most = costs.values()
    each = ", ".join(f"{median(values):.2f} ms at {count:,}" for count, values in costs.items())
    readings = {"R2.growth": Reading([m / n for m, n in zip(most, middle, strict=True)], most, middle, "ms")}
    return Measured(readings, f"R2, a trial: {each}; {counts[-1]:,} trials: {profile}")


def jobs(effort: Effort) -> Measured:
    """R1: training seconds with two jobs beside two independent processes of one job, which do the same work twice over.

    Measured twice as often as the rest: what else the machine does falls on a whole study of the one or of the other.
    """
    trials = effort.size(1000, 16)
    two: list[Stamped] = []
    one: list[tuple[Stamped, Stamped]] = []
    cuts: list[float] = []

    def together(seed: int, folder: str) -> None:
        (ran,) = stamped(trials, 2, seed, folder)
        two.append(ran)

    def apart(seed: int, *folders: str) -> None:
        first, second = stamped(trials, 1, seed, *folders)
        one.append((first, second))

    for turn in range(2 * effort.repeat):
        with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as other:
            if turn % 2:
                apart(turn, name, other)
            together(turn, name)
            if not turn % 2:
                apart(turn, name, other)
            cuts.append(cutting(Path(name) / "stamps-2.json.pieces"))
    theirs = [(first.training + second.training) / 4 for first, second in one]
    return Measured({"jobs": faster([ran.training for ran in two], theirs)}, f"jobs, {trials} trials: {why(two, one, cuts)}")


@dataclass(frozen=True, slots=True)
class Stamped:
    """A command's seconds of training, and what `benchmarks.worker_times` notes of each of its generations."""

    training: float
    generations: Sequence[Mapping[str, float]]

    def total(self, name: str) -> float:
        """The sum of `name` over the generations."""
        return sum(generation[name] for generation in self.generations)


def stamped(trials: int, jobs: int, seed: int, *folders: str) -> list[Stamped]:
    """A study in each of `folders`, all at the same time."""
    files = [Path(folder) / f"stamps-{jobs}.json" for folder in folders]
    commands = [tune(R1, file.parent, trials, jobs, {"seed": seed}) for file in files]
    processes = [start("benchmarks.worker_times", f, *c, "--json") for f, c in zip(files, commands, strict=True)]
    training = [json.loads(process.communicate()[0])["seconds"]["training"] for process in processes]
    return [Stamped(t, json.loads(file.read_text(encoding="utf-8"))) for t, file in zip(training, files, strict=True)]


def cutting(file: Path) -> float:
    """By how much the stacks of the study that left `file` take more CPU time as they were cut than whole.

    Two processes have every other generation each, so that both cores are as busy as they were in the study.
    """
    both = [start("benchmarks.replay", file, str(first), "2") for first in range(2)]
    seconds = [json.loads(process.communicate()[0]) for process in both]
    return float(sum(each["cut"] for each in seconds) / sum(each["whole"] for each in seconds) - 1)


def why(two: Sequence[Stamped], one: Sequence[tuple[Stamped, Stamped]], cuts: Sequence[float]) -> str:
    """Where two jobs lose, in shares of both cores' time; and what two equal halves would, which end apart on this machine."""
    shares: dict[str, list[float]] = {"as one job": [], "cut": [], "more": [], "waiting": [], "rest": []}
    apart = []
    for ran, (first, second), cut in zip(two, one, cuts, strict=True):
        both = 2 * ran.training
        alone = (first.total("cpu") + second.total("cpu")) / 2
        shares["as one job"].append(alone / both)
        shares["cut"].append(cut * alone / both)
        shares["more"].append((ran.total("cpu") - (1 + cut) * alone) / both)
        shares["waiting"].append(ran.total("waited") / both)
        shares["rest"].append(1 - (ran.total("cpu") + ran.total("waited")) / both)
        pairs = [(a["seconds"], b["seconds"]) for a, b in zip(first.generations, second.generations, strict=True)]
        apart.append(sum(max(pair) for pair in pairs) / (sum(map(sum, pairs)) / 2) - 1)
    share = {name: f"{median(values):.1%}" for name, values in shares.items()}
    low, high = min(shares["more"]), max(shares["more"])
    return (
        f"of both cores' time {share['as one job']} is the CPU time that one job takes, {share['cut']} what its stacks take more "
        f"when they are cut for two, since a stack cut in two pays its calls twice (the same stacks trained again, whole and cut, in "
        f"turns in one process), {share['more']} what the processes of two jobs took beyond that ({low:.1%} to {high:.1%} from turn "
        f"to turn), {share['waiting']} waits for a generation's last stack, {share['rest']} is the rest (plans, messages, the "
        f"system). Waiting has a floor: of two processes that train the same generations side by side the later one ends "
        f"{median(apart):.1%} after their mean"
    )


def time_to_target(effort: Effort) -> Measured:
    """R1 on one core: wall seconds of the command until a trial's validation loss is 0.10 or below, start-up included."""
    peer("torch")
    most = effort.size(200, 16)
    ours, theirs = [], []
    for seed in range(effort.size(SEEDS, 1)):
        with tempfile.TemporaryDirectory() as name:
            ours.append(until_recorded(Path(name), most, seed))
        ran = run(OPTUNA, "--trials", str(most), "--seed", str(seed), "--split", str(seed), "--target", str(TARGET_LOSS))
        theirs.append(ran.seconds if float(ran.output) <= TARGET_LOSS else math.inf)
    return Measured({"R1.target": Reading([median(theirs) / median(ours)], ours, theirs)})


def until_recorded(folder: Path, trials: int, seed: int) -> float:
    """Seconds until the run folder holds a trial that reaches the target; inf where none of `trials` does."""
    started = time.perf_counter()
    process = start("hpt", *tune(R1, folder, trials, 1, {"seed": seed}))
    file = folder / f"run-{trials}-1" / "trials.jsonl"
    seen, ended = 0, False
    try:
        while not ended:
            ended = process.poll() is not None
            lines = file.read_text(encoding="utf-8").split("\n")[:-1] if file.exists() else []
            values = [json.loads(line).get("value") for line in lines[seen:]]
            seen = len(lines)
            if any(value is not None and value <= TARGET_LOSS for value in values):
                return time.perf_counter() - started
            time.sleep(0.002)
        return math.inf
    finally:
        process.kill()
        process.communicate()


def search(effort: Effort) -> Measured:
    """R1: the best of 200 trials by generations less the best found one by one by Optuna's TPE, a pair a seed.

    The spread is the 95% interval of the Hodges-Lehmann estimate; its lower end is what the target speaks of.
    """
    try:
        from benchmarks.search_quality import best, by_generations, one_by_one, trained
    except ImportError as error:
        raise MissingError("benchmarks/search_quality.py is not there") from error
    trials = effort.size(200, 16)
    ours, theirs = [], []
    with one_blas_thread():
        for seed in range(effort.size(SEEDS, 6)):
            ours.append(best(by_generations(trained(R1, seed), seed, trials)))
            theirs.append(best(one_by_one(trained(R1, seed), seed, trials)))
    differences = paired_differences(ours, theirs)
    found = signed_rank_interval(differences)
    profile = f"search, median difference {hodges_lehmann(differences):+.5f}"
    return Measured({"search": Reading([found.low], ours, theirs, "", (found.low, found.high))}, profile)
