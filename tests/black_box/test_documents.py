"""The JSON document of each command is as its schema says, and the schema says it all."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hpt.cluster.roster import Colleague, Roster
from hpt.documents.workers import workers_document
from hpt.schemas.documents import DOCUMENTS, NAMES, SEVERAL, schema
from tests.black_box.hpt_command import Hpt, Refused, validator

ROOT = Path(__file__).parents[2]
STUDY = """
data: {source: iris, validation: 0.2, test: 0.2}
model: {hidden: [4]}
optimizer: {choose: {adam: {learning_rate: {min: 1e-5, max: 1e-4, scale: log}}, sgd: default}}
training: {epochs: 2, batch_size: {values: [16, 32]}}
study: {trials: 26, objective: [validation_loss, parameters], select: lowest}
compare: {trials: 3, studies: 2, seeds: 2}
"""
TABLE = "size,color,price\n" + "".join(f"{i},{'red' if i % 3 else ''},{2 * i + i % 5}\n" for i in range(60))
NARROW = ("--set", "model=linear", "--set", "optimizer={name: adam, learning_rate: {min: 1e-4, max: 3e-3, scale: log}}")
COMMANDS: dict[str, tuple[str, ...]] = {
    "tune": ("tune", "study.yaml", "--test", "--jobs", "1", "--require", "validation_accuracy>=0"),
    "tune refit": ("tune", "study.yaml", "--name", "refit", "--set", "study={trials: 26, select: refit}", "--jobs", "1"),
    "tune narrow": (
        "tune",
        "study.yaml",
        "--name",
        "narrow",
        "--set",
        "study={trials: 20, select: lowest}",
        *NARROW,
        "--jobs",
        "1",
    ),
    "tune table": ("tune", "table.csv", "--trials", "2", "--set", "training.epochs=1", "--set", "data.missing=mean"),
    "compare": ("compare", "study.yaml", "--set", "study.objective=validation_loss", "--jobs", "1"),
    "compare-tasks": ("compare", "study.yaml", "other.yaml", "--set", "study.objective=validation_loss", "--jobs", "1"),
    "train": ("train", "line.yaml", "--test", "--require", "train_loss<=9"),
    "lr-find": ("lr-find", "study.yaml", "--optimizer", "sgd"),
    "runs": ("show",),
    "trial": ("show", "study", "0"),
    "curves": ("show", "study", "--curves", "0,1"),
    "side-by-side": ("show", "study", "refit"),
    "predict": ("predict", "study", "rows.csv", "--proba"),
    "report": ("report", "study"),
    "export": ("export", "study", "--to", "json"),
    "exported": ("export", "study", "--to", "yaml"),
    "exported file": ("export", "study", "--to", "yaml", "-o", "winner.yaml"),
    "exported study": ("export", "study", "--to", "optuna", "sqlite:///optuna.db"),
    "list": ("list",),
    "check": ("check", "study.yaml"),
    "import": ("import", "sweep.yaml"),
    "init": ("init", "table.csv"),
    "replay": ("replay", "refit"),
    "widen": ("widen", "narrow"),
    "error": ("report", "study", "-o", "missing/page.html"),
}
# What takes another machine, or a fault in the program.
NEVER_SEEN = {"Difference"}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """The documents that commands print, by kind."""
    command = Hpt(tmp_path_factory.mktemp("documents"))
    command.write("study.yaml", STUDY)
    command.write("other.yaml", STUDY.replace("iris", "wine"))
    command.write("line.yaml", "data: {source: line, test: 0.2}\nmodel: linear\noptimizer: sgd\ntraining: {epochs: 2}\n")
    command.write("table.csv", TABLE)
    command.write("sweep.yaml", "program: train.py\nparameters: {lr: {min: 0.1, max: 0.2}}\n")
    command.write("rows.csv", "sepal_length,sepal_width,petal_length,petal_width\n5,3,1,0.2\n6,3,5,2\n")
    found: dict[str, list[dict[str, Any]]] = {}
    for name, arguments in COMMANDS.items():
        flags = () if name == "export" else ("--json", "--quiet")
        document = command(*arguments, *flags, code=1 if name == "error" else 0).document
        found.setdefault(document["schema"][4:-2], []).append(_shorter(document))
    command.close()
    unlike = Colleague("tcp://a:1", "w1", "a", 0, ("another NumPy",))
    found["workers"] = [json.loads(json.dumps(workers_document(Roster((unlike,)))))]
    return found


def test_each_kind_of_document_is_seen(seen: dict[str, list[dict[str, Any]]]) -> None:
    assert sorted(seen) == sorted(DOCUMENTS)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


def test_a_command_that_prints_one_of_several_has_the_schema_of_each(seen: dict[str, list[dict[str, Any]]]) -> None:
    several = Draft202012Validator(schema("show"))
    for kind in DOCUMENTS:
        for document in seen[kind]:
            assert several.is_valid(document) == (kind in SEVERAL["show"])


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_that_lacks_a_field_or_has_another_type_is_refused(kind: str, seen: dict[str, list[Any]]) -> None:
    whole = schema(kind)
    for document in seen[kind]:
        fields = list(_fields(document, whole, whole))
        assert fields
        for place, name, field, required in fields:
            allowed = {key: value for key, value in field.items() if key != "description"}
            wrong = 7 if "object" in str(allowed) or "$ref" in str(allowed) else {}
            if allowed:
                assert not validator(kind).is_valid(_changed(document, place, name, wrong)), (place, name)
            if required:
                assert not validator(kind).is_valid(_changed(document, place, name)), (place, name)


def test_a_schema_with_a_field_of_another_type_or_one_too_many_refuses(seen: dict[str, list[Any]]) -> None:
    refused: dict[tuple[str, str], bool] = {}
    for kind in DOCUMENTS:
        whole = schema(kind)
        for name, part in whole["$defs"].items():
            for field in [*part["properties"], "of a later version"]:
                if not refused.get((name, field)):
                    wrong = copy.deepcopy(whole)
                    wrong["$defs"][name]["properties"][field] = False
                    wrong["$defs"][name]["required"].append(field)
                    changed = Draft202012Validator(wrong)
                    refused[name, field] = not all(changed.is_valid(document) for document in seen[kind])
    assert {name for (name, _), was in refused.items() if not was} == NEVER_SEEN


def test_every_field_says_what_it_holds() -> None:
    for kind in DOCUMENTS:
        for name, part in schema(kind)["$defs"].items():
            assert part["description"].endswith("."), name
            for field, found in part["properties"].items():
                assert found.get("description") or field in ("schema", "status"), f"{name}.{field}"


def test_two_kinds_of_mappings_do_not_share_a_name() -> None:
    known: dict[str, Any] = {}
    for kind in DOCUMENTS:
        for name, part in schema(kind)["$defs"].items():
            assert known.setdefault(name, part) == part


def test_a_name_that_is_not_known(refused: Refused) -> None:
    (line,) = refused("schema", "--of", "tun")
    assert line == "error: --of: expected a command or a document, found 'tun'. Did you mean tune?"
    assert all(name in " ".join(refused("schema", "--of", "nothing")) for name in NAMES)


def test_the_command_prints_it(hpt: Hpt) -> None:
    assert "\n```sh\nhpt schema --of tune\n```\n" in (ROOT / "docs/json.md").read_text(encoding="utf-8")
    assert json.loads(hpt("schema", "--of", "tune").out) == schema("tune")
    assert json.loads(hpt("schema").out) == schema("configuration")


def _fields(
    value: Any, part: Any, whole: Any, place: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], str, Any, bool]]:
    """The declared fields that `value` has: the place of their mapping, their name, their schema, whether they are required."""
    for option in part.get("anyOf", ()):
        if Draft202012Validator({**option, "$defs": whole["$defs"]}).is_valid(value):
            yield from _fields(value, option, whole, place)
            return
    others = part.get("unevaluatedProperties", part.get("additionalProperties", {}))
    if "$ref" in part:
        part = whole["$defs"][part["$ref"].rpartition("/")[2]]
    if isinstance(value, dict):
        for name, field in part.get("properties", {}).items():
            if name in value:
                yield place, name, field, name in part["required"]
        for name, inner in value.items():
            yield from _fields(inner, part.get("properties", {}).get(name, others), whole, (*place, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _fields(inner, part.get("items", {}), whole, (*place, index))


def _shorter(value: Any) -> Any:
    """The same with two members of each list: what holds for these holds for more."""
    if isinstance(value, dict):
        return {name: _shorter(inner) for name, inner in value.items()}
    return [_shorter(inner) for inner in value[:2]] if isinstance(value, list) else value


def _changed(document: Any, place: tuple[Any, ...], name: str, *value: Any) -> Any:
    """`document` with `value` in place of the field `name` at `place`, or without the field."""
    changed = copy.deepcopy(document)
    owner = changed
    for step in place:
        owner = owner[step]
    del owner[name]
    owner.update(dict.fromkeys((name,), *value) if value else {})
    return changed
