"""What several networks of the winner's setting are worth: the mean of those that `hpt tune FILE` keeps beside each of them alone.

    python -m benchmarks.several_networks [TABLE …] [--trials 100] [--seeds 1 2 3] [--output FILE]

The tables are those of `benchmarks.real_tables`, without the one whose rows are so many that one network is kept. Each seed is another
split and another search. A difference is noise where the 95% interval of a bootstrap over the test rows, in pairs, holds zero. Writes
`benchmarks/several_networks.md` where all tables were measured; `python docs/derive.py` takes it into the docs. Five minutes on one core.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.real_tables import held_out_rows, run_quietly
from benchmarks.table_peers import measure
from benchmarks.table_sources import TABLES, RealTable, versions
from hpt.models.networks import apart
from hpt.study.predicting import Predictor, predictor_in

RESULTS = Path(__file__).parent / "several_networks.md"
_DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """A table with a seed. alone: the score of each network. together: that of their mean.

    low, high: the interval of the gap between `together` and the mean of `alone`.
    """

    table: RealTable
    metric: str
    alone: tuple[float, ...]
    together: float
    low: float
    high: float

    @property
    def gap(self) -> float:
        """How much better they are together than one is expected to be."""
        return self.together - float(np.mean(self.alone))


def measured(table: RealTable, trials: int, seed: int) -> Row | None:
    """A row of the page; None where one network is kept."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / f"{table.name}.csv"
        table.write(path)
        held_out, classes = held_out_rows(path, table, seed)
        cells = pd.read_csv(path, dtype=str, keep_default_na=False)[held_out]
        cells.to_csv(folder / "test.csv", index=False)
        said = ("--set", "data.missing=mean") if table.missing else ()
        asked = ("--target", table.target, "--trials", trials, "--seed", seed, "--jobs", 1)
        run_quietly(folder, "tune", path.name, *asked, *said)
        predictor = predictor_in(folder / "runs" / table.name)
        inputs = predictor.read(folder / "test.csv").inputs
    (model,) = predictor.models
    networks = apart(model.weights)
    if len(networks) == 1:
        return None
    truth = cells[table.target].to_numpy().astype(str if classes else float)

    def answers(found: Predictor) -> np.ndarray:
        predictions = found.predict(inputs)
        amounts = predictions.values  # noqa: PD011  no data frame
        return np.array(predictions.classes)[amounts] if predictions.classes else amounts

    each = [answers(replace(predictor, models=(replace(model, weights=network),))) for network in networks]
    together = answers(predictor)
    metric, score = measure(classes)
    draws = np.random.default_rng(0).integers(len(truth), size=(_DRAWS, len(truth)))
    gaps = [score(truth[at], together[at]) - np.mean([score(truth[at], one[at]) for one in each]) for at in draws]
    low, high = np.quantile(gaps, [0.025, 0.975])
    return Row(table, metric, tuple(score(truth, one) for one in each), score(truth, together), float(low), float(high))


def document(rows: Sequence[Row], trials: int, seeds: Sequence[int]) -> str:
    """The page."""
    return "\n".join([*_lines(rows, trials, seeds), ""])


def _lines(rows: Sequence[Row], trials: int, seeds: Sequence[int]) -> Iterator[str]:
    told = " ".join(map(str, seeds))
    yield f"`python -m benchmarks.several_networks --trials {trials} --seeds {told}`; tables from {versions(row.table for row in rows)}."
    yield "Scores on the test rows, higher is better, means over the seeds; scatter: the standard deviation among networks of one setting."
    yield ""
    yield "| table | metric | one network | scatter | five, averaged | gap |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for table in dict.fromkeys(row.table for row in rows):
        group = [row for row in rows if row.table == table]
        one, together, gap = (
            float(np.mean(f)) for f in zip(*((np.mean(r.alone), r.together, r.gap) for r in group), strict=True)
        )
        scatter = float(np.mean([np.std(row.alone, ddof=1) for row in group]))
        name = f"{table.name}{'*' if table.missing else ''}"
        yield f"| {name} | {group[0].metric} | {one:.3f} | {scatter:.3f} | {together:.3f} | {gap:+.3f} |"
    gaps = [row.gap for row in rows]
    better, worse = sum(gap > 0 for gap in gaps), sum(gap < 0 for gap in gaps)
    above, below = sum(row.low > 0 for row in rows), sum(row.high < 0 for row in rows)
    error = float(np.std(gaps, ddof=1) / np.sqrt(len(gaps)))
    yield ""
    yield f"Of {len(rows)} searches five were better than one on {better}, by more than noise on {above};"
    yield f"worse on {worse}, by more than noise on {below}."
    yield f"The gap is {np.mean(gaps):+.4f} in the mean, with a standard error of {error:.4f}."


def main(arguments: Sequence[str]) -> int:
    """Measures, prints, writes; 2 where a table is unknown."""
    parser = argparse.ArgumentParser(
        "benchmarks.several_networks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tables", nargs="*", metavar="TABLE")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--output", type=Path, metavar="FILE")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.tables) - {table.name for table in TABLES}:
        print(f"error: no such table: {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    rows = []
    for table in TABLES:
        for seed in chosen.seeds if not chosen.tables or table.name in chosen.tables else ():
            row = measured(table, chosen.trials, seed)
            if row is None:
                break
            rows.append(row)
            print(f"{table.name} {seed}: {row.together:.3f}, {row.gap:+.3f}", file=sys.stderr, flush=True)
    page = document(rows, chosen.trials, chosen.seeds)
    print(page)
    output = chosen.output or (None if chosen.tables else RESULTS)
    if output is not None:
        output.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
