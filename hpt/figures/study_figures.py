"""Pictures of all trials of a study: slices through the space, and parallel coordinates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hpt.configuration.space import SearchSpace
from hpt.figures.figure import Axis, Captioned, Parallel, Points, Scatter
from hpt.foundation.catalogue import Range
from hpt.foundation.randomness import generator
from hpt.runs.trial_record import TrialRecord
from hpt.study.leaderboard import Leaderboard
from hpt.view.formats import literal, metric_name, number
from hpt.view.parameters import parameter_texts, short_names

MOST_POINTS = 2000
MOST_LINES = 250


def points(label: str, records: Sequence[TrialRecord], x: Callable[[TrialRecord], float]) -> Points:
    """The trials of `records` that have a value, or a sample of them, over `x`."""
    shown = [record for record in thinned(records) if record.value is not None]
    texts = [f"trial {r.trial}: {number(r.value)}\n{', '.join(parameter_texts(r.parameters))}" for r in shown]
    return Points(label, [x(r) for r in shown], [float(r.value) for r in shown if r.value is not None], texts)


def thinned(records: Sequence[TrialRecord], most: int = MOST_POINTS) -> Sequence[TrialRecord]:
    """All of `records`, or a sample of `most` of them."""
    if len(records) <= most:
        return records
    chosen = generator("report", len(records)).choice(len(records), size=most, replace=False)
    return [records[at] for at in sorted(chosen.tolist())]


def slices(space: SearchSpace, board: Leaderboard) -> Iterator[Captioned]:
    """The value over each hyperparameter, branches told apart."""
    completed = [record for record in board.records if record.state == "completed" and record.value is not None]
    names = short_names([record.parameters for record in completed])
    searched = _searched(space)
    for short in dict.fromkeys(names[path] for path in space.paths() if path in names):
        of_branch: dict[str, list[tuple[TrialRecord, Any]]] = {}
        for record in thinned(completed):
            value = next((v for path, v in record.parameters.items() if names[path] == short), None)
            if value is not None:
                of_branch.setdefault(space.label(record.parameters), []).append((record, value))
        ranges = [search for path, search in searched.items() if names.get(path) == short]
        if of_branch:
            yield Captioned(short, _slice(of_branch, short, metric_name(board.objective.metric), ranges))


def _slice(
    of_branch: Mapping[str, list[tuple[TrialRecord, Any]]], short: str, y_name: str, ranges: Sequence[Any]
) -> Scatter:
    numeric = bool(ranges) and all(isinstance(search, Range) for search in ranges)
    ticks = [] if numeric else list(dict.fromkeys(literal(v) for pairs in of_branch.values() for _, v in pairs))
    points = [
        Points(
            label,
            [float(value) if numeric else float(ticks.index(literal(value))) for _, value in pairs],
            [float(record.value) for record, _ in pairs if record.value is not None],
            [f"trial {record.trial}: {number(record.value)}, {short} {literal(value)}" for record, value in pairs],
        )
        for label, pairs in of_branch.items()
    ]
    log = numeric and any(search.scaling.log for search in ranges if isinstance(search, Range) and search.scale == "log")
    return Scatter(points, short, y_name, log_x=log, x_ticks=ticks)


def _searched(space: SearchSpace) -> dict[str, Any]:
    return {d.path: d.search for label in space.branches for d in space.dimensions(label)}


def parallel(space: SearchSpace, board: Leaderboard) -> Parallel | None:
    """The completed trials through an axis for each hyperparameter, and one for the value."""
    completed = [record for record in board.records if record.eligible and record.value is not None]
    shown = [*completed[: MOST_LINES // 2], *thinned(completed[MOST_LINES // 2 :], MOST_LINES // 2)]
    if len(shown) < 2:
        return None
    names = short_names([record.parameters for record in shown])
    searched = _searched(space)
    axes = []
    for short in dict.fromkeys(names[path] for path in space.paths() if path in names):
        cells = [next((v for p, v in r.parameters.items() if names[p] == short), None) for r in shown]
        ranges = [search for path, search in searched.items() if names.get(path) == short]
        axes.append(_parallel_axis(short, cells, ranges))
    costs = [board.objective.cost(record.value) for record in shown]
    shares = [rank / max(1, len(shown) - 1) for rank in _ranks(costs)]
    ticks = [(1.0, number(shown[0].value)), (0.0, number(shown[-1].value))]
    axes.append(Axis(metric_name(board.objective.metric), [1 - share for share in shares], ticks))
    return Parallel(axes, shares)


def _ranks(costs: Sequence[float]) -> list[int]:
    order = sorted(range(len(costs)), key=lambda at: costs[at])
    ranks = [0] * len(costs)
    for rank, at in enumerate(order):
        ranks[at] = rank
    return ranks


def _parallel_axis(name: str, cells: Sequence[Any], ranges: Sequence[Any]) -> Axis:
    numeric = [search for search in ranges if isinstance(search, Range)]
    if numeric and len(numeric) == len(ranges):
        scaling = numeric[0].scaling
        low, high = min(s.min for s in numeric), max(s.max for s in numeric)
        start, end = scaling.level(low), scaling.level(high)
        places = [None if cell is None else (scaling.level(cell) - start) / (end - start) for cell in cells]
        middle = scaling.value(scaling.middle(*scaling.ends(low, high)))
        return Axis(name, places, [(0.0, literal(low)), (0.5, literal(middle)), (1.0, literal(high))])
    texts = [None if cell is None else literal(cell) for cell in cells]
    known = sorted({text for text in texts if text is not None})
    spaced = {text: (at / (len(known) - 1) if len(known) > 1 else 0.5) for at, text in enumerate(known)}
    return Axis(
        name, [None if text is None else spaced[text] for text in texts], [(place, text) for text, place in spaced.items()]
    )
