"""What stands there when a study has ended, and when a run is shown again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from hpt.study.baselines import worse_than_constant
from hpt.study.findings import Findings
from hpt.study.goals import front_board
from hpt.study.leaderboard import Leaderboard
from hpt.view.baselines import baseline_lines, verdict
from hpt.view.constraints import constraint_sentence, no_winner
from hpt.view.leaderboard import companion, leaderboard_table, state_counts
from hpt.view.page import Block, Command, Facts, Line, Page, Section, Sentence
from hpt.view.selection import kept_sentence, luck_sentence, outlook_sentence, turned
from hpt.view.testing import testing_section

_TOP, _FRONT = 5, 20


def study_page(folder: str, status: str, leaderboard: Leaderboard, findings: Findings, resume: str, *, test: bool) -> Page:
    """The end of `hpt tune`: the best trials, what they had to beat, and in the last line what the best is worth and what is next.

    resume: the command that goes on with a study that was cut short. test: whether there are test rows to open.
    """
    best = leaderboard.best
    if best is None:
        result: Block = Line(f"{no_winner(leaderboard).capitalize()}. {folder}", "strong")
    else:
        metric = companion(best.metrics, leaderboard.objective.metric)
        result = leaderboard_table(leaderboard, _TOP, [metric] if metric else [])
    last = _last_line(folder, status, leaderboard, findings, resume, test=test)
    said: Section = [Sentence(luck_sentence(leaderboard))] if best is not None else []
    if best is not None and status == "completed" and (text := outlook_sentence(leaderboard, findings.matters)):
        said = [*said, Sentence(text)]
    if best is not None and (kept := kept_sentence(findings.networks)):
        said = [*said, Sentence(kept)]
    return Page([[result], *_judged(leaderboard, findings), said, [Command(last)] if last else []])


def run_page(
    name: str,
    status: str,
    leaderboard: Leaderboard,
    findings: Findings,
    top: int,
    metrics: Sequence[str],
    total: int,
    order: Leaderboard | None = None,
) -> Page:
    """A run as it stands: its state, then its leaderboard, with `metrics` or the one that says most. total: trials planned.

    order: the trials by another metric, which changes nothing of what is said of the winner.
    """
    shown = order or leaderboard
    count = len(leaderboard.records)
    # A comparison counts its studies.
    done = f"{count} trials" if status == "completed" else f"{count}/{total} trials"
    parts = [name, status, done, *state_counts(leaderboard), f"by {shown.objective.metric}"]
    best = leaderboard.best
    usual = companion(best.metrics, leaderboard.objective.metric) if best is not None and not metrics else None
    columns = [usual] if usual else list(metrics)
    return Page([[Facts(parts, "strong")], [leaderboard_table(shown, top, columns)], *_judged(leaderboard, findings)])


def _judged(leaderboard: Leaderboard, findings: Findings) -> list[Section]:
    """The constraints, the front of several objectives, the baselines, and whether the winner beats them."""
    said = verdict(leaderboard, findings.baselines)
    turn = turned(leaderboard)
    told: Section = [*([said] if said else []), *([Sentence(turn, "warning")] if turn else [])]
    first = front_board(leaderboard, findings.objectives)
    front: Section = [Line("The front:", "strong"), leaderboard_table(first, _FRONT, findings.objectives[1:])]
    kept: Section = [Sentence(text)] if (text := constraint_sentence(leaderboard)) else []
    judged = [kept, baseline_lines(leaderboard, findings.baselines), told, testing_section(findings.test)]
    return [front, *judged] if first.records else judged


def _last_line(
    folder: str, status: str, leaderboard: Leaderboard, findings: Findings, resume: str, *, test: bool
) -> str | None:
    count, best = len(leaderboard.records), leaderboard.best
    if status in ("interrupted", "timeout") or (best is not None and status != "completed"):
        return f"{status.capitalize()} after {count} trials. Go on: {resume}"
    if best is None or worse_than_constant(leaderboard, findings.baselines):
        return None
    promise = f"Best of {count} on {leaderboard.objective.part}: expect worse on new data."
    return f"{promise} Next: hpt train {shlex.quote(f'{folder}/best.yaml')}{' --test' if test else ''}"
