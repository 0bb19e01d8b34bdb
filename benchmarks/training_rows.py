"""The training core beside its peers, in one process on one core: begun and advanced as a study does it."""

from __future__ import annotations

import cProfile
import pstats
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import hpt
from benchmarks.measuring import Effort, Measured, Reading, costlier, faster, interleave, peer
from benchmarks.workloads import Workload, large, problem, small, train
from hpt.evaluate.executors import one_blas_thread

STACKED = 32
MIXED = ("sgd", "rmsprop", "adam")
MICRO = 1e6


def ours(work: Workload, optimizers: tuple[str, ...]) -> Callable[[], None]:
    """A function that draws and trains one stack."""
    return partial(train, work, problem(work.dataset), optimizers)


def stacked(work: Workload, members: int) -> Callable[[], None]:
    """A function that draws and trains a stack of adam members."""
    return ours(work, ("adam",) * members)


def profile(call: Callable[[], None], most: int = 6) -> str:
    """The functions of this project that hold most of the CPU time of `call`, array calls counted to who makes them."""
    profiler = cProfile.Profile()
    profiler.runcall(call)
    package = str(Path(hpt.__file__).parent)
    spent: Counter[str] = Counter()
    for (file, _, function), (_, _, own, _, callers) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        if file.startswith(package):
            spent[function] += own
        for (caller, _, name), (_, _, share, _) in callers.items():
            if caller.startswith(package) and not file.startswith(package):
                spent[name] += share
    whole = sum(spent.values())
    return ", ".join(f"{name} {seconds / whole:.0%}" for name, seconds in spent.most_common(most))


def small_beside_torch(effort: Effort) -> Measured:
    """W1, 32 stacked and one alone, beside PyTorch; µs an update of one trial."""
    work = small(quick=effort.quick)
    calls = {"stack": stacked(work, STACKED), "torch": peer("torch").training(work), "alone": stacked(work, 1)}
    with one_blas_thread():
        seconds = interleave(effort.repeat, **calls)
        shares = f"W1, {STACKED} stacked: {profile(calls['stack'])}. Alone: {profile(calls['alone'])}"
    scale = MICRO / work.updates
    each = [s / STACKED for s in seconds["stack"]]
    return Measured(
        {
            "W1.torch": faster(each, seconds["torch"], "µs", scale),
            "W1.alone": faster(seconds["alone"], seconds["torch"], "µs", scale),
        },
        shares,
    )


def small_beside_sklearn(effort: Effort) -> Measured:
    """W1, 32 stacked, beside scikit-learn; µs an update of one trial."""
    work = small(quick=effort.quick)
    theirs = peer("sklearn").training(work)
    with one_blas_thread():
        seconds = interleave(effort.repeat, ours=stacked(work, STACKED), theirs=theirs)
    each = [s / STACKED for s in seconds["ours"]]
    return Measured({"W1.sklearn": faster(each, seconds["theirs"], "µs", MICRO / work.updates)})


def small_beside_jax(effort: Effort) -> Measured:
    """W1, 32 stacked, beside JAX that runs as many at once, warm and with its compilation; µs an update of one trial."""
    work = small(quick=effort.quick)
    jax = peer("jax")

    def compiling() -> None:
        jax.training(work, STACKED)()

    calls = {
        "ours": stacked(work, STACKED),
        "warm": jax.training(work, STACKED),
        "compiling": compiling,
    }
    with one_blas_thread():
        seconds = interleave(effort.repeat, **calls)
    scale = MICRO / work.updates / STACKED
    return Measured(
        {
            "W1.jax": faster(seconds["ours"], seconds["warm"], "µs", scale),
            "W1.jax.compiling": faster(seconds["ours"], seconds["compiling"], "µs", scale),
        }
    )


def large_beside_torch(effort: Effort) -> Measured:
    """W2, 8 stacked and one alone, beside PyTorch; µs an update of one trial."""
    members = 8
    work = large(quick=effort.quick)
    calls = {"stack": stacked(work, members), "torch": peer("torch").training(work), "alone": stacked(work, 1)}
    with one_blas_thread():
        seconds = interleave(effort.repeat, **calls)
        shares = f"W2, {members} stacked: {profile(calls['stack'])}"
    scale = MICRO / work.updates
    each = [s / members for s in seconds["stack"]]
    return Measured(
        {
            "W2.torch": faster(each, seconds["torch"], "µs", scale),
            "W2.alone": faster(seconds["alone"], seconds["torch"], "µs", scale),
        },
        shares,
    )


def mixed(effort: Effort) -> Measured:
    """W1 with three rules in one stack beside the member-weighted mean of stacks as large with one rule each."""
    work = small(quick=effort.quick)
    readings: dict[str, Reading] = {}
    with one_blas_thread():
        for members in (8, 16, 32):
            rules = tuple(MIXED[index % len(MIXED)] for index in range(members))
            pure = {rule: ours(work, (rule,) * members) for rule in MIXED}
            seconds = interleave(effort.repeat, together=ours(work, rules), **pure)
            weights = {rule: count / members for rule, count in Counter(rules).items()}
            mean = [sum(weights[rule] * seconds[rule][turn] for rule in MIXED) for turn in range(effort.repeat)]
            readings[f"mixed.{members}"] = costlier(seconds["together"], mean, "µs", MICRO / work.updates / members)
    return Measured(readings)
