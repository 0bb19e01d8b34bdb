"""An executor that is handed in, and outlives the studies it trains."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpt.evaluate.executors import Processes, executors, handed_in, one_blas_thread
from hpt.evaluate.population import Population
from hpt.evaluate.problems import OneProblem
from hpt.evaluate.protocol import Request
from hpt.study.clock import Clock
from hpt.study.lifecycle import RunRequest
from hpt.study.session import tune
from hpt.terminal.watchers import Silent
from hpt.training.result import TrainingResult
from hpt.training.settings import Member
from tests.training.samples import a_problem, some_settings


class Backwards(Executor):
    """A toy: keeps what it is given until somebody has given all, then does it last first, in threads."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1)
        self.calls = 0

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.calls += 1
        return self._threads.submit(call, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        raise AssertionError("it belongs to somebody else")


def trained(name: str, executor: Executor | None) -> dict[int, TrainingResult]:
    """What six trials on a data set give, on `executor` or in this process."""
    requests = [
        Request(Member(trial, some_settings("adam", {"epochs": 3, "batch_size": 16 * (1 + trial % 2)}), (7, trial), (7,)))
        for trial in range(6)
    ]
    where = executors(1) if executor is None else handed_in(executor, 2)
    evaluator = Population(OneProblem(a_problem(name)), where, 1000.0)
    with one_blas_thread():
        found = {outcome.trial: outcome.came_to for outcome in evaluator.evaluate(requests, 3)}
    evaluator.close()
    return found


def assert_same(found: dict[int, TrainingResult], expected: dict[int, TrainingResult]) -> None:
    assert found.keys() == expected.keys()
    for trial, result in expected.items():
        assert found[trial].history == result.history
        assert found[trial].metrics == result.metrics
    best = min(expected, key=lambda trial: expected[trial].metrics["validation_loss"])
    for name, weights in expected[best].weights.items():
        np.testing.assert_array_equal(found[best].weights[name], weights)


def test_two_studies_in_turn_on_one_executor_give_the_bits_that_each_has_alone() -> None:
    alone = {name: trained(name, None) for name in ("iris", "wine")}
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        for name in ("iris", "wine", "iris"):
            assert_same(trained(name, pool), alone[name])


def test_a_toy_executor_is_all_it_takes() -> None:
    toy = Backwards()
    assert_same(trained("iris", toy), trained("iris", None))
    assert toy.calls >= 2


def busy(told: Path) -> None:
    """Tells which process it is, and works for a while."""
    told.write_text(str(os.getpid()), encoding="ascii")
    time.sleep(1)


def test_a_process_that_outlives_the_death_of_another_is_no_reason_to_wait(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As one does that starts just then: `concurrent.futures` ends all there are, and waits for that one for ever.

    The one that dies waited for work, and so held the lock of those who do.
    """
    pool = executors(2).make()
    assert isinstance(pool, Processes)
    for future in [pool.submit(time.sleep, 0.1) for _ in range(2)]:
        future.result()
    working = pool.submit(busy, tmp_path / "told")
    while not (told := tmp_path / "told").exists() or not told.read_text(encoding="ascii"):
        time.sleep(0.01)
    (idle,) = [process for pid, process in pool._processes.items() if pid != int(told.read_text(encoding="ascii"))]
    monkeypatch.setattr(type(idle), "terminate", lambda self: None)
    idle.kill()
    with pytest.raises(BrokenExecutor):
        working.result(timeout=30)
    ended = threading.Thread(target=pool.shutdown, daemon=True)
    ended.start()
    ended.join(20)
    assert not ended.is_alive()


class OnToy(RunRequest):
    """A command whose trials are trained by a toy executor."""

    toy = Backwards()

    def executors(self, warn: Callable[[str], None], *, needed: bool) -> Any:
        return handed_in(self.toy, 2)


def test_a_study_runs_on_an_executor_that_was_handed_in(tmp_path: Path) -> None:
    config = tmp_path / "study.yaml"
    config.write_text(
        "data: iris\noptimizer: {choose: [sgd, adam]}\ntraining: {epochs: 4}\nstudy: {trials: 12, pruner: halving}\n"
    )

    def lines(request: type[RunRequest], runs: str) -> bytes:
        finished = tune(request(config, (), tmp_path / runs, 1), Silent(), Clock())
        return (finished.folder / "trials.jsonl").read_bytes()

    assert lines(OnToy, "toy") == lines(RunRequest, "own")
