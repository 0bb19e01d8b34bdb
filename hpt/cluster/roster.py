"""Who works in a cluster. A worker says what decides its bits in the names of the resources that it offers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hpt.evaluate.fingerprint import facts, fingerprint, unlike

_FINGERPRINT, _FACT = "hpt ", "hpt:"


def offered(of: Mapping[str, str]) -> dict[str, float]:
    """The resources of a worker where `facts` are `of`: what work asks for, and the facts for whoever wonders."""
    return {f"{_FINGERPRINT}{fingerprint(of)}": 1, **{f"{_FACT}{name}={value}": 1 for name, value in of.items()}}


def wanted(of: Mapping[str, str]) -> dict[str, float]:
    """The resource that a piece of work asks for, one of the worker's one, so that it does one piece at a time."""
    return {f"{_FINGERPRINT}{fingerprint(of)}": 1}


@dataclass(frozen=True, slots=True)
class Colleague:
    """A worker process of a cluster. busy: pieces of work in its hands. differences: why it gets none from here."""

    address: str
    name: str
    host: str
    busy: int
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """The workers of a cluster."""

    workers: tuple[Colleague, ...]

    @classmethod
    def of(cls, identity: Mapping[str, Any]) -> Roster:
        """The workers in what a scheduler says of itself."""
        found = [_colleague(address, worker) for address, worker in identity["workers"].items()]
        return cls(tuple(sorted(found, key=lambda worker: worker.name)))

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where those are that compute the bits that are computed here."""
        return tuple(worker.address for worker in self.workers if not worker.differences)

    @property
    def alike(self) -> int:
        """How many those are."""
        return len(self.addresses)

    @property
    def most_on_one(self) -> int:
        """The most workers that share a machine; at least 1."""
        return max(Counter(worker.host for worker in self.workers if not worker.differences).values(), default=1)

    def warnings(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Each way to be unlike, and a warning about those that are."""
        groups = Counter(worker.differences for worker in self.workers if worker.differences)
        for differences, count in groups.items():
            host = next(worker.host for worker in self.workers if worker.differences == differences)
            some, why = f"{count} of {len(self.workers)} workers", "; ".join(differences)
            yield differences, f"{some} would compute other bits and get no work ({host}): {why}."


def _colleague(address: str, worker: Mapping[str, Any]) -> Colleague:
    resources: Mapping[str, float] = worker.get("resources", {})
    told = dict(name.removeprefix(_FACT).split("=", 1) for name in resources if name.startswith(_FACT))
    if not told:
        differences = ["it was not started by `hpt worker`"]
    else:
        differences = unlike(told, facts())
    busy = int(worker.get("metrics", {}).get("executing", 0))
    return Colleague(address, str(worker["name"]), str(worker["host"]), busy, tuple(differences))
