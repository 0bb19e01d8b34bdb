"""What reading a million rows by twenty columns takes, beside pandas and polars: `python -m benchmarks.reading`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np

ROWS, COLUMNS = 1_000_000, 20
READERS = {
    "hpt": (
        "from pathlib import Path; from hpt.data.options import DATA; from hpt.tables.files import read_file",
        "read_file(Path(path), {row.name: row.default for row in DATA})",
    ),
    "pandas": ("import pandas", "pandas.read_csv(path)"),
    "polars": ("import polars", "polars.read_csv(path)"),
}
MEASURED = """
import resource, sys, time
path = sys.argv[1]
{imports}
started = time.process_time()
table = {read}
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
print(f"{{time.process_time() - started:.1f}} s of one core, peak {{peak:.0f}} MB")
"""


def write(path: Path) -> None:
    """A file of normal numbers with seven decimals, about 210 MB."""
    random = np.random.default_rng(0)
    with path.open("w", encoding="ascii") as file:
        file.write(",".join(f"c{index}" for index in range(COLUMNS)) + "\n")
        for _ in range(100):
            rows = random.normal(size=(ROWS // 100, COLUMNS)).tolist()
            file.writelines(",".join(f"{value:.7f}" for value in row) + "\n" for row in rows)


def main() -> None:
    """Prints a line a reader; each reads in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "million.csv"
        write(path)
        print(f"{ROWS} rows, {COLUMNS} columns, {path.stat().st_size / 1e6:.0f} MB")
        for name, (imports, read) in READERS.items():
            if find_spec(name) is None:
                print(f"{name}: not installed")
                continue
            script = MEASURED.format(imports=imports, read=read)
            done = subprocess.run(  # noqa: S603  the scripts above
                [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
            )
            print(f"{name}: {done.stdout.strip()}")


if __name__ == "__main__":
    main()
