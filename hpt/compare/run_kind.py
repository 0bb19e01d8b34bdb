"""Runs of `hpt compare`, as `hpt.runs` knows them."""

from __future__ import annotations

from hpt.compare.checking import check_runs
from hpt.compare.protocol import Protocol
from hpt.compare.records import RunRecord, studies_of
from hpt.runs.folder import Kind

COMPARE_RUNS = Kind(
    "compare",
    RunRecord,
    ("compare", "studies"),
    lambda records: len(studies_of(records)),
    (
        "compare.studies",
        "study.timeout",
        "study.memory",
        "study.trials",
        "study.population",
        "study.sampler",
        "study.pruner",
        "study.select",
        "name",
    ),
    "studies, timeout, memory and jobs",
    lambda path, config, records: check_runs(path, Protocol.of(config), records),
)
