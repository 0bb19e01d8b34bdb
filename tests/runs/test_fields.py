"""Every field of every record, with values that it may not have."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hpt.compare.records import RunRecord, SetupRecord
from hpt.foundation.errors import InputError
from hpt.runs.fields import MismatchError, read_record, record_fields
from hpt.runs.records import read
from hpt.runs.run_metadata import RunMetadata, read_metadata
from hpt.runs.trial_record import TrialRecord

TRIAL: dict[str, Any] = {
    "trial": 0,
    "generation": 0,
    "of": 1,
    "state": "completed",
    "epochs": 2,
    "reason": "epochs",
    "criterion": None,
    "value": 0.5,
    "parameters": {"optimizer": "adam"},
    "coordinates": {"optimizer": "adam"},
    "metrics": {"train_loss": 0.5},
    "history": {"train_loss": [1.0, 0.5], "validation_loss": [None, 0.5]},
    "phase": "refit",
    "setting": 0,
    "forecast": 0.4,
    "value_error": 0.1,
    "values": [0.5, 0.25],
    "constraints": {"parameters<=5000": -0.5, "validation_roc_auc>=0.9": None},
}
RUN = TRIAL | {"phase": "search", "run": 0, "setting": None, "seconds": 0.5}
METADATA: dict[str, Any] = {
    "schema": "hpt.run/1",
    "kind": "tune",
    "name": "small",
    "status": "completed",
    "begun": "2026-01-01T00:00:00+00:00",
    "changed": "2026-01-01T00:00:00+00:00",
    "versions": {"hpt": "1"},
    "space": "0",
    "data": "0",
    "objective": "validation_loss",
    "records": 1,
    "trials": 1,
    "best": 0.5,
    "modelled": {"trial": 1.0},
    "matters": "training.batch_size",
    "extended": [1],
    "terms": {"metric": "test_loss"},
    "baselines": {"constant": {"validation_loss": 2.3, "validation_roc_auc": None}},
    "test": {"test_loss": 0.5, "interval": [0.1, 0.9]},
    "warnings": ["w"],
    "notices": ["n"],
    "networks": 5,
    "objectives": ["validation_loss", "parameters"],
    "winner": {"best.yaml": "0"},
    "columns": [{"name": "a", "missing": 0}],
    "prior": [{"optimizer": "sgd"}],
    "seconds": {"total": 1.0},
}
TERMS: dict[str, Any] = {
    "metric": "test_loss",
    "margin": 0.1,
    "data": "iris",
    "task": "regression",
    "rows": {"train": 1, "validation": 1, "test": 1},
}

DEEP = "[" * 30 + "]" * 30
WRONG = {
    "text": ['""', '"x"', '"completed "', '"\\ud800"', '"2026"'],
    "number": [
        "0",
        "-1",
        "1",
        "0.5",
        "-0.0",
        "1e999",
        "-1e999",
        "NaN",
        "Infinity",
        "1" + "0" * 400,
        "9007199254740993",
        "true",
    ],
    "list": ["[]", "[1]", "[null]", '["x"]', "[[1]]", "[NaN]", "[1e999]", DEEP],
    "mapping": [
        "{}",
        '{"x": 1}',
        '{"x": "1"}',
        '{"x": null}',
        '{"x": NaN}',
        '{"x": [1e999]}',
        '{"x": {"y": 1}}',
        f'{{"x": {DEEP}}}',
    ],
    "nothing": ["null"],
}
RAGGED = '{"a": [1], "b": [1, 2]}'


def accepted(field: str, text: str) -> bool:
    """Whether `text` is a value of `field`, by rules that are written here again."""
    try:
        value = json.loads(text)
    except ValueError:
        return False
    whole = type(value) is int and 0 <= value <= 2**53
    number = type(value) in (int, float) and abs(value) <= 2**53
    numbers = all(type(v) in (int, float) and abs(v) <= 2**53 for v in value.values()) if isinstance(value, dict) else False
    plain = "NaN" not in text and "1e999" not in text and len(text) < 40
    text_ = isinstance(value, str) and value != "\ud800"
    series = isinstance(value, dict) and all(
        isinstance(v, list) and all(x is None or (type(x) in (int, float) and abs(x) <= 2**53) for x in v)
        for v in value.values()
    )
    rules = {
        ("trial", "generation", "epochs", "run", "records", "trials"): whole,
        ("of", "networks"): whole and value > 0,
        ("setting",): whole or value is None,
        ("value", "best", "value_error", "forecast"): number or value is None,
        ("seconds",): number,
        ("margin",): number,
        ("reason", "name", "space", "data"): text_,
        ("criterion", "matters"): text_ or value is None,
        ("begun", "changed", "kind", "status", "objective", "state", "phase", "metric", "task", "rows"): False,
        ("schema",): text_,
        ("parameters", "coordinates"): isinstance(value, dict) and plain,
        ("metrics", "constraints"): (isinstance(value, dict) and all(v is None for v in value.values())) or numbers,
        ("history",): series and text != RAGGED,
        ("modelled",): numbers or value is None,
        ("versions",): isinstance(value, dict) and all(isinstance(v, str) for v in value.values()),
        ("terms", "test"): (isinstance(value, dict) and plain) or value is None,
        ("winner",): value is None or (isinstance(value, dict) and all(isinstance(v, str) for v in value.values())),
        ("warnings", "notices", "objectives"): isinstance(value, list) and all(isinstance(x, str) for x in value),
        ("baselines",): isinstance(value, dict)
        and all(isinstance(v, dict) and all(type(x) in (int, float) for x in v.values()) for v in value.values())
        and plain,
        ("extended",): isinstance(value, list) and all(type(x) is int for x in value),
        ("values",): isinstance(value, list)
        and all(x is None or (type(x) in (int, float) and abs(x) <= 2**53) for x in value),
        ("prior", "columns"): isinstance(value, list) and all(isinstance(x, dict) for x in value),
    }
    return next(rule for names, rule in rules.items() if field in names)


CASES = [
    (kind, good, name, text)
    for kind, good in ((TrialRecord, TRIAL), (RunRecord, RUN), (RunMetadata, METADATA), (SetupRecord, TERMS))
    for name in good
    for texts in WRONG.values()
    for text in (*texts, RAGGED)
]


def with_text(good: dict[str, Any], name: str, text: str) -> str:
    marked = json.dumps(good | {name: "here it is"})
    return marked.replace('"here it is"', text)


@pytest.mark.parametrize("kind", [TrialRecord, RunRecord, RunMetadata, SetupRecord])
def test_every_field_is_asked_for(kind: type[Any]) -> None:
    (good,) = {id(g): g for k, g, *_ in CASES if k is kind}.values()
    assert set(good) == {each.name for each in record_fields(kind)}
    read_record(good, kind)
    for each in record_fields(kind):
        without = {name: value for name, value in good.items() if name != each.name}
        if each.required:
            with pytest.raises(MismatchError, match=rf"^{each.name}: expected .*, found nothing$"):
                read_record(without, kind)
        else:
            assert getattr(read_record(without, kind), each.name) == each.default


def test_wrong_values_are_refused_with_field_expectation_and_finding() -> None:
    refused = 0
    for kind, good, name, text in CASES:
        if kind is RunMetadata and name == "seconds":
            continue
        content = json.loads(with_text(good, name, text))
        if accepted(name, text):
            read_record(content, kind)
            continue
        with pytest.raises(MismatchError) as told:
            read_record(content, kind)
        assert re.fullmatch(rf"{name}[^:]*: expected [^\n]+, found [^\n]+", str(told.value)), (name, text)
        assert len(str(told.value)) < 250
        refused += 1
    assert refused > 700


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("of", "0", "of: expected a whole number from 1, found 0"),
        ("value", '"x"', 'value: expected a finite number or null, found "x"'),
        ("value", "NaN", "value: expected a finite number or null, found NaN"),
        ("state", '"won"', 'state: expected completed or pruned or diverged or failed, found "won"'),
        ("metrics", "1", "metrics: expected a mapping, found 1"),
        ("metrics", '{"train_loss": 1e999}', "metrics.train_loss: expected a finite number or null, found Infinity"),
        ("parameters", "[]", "parameters: expected a mapping, found []"),
    ],
)
def test_a_wrong_line_is_refused_whatever_its_checksum(tmp_path: Path, field: str, text: str, told: str) -> None:
    path = tmp_path / "trials.jsonl"
    path.write_text(with_text(TRIAL | {"crc": "00000000"}, field, text) + "\n")
    with pytest.raises(InputError, match=re.escape(f"{path}:1: {told}")):
        read(path, TrialRecord)


@pytest.mark.parametrize("name", METADATA)
def test_wrong_metadata_are_refused_with_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(with_text(METADATA, name, "[[]]"))
    with pytest.raises(InputError, match=rf"run\.json: {name}[^:]*: expected"):
        read_metadata(path)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '"x"', "null", "[" * 9999, "\x00", '{"schema": "hpt.run/0"}', "{}"])
def test_what_is_no_metadata_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"run\.json: "):
        read_metadata(path)
