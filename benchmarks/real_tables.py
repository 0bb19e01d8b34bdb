"""Real tables with nothing said: `hpt tune FILE --target COLUMN` beside scikit-learn on the same test rows.

    python -m benchmarks.real_tables [TABLE …] [--trials 100] [--folds 5] [--seed 0] [--peers FOLDER] [--output FILE]

The test rows are those that hpt's own split holds out; scikit-learn is given all the others, and hpt's predictions for them come from
`hpt predict`. Beside hpt stand scikit-learn's MLP, behind a scaler, one-hot and a random search of as many trials; and its linear
model. A difference is noise where the 95% interval of a bootstrap over the test rows, in pairs, holds zero. `--peers` keeps what
scikit-learn predicted, for the next run. Writes `benchmarks/real_tables.md` where all tables were measured; `python docs/derive.py`
takes it into the docs. An hour on one core, nearly all of it scikit-learn's.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.commands import environment
from benchmarks.table_peers import Fitted, features, linear, measure, searched
from benchmarks.table_sources import TABLES, RealTable, versions
from hpt.configuration import config as configuration
from hpt.configuration.resolution import Override
from hpt.data.drawing import Drawing
from hpt.data.load import load
from hpt.data.missing import handled
from hpt.data.targets import read_target

RESULTS = Path(__file__).parent / "real_tables.md"
_DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the page. scores, seconds: of hpt, the MLP and the linear model.

    gaps: hpt's score less that of the MLP and of the linear model, each with its 95% interval.
    """

    table: RealTable
    rows: tuple[int, int]
    metric: str
    scores: tuple[float, ...]
    gaps: tuple[tuple[float, float, float], ...]
    seconds: tuple[float, ...]


def measured(table: RealTable, trials: int, folds: int, seed: int, peers: Path | None) -> Row:
    """What hpt and scikit-learn make of `table`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{table.name}.csv")
        table.write(path)
        held_out, classes = held_out_rows(path, table, seed)
        cells = pd.read_csv(path, dtype=str, keep_default_na=False)
        cells[held_out].to_csv(Path(folder, "test.csv"), index=False)
        ours = _hpt(Path(folder), table, trials, seed)
        frame = pd.read_csv(path)
    inputs, values = features(frame, table.target), frame[table.target].to_numpy()
    known = ~held_out & ~pd.isna(values)
    if classes:
        values = cells[table.target].to_numpy().astype(str)
    train, given, test, truth = inputs[known], values[known], inputs[held_out], values[held_out]

    def mlp() -> Fitted:
        return searched(train, given, test, classes=classes, trials=trials, folds=folds, seed=seed)

    names = (f"{table.name}-{seed}-mlp-{trials}-{folds}", f"{table.name}-{seed}-linear")
    ways: tuple[Callable[[], Fitted], ...] = (mlp, lambda: linear(train, given, test, classes=classes))
    fitted = [ours, *(_kept(peers, name, way) for name, way in zip(names, ways, strict=True))]
    predicted = [each.predictions.astype(str if classes else float) for each in fitted]
    metric, score = measure(classes)
    return Row(
        table=table,
        rows=(int(known.sum()), int(held_out.sum())),
        metric=metric,
        scores=tuple(score(truth, found) for found in predicted),
        gaps=tuple(_gap(truth, predicted[0], other, score) for other in predicted[1:]),
        seconds=tuple(each.seconds for each in fitted),
    )


def _kept(folder: Path | None, name: str, way: Callable[[], Fitted]) -> Fitted:
    """What `way` gives, or gave when `folder` was last used."""
    path = None if folder is None else folder / f"{name}.npz"
    if path is not None and path.exists():
        with np.load(path) as found:
            return Fitted(found["predictions"], float(found["seconds"]))
    fitted = way()
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, predictions=fitted.predictions, seconds=fitted.seconds)
    return fitted


def held_out_rows(path: Path, table: RealTable, seed: int) -> tuple[NDArray[np.bool_], bool]:
    """(rows,) whether hpt's split holds a row of the file out for testing; and whether its task is a classification."""
    told = [Override("data.target", table.target, "--target"), Override("seed", str(seed), "--seed")]
    told += [Override("data.missing", "mean")] if table.missing else []
    config = configuration.read(path, overrides=told, mode="tune")
    source = load(config.data, config.folder).source
    rows = handled(source, config.data["missing"], [])
    target = read_target(rows, None)
    _, _, test = Drawing.of(rows.rows, target, None, config.data, (config.seed,), ()).parts("share")
    return np.isin(source.rows_at, rows.rows_at[test]), target.classes is not None


def _hpt(folder: Path, table: RealTable, trials: int, seed: int) -> Fitted:
    """What the commands predict for `test.csv`, and the CPU seconds that the search took.

    One job, since the seconds of worker processes are not those of a child; the answer is the same at any number.
    """
    said = ("--set", "data.missing=mean") if table.missing else ()
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    run_quietly(
        folder, "tune", f"{table.name}.csv", "--target", table.target, "--trials", trials, "--seed", seed, "--jobs", 1, *said
    )
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    run_quietly(folder, "predict", table.name, "test.csv", "-o", "predicted.csv")
    found = pd.read_csv(folder / "predicted.csv", dtype=str)["prediction"].to_numpy()
    return Fitted(found, ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime)


def run_quietly(folder: Path, *arguments: object) -> None:
    """Runs `hpt` in `folder`. Raises RuntimeError where it fails."""
    command = [sys.executable, "-m", "hpt", *map(str, arguments), "--quiet"]
    ended = subprocess.run(command, cwd=folder, env=environment(), check=False, capture_output=True, text=True)  # noqa: S603  our own
    if ended.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stderr}")


def _gap(truth: NDArray[Any], ours: NDArray[Any], theirs: NDArray[Any], score: Any) -> tuple[float, float, float]:
    """How much better ours is, and the interval of that over bootstrapped test rows."""
    draws = np.random.default_rng(0).integers(len(truth), size=(_DRAWS, len(truth)))
    found = [score(truth[rows], ours[rows]) - score(truth[rows], theirs[rows]) for rows in draws]
    low, high = np.quantile(found, [0.025, 0.975])
    return score(truth, ours) - score(truth, theirs), float(low), float(high)


def document(rows: Sequence[Row], trials: int, folds: int, seed: int) -> str:
    """The page."""
    return "\n".join([*_head(rows, trials, folds, seed), *_lines(rows), "", *_summary(rows), ""])


def _head(rows: Sequence[Row], trials: int, folds: int, seed: int) -> Iterator[str]:
    yield "# Real tables with nothing said"
    yield ""
    packages = versions(row.table for row in rows)
    yield f"`python -m benchmarks.real_tables --trials {trials} --folds {folds} --seed {seed}`; tables from {packages}."
    yield "Scores on the same test rows, higher is better; gap: of hpt, with its 95% interval; seconds: of CPU."
    yield ""


def _lines(rows: Sequence[Row]) -> Iterator[str]:
    titles = ["table", "train", "test", "metric", "hpt", "MLP", "linear", "gap to MLP", "gap to linear", "s hpt", "s MLP"]
    yield f"| {' | '.join(titles)} |"
    yield f"| --- |{' --- |' * (len(titles) - 1)}"
    for row in rows:
        scores = [f"{value:.3f}" for value in row.scores]
        gaps = [f"{gap:+.3f} ({low:+.3f} … {high:+.3f})" for gap, low, high in row.gaps]
        cells = [
            f"{row.table.name}{'*' if row.table.missing else ''}",
            *map(str, row.rows),
            row.metric,
            *scores,
            *gaps,
            *(f"{s:.1f}" for s in row.seconds[:2]),
        ]
        yield f"| {' | '.join(cells)} |"


def _summary(rows: Sequence[Row]) -> Iterator[str]:
    groups = {"": [row for row in rows if not row.table.missing], " with a star": [row for row in rows if row.table.missing]}
    for told, group in groups.items():
        for index, name in enumerate(("MLP", "linear model")) if group else ():
            gaps = [row.gaps[index] for row in group]
            level, lower = sum(gap >= 0 for gap, _, _ in gaps), sum(high < 0 for _, _, high in gaps)
            yield f"Against the {name}: at least as good on {level} of {len(group)}{told}, below by more than noise on {lower}."
    if groups[" with a star"]:
        yield "Cells are missing in the tables with a star, which hpt refuses until told: `--set data.missing=mean`."


def main(arguments: Sequence[str]) -> int:
    """Measures, prints, writes; 1 where hpt is below the linear model by more than noise, 2 where a table is unknown."""
    parser = argparse.ArgumentParser(
        "benchmarks.real_tables", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tables", nargs="*", metavar="TABLE")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--folds", type=int, default=5, help="of the cross-validation in scikit-learn's search")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--peers", type=Path, metavar="FOLDER", help="where scikit-learn's predictions are kept between runs"
    )
    parser.add_argument("--output", type=Path, metavar="FILE")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.tables) - {table.name for table in TABLES}:
        print(f"error: no such table: {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    rows = []
    for table in TABLES:
        if not chosen.tables or table.name in chosen.tables:
            rows.append(measured(table, chosen.trials, chosen.folds, chosen.seed, chosen.peers))
            print(list(_lines(rows))[-1], file=sys.stderr, flush=True)
    page = document(rows, chosen.trials, chosen.folds, chosen.seed)
    print(page)
    output = chosen.output or (None if chosen.tables else RESULTS)
    if output is not None:
        output.write_text(page, encoding="utf-8")
    return int(any(high < 0 for row in rows for _, _, high in row.gaps[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
