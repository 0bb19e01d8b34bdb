"""Records of a comparison that are whole lines, and yet not the runs of its protocol."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hpt.compare.checking import check_runs
from hpt.foundation.errors import InputError
from tests.compare.made_up import study_of, terms_for

FILE = Path("trials.jsonl")


@pytest.mark.parametrize(
    ("line", "changes", "told"),
    [
        (3, {"phase": "rerun"}, "phase: expected search, found rerun"),
        (1, {"phase": "test"}, "phase: expected constant, found test"),
        (3, {"parameters": {"optimizer": "adam"}}, "parameters.optimizer: expected sgd, found adam"),
        (3, {"parameters": {}}, "parameters.optimizer: expected sgd, found none"),
        (40, {"setting": 0}, "setting: expected a search trial of"),
        (40, {"setting": None}, "setting: expected a search trial of"),
    ],
)
def test_a_run_that_is_not_in_its_place_is_refused(tmp_path: Path, line: int, changes: dict[str, object], told: str) -> None:
    protocol = terms_for(tmp_path).protocol
    records = [*study_of(protocol, 0, lambda study, run: 1.0), *study_of(protocol, 1, lambda study, run: 1.0)]
    check_runs(FILE, protocol, records)
    for at in (line - 1, line - 1 + protocol.runs):
        wrong = [*records]
        wrong[at] = replace(wrong[at], **changes)
        with pytest.raises(InputError, match=rf"^trials\.jsonl:{at + 1}: {told}"):
            check_runs(FILE, protocol, wrong)


def test_a_study_of_another_size_is_refused(tmp_path: Path) -> None:
    protocol = terms_for(tmp_path).protocol
    with pytest.raises(InputError, match=r"trials\.jsonl:1: of: expected"):
        check_runs(FILE, protocol, study_of(protocol, 0, lambda study, run: 1.0)[:-1])


@pytest.mark.parametrize("phase", ["constant", "search", "rerun", "test", "default"])
@pytest.mark.parametrize(
    ("field", "name", "value"),
    [
        ("parameters", "optimizer.sgd.learning_rate", "0.1"),
        ("parameters", "optimizer.sgd.learning_rate", {}),
        ("parameters", "training.batch_size", 0),
        ("coordinates", "optimizer.sgd.learning_rate", "x"),
        ("coordinates", "optimizer", "adam"),
    ],
)
def test_a_run_with_another_setting_than_its_phase_gives_it_is_refused(
    tmp_path: Path, phase: str, field: str, name: str, value: object
) -> None:
    protocol = terms_for(tmp_path).protocol
    records = list(study_of(protocol, 0, lambda study, run: 1.0))
    at = next(i for i, record in enumerate(records) if record.phase == phase and record.branch in ("sgd", ""))
    records[at] = replace(records[at], **{field: {**getattr(records[at], field), name: value}})
    with pytest.raises(InputError, match=rf"^trials\.jsonl:{at + 1}: {field}"):
        check_runs(FILE, protocol, records)
