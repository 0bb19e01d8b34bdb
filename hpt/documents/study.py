"""The JSON documents of a study, a trial, a training run, a learning-rate range test and the list of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hpt.analysis.lr_finding import Found
from hpt.configuration.space import plain
from hpt.documents.fields import Epoch, TrialSettings
from hpt.documents.selection import outlook_fields, selection_fields
from hpt.documents.study_fields import FrontRow, LrFindDocument, RunsDocument, TrainDocument, TrialDocument, TuneDocument
from hpt.foundation.finite import finite
from hpt.numerics.metrics import MeasuredMetric
from hpt.runs.finding import Run
from hpt.runs.run_metadata import Status
from hpt.runs.trial_record import TrialRecord
from hpt.study.baselines import unbeaten
from hpt.study.findings import Findings
from hpt.study.goals import front_of
from hpt.study.leaderboard import Leaderboard
from hpt.training.objectives import direction_of
from hpt.training.result import TrainingResult
from hpt.training.settings import Settings
from hpt.view.baselines import verdict
from hpt.view.lr_range import range_notes
from hpt.view.selection import turned

FEW_PARAMETERS = 20
"""So many weights at most are shown beside a result."""


def tune_document(
    run: str, status: Status, board: Leaderboard, findings: Findings, seconds: Mapping[str, float] | None
) -> TuneDocument:
    """What `hpt tune --json` and `hpt show RUN --json` print."""
    best = board.best
    said, turn = verdict(board, findings.baselines), turned(board)
    document: TuneDocument = {
        "schema": "hpt.tune/1",
        "run": run,
        "status": status,
        "objective": {"metric": board.objective.metric, "direction": board.objective.direction},
        "trials": board.counts(),
        "best": None
        if best is None
        else {
            "trial": best.trial,
            "value": best.value,
            "value_error": best.value_error,
            "parameters": plain(best.parameters),
            "metrics": dict(best.metrics),
            **selection_fields(board),
            "networks": findings.networks,
            "beats_baselines": not unbeaten(board, findings.baselines) if findings.baselines else None,
        },
        "outlook": outlook_fields(board, findings.matters),
        "baselines": {name: dict(metrics) for name, metrics in findings.baselines.items()},
        "test": None if findings.test is None else dict(findings.test),
        "warnings": [*findings.warnings, *([said.text] if said else []), *([turn] if turn else [])],
        "notices": list(findings.notices),
        "columns": [dict(column) for column in findings.columns],
        "leaderboard": [
            {
                "rank": rank,
                "trial": record.trial,
                "value": record.value,
                "value_error": record.value_error,
                "state": record.state,
                "epochs": record.epochs,
                "parameters": plain(record.parameters),
                "metrics": dict(record.metrics),
                "phase": record.phase,
                "setting": record.setting,
                "violates": list(record.violates),
            }
            for rank, record in enumerate(board.records, 1)
        ],
        "seconds": seconds,
    }
    if findings.objectives:
        document["objectives"] = [{"metric": name, "direction": direction_of(name)} for name in findings.objectives]
        document["front"] = _front(findings.objectives, board)
    return document


def _front(objectives: tuple[str, ...], board: Leaderboard) -> list[FrontRow]:
    """The trials that no other dominates."""
    return [
        {
            "trial": record.trial,
            "values": dict(zip(objectives, record.values, strict=True)),
            "parameters": plain(record.parameters),
        }
        for record in front_of(objectives, board.records)
    ]


def runs_document(runs: Sequence[Run]) -> RunsDocument:
    """What `hpt show --json` prints: `run.json` of each run, with its folder."""
    return {
        "schema": "hpt.runs/1",
        "runs": [
            {"run": str(run.folder), **{k: v for k, v in run.metadata.document().items() if k != "schema"}} for run in runs
        ],
    }


def trial_document(run: str, board: Leaderboard, record: TrialRecord) -> TrialDocument:
    """What `hpt show RUN TRIAL --json` prints."""
    return {
        "schema": "hpt.trial/1",
        "run": run,
        "trial": record.trial,
        "rank": 1 + board.records.index(record),
        "state": record.state,
        "epochs": record.epochs,
        "stopped": {"reason": record.reason, "criterion": record.criterion},
        "value": record.value,
        "value_error": record.value_error,
        "parameters": plain(record.parameters),
        "metrics": dict(record.metrics),
        "phase": record.phase,
        "setting": record.setting,
        "violates": list(record.violates),
        "constraints": dict(record.constraints),
        "history": history_rows(record.history),
    }


def train_document(
    settings: Settings, result: TrainingResult, test: Mapping[str, Any] | None, seconds: float
) -> TrainDocument:
    """What `hpt train --json` prints; with the weights where they are few. test: as `hpt.study.testing` has it."""
    measured = {name: finite(value) for name, value in result.metrics.items()}
    opened = {name: value for name, value in measured.items() if MeasuredMetric.parse(name).part == "test"}
    final = {name: value for name, value in measured.items() if name not in opened}
    document: TrainDocument = {
        "schema": "hpt.train/1",
        "settings": _settings(settings),
        "history": history_rows(result.history),
        "stopped": {"epoch": result.epochs, "reason": result.reason, "criterion": result.criterion},
        "final": final,
        "value_error": finite(result.error),
        "test": {**opened, **(test or {})} or None,
        "seconds": seconds,
    }
    if result.weights and sum(array.size for array in result.weights.values()) <= FEW_PARAMETERS:
        document["parameters"] = {name: array.tolist() for name, array in result.weights.items()}
    return document


def lr_find_document(found: Found) -> LrFindDocument:
    """What `hpt lr-find --json` prints: the sweep, how constant rates ended, the suggestion and the range to search."""
    test = found.range
    return {
        "schema": "hpt.lr-find/1",
        "path": found.path,
        "settings": _settings(found.settings),
        "sweep": [
            {"learning_rate": rate, "losses": [finite(loss) for loss in losses]}
            for rate, losses in zip(test.rates.tolist(), test.smoothed.T.tolist(), strict=True)
        ],
        "readings": {name: {"median": r.median, "low": r.low, "high": r.high} for name, r in test.readings.items()},
        "tried": {
            "metric": test.metric,
            "epochs": test.epochs,
            "rates": [
                {"learning_rate": rate, "value": finite(value), "values": [finite(loss) for loss in losses]}
                for rate, value, losses in zip(test.tried.tolist(), test.ended.tolist(), test.losses.tolist(), strict=True)
            ],
        },
        "plateau": {"low": test.tried[test.choice.low].item(), "high": test.tried[test.choice.high].item()},
        "unstable_from": test.tried[test.choice.unstable].item() if test.choice.unstable < len(test.tried) else None,
        "notes": range_notes(test),
        "suggestion": test.suggestion,
        "search": plain(test.search),
    }


def _settings(settings: Settings) -> TrialSettings:
    return {
        "model": plain(settings.model),
        "optimizer": plain(settings.optimizer),
        "training": plain(settings.training),
    }


def history_rows(history: Mapping[str, tuple[float | None, ...]]) -> list[Epoch]:
    """A mapping an epoch, from a series a metric."""
    epochs = max(map(len, history.values()), default=0)
    return [
        {"epoch": epoch + 1, **{name: finite(values[epoch]) for name, values in history.items()}} for epoch in range(epochs)
    ]
