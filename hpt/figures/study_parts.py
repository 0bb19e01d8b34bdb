"""Parts of a study's report that not every study has: the front of several objectives, and what is known of its data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from hpt.figures.figure import Captioned, Part, Points, Scatter
from hpt.figures.study_figures import thinned
from hpt.runs.run_metadata import RunMetadata
from hpt.runs.trial_record import TrialRecord
from hpt.study.goals import front_board
from hpt.study.leaderboard import Leaderboard
from hpt.tables.table import ColumnInfo
from hpt.view.columns import columns_table
from hpt.view.formats import literal, metric_name, number
from hpt.view.leaderboard import leaderboard_table
from hpt.view.page import Facts, Line, Sentence

_MOST_COLUMNS, _MOST_FRONT = 300, 100


def front_parts(board: Leaderboard, objectives: Sequence[str]) -> Iterator[Part]:
    """Each further objective against the first, and the trials that no other dominates; nothing where there is one objective."""
    first = front_board(board, tuple(objectives))
    if not first.records:
        return
    yield Sentence("No other trial is better than one of these in one objective without being worse in another.")
    on_front = {record.trial for record in first.records}
    others = [r for r in board.records if r.trial not in on_front and len(r.values) == len(objectives)]
    infeasible = [record for record in others if record.violates]
    others = [record for record in others if not record.violates]
    for at, objective in enumerate(objectives[1:], 1):
        # The front is drawn last, over the others.
        groups = {"violates a constraint": thinned(infeasible), "other trials": thinned(others), "the front": first.records}
        found = [_objective_points(label, records, at) for label, records in groups.items()]
        shown = [each for each in found if each.xs]
        figure = Scatter(shown, metric_name(objective), metric_name(objectives[0]), log_x=None)
        yield Captioned(
            f"{metric_name(objectives[0])} and {metric_name(objective)}", figure, "A dot for each trial.", wide=True
        )
    yield leaderboard_table(first, _MOST_FRONT, list(objectives[1:]))


def _objective_points(label: str, records: Sequence[TrialRecord], at: int) -> Points:
    pairs = [(r.trial, r.values[at], r.values[0]) for r in records]
    known = [(trial, x, y) for trial, x, y in pairs if x is not None and y is not None]
    texts = [f"trial {trial}: {number(y)}, {literal(x)}" for trial, x, y in known]
    return Points(label, [x for _, x, _ in known], [y for _, _, y in known], texts)


def data_parts(metadata: RunMetadata, rows: Mapping[str, int]) -> Iterator[Part]:
    """The rows of each part, what was decided and warned of, and how each column was read. rows: none where not known."""
    if rows:
        yield Facts([f"{count} {part} rows" for part, count in rows.items()])
    yield from (Sentence(text) for text in metadata.notices)
    yield from (Sentence(text, "warning") for text in metadata.warnings)
    if metadata.columns:
        shown = [ColumnInfo(**column) for column in islice(metadata.columns, _MOST_COLUMNS)]
        yield columns_table(shown)
        if len(metadata.columns) > len(shown):
            yield Line(f"and {len(metadata.columns) - len(shown)} more columns", "muted")
