"""What decides the bits that training computes on a machine: two machines that agree in it compute the same."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import hpt
from hpt.numerics.types import Floats

PINS: Mapping[str, str] = {
    "hpt": "install the same hpt on both",
    "numpy": "install numpy=={} on both",
    "blas": "install NumPy from the same place on both: a wheel brings its own BLAS",
    "kernel": "set OPENBLAS_CORETYPE on both to the kernel of the older machine",
    "simd": "set NPY_DISABLE_CPU_FEATURES on both to what the older machine has not",
    "libc": "use the same system image on both",
    "probe": "use the same system image on both, on processors of one kind",
}
"""How to make two machines agree in a fact; {} stands for the value to agree on."""


@cache
def facts() -> Mapping[str, str]:
    """What decides the bits here: versions, the BLAS and its kernel, the vector instructions NumPy uses, libc, and a probe.

    The probe is the digest of a computation, for what has no name. Constant while a process lives.
    """
    from threadpoolctl import threadpool_info, threadpool_limits

    libraries = [entry for entry in threadpool_info() if entry["user_api"] == "blas"]
    blas: dict[str, Any] = max(libraries, key=_is_numpys, default={})
    built: Any = np.show_config(mode="dicts")
    instructions = built.get("SIMD Extensions", {})
    with threadpool_limits(limits=1, user_api="blas"):
        probe = hashlib.blake2b(b"".join(array.tobytes() for array in _probe()), digest_size=8).hexdigest()
    return {
        "hpt": hpt.__version__,
        "numpy": np.__version__,
        "blas": f"{blas.get('internal_api', 'unknown')} {blas.get('version', '')}".strip(),
        "kernel": str(blas.get("architecture", platform.machine())),
        "simd": " ".join((*instructions.get("baseline", ()), *instructions.get("found", ()))) or "none",
        "libc": _libc(),
        "probe": probe,
    }


def fingerprint(of: Mapping[str, str]) -> str:
    """One word for `of`, what `facts` gave somewhere."""
    return hashlib.blake2b(repr(sorted(of.items())).encode(), digest_size=6).hexdigest()


def unlike(theirs: Mapping[str, str], ours: Mapping[str, str]) -> list[str]:
    """A sentence for each fact in which `theirs` differ from `ours`: both values, and how to make them agree."""
    differing = [name for name in ours if theirs.get(name) != ours[name]]
    # The probe differs wherever the rest does: it is worth a sentence where nothing else explains it.
    named = [name for name in differing if name != "probe"] or differing
    return [
        f"{name} is {theirs.get(name, 'unknown')} there and {ours[name]} here: {PINS[name].format(ours[name])}"
        for name in named
    ]


def _is_numpys(library: Mapping[str, Any]) -> bool:
    """Whether a loaded BLAS is the one that came with NumPy: SciPy brings another, which computes nothing here."""
    package, file = Path(np.__file__).resolve().parent, Path(library["filepath"]).resolve()
    return file.is_relative_to(package) or file.is_relative_to(package.with_name(f"{package.name}.libs"))


def _libc() -> str:
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or platform.platform()
    except (AttributeError, OSError, ValueError):
        return f"{platform.system()} {platform.release()}"


def _probe() -> Iterator[Floats]:
    """Arrays computed as training computes: two updates of small dense networks in both precisions, and each kind of function."""
    random = np.random.default_rng(7)
    for dtype in ("float32", "float64"):
        for members, inputs, hidden, outputs, rows in ((3, 64, 65, 10, 32), (2, 10, 33, 3, 17), (5, 5, 7, 1, 256)):
            x = random.standard_normal((members, rows, inputs)).astype(dtype)
            y = random.standard_normal((members, rows, outputs)).astype(dtype)
            first = random.normal(0, 0.1, (members, inputs, hidden)).astype(dtype)
            second = random.normal(0, 0.1, (members, hidden, outputs)).astype(dtype)
            for _ in range(2):
                active = np.tanh(x @ first)
                error = active @ second - y
                back = (error @ second.swapaxes(1, 2)) * (1 - active * active)
                second -= 0.01 * (active.swapaxes(1, 2) @ error)
                first -= 0.01 * (x.swapaxes(1, 2) @ back)
            yield from (first, second, np.add.reduce(error, axis=1), np.exp(-np.abs(error)), np.log1p(np.abs(error)))
            yield np.sqrt(np.abs(error)) / (1 + np.abs(error))
