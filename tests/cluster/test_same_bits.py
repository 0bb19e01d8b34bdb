"""The same study on a cluster leaves the same record, to the byte; workers that would compute other bits get no work."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hpt.evaluate.fingerprint import facts
from tests.black_box.hpt_command import Hpt
from tests.cluster.machines import SECONDS, Machines, until


@pytest.mark.parametrize("config", ["study.yaml", "unpruned.yaml", "staying.yaml"])
def test_a_study_is_the_same_to_the_byte(cluster: Machines, alone: dict[str, bytes], config: str) -> None:
    name = config.partition(".")[0]
    ended = cluster.hpt.ended(cluster.tune(name, config=config))
    assert cluster.lines(name) == alone[config]
    assert "4 jobs" in ended.err
    run = cluster.facts(name)
    assert run["status"] == "completed"
    assert facts().items() <= run["versions"].items()


def test_a_comparison_is_the_same_but_for_its_seconds(cluster: Machines, alone: dict[str, bytes]) -> None:
    cluster.hpt("compare", "comparison.yaml", "--name", "same", environment={"HPT_CLUSTER": str(cluster.file)})

    def lines(record: bytes) -> list[dict[str, object]]:
        return [{**json.loads(line), "seconds": 0, "crc": ""} for line in record.splitlines()]

    assert lines(cluster.lines("same-compare")) == lines(alone["comparison.yaml"])


def test_two_studies_at_the_same_time_do_not_mix(cluster: Machines, alone: dict[str, bytes]) -> None:
    configs = ("study.yaml", "unpruned.yaml")
    both = [cluster.tune("both-" + config.partition(".")[0], "--quiet", config=config) for config in configs]
    for process, config in zip(both, configs, strict=True):
        cluster.hpt.ended(process)
        assert cluster.lines("both-" + config.partition(".")[0]) == alone[config]


def test_a_worker_of_another_kernel_gets_no_work(machines: Machines, alone: dict[str, bytes]) -> None:
    """And its warning says which fact differs and how to make both agree."""
    from hpt.cluster.executor import Cluster

    machines.scheduler()
    machines.workers(1, OPENBLAS_CORETYPE="Nehalem")
    joined, said = Cluster(machines.file), list[str]()
    time.sleep(1)  # it is seen before there is anybody to be told
    joined.warning(said.append)
    until(lambda: said)
    joined.shutdown()
    waiting = machines.tune("waits", "--json", config="unpruned.yaml")
    assert waiting.stderr is not None
    warning = next(line for line in waiting.stderr if "other bits" in line)
    assert re.search(r"1 of 1 workers .* kernel is Nehalem there and \S+ here: set OPENBLAS_CORETYPE", warning)
    machines.workers(1)
    ended = machines.hpt.ended(waiting)
    assert "other bits" not in ended.err  # it was said
    assert machines.lines("waits") == alone["unpruned.yaml"]
    shown = machines.hpt("workers", machines.file).out
    assert "unlike" in shown
    assert "1 of 2 train for studies from this machine." in shown


@pytest.mark.parametrize("first", [0, -1])
def test_another_blas_in_the_process_changes_no_fact(monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    import threadpoolctl

    told = dict(facts())
    others = {"user_api": "blas", "internal_api": "openblas", "version": "0.1", "architecture": "Z13", "num_threads": 1}
    loaded = [entry for entry in threadpoolctl.threadpool_info() if "numpy" in entry["filepath"]]
    loaded.insert(first % (len(loaded) + 1), {**others, "filepath": "/lib/scipy.libs/libopenblas.so"})
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: loaded)
    assert facts.__wrapped__() == told


def test_a_worker_keeps_one_blas_thread_whatever_it_was_told(machines: Machines) -> None:
    """Asked in the worker's process, after work, of the library that computes."""
    from hpt.cluster.connection import connection
    from hpt.cluster.roster import wanted
    from hpt.cluster.worker import train

    here = str(Path(__file__).parents[2])
    machines.scheduler(PYTHONPATH=here)
    machines.workers(1, OPENBLAS_NUM_THREADS="2", OMP_NUM_THREADS="2", PYTHONPATH=here)
    with connection(machines.file).client() as client:
        asked = client.submit(train, dict(facts()), _blas_threads, resources=wanted(facts()))
        assert asked.result(timeout=SECONDS) == {1}
        assert client.submit(_blas_threads, resources=wanted(facts()), pure=False).result(timeout=SECONDS) == {1}


def _blas_threads() -> set[int]:
    from threadpoolctl import threadpool_info

    return {entry["num_threads"] for entry in threadpool_info() if entry["user_api"] == "blas"}


def test_what_the_worker_is_not_is_refused_in_its_process() -> None:
    from hpt.cluster.worker import UnlikeError, train

    with pytest.raises(UnlikeError, match="numpy is"):
        train({**facts(), "numpy": "1.0"}, print)


@pytest.mark.parametrize("arguments", [["--help"], ["tune", "small.yaml", "--jobs", "2", "--quiet"]])
def test_whoever_wants_no_cluster_imports_nothing_of_it(tmp_path: Path, arguments: list[str]) -> None:
    Hpt(tmp_path).write(
        "small.yaml", "{data: iris, optimizer: {choose: [sgd, adam]}, training: {epochs: 1}, study: {trials: 2}}"
    )
    code = (
        "import sys, atexit\n"
        "engine = lambda: print(sorted({n.partition('.')[0] for n in sys.modules} & {'dask', 'distributed', 'tornado', "
        "'cryptography'}), [n for n in sys.modules if n.startswith('hpt.cluster')])\n"
        f"atexit.register(engine); sys.argv = ['hpt', *{arguments!r}]\n"
        "from hpt.cli import main\nmain()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[] []"
