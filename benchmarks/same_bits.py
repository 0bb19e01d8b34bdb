"""The numbers of another checkout, held against this one's to the bit.

    python -m benchmarks.same_bits --old PATH_OF_ANOTHER_CHECKOUT [--only WORD]

Runs the same commands in both, on the machine's own BLAS kernel and on that of machines without AVX-512: `hpt train` with every
optimizer, three studies, a comparison. Takes some two minutes; exit code 1 where anything differs.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.checkouts import Checkout, pair
from benchmarks.kernels import kernels
from benchmarks.same_bits_cases import CASES, Case

ABSENT = object()
ARCHIVE = b"PK"


def results(case: Case, checkout: Checkout) -> dict[str, Any]:
    """What `case` prints and leaves when `checkout` runs it in a fresh folder, by the name of the output."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "case.yaml").write_text(case.config, encoding="utf-8")
        code, printed = checkout.hpt(case.verb, "case.yaml", "--json", "--quiet", *case.flags, folder=folder)
        read: dict[str, Any] = {"exit code": code}
        if code:
            return read
        read["--json"] = json.loads(printed)
        for file in case.exact:
            read[file] = (folder / file).read_bytes()
        for file in case.records:
            read[file] = [json.loads(line) for line in (folder / file).read_text(encoding="utf-8").splitlines()]
    return read


def difference(old: Any, new: Any, path: str = "") -> str | None:
    """The first place below `path` where the two differ, with what stands there; None where there is none.

    Keys that hold measured time are left out. Numbers are compared as they print: to the bit, and an integer is no float.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        # A record with a time in it has another checksum each time.
        timed = any("seconds" in name for name in old | new)
        names = [name for name in old | new if "seconds" not in name and not (timed and name == "crc")]
        pairs = ((f"{path}.{name}".lstrip("."), old.get(name, ABSENT), new.get(name, ABSENT)) for name in names)
    elif isinstance(old, list) and isinstance(new, list):
        both = enumerate(zip_longest(old, new, fillvalue=ABSENT))
        pairs = ((f"{path}[{index}]", one, other) for index, (one, other) in both)
    elif isinstance(old, bytes) and isinstance(new, bytes):
        return None if old == new else f"{path}: {inside(old, new)}"
    else:
        return None if repr(old) == repr(new) else f"{path}: {shown(old)}, now {shown(new)}"
    return next(filter(None, (difference(one, other, place) for place, one, other in pairs)), None)


def inside(old: bytes, new: bytes) -> str:
    """Where two files differ: the array of an archive, else the first line, down to the field where it is JSON."""
    if old.startswith(ARCHIVE) and new.startswith(ARCHIVE):
        return difference(arrays(old), arrays(new)) or "the same arrays in other bytes"
    lines = zip_longest(*(file.decode(errors="replace").split("\n") for file in (old, new)), fillvalue="")
    number, (one, other) = next((number, both) for number, both in enumerate(lines, 1) if both[0] != both[1])
    try:
        field = difference(json.loads(one), json.loads(other))
    except json.JSONDecodeError:
        field = None
    return f"line {number}: {field or f'{shown(one)}, now {shown(other)}'}"


def arrays(archive: bytes) -> dict[str, Any]:
    """The arrays of an .npz file as lists, with their types."""
    with np.load(io.BytesIO(archive), allow_pickle=False) as stored:
        return {name: [stored[name].dtype.str, stored[name].tolist()] for name in stored.files}


def shown(value: Any) -> str:
    """A value in one short text."""
    text = "nothing" if value is ABSENT else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def differences(cases: Sequence[Case], old: Checkout, new: Checkout) -> Iterator[tuple[Case, str | None]]:
    """Each case with the first place in which the checkouts differ."""
    for case in cases:
        before = results(case, old)
        code = before["exit code"]
        yield case, f"exit code {code} in the old checkout" if code else difference(before, results(case, new))


def main(arguments: Sequence[str]) -> int:
    """Runs, prints; 1 where something differs, 2 where there is nothing to compare."""
    parser = argparse.ArgumentParser(
        "benchmarks.same_bits", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--old", type=Path, required=True, metavar="PATH", help="another checkout of this project")
    parser.add_argument("--only", default="", metavar="WORD", help="the cases with this in their name or verb")
    chosen = parser.parse_args(arguments)
    cases = [case for case in CASES if chosen.only in f"{case.verb} {case.name}"]
    if not cases:
        print(f"error: --only: expected a word of a case, found {chosen.only!r}.", file=sys.stderr)
        return 2
    try:
        old, new = pair(chosen.old)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    differing = 0
    print("| kernel | command | case | |\n| --- | --- | --- | --- |", flush=True)
    for kernel in kernels():
        with kernel.chosen():
            for case, found in differences(cases, old, new):
                print(f"| {kernel.name} | {case.verb} | {case.name} | {found or 'same'} |", flush=True)
                differing += found is not None
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
