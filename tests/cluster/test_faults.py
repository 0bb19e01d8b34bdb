"""What goes wrong in a cluster changes nothing in the record: no trial is lost, none is wrong."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from distributed import Client
from distributed.comm import CommClosedError

from hpt.cluster.connection import connection, roster_of
from hpt.evaluate import pieces
from hpt.evaluate.executors import one_blas_thread
from hpt.evaluate.population import Population
from hpt.evaluate.problems import OneProblem
from hpt.evaluate.protocol import Failure, Request
from hpt.foundation.errors import RunError
from hpt.training.cohort import Trials
from hpt.training.loop import Advanced, advance
from hpt.training.problem import Problem
from hpt.training.settings import Member
from tests.black_box.hpt_command import Ended
from tests.cluster.blackhole import Blackhole
from tests.cluster.machines import SECONDS, Machines, kill, processes_of, until
from tests.training.samples import a_problem, some_settings

ROOT = Path(__file__).parents[2]


def begun(machines: Machines, name: str = "faulty", *options: object) -> Popen[str]:
    """A study that has recorded its first generation and is training the second."""
    process = machines.tune(name, "--json", *options, config="study.yaml")
    until(lambda: machines.generations(name))
    return process


def unharmed(machines: Machines, process: Popen[str], alone: dict[str, bytes], name: str = "faulty") -> Ended:
    """The study ended well, with the record of one that met no fault."""
    ended = machines.hpt.ended(process)
    assert machines.lines(name) == alone["study.yaml"]
    assert ended.document["trials"]["failed"] == 0
    return ended


def names(machines: Machines) -> set[str]:
    """The workers that the scheduler knows."""
    return {colleague["name"] for colleague in machines.roster()["workers"]}


def test_a_worker_that_is_killed_is_started_again(machines: Machines, alone: dict[str, bytes]) -> None:
    machines.scheduler()
    worker = machines.workers(2)
    study = begun(machines)
    before = processes_of(worker)
    kill(before[0])
    unharmed(machines, study, alone)
    until(lambda: len(set(processes_of(worker)) - set(before)) == 1)


@pytest.mark.long
def test_stacks_that_stay_with_a_worker_are_trained_again_where_it_is_killed(
    machines: Machines, alone: dict[str, bytes]
) -> None:
    machines.scheduler()
    worker = machines.workers(2)
    study = machines.tune("faulty", "--json", config="staying.yaml")
    for generation in (4, 8):
        until(lambda least=generation: machines.generations("faulty") >= least or study.poll() is not None)
        if study.poll() is None:
            kill(processes_of(worker)[0])
    machines.hpt.ended(study)
    assert machines.lines("faulty") == alone["staying.yaml"]


@pytest.mark.long
def test_a_machine_that_is_killed_takes_its_workers_along_and_nothing_else(
    machines: Machines, alone: dict[str, bytes]
) -> None:
    machines.scheduler()
    machine, _ = machines.workers(1), machines.workers(1)
    study = begun(machines)
    processes = processes_of(machine)
    assert processes
    kill(machine.pid)
    machine.wait()
    unharmed(machines, study, alone)
    until(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() for pid in processes))


def test_a_worker_that_the_engine_gives_up_is_replaced(machines: Machines, alone: dict[str, bytes]) -> None:
    """The engine closes a worker, with its nanny, whose stream to the scheduler breaks. The others stay."""
    machines.scheduler()
    worker = machines.workers(2)
    study, before = begun(machines), names(machines)
    with connection(machines.file).client() as client:
        client.run_on_scheduler(lambda dask_scheduler: next(iter(dask_scheduler.stream_comms.values())).abort())
    unharmed(machines, study, alone)
    until(lambda: len(names(machines)) == 2 == len(processes_of(worker)))
    assert len(names(machines) & before) == 1
    until(lambda: "was started in its place" in machines.log.read_text())


def test_a_worker_whose_start_fails_is_tried_again(machines: Machines) -> None:
    """Killed before the engine knows it, which ends its nanny with an error."""
    machines.scheduler()
    worker = machines.workers(2, wait=False)
    until(lambda: len(processes_of(worker)) == 2)
    kill(processes_of(worker)[0])
    until(lambda: len(names(machines)) == 2)
    assert "Traceback" not in machines.log.read_text()


def test_workers_that_are_being_started_again_end_with_their_scheduler(machines: Machines) -> None:
    scheduler = machines.scheduler()
    worker = machines.workers(1)
    # The scheduler knows it a moment before its own machine does.
    until(lambda: "1 worker of" in machines.log.read_text())
    before = processes_of(worker)
    kill(before[0])
    until(lambda: set(processes_of(worker)) - set(before))
    started = processes_of(worker)
    kill(scheduler.pid)
    assert worker.wait(SECONDS) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in started)


def test_another_scheduler_takes_over(machines: Machines, alone: dict[str, bytes]) -> None:
    """The new one stands at another port; its workers are new too, for the old ones ended with theirs."""
    scheduler = machines.scheduler()
    worker = machines.workers(2)
    study = begun(machines)
    kill(scheduler.pid)
    assert worker.wait(SECONDS) == 0
    told = machines.log.read_text()
    assert "The scheduler has ended, and so do its workers." in told
    assert "Traceback" not in told
    assert "was started in its place" not in told
    machines.scheduler()
    machines.workers(2)
    ended = unharmed(machines, study, alone)
    assert "is gone: waiting for another" in ended.err
    assert "A scheduler is there again" in ended.err


@pytest.mark.long
def test_a_worker_that_stands_still_is_overtaken(machines: Machines, alone: dict[str, bytes]) -> None:
    """Its piece is done by another long before it is given up; the machine does not have to come back."""
    machines.scheduler(DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL="1 hour")
    worker = machines.workers(2)
    study = begun(machines)
    stopped = processes_of(worker)[0]
    kill(stopped, signal.SIGSTOP)
    unharmed(machines, study, alone)
    kill(stopped, signal.SIGCONT)


@pytest.mark.long
def test_a_worker_behind_a_cut_wire_is_overtaken(machines: Machines, alone: dict[str, bytes]) -> None:
    """Nobody hears of the partition: no connection is closed."""
    machines.scheduler()
    with Blackhole(machines.file) as wire:
        machines.hpt.start("worker", wire.file, "--jobs", 1)
        machines.workers(1)
        until(lambda: len(machines.roster()["workers"]) == 2)
        study = begun(machines)
        wire.cut()
        unharmed(machines, study, alone)


def test_a_worker_waits_for_a_scheduler_that_is_started_after_it(machines: Machines) -> None:
    """Though the file of one that was killed still lies there."""
    machines.file.write_text('{"address": "tcp://127.0.0.1:9"}')
    worker = machines.hpt.start("worker", machines.file, "--jobs", 1)
    assert worker.stderr is not None
    assert "no scheduler answers at tcp://127.0.0.1:9 yet" in worker.stderr.readline()
    machines.scheduler()
    until(lambda: len(machines.roster()["workers"]) == 1)
    kill(worker.pid, signal.SIGTERM)
    assert "Traceback" not in machines.hpt.ended(worker).err


def test_a_worker_that_is_ended_while_it_starts_ends_in_order(machines: Machines) -> None:
    machines.scheduler()
    for seconds in (0.0, 0.3, 0.9):
        worker = machines.hpt.start("worker", machines.file, "--jobs", 2)
        until(lambda process=worker: processes_of(process))
        time.sleep(seconds)
        kill(worker.pid, signal.SIGTERM)
        ended = machines.hpt.ended(worker)
        assert "Traceback" not in ended.err
        assert "leaked" not in ended.err


def test_a_worker_whose_process_does_not_come_to_run_ends_all_the_same(machines: Machines) -> None:
    machines.scheduler()
    worker = machines.hpt.start("worker", machines.file, "--jobs", 1)
    until(lambda: processes_of(worker))
    (process,) = processes_of(worker)
    kill(process, signal.SIGSTOP)
    kill(worker.pid, signal.SIGTERM)
    assert "Traceback" not in machines.hpt.ended(worker).err


def test_workers_may_come_late(machines: Machines, alone: dict[str, bytes]) -> None:
    """They train too: the one that was there first stands still from then on."""
    machines.scheduler(DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL="1 hour")
    first = machines.workers(1)
    study = begun(machines)
    machines.workers(1)
    (stopped,) = processes_of(first)
    kill(stopped, signal.SIGSTOP)
    unharmed(machines, study, alone)
    kill(stopped, signal.SIGCONT)


def test_a_client_whose_connection_breaks_at_once_makes_another(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    machines.scheduler()
    broken = iter((True, False))

    def client(*arguments: Any, **options: Any) -> Client:
        if next(broken):
            raise CommClosedError("Broken pipe")
        return Client(*arguments, **options)

    monkeypatch.setattr("hpt.cluster.connection.Client", client)
    assert roster_of(machines.file).workers == ()
    assert not list(broken)


@pytest.mark.long
def test_who_waits_for_workers_says_so_and_can_be_stopped(machines: Machines) -> None:
    machines.scheduler()
    study = machines.tune("waits", config="study.yaml")
    assert study.stderr is not None
    while "Waiting for workers" not in (line := study.stderr.readline()):
        assert line, "it ended"
    kill(study.pid, signal.SIGINT)
    ended = machines.hpt.ended(study, code=130)
    assert "hpt tune" in ended.out + ended.err
    assert "violate" not in ended.err  # nothing was to be trained yet
    assert machines.facts("waits")["status"] == "interrupted"


@pytest.mark.long
def test_a_study_that_is_killed_goes_on_on_the_cluster_and_then_on_a_pool(
    machines: Machines, alone: dict[str, bytes]
) -> None:
    machines.scheduler()
    machines.workers(2)
    study = begun(machines)
    kill(study.pid)
    study.wait()
    before = machines.generations("faulty")
    again = machines.tune("faulty", "--resume", config="study.yaml")
    until(lambda: machines.generations("faulty") > before)
    kill(again.pid)
    again.wait()
    assert machines.generations("faulty") < 24
    machines.hpt("tune", "study.yaml", "--name", "faulty", "--resume", "--jobs", 2, "--quiet")
    assert machines.lines("faulty") == alone["study.yaml"]


@dataclass(frozen=True, slots=True)
class Deadly:
    """Kills any other process that asks for the problem of the key `poison`."""

    problem: Problem
    coordinator: int
    digest: str = "deadly"

    def __call__(self, key: Hashable) -> Problem:
        if key == "poison" and os.getpid() != self.coordinator:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.problem


def test_a_trial_that_kills_its_worker_fails_alone(machines: Machines) -> None:
    """Whatever shared a stack with it, or came to the same worker, is trained."""
    from hpt.cluster.executor import Cluster

    machines.scheduler(PYTHONPATH=str(ROOT))
    machines.workers(2, PYTHONPATH=str(ROOT))
    settings = some_settings("adam", {"epochs": 2})
    requests = [Request(Member(i, settings, (7, i), (7,)), data="poison" if i == 3 else None) for i in range(6)]
    cluster = Cluster(machines.file)
    evaluator = Population(Deadly(a_problem(), os.getpid()), cluster, 1000.0)
    try:
        found = {outcome.trial: outcome.came_to for outcome in evaluator.evaluate(requests, 2)}
    finally:
        cluster.shutdown()
    assert {trial for trial, came_to in found.items() if isinstance(came_to, Failure)} == {3}
    assert sorted(found) == list(range(6))


def deadly(trials: Trials, problem: Problem, until: int) -> Advanced:
    """`advance` for workers that trial 1 kills, in whatever company."""
    if any(member.trial == 1 for member in trials.members):
        os.kill(os.getpid(), signal.SIGKILL)
    return advance(trials, problem, until)


@dataclass(frozen=True, slots=True)
class Armed(Deadly):
    """Gives the problem to workers in which trial 1 is deadly."""

    def __call__(self, key: Hashable) -> Problem:
        if os.getpid() != self.coordinator:
            pieces.advance = deadly
        return self.problem


@pytest.mark.long
def test_a_stack_that_kills_its_workers_is_halved_down_to_the_trial_that_does(machines: Machines) -> None:
    """Two trials in one stack: one is trained, the other has failed, and the cluster stands."""
    from hpt.cluster.executor import Cluster

    machines.scheduler(PYTHONPATH=str(ROOT))
    machines.workers(1, PYTHONPATH=str(ROOT))
    settings = some_settings("adam", {"epochs": 2})
    requests = [Request(Member(i, settings, (7, i), (7,))) for i in range(2)]
    cluster = Cluster(machines.file)
    evaluator = Population(Armed(a_problem(), os.getpid(), "armed"), cluster, 1000.0)
    try:
        found = {outcome.trial: outcome.came_to for outcome in evaluator.evaluate(requests, 2)}
    finally:
        cluster.shutdown()
    assert {trial: isinstance(came_to, Failure) for trial, came_to in found.items()} == {0: False, 1: True}
    until(lambda: len(machines.roster()["workers"]) == 1)


@pytest.mark.filterwarnings("ignore")  # the engine's own, about a loop that ends in the middle of a reconnection
@pytest.mark.long
def test_a_study_without_a_scheduler_is_given_up_in_the_end(machines: Machines) -> None:
    from hpt.cluster.executor import Cluster

    scheduler = machines.scheduler()
    said: list[str] = []
    cluster = Cluster(machines.file, patience=1.0).warning(said.append)
    evaluator = Population(OneProblem(a_problem()), cluster, 1000.0)
    requests = [Request(Member(0, some_settings("adam", {"epochs": 2}), (7, 0), (7,)))]
    threading.Timer(1.0, scheduler.kill).start()
    try:
        with one_blas_thread(), pytest.raises(RunError, match="--resume"):
            list(evaluator.evaluate(requests, 2))
    finally:
        cluster.shutdown()
    assert any("is gone: waiting" in message for message in said)
