"""The BLAS kernels that figures and bits depend on: the machine's own, and the one of machines without AVX-512."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

CORETYPE = "OPENBLAS_CORETYPE"
AVX2 = "Haswell"
ASK = """
import numpy, threadpoolctl
found = threadpoolctl.threadpool_info()
print(*sorted({pool.get("architecture") or pool["internal_api"] for pool in found if pool["user_api"] == "blas"}))
"""


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel by the name that BLAS gives it, and the variables that make BLAS take it."""

    name: str
    variables: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def chosen(self) -> Iterator[None]:
        """Within, processes that are started take this kernel."""
        before = {name: os.environ.get(name) for name in self.variables}
        os.environ.update(self.variables)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


@cache
def kernels() -> tuple[Kernel, ...]:
    """The machine's own kernel, and OpenBLAS's for AVX2 where this NumPy's BLAS has it and it is another one.

    Asked of fresh processes: a library chooses its kernel when it is loaded.
    """
    own = Kernel(_taken())
    avx2 = Kernel(AVX2, {CORETYPE: AVX2})
    return (own, avx2) if own.name != AVX2 and _taken(avx2.variables) == AVX2 else (own,)


def _taken(variables: Mapping[str, str] | None = None) -> str:
    environment = os.environ | (variables or {})
    command = [sys.executable, "-c", ASK]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603  our own
    return answer.stdout.strip() or "unknown"
