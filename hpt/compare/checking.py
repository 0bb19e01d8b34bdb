"""Whether what a run folder holds of a comparison are the runs of its protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hpt.compare.protocol import PROMOTED, RERUNS, Protocol, with_defaults
from hpt.compare.records import RunRecord, studies_of
from hpt.configuration.space import BRANCH
from hpt.foundation.errors import InputError
from hpt.runs.fields import MismatchError, found
from hpt.runs.recorded_settings import RecordedSpace, check_parameters


def check_runs(path: Path, protocol: Protocol, records: Sequence[RunRecord]) -> None:
    """Raises InputError, with the line in `path`, for the first of `records` that is no run of `protocol` in its place."""
    planned = list(_planned(protocol))
    spaces = {label: RecordedSpace(protocol.space.only((label,))) for label in protocol.names}
    for study in studies_of(records):
        before: dict[int, RunRecord] = {}
        if len(study) != len(planned):
            raise InputError(
                f"{path}:{study[0].trial + 1}: of: expected {len(planned)}, found {len(study)}. Restore the file."
            )
        for record, (phase, branch) in zip(study, planned, strict=True):
            try:
                _check(record, phase, branch, before)
                _check_setting(protocol, spaces, record, before)
            except MismatchError as error:
                raise InputError(f"{path}:{record.trial + 1}: {error}. The file was changed: restore it.") from error
            before[record.trial] = record


def _check(record: RunRecord, phase: str, branch: str, before: Mapping[int, RunRecord]) -> None:
    """before: the runs of the study that precede it, by trial."""
    _expect("phase", phase, record.phase)
    _expect("parameters.optimizer", branch, record.branch)
    if phase == "search":
        _expect("setting", str(record.trial), str(record.setting))
    elif phase in ("rerun", "test"):
        first = before.get(-1 if record.setting is None else record.setting)
        if first is None or first.phase != "search" or first.branch != branch:
            raise MismatchError("setting", f"a search trial of {branch} in this study", str(record.setting))


def _check_setting(
    protocol: Protocol, spaces: Mapping[str, RecordedSpace], record: RunRecord, before: Mapping[int, RunRecord]
) -> None:
    """Raises MismatchError where a run has another setting than its phase gives it. spaces: of each branch alone."""
    branch = record.branch
    if record.phase == "search":
        _expect("coordinates.optimizer", branch, str(record.coordinates.get(BRANCH)))
        spaces[branch].check_setting(_unnamed(record.coordinates), _unnamed(record.parameters))
    elif record.phase in ("rerun", "test"):
        first = before[record.setting or 0]
        check_parameters(first.parameters, record.parameters)
        if record.coordinates != first.coordinates:
            raise MismatchError("coordinates", f"those of trial {first.trial}", "others")
    else:
        # The defaults follow the tests of the selected setting; the baseline has none.
        selected = before[record.trial - 1].parameters if record.phase == "default" else {}
        check_parameters(_with_recorded_defaults(protocol, record, selected), record.parameters)
        if record.coordinates:
            raise MismatchError("coordinates", "none", found(dict(record.coordinates)))


def _with_recorded_defaults(protocol: Protocol, record: RunRecord, selected: Mapping[str, Any]) -> dict[str, Any]:
    """`selected` at the defaults of the catalogue, or at those that were recorded: another version may have had others."""
    if not selected:
        return {}
    own, recorded = f"{protocol.space.prefix(record.branch)}.", record.parameters
    return {
        name: recorded[name] if name.startswith(own) and type(recorded.get(name)) is type(value) else value
        for name, value in with_defaults(protocol.space, record.branch, selected).items()
    }


def _unnamed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without the branch."""
    return {name: value for name, value in values.items() if name != BRANCH}


def _planned(protocol: Protocol) -> Iterator[tuple[str, str]]:
    """Phase and branch of each run of a study, in their order."""
    yield "constant", ""
    for name in protocol.names:
        yield from [("search", name)] * protocol.trials
    for name in protocol.names:
        yield from [("rerun", name)] * (min(PROMOTED, protocol.trials) * RERUNS)
    for name in protocol.names:
        yield from [("test", name)] * protocol.seeds
        yield "default", name


def _expect(field: str, expected: str, actual: str) -> None:
    if expected != actual:
        raise MismatchError(field, expected or "none", actual or "none")
