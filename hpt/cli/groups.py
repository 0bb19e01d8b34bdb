"""Option groups: dataclasses whose fields are options. A command takes groups as arguments, its user sees their options."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Any, get_type_hints


@dataclass(frozen=True, slots=True)
class Sets:
    """Marks an option that sets the node `path` of the configuration, as `--set path=value` does."""

    path: str


def flattened(command: Callable[..., None]) -> Callable[..., None]:
    """`command` as Typer reads it: in place of each parameter that is a group stand the group's fields, in their order."""
    parameters: list[inspect.Parameter] = []
    groups: dict[str, type] = {}
    hints = get_type_hints(command, include_extras=True)
    for parameter in inspect.signature(command).parameters.values():
        hint = hints[parameter.name]
        if is_dataclass(hint) and isinstance(hint, type):
            groups[parameter.name] = hint
            parameters += _options(hint)
        else:
            parameters.append(parameter.replace(annotation=hint, kind=inspect.Parameter.KEYWORD_ONLY))

    def called(**given: Any) -> None:
        made = {name: group(**{f.name: given.pop(f.name) for f in fields(group)}) for name, group in groups.items()}
        command(**given, **made)

    # What Typer reads: a signature whose annotations are objects, and a docstring.
    called.__name__, called.__doc__ = command.__name__, command.__doc__
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return called


def settings(group: object) -> Iterator[tuple[str, Any]]:
    """Path and value of each option of `group` that sets a node of the configuration and was given."""
    for name, hint in get_type_hints(type(group), include_extras=True).items():
        value = getattr(group, name)
        for mark in getattr(hint, "__metadata__", ()):
            if isinstance(mark, Sets) and value is not None:
                yield mark.path, value


def _options(group: type) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    for field in fields(group):
        default = inspect.Parameter.empty if field.default is MISSING else field.default
        yield inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[field.name])
