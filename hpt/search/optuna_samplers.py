"""Optuna's own samplers, and any class with the same methods, by name."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpt.configuration.config import Config
from hpt.configuration.space import Coordinates, SearchSpace
from hpt.foundation.catalogue import nearest
from hpt.foundation.randomness import generator
from hpt.search.sampling import Barred, silenced
from hpt.yaml.diagnostics import Problems, location_of

if TYPE_CHECKING:
    import numpy as np
    import optuna

Maker = Callable[..., "optuna.samplers.BaseSampler"]
Options = Mapping[str, Any]

NEEDS: Mapping[str, Mapping[str, str]] = {
    "CmaEsSampler": {"cmaes": "cmaes"},
    "GPSampler": {"torch": "torch", "scipy": "scipy"},
    "QMCSampler": {"scipy": "scipy"},
}
"""What samplers of Optuna's need that does not come with it: packages by the name of their module."""
REBUILT = ("GPSampler", "RandomSampler", "TPESampler")
"""Those whose suggestions follow from finished trials and a seed alone. Others keep a state that suggesting changes."""
WITHOUT_CONSTRAINTS = ("CmaEsSampler",)
"""Those that learn, but not from which trials violate constraints."""
_WITHOUT_SEARCH = ("BaseGASampler", "BaseSampler", "PartialFixedSampler")
_GRIDS = ("BruteForceSampler", "GridSampler")


class Named:
    """A new sampler for each generation, seeded from its stream.

    replayed: whether it keeps a state that is no part of finished trials, such as the distribution of CMA-ES.
    """

    def __init__(self, name: str, options: Options, seed: int) -> None:
        self._name = name
        self._make = found(name)
        self._options = options
        self._seeded = _seeded(self._make)
        self._seed = int(generator("sampler", seed).integers(2**32))
        self.replayed = name not in REBUILT

    def follow(self, prior: Sequence[Coordinates]) -> None:
        """Ignores it: how to be guided is not for others to say."""

    def avoid(self, barred: Barred) -> None:
        """Ignores it: what it draws is its own, and it is told of what it violates."""

    def each(self, study: optuna.Study) -> None:
        """As its row says."""

    def for_generation(self, study: optuna.Study, count: int, random: np.random.Generator) -> optuna.samplers.BaseSampler:
        """The sampler of the next `count` trials of `study`."""
        seed = int(random.integers(2**32))
        if self._name == "QMCSampler":
            # One sequence through the whole study; what lies outside of it is random, and new in each generation.
            from optuna.samplers import RandomSampler

            return self._make(**{"independent_sampler": RandomSampler(seed=seed), **self._options, "seed": self._seed})
        return self._make(**self._options, **({"seed": seed} if self._seeded else {}))


def named(space: SearchSpace, trials: int, seed: int, *, name: str, options: Options) -> Named:
    """The sampler of a study, which `check_sampler` had no fault with."""
    return Named(name, options, seed)


def found(name: str) -> Maker:
    """The class that `name` means. Raises ImportError, AttributeError or ValueError where there is none."""
    module, _, attribute = name.rpartition(":")
    made: Maker = getattr(import_module(module or "optuna.samplers"), attribute)
    return made


def check_sampler(config: Config) -> list[str]:
    """What to say of a sampler by name before a study begins. Raises InputError where there is none, or it lacks a package."""
    sampler = config.study["sampler"]
    if sampler["type"] != "optuna":
        return []
    problems, name = Problems(), sampler["name"]
    for key, text in _findings(name, sampler["options"], config.folder):
        path = f"study.sampler.{key}"
        problems.add(location_of(path, config.locations), path, text)
    problems.raise_any()
    said = []
    if config.study["constraints"] and name in WITHOUT_CONSTRAINTS:
        said.append(
            f"study.sampler: {name} makes no use of study.constraints: it goes on drawing what violates them, which never wins."
        )
    if not _seeded(found(name)):
        said.append(
            f"study.sampler: {name} takes no seed: another run draws other trials, and --resume may refuse to go on."
        )
    return said


def _findings(name: str, options: Options, folder: Path) -> Iterator[tuple[str, str]]:
    """What is wrong with a sampler, as keys and texts. folder: where modules of one's own lie."""
    if ":" not in name:
        wrong = _unknown(name) or _missing(name)
        if wrong:
            yield from wrong
            return
    sys.path.insert(0, str(folder.resolve()))
    try:
        make = found(name)
    except ImportError as error:
        missing = getattr(error, "name", None) or name.partition(":")[0]
        yield (
            "name",
            f"expected a class that can be imported, found {name}, which needs {missing}. Try pip install {missing}.",
        )
        return
    except (AttributeError, ValueError):
        yield "name", f"expected package.module:Class, found {name}, which names no class there."
        return
    finally:
        sys.path.pop(0)
    odd = list(_odd_options(make, options))
    yield from odd
    if not odd:
        try:
            with silenced():
                make(**options, **({"seed": 0} if _seeded(make) else {}))
        except Exception as error:  # noqa: BLE001  the class may be anybody's and raise anything
            yield "options", f"expected what {name} can be made with, found {dict(options)}: {error}."


def _unknown(name: str) -> list[tuple[str, str]]:
    from optuna import samplers

    if name in _GRIDS:
        return [("name", f"expected a sampler that learns or draws, found {name}. Write sampler: grid.")]
    known = [one for one in dir(samplers) if one.endswith("Sampler") and one not in (*_WITHOUT_SEARCH, *_GRIDS)]
    if name in known:
        return []
    near = nearest(name, known)
    hint = f"Did you mean {near}?" if near else f"Optuna has {', '.join(known)}."
    return [("name", f"expected a class of optuna.samplers or package.module:Class, found {name}. {hint}")]


def _missing(name: str) -> list[tuple[str, str]]:
    packages = [package for module, package in NEEDS.get(name, {}).items() if find_spec(module) is None]
    if not packages:
        return []
    needs = f"{name} needs {' and '.join(packages)}"
    return [("name", f"expected installed packages, found none: {needs}. Run pip install {' '.join(packages)}.")]


def _odd_options(make: Maker, options: Options) -> Iterator[tuple[str, str]]:
    parameters = inspect.signature(make).parameters
    free = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    for key in options:
        if key == "seed":
            yield "options.seed", "expected no seed, which comes from the study's. Remove it."
        elif key not in parameters and not free:
            near = nearest(key, parameters)
            hint = f"Did you mean {near}?" if near else f"It takes {', '.join(parameters)}."
            yield f"options.{key}", f"expected a keyword of {make.__name__}, found {key}. {hint}"


def _seeded(make: Maker) -> bool:
    return "seed" in inspect.signature(make).parameters
