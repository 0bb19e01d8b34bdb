"""What a generation for many workers costs the one who plans it: drawing, packing, and the bytes that come back."""

from __future__ import annotations

import math
import pickle
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hpt.cluster.executor import DISPATCH
from hpt.configuration import config as configuration
from hpt.configuration.config import Config
from hpt.configuration.space import Coordinates
from hpt.evaluate.cutting import StackedState
from hpt.evaluate.executors import FixedExecutors, one_blas_thread
from hpt.evaluate.population import Population
from hpt.evaluate.problems import OneProblem
from hpt.evaluate.protocol import Request
from hpt.runs.trial_record import TrialRecord
from hpt.search.sampling import Sampling
from hpt.study.preparing import problem_of
from hpt.training.settings import Member

SMALL = """
data: digits
model: {hidden: [32]}
optimizer: {choose: [sgd, adam, rmsprop]}
training: {epochs: 3, batch_size: {values: [64, 128, 256, full]}}
study: {trials: 20000}
"""
LARGE = SMALL.replace("[32]", "[512, 512]")
METRIC = "validation_loss"
MEGABYTES = 64_000.0


class Counting(Executor):
    """Does the work here; counts the CPU seconds of that, and the bytes that a worker would send."""

    def __init__(self) -> None:
        self.seconds = self.bytes = 0.0

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        began = time.thread_time()
        future: Future[Any] = Future()
        future.set_result(call(*args, **kwargs))
        self.bytes += len(pickle.dumps(future.result(), 5))
        self.seconds += time.thread_time() - began
        return future


@dataclass
class Coordinator:
    """A study by generations that are trained for an epoch, and those that are better than half of them for another."""

    config: Config
    workers: int
    stays: bool = True

    def __post_init__(self) -> None:
        self.sampling = Sampling(self.config.space, "tpe", "minimize", 1, 20_000)
        self.executor = Counting()
        executors = FixedExecutors(
            self.workers, lambda: self.executor, owned=False, dispatch=replace(DISPATCH, stays=self.stays)
        )
        self.population = Population(OneProblem(problem_of(self.config)), executors, MEGABYTES)

    def generation(self, first: int, trials: int) -> tuple[float, list[tuple[int, float, float]]]:
        """CPU seconds to draw `trials` trials from number `first` on; of each rung the trials, CPU seconds and bytes."""
        began, space = time.thread_time(), self.config.space
        coordinates = self.sampling.generation(first, trials)
        drawing = time.thread_time() - began
        members = [
            Member(first + i, space.settings(space.parameters(at)), (1, first + i), (1,)) for i, at in enumerate(coordinates)
        ]
        active, rungs, values = [Request(member) for member in members], [], {}
        for until in (1, 2):
            before, began = (self.executor.seconds, self.executor.bytes), time.thread_time()
            outcomes = list(self.population.evaluate(active, until))
            seconds = time.thread_time() - began - (self.executor.seconds - before[0])
            rungs.append((len(active), seconds, self.executor.bytes - before[1]))
            states = {o.trial: o.came_to for o in outcomes if isinstance(o.came_to, StackedState)}
            values |= {trial: state.history()[METRIC][-1] for trial, state in states.items()}
            best = sorted(states, key=values.__getitem__)[: len(states) // 2]
            active = [Request(members[trial - first], state=states[trial]) for trial in best]
        self.sampling.learn(
            _record(m, at, trials, values.get(m.trial, math.inf)) for m, at in zip(members, coordinates, strict=True)
        )
        return drawing, rungs


def _record(member: Member, at: Coordinates, trials: int, value: float) -> TrialRecord:
    return TrialRecord(
        trial=member.trial,
        generation=member.trial // trials,
        of=trials,
        state="completed",
        epochs=2,
        reason="epochs",
        criterion=None,
        value=value,
        parameters={},
        coordinates=at,
        metrics={},
        history={},
    )


def coordinator(trials: int, workers: int) -> int:
    """Prints what drawing and packing take, and what travels with stacks that stay with their workers and without."""
    with tempfile.TemporaryDirectory() as folder, one_blas_thread():
        file = Path(folder) / "study.yaml"
        file.write_text(SMALL)
        study = Coordinator(configuration.read(file, mode="tune"), workers)
        for number in range(2):
            drawing, rungs = study.generation(number * trials, trials)
            each = ", ".join(f"{seconds:.2f} s to pack {count} and to unpack them" for count, seconds, _ in rungs)
            print(f"generation {number} on {workers} workers: {drawing:.2f} CPU s to draw {trials}, {each}", flush=True)
        file.write_text(LARGE)
        for stays in (False, True):
            _, rungs = Coordinator(configuration.read(file, mode="tune"), 4, stays=stays).generation(0, 16)
            each = ", ".join(f"{size / 1e6:.2f} MB come back of {count}" for count, _, size in rungs)
            print(f"two layers of 512, stacks {'stay' if stays else 'travel'}: {each}", flush=True)
    return 0
