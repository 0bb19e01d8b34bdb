"""The report of a study: what was found, and every picture that shows why."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

from hpt.analysis.edges import Edge
from hpt.analysis.study_analysis import StudyAnalysis
from hpt.configuration.widening import written
from hpt.figures.figure import Captioned, Chapter, Intervals, Matrix, Part, Plot, Points, Report, Scatter
from hpt.figures.study_figures import parallel, points, slices
from hpt.figures.study_parts import data_parts, front_parts
from hpt.runs.trial_record import TrialRecord
from hpt.search.importance import FEWEST
from hpt.study.findings import Findings
from hpt.study.leaderboard import Leaderboard
from hpt.view.baselines import baseline_lines, verdict
from hpt.view.constraints import INFEASIBLE, constraint_sentence, no_winner, state_of
from hpt.view.curves import Series
from hpt.view.formats import literal, metric_name, number
from hpt.view.leaderboard import best_so_far, companion, leaderboard_table, state_counts
from hpt.view.page import Block, Command, Facts, Line, Sentence
from hpt.view.parameters import parameter_texts, short_names
from hpt.view.selection import kept_sentence, luck_sentence, outlook_sentence, turned
from hpt.view.testing import testing_section

MOST_ROWS = 500
_PARTS = ("validation", "train")


def study_report(found: StudyAnalysis) -> Report:
    """All of it as one page."""
    chapters = [
        Chapter("Leaderboard", [leaderboard_table(found.board, MOST_ROWS, _companions(found.board))]),
        Chapter("The front", list(front_parts(found.board, found.metadata.objectives))),
        Chapter("The search", list(_search(found))),
        Chapter("Learning curves", list(_curves(found))),
        Chapter("What matters", list(_what_matters(found))),
        Chapter("Ranges", list(_ranges(found.edges))),
        Chapter("Answers on the validation rows", list(_answers(found))),
        Chapter("The data", list(data_parts(found.metadata, found.rows))),
        Chapter("How to repeat it", list(_repeat(found))),
    ]
    return Report(f"{found.name}: hyperparameter search", list(_findings(found)), [c for c in chapters if c.parts])


def _findings(found: StudyAnalysis) -> Iterator[Block]:
    board = found.board
    best = board.best
    status = str(found.metadata.status)
    yield Facts([status, f"{len(board.records)} of {found.metadata.trials} trials", *state_counts(board)], "muted")
    kept = constraint_sentence(board)
    yield from (Sentence(kept),) if kept else ()
    if best is None:
        yield Sentence(f"{no_winner(board).capitalize()}, so there is nothing to recommend yet.", "strong")
        return
    name = metric_name(board.objective.metric)
    beside = companion(best.metrics, board.objective.metric)
    also = f" ({metric_name(beside)} {number(best.metrics[beside])})" if beside else ""
    chosen = board.chosen.setting.trial if board.chosen is not None else best.trial
    so_far = " so far" if status == "running" else ""
    again = f", trained again as trial {best.trial}" if chosen != best.trial else ""
    yield Sentence(
        f"The best of {len(board.records)} trials{so_far} is number {chosen}{again}: {name} {number(best.value)}{also}.",
        "strong",
    )
    known = Findings.of(found.metadata).baselines
    yield Sentence(luck_sentence(board))
    if status == "completed" and (text := outlook_sentence(board, found.metadata.matters)):
        yield Sentence(text)
    if several := kept_sentence(found.metadata.networks):
        yield Sentence(several)
    yield from baseline_lines(board, known)
    said = verdict(board, known)
    yield from (said,) if said else ()
    if (turn := turned(board)) is not None:
        yield Sentence(turn, "warning")
    yield from testing_section(found.metadata.test)
    yield Sentence(f"It was trained with {', '.join(parameter_texts(best.parameters))}.")
    yield Sentence(f"It is the best of many on {board.objective.part} rows: expect worse on new data.", "muted")


def _companions(board: Leaderboard) -> list[str]:
    metric = companion(board.best.metrics, board.objective.metric) if board.best is not None else None
    return [metric] if metric else []


def _search(found: StudyAnalysis) -> Iterator[Part]:
    board = found.board
    name = metric_name(board.objective.metric)
    ordered = sorted(board.records, key=lambda record: record.trial)
    kinds = [
        ("completed", "completed"),
        ("pruned", "ended early, at its last epoch"),
        (INFEASIBLE, "violates a constraint"),
    ]
    shown = [
        p for kind, label in kinds if (p := points(label, [r for r in ordered if state_of(r) == kind], lambda r: r.trial)).xs
    ]
    if shown:
        best = Series("best so far", [record.trial for record in ordered], best_so_far(board))
        yield Captioned(
            "History",
            Scatter(shown, "trial", name, log_y=_spans_a_decade(shown), steps=best),
            "Each trial by its number; the line is the best so far.",
            wide=True,
        )
    lines = parallel(found.space, found.board)
    if lines is not None:
        yield Captioned(
            "Parallel coordinates",
            lines,
            f"A line for each trial that was completed; strong lines are the best by {name}.",
            wide=True,
        )


def _spans_a_decade(found: Sequence[Points]) -> bool:
    """Whether the values are positive and most of the picture would be empty on a linear scale."""
    values = [y for each in found for y in each.ys]
    return bool(values) and min(values) > 0 and max(values) > 10 * min(values)


def _curves(found: StudyAnalysis) -> Iterator[Part]:
    best = found.board.best
    if best is None or best.epochs < 2:
        return
    yield Captioned(f"The winner, trial {best.trial}", Plot(losses(best.history), "epoch", "loss"))
    metric = found.board.objective.metric
    winners = best_of_branches(found)
    series = [
        Series(f"{label} (trial {record.trial})", range(1, 1 + len(record.history[metric])), record.history[metric])
        for label, record in winners.items()
        if metric in record.history
    ]
    if len(series) > 1:
        colours = [
            at for at, label in enumerate(found.space.branches) if metric in getattr(winners.get(label), "history", ())
        ]
        yield Captioned("The best of each optimizer", Plot(series, "epoch", metric_name(metric), colours=colours))


def losses(history: Mapping[str, Sequence[float | None]]) -> list[Series]:
    """The loss on each part, epoch by epoch."""
    names = {part: f"{part}_loss" for part in _PARTS}
    return [Series(part, range(1, 1 + len(history[n])), history[n]) for part, n in names.items() if n in history]


def best_of_branches(found: StudyAnalysis) -> dict[str, TrialRecord]:
    """The best completed trial of each branch that has one."""
    winners: dict[str, TrialRecord] = {}
    for record in found.board.records:
        if record.eligible:
            winners.setdefault(found.space.label(record.parameters), record)
    return {label: winners[label] for label in found.space.branches if label in winners}


def _what_matters(found: StudyAnalysis) -> Iterator[Part]:
    for label, shares in found.importances.items():
        title = f"Importance within {label}" if len(found.importances) > 1 else "Importance"
        if shares is None:
            yield Sentence(f"{title}: too few trials to say (under {FEWEST} completed).", "muted")
        else:
            names = short_names([dict.fromkeys(share.path for share in shares)])
            figure = Intervals(
                [names[share.path] for share in shares],
                [share.value for share in shares],
                [(share.low, share.high) for share in shares],
                "share of what tells good trials from others",
                bars=True,
            )
            yield Captioned(title, figure, "PED-ANOVA of Optuna; whiskers are 90% intervals over resampled trials.")
    yield from slices(found.space, found.board)


def _ranges(edges: Sequence[Edge]) -> Iterator[Part]:
    for edge in edges:
        side = "lower" if edge.end == "low" else "upper"
        yield Sentence(
            f"{edge.path}: the winner's {literal(edge.value)} lies at the {side} end of its range, as do {edge.among} of the "
            f"{edge.of} best trials. A range to try:"
        )
        yield Command(f"{edge.path}: {written(edge.wider)}")


def _answers(found: StudyAnalysis) -> Iterator[Part]:
    answers = found.answers
    if answers is None:
        if found.why_no_answers:
            yield Sentence(found.why_no_answers, "muted")
        return
    if answers.confusion is not None:
        labels, counts = answers.confusion
        yield Captioned("Confusion matrix of the winner", Matrix(labels, counts))
    if answers.residuals is not None:
        truth, predicted = answers.residuals
        points = [Points("rows", truth, predicted)]
        span = [min(truth), max(truth)] if truth else []
        guide = Series("right", span, span)
        figure = Scatter(points, "what is true", "what was predicted", log_y=False, guide=guide)
        yield Captioned(
            "Predictions of the winner",
            figure,
            "On the line the model is right.",
        )
        errors = [p - t for t, p in zip(truth, predicted, strict=True)]
        level = Series("right", [min(predicted), max(predicted)], [0.0, 0.0]) if predicted else None
        residuals = Scatter([Points("rows", predicted, errors)], "what was predicted", "error", log_y=False, guide=level)
        yield Captioned(
            "Errors of the winner", residuals, "What was predicted minus what is true: a pattern is something to learn."
        )


def _repeat(found: StudyAnalysis) -> Iterator[Part]:
    best = found.board.best
    folder = shlex.quote(found.folder)
    commands = [f"hpt tune {folder}/config.yaml --name {shlex.quote(f'{found.name}-again')}", f"hpt show {folder}"]
    if best is not None:
        test = " --test" if found.rows.get("test") else ""
        commands += [f"hpt train {folder}/best.yaml{test}", f"hpt replay {folder} --check"]
    yield Command("\n".join(commands))
    yield Facts([f"{name} {value}" for name, value in found.metadata.versions.items()], "muted")
    yield Facts([f"begun {found.metadata.begun}", f"last changed {found.metadata.changed}"], "muted")
    yield Line("config.yaml, as it ran:", "muted")
    yield Command(found.config)
