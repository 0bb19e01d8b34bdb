"""Whether what a run folder holds of a comparison are the runs of its protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hpt.compare.protocol import PROMOTED, RERUNS, Protocol
from hpt.compare.records import RunRecord, studies_of
from hpt.foundation.errors import InputError
from hpt.runs.fields import MismatchError


def check_runs(path: Path, protocol: Protocol, records: Sequence[RunRecord]) -> None:
    """Raises InputError, with the line in `path`, for the first of `records` that is no run of `protocol` in its place."""
    planned = list(_planned(protocol))
    for study in studies_of(records):
        searched = {record.trial: record.branch for record in study if record.phase == "search"}
        if len(study) != len(planned):
            raise InputError(
                f"{path}:{study[0].trial + 1}: of: expected {len(planned)}, found {len(study)}. Restore the file."
            )
        for record, (phase, branch) in zip(study, planned, strict=True):
            try:
                _check(record, phase, branch, searched)
            except MismatchError as error:
                raise InputError(f"{path}:{record.trial + 1}: {error}. The file was changed: restore it.") from error


def _check(record: RunRecord, phase: str, branch: str, searched: Mapping[int, str]) -> None:
    """searched: the branch of each search trial of the study."""
    _expect("phase", phase, record.phase)
    _expect("parameters.optimizer", branch, record.branch)
    if phase in ("search", "rerun", "test") and searched.get(record.setting or 0) != branch:
        raise MismatchError("setting", f"a search trial of {branch} in this study", str(record.setting))


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
