"""`run.json`: what is known of a run as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from hpt.foundation.errors import InputError
from hpt.numerics.metrics import MeasuredMetric
from hpt.runs.fields import MOMENT, AtLeast, MismatchError, Such, read_record, record_fields, unreadable, written
from hpt.runs.files import read_bytes

SCHEMA = "hpt.run/1"
_MOST_BYTES = 2**24
RunKind = Literal["tune", "compare"]
Status = Literal["running", "completed", "timeout", "interrupted", "failed"]

METRIC = Such("a metric with its part, such as validation_loss", lambda text: MeasuredMetric.parse(text).known)


@dataclass(frozen=True, slots=True)
class RunMetadata:
    """The content of `run.json`. Each field is declared here alone, as those of `TrialRecord` are."""

    schema: Annotated[str, "the number of this format"]
    kind: Annotated[RunKind, "the command whose run it is"]
    name: Annotated[str, "the name of its folder when it began"]
    status: Annotated[Status, "how it stands"]
    begun: Annotated[str, MOMENT, "when it began"]
    changed: Annotated[str, MOMENT, "when this file was written"]
    versions: Annotated[Mapping[str, str], "hpt, Python, NumPy, Optuna, BLAS and the CPU kernel it runs"]
    space: Annotated[str, "SHA-256 of the search space, constants included"]
    data: Annotated[str, "a digest of the data after the split"]
    objective: Annotated[str, METRIC, "what it is judged by"]
    records: Annotated[int, "trials recorded; in a comparison, studies"]
    trials: Annotated[int, "how many it is to have"]
    best: Annotated[float | None, "the value of the best trial"] = None
    matters: Annotated[
        str | None, "the hyperparameter along which the best settings differ most by a model of the search"
    ] = None
    modelled: Annotated[
        Mapping[str, float] | None, "with `study.select: model`: the winner's trial, and what it is worth"
    ] = None
    extended: Annotated[tuple[int, ...], "the totals it was to have before it was gone on with for more"] = ()
    terms: Annotated[Mapping[str, Any] | None, "of a comparison: metric, margin, data, task, rows"] = None
    baselines: Annotated[Mapping[str, Mapping[str, float | None]], "the metrics of a constant and of a linear model"] = (
        field(default_factory=dict)
    )
    test: Annotated[Mapping[str, Any] | None, "what the winner is worth on the test rows, where they were opened"] = None
    warnings: Annotated[tuple[str, ...], "what the last command warned of"] = ()
    notices: Annotated[tuple[str, ...], "what it decided for the user"] = ()
    columns: Annotated[
        tuple[Mapping[str, Any], ...], "of a table each column: its name, what kind it was taken for, missing cells, a note"
    ] = ()
    winner: Annotated[Mapping[str, str] | None, "SHA-256 of `best.yaml` and `best.npz`"] = None
    networks: Annotated[int, AtLeast(1), "networks that are kept of the winner's setting, whose outputs are averaged"] = 1
    objectives: Annotated[tuple[str, ...], "all objectives, where there are several"] = ()
    prior: Annotated[
        tuple[Mapping[str, Any], ...], "the coordinates of what earlier runs found best, which guide the search, best first"
    ] = ()
    seconds: Annotated[Mapping[str, float] | None, "wall seconds of the last command, by what it was busy with"] = None

    def document(self) -> dict[str, Any]:
        """What is written: fields at their defaults are left out."""
        defaults = {each.name: each.default for each in record_fields(type(self)) if each.default is not MISSING}
        return {name: value for name, value in written(self).items() if name not in defaults or value != defaults[name]}


def read_metadata(path: Path) -> RunMetadata:
    """The content of `run.json` at `path`. Raises InputError where it is not as this version writes it."""

    def refused(why: object) -> InputError:
        return InputError(f"{path}: {why}. It is not the file of a run as hpt wrote it: restore it.")

    raw = read_bytes(path, _MOST_BYTES)
    if raw is None:
        raise refused("there is no such file")
    try:
        content = json.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise refused(f"no JSON ({unreadable(error)})") from error
    schema = content.get("schema", SCHEMA) if isinstance(content, dict) else SCHEMA
    if isinstance(schema, str) and schema != SCHEMA:
        raise InputError(f"{path}: written as {schema}, this hpt reads {SCHEMA}. Use the hpt that wrote it.")
    try:
        return read_record(content, RunMetadata)
    except MismatchError as error:
        raise refused(error) from error
