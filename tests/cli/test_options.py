"""Options are declared once: what a command shows and what it asks for follow from the groups it lists."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import pytest
import typer
from typer.testing import CliRunner

from hpt.cli.app import VERBS, module_of
from hpt.cli.groups import Sets, flattened, settings
from hpt.cli.options import Execution, Folder, Identity, Output, Overrides
from hpt.cli.request import request_of
from hpt.foundation.errors import InputError
from hpt.schemas.configuration import configuration_schema


@dataclass(frozen=True, slots=True)
class Baking:
    """The options of a command of a user's own."""

    heat: Annotated[float | None, typer.Option(metavar="CELSIUS", help="How hot."), Sets("oven.heat")] = None
    fan: Annotated[bool, typer.Option("--fan", help="With the fan on.")] = False


@dataclass(frozen=True, slots=True)
class Chilling:
    """The options of a command that cannot do without one of them."""

    cold: Annotated[float, typer.Option(metavar="CELSIUS", help="How cold.")]


def run(given: list[Any], *words: str) -> Any:
    """Runs a command that adds what it gets to `given`."""

    def bake(name: Annotated[str, typer.Argument()], baking: Baking, output: Output) -> None:
        given.extend((name, baking, output))

    application = typer.Typer(add_completion=False)
    application.command()(flattened(bake))
    return CliRunner().invoke(application, words)


def test_a_command_gets_its_groups_with_what_was_typed() -> None:
    given: list[Any] = []
    assert run(given, "bread", "--heat", "220", "--fan", "-q").exit_code == 0
    assert given == ["bread", Baking(heat=220.0, fan=True), Output(quiet=True)]
    given.clear()
    assert run(given, "bread").exit_code == 0
    assert given == ["bread", Baking(), Output()]


def test_the_help_shows_each_option_of_the_groups_in_their_order() -> None:
    shown = run([], "--help").output
    places = [shown.index(word) for word in ("--heat", "How hot.", "--fan", "--json", "--quiet", "--version")]
    assert places == sorted(places)


def test_wrong_values_are_refused_by_name() -> None:
    ended = run([], "bread", "--heat", "warm")
    assert ended.exit_code == 2
    assert "--heat" in ended.output


def test_only_what_was_given_sets_anything() -> None:
    assert list(settings(Baking())) == []
    assert list(settings(Baking(heat=0.0, fan=True))) == [("oven.heat", 0.0)]


def test_a_request_follows_from_the_groups() -> None:
    overrides, execution = Overrides(["seed=3", "model.hidden=[8]"]), Execution(jobs=2, resume=True)
    request = request_of(Path("a.yaml"), overrides, Folder(Path("there")), Identity(seed=4, target="y"), execution=execution)
    assert (request.runs, request.jobs, request.resume, request.overwrite) == (Path("there"), 2, True, False)
    assert [(change.path, change.value) for change in request.overrides] == [
        ("seed", "3"),
        ("model.hidden", "[8]"),
        ("seed", "4"),
        ("data.target", '"y"'),
    ]


def test_an_override_without_a_value_is_refused() -> None:
    with pytest.raises(InputError, match=r"--set seed: expected PATH=VALUE"):
        request_of(Path("a.yaml"), Overrides(["seed"]), Folder())


def paths() -> Iterator[str]:
    for verb in VERBS:
        command = import_module(f"hpt.cli.{module_of(verb)}").command
        for group in get_type_hints(command).values():
            if hasattr(group, "__dataclass_fields__"):
                hints = get_type_hints(group, include_extras=True)
                marks = [mark for field in fields(group) for mark in getattr(hints[field.name], "__metadata__", ())]
                yield from (mark.path for mark in marks if isinstance(mark, Sets))


def test_every_option_that_sets_a_node_names_one_that_there_is() -> None:
    known = configuration_schema()["properties"]
    found = set(paths())
    assert {"seed", "study.trials", "compare.trials"} <= found
    for path in found:
        section, _, key = path.partition(".")
        assert section in known
        if key:
            assert f'"{key}"' in repr(known[section]).replace("'", '"'), path


def test_an_option_of_a_group_without_a_default_is_asked_for() -> None:
    def bake(chilling: Chilling) -> None:
        assert chilling.cold == 4.0

    application = typer.Typer(add_completion=False)
    application.command()(flattened(bake))
    assert "Missing option '--cold'" in CliRunner().invoke(application, []).output
    assert CliRunner().invoke(application, ["--cold", "4"]).exit_code == 0


@pytest.mark.parametrize("verb", ["train", "lr-find"])
def test_what_keeps_no_run_takes_no_name_for_one(verb: str) -> None:
    options = inspect.signature(flattened(import_module(f"hpt.cli.{module_of(verb)}").command)).parameters
    assert {"seed", "target"} <= options.keys()
    assert "name" not in options
