"""A trial or the trials of a run as plain text: YAML, CSV, JSON, Markdown."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from hpt.configuration.space import plain
from hpt.documents.export import ExportDocument
from hpt.export.source import Source
from hpt.runs.trial_record import TrialRecord
from hpt.study.findings import Findings
from hpt.view.markdown import markdown
from hpt.view.page import Page
from hpt.view.study import run_page
from hpt.view.trial import trial_page
from hpt.yaml.tree import dump

_TOP = 10


def as_yaml(source: Source, folder: Path) -> str:
    """The configuration with the trial's constants in place of its ranges, for `hpt train`, its data paths right from `folder`."""
    return dump(source.config.winner(source.record.parameters, source.record.trial, folder))


def as_json(source: Source, folder: Path) -> str:
    """The trial's settings in full, what was searched of them, and what they came to."""
    record, settings = source.record, source.settings
    document: ExportDocument = {
        "schema": "hpt.export/1",
        "run": source.run.name,
        "trial": record.trial,
        "objective": source.board.objective.metric,
        "value": record.value,
        "settings": {
            "model": plain(settings.model),
            "optimizer": plain(settings.optimizer),
            "training": plain(settings.training),
        },
        "parameters": plain(record.parameters),
        "metrics": dict(record.metrics),
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(source: Source, folder: Path) -> str:
    """A line for each trial, in the order of their numbers: how it ended, its parameters by dotted path, its metrics."""
    records = sorted(source.board.records, key=lambda record: record.trial)
    parameters = list(dict.fromkeys(path for record in records for path in record.parameters))
    metrics = list(dict.fromkeys(name for record in records for name in record.metrics))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    facts = ("trial", "generation", "phase", "state", "epochs", "reason", "value")
    writer.writerow([*facts, *parameters, *metrics])
    for record in records:
        writer.writerow([*(_cell(getattr(record, fact)) for fact in facts), *_cells(record, parameters, metrics)])
    return text.getvalue()


def _cells(record: TrialRecord, parameters: list[str], metrics: list[str]) -> list[Any]:
    searched = plain(record.parameters)
    return [*(_cell(searched.get(path, "")) for path in parameters), *(_cell(record.metrics.get(name)) for name in metrics)]


def _cell(value: Any) -> Any:
    """Nothing for None; lists and truth values as JSON has them."""
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (bool, list, dict)) else value


def as_markdown(source: Source, folder: Path) -> str:
    """The leaderboard, and the trial in full."""
    metadata = source.run.metadata
    findings = Findings.of(metadata)
    board = run_page(source.run.name, metadata.status, source.board, findings, _TOP, [], metadata.trials)
    trial = trial_page(source.record, source.board)
    return markdown(Page([*board.sections, *trial.sections]), source.run.name)
