"""What the documents have in common: how their fields are declared, and those that several have.

A document is declared once, as a `TypedDict`: the type checker holds the function that makes it to that, and its JSON Schema and its
page in the docs follow from it. A text in `Annotated` says what a field holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from hpt.runs.run_metadata import Status
from hpt.runs.trial_record import State

Metrics = Mapping[str, float | None]
"""By prefixed name, such as `validation_loss`; None where a value is not finite."""

Direction = Literal["minimize", "maximize"]


@dataclass(frozen=True, slots=True)
class FieldsOf:
    """Says in `Annotated` what a mapping holds: the fields of these kinds (TypedDicts or dataclasses), but those named in `without`."""

    kinds: tuple[type[Any], ...]
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Others:
    """Says in `Annotated` what the fields of a mapping hold that its `FieldsOf` does not name."""

    hint: Any


class Requirement(TypedDict):
    """What became of a requirement of the gate."""

    requirement: Annotated[str, "as `--require` has it"]
    value: Annotated[float | None, "what the result came to"]
    met: Annotated[bool, "whether that is enough"]


Requirements = Annotated[list[Requirement], "what became of each `--require`; only where there were any"]


class Judged(TypedDict):
    """What the documents have in common that a gate looks at."""

    requirements: NotRequired[Requirements]


class TrialSettings(TypedDict):
    """What a trial trains with, as a user writes it."""

    model: Annotated[dict[str, Any], "the section `model`, without ranges"]
    optimizer: Annotated[dict[str, Any], "the section `optimizer`, one optimizer"]
    training: Annotated[dict[str, Any], "the section `training`, without ranges"]


class ColumnFacts(TypedDict):
    """How a column of a table was read."""

    name: Annotated[str, "its name"]
    kind: Annotated[
        str,
        "what it was taken for: number, category, date or text, what it was left out for: identifier, constant or index, or drop, as asked",
    ]
    missing: Annotated[int, "how many cells are missing"]
    note: Annotated[str, "what else was decided, empty where nothing was"]


class OnTestRows(TypedDict):
    """What the winner is worth on the test rows; each metric stands beside these under its name with `test_`."""

    metric: Annotated[str, "what says in plain terms how good it is: accuracy or rmse"]
    accuracy: NotRequired[Annotated[float | None, "the share of rows that are right; of a classification"]]
    rmse: NotRequired[Annotated[float | None, "the root of the mean squared error in the target's units; of a regression"]]
    interval: Annotated[list[float] | None, "95% interval of that metric, low and high"]
    rows: Annotated[int, "how many rows were opened"]
    intervals: Annotated[Mapping[str, list[float] | None], "95% interval of every metric"]
    optimistic: Annotated[bool, "whether the validation rows promised more than the interval holds"]
    validation: Annotated[float | None, "the same metric on the validation rows"]
    trial: Annotated[int, "the trial"]


class EpochFacts(TypedDict):
    """One epoch; each metric that is followed stands beside it under its name."""

    epoch: Annotated[int, "its number, from 1"]


Columns = Annotated[list[Annotated[dict[str, Any], FieldsOf((ColumnFacts,))]], "how each column of a table was read"]
Test = Annotated[Mapping[str, Any], FieldsOf((OnTestRows,)), Others(float | None)]
Epoch = Annotated[dict[str, Any], FieldsOf((EpochFacts,)), Others(float | None)]
RunStatus = Annotated[Status, "how the run stands"]
TrialState = Annotated[State, "how the trial ended"]
Seconds = Annotated[
    Mapping[str, float] | None, "wall seconds of the command by what it was busy with; the parts add up to total"
]
