"""The kernels that rows are measured on."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import benchmarks.__main__ as command
from benchmarks import kernels as module
from benchmarks.kernels import AVX2, CORETYPE, Kernel, kernels
from benchmarks.measuring import Benchmark, Effort, Measured, Reading, Row
from benchmarks.table import BENCHMARKS


def told() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name == CORETYPE}


def test_a_kernel_is_chosen_for_the_processes_started_meanwhile() -> None:
    before = told()
    with Kernel(AVX2, {CORETYPE: AVX2}).chosen():
        assert told() == {CORETYPE: AVX2}
        with Kernel("other", {CORETYPE: "other"}).chosen():
            assert told() == {CORETYPE: "other"}
        assert told() == {CORETYPE: AVX2}
    assert told() == before


def test_each_kernel_is_what_a_process_takes() -> None:
    found = kernels()
    assert not found[0].variables
    assert len({kernel.name for kernel in found}) == len(found)
    for kernel in found:
        with kernel.chosen():
            answer = subprocess.run([sys.executable, "-c", module.ASK], capture_output=True, text=True, check=True)
        assert answer.stdout.strip() == kernel.name


def test_only_products_are_measured_on_each_kernel(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    both = (Kernel("Zen"), Kernel(AVX2, {CORETYPE: AVX2}))

    def measured(benchmark: Benchmark, effort: Effort, kernel: Kernel) -> Measured:
        return Measured({row.name: Reading([1.0]) for row in benchmark.rows}, "a profile")

    table = [
        Benchmark(lambda effort: Measured({}), (Row("product", "one"),), products=True),
        Benchmark(lambda effort: Measured({}), (Row("start", "none"),)),
    ]
    monkeypatch.setattr(command, "measured", measured)
    monkeypatch.setattr(command, "kernels", lambda: both)
    monkeypatch.setattr(command, "selected", lambda words: table)
    assert command.main(["--quick"]) == 0
    out = capsys.readouterr().out
    assert [line.split(" | ")[::2][:2] for line in out.splitlines()[2:5]] == [
        ["| product", "Zen"],
        ["| product", AVX2],
        ["| start", "Zen"],
    ]
    assert f"a profile ({AVX2})" in out


def test_whole_studies_and_workloads_say_both() -> None:
    both = {row.name for benchmark in BENCHMARKS if benchmark.products for row in benchmark.rows}
    assert {"W1.torch", "W1.alone", "W2.torch", "R1.1000", "R1.200"} <= both
