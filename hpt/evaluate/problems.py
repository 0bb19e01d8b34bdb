"""What trials train on, as a worker holds it: by a digest of its content, so that no study trains on another's rows."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from hpt.training.problem import Problem

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_PROVIDERS = 4
_PROBLEMS = 32


class Problems(Protocol):
    """Gives the problem of a key. Picklable: a worker is sent it once. digest: of all that the problems depend on."""

    @property
    def digest(self) -> str: ...

    def __call__(self, key: Hashable) -> Problem: ...


@dataclass(frozen=True, slots=True)
class OneProblem:
    """The same problem for every key: all trials of a study train on the same rows."""

    problem: Problem
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", digest_of(self.problem))

    def __call__(self, key: Hashable) -> Problem:
        return self.problem


def digest_of(problem: Problem) -> str:
    """A digest of everything that training reads of `problem`."""
    dataset = problem.dataset
    found = hashlib.blake2b(digest_size=20)
    told = (problem.objective, problem.every_epoch, problem.at_end, dataset.task, dataset.classes)
    found.update(repr((*told, dataset.input_names, dataset.target_mean, dataset.target_sd)).encode())
    for part in (dataset.train, dataset.validation, dataset.test):
        for array in () if part is None else (part.inputs, part.targets):
            found.update(repr((array.shape, array.dtype.str)).encode())
            found.update(array.tobytes() if not array.flags.c_contiguous else array.data)
    return found.hexdigest()


class Held:
    """What a process keeps of the problems it was asked to train on: the latest few, each under the digest of its provider."""

    def __init__(self) -> None:
        self._providers: OrderedDict[str, Problems] = OrderedDict()
        self._problems: OrderedDict[tuple[str, Hashable], Problem] = OrderedDict()

    def problem(self, digest: str, key: Hashable, provider: Problems | None) -> Problem | None:
        """The problem of `key`; None where the provider of `digest` is neither held nor given."""
        if provider is not None:
            _keep(self._providers, digest, provider, _PROVIDERS)
        if (held := self._problems.get((digest, key))) is not None:
            return _keep(self._problems, (digest, key), held, _PROBLEMS)
        if (known := self._providers.get(digest)) is None:
            return None
        return _keep(self._problems, (digest, key), known(key), _PROBLEMS)


def _keep(held: OrderedDict[Key, Value], key: Key, value: Value, most: int) -> Value:
    held[key] = value
    held.move_to_end(key)
    while len(held) > most:
        held.popitem(last=False)
    return value
