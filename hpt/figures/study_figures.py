"""Pictures of all trials of a study: slices through the space, and parallel coordinates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hpt.configuration.space import SearchSpace
from hpt.figures.figure import Axis, Captioned, Parallel, Points, Scatter
from hpt.foundation.catalogue import Range, Values
from hpt.foundation.randomness import generator
from hpt.runs.trial_record import TrialRecord
from hpt.study.leaderboard import Leaderboard
from hpt.view.formats import literal, metric_name, number
from hpt.view.parameters import parameter_texts, short_names

MOST_POINTS = 2000
MOST_LINES = 250
_DRAWN = frozenset({"linear", "log"})
"""The scales that a picture draws itself."""


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
        of_branch: dict[str, list[tuple[TrialRecord, Any]]] = {label: [] for label in space.branches}
        for record in thinned(completed):
            value = next((v for path, v in record.parameters.items() if names[path] == short), None)
            if value is not None:
                of_branch[space.label(record.parameters)].append((record, value))
        ranges = [search for path, search in searched.items() if names.get(path) == short]
        if any(of_branch.values()):
            yield Captioned(short, _slice(of_branch, short, metric_name(board.objective.metric), ranges))


def _slice(
    of_branch: Mapping[str, list[tuple[TrialRecord, Any]]], short: str, y_name: str, searches: Sequence[Any]
) -> Scatter:
    ranges = [search for search in searches if isinstance(search, Range)]
    numeric = bool(ranges) and len(ranges) == len(searches)
    ticks = [] if numeric else _choices(of_branch, searches)
    scale = ranges[0].scaling if numeric and len({search.scale for search in ranges}) == 1 else None
    own = scale is not None and scale.name not in _DRAWN
    marks = _marks(ranges) if own else []

    def place(value: Any) -> float:
        if not numeric:
            return float(ticks.index(literal(value)))
        return scale.level(value) if own and scale is not None else float(value)

    shown = [(at, label, pairs) for at, (label, pairs) in enumerate(of_branch.items()) if pairs]
    points = [
        Points(
            label,
            [place(value) for _, value in pairs],
            [float(record.value) for record, _ in pairs if record.value is not None],
            [f"trial {record.trial}: {number(record.value)}, {short} {literal(value)}" for record, value in pairs],
        )
        for _, label, pairs in shown
    ]
    name = f"{short}, {scale.name} scale" if own and scale is not None else short
    log = numeric and any(search.scale == "log" for search in ranges)
    return Scatter(points, name, y_name, log_x=log, x_ticks=ticks, x_marks=marks, colours=[at for at, _, _ in shown])


def _choices(of_branch: Mapping[str, list[tuple[TrialRecord, Any]]], searches: Sequence[Any]) -> list[str]:
    """What was chosen from, in the order in which it was written; then what else the trials have."""
    written = [literal(value) for search in searches if isinstance(search, Values) for value in search.values]
    seen = {literal(value) for pairs in of_branch.values() for _, value in pairs}
    if not written:
        written = [label for label in of_branch if label in seen]
    return [*dict.fromkeys(text for text in written if text in seen), *sorted(seen.difference(written))]


def _marks(ranges: Sequence[Range]) -> list[tuple[float, str]]:
    """Places on the scale of `ranges`, evenly from their lowest to their highest end, and the values there."""
    scale = ranges[0].scaling
    low, high = scale.level(min(s.min for s in ranges)), scale.level(max(s.max for s in ranges))
    places = [low + (high - low) * share for share in (0, 0.25, 0.5, 0.75, 1)]
    return [(place, literal(float(f"{scale.value(scale.coordinate(place)):.4g}"))) for place in places]


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
