"""The JSON document of comparisons on several tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hpt.compare.suite import SuiteResult
from hpt.documents.comparison import compare_document
from hpt.documents.comparison_fields import Profiles, TasksDocument


def tasks_document(tasks: SuiteResult, seconds: Sequence[Mapping[str, float]]) -> TasksDocument:
    """What `hpt compare --json` prints for several tasks."""
    return {
        "schema": "hpt.compare-tasks/1",
        "tasks": [compare_document(c, s) for c, s in zip(tasks.comparisons, seconds, strict=True)],
        "across": {
            "optimizers": [{"name": p.name, "value": p.value, "interval": list(p.interval)} for p in tasks.scores],
            "pairs": [
                {"a": p.a, "b": p.b, "difference": p.difference, "interval": list(p.interval), "verdict": p.verdict}
                for p in tasks.pairs
            ],
            "left_out": list(tasks.left_out),
            "profiles": _profiles(tasks),
        },
    }


def _profiles(tasks: SuiteResult) -> Profiles | None:
    """The share of studies that score at least each threshold, by optimizer."""
    found = tasks.profiles
    if found is None:
        return None
    shares = {score.name: row.tolist() for score, row in zip(tasks.scores, found.shares, strict=True)}
    return {"thresholds": found.thresholds.tolist(), "shares": shares}
