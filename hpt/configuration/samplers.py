"""The samplers of a study, as rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hpt.foundation.catalogue import Entry, Hyperparameter, imported, table


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplerEntry(Entry):
    """A sampler.

    function: makes that of a study from its space, its number of trials, its seed and the hyperparameters of the row, which are
    its keywords; it lies on a higher floor.
    each: a generation that may grow has one trial for each so many before it, at most: the more a sampler makes of every trial, the more
    often it is to be asked, as it may say itself. guided: whether what it draws depends on what earlier runs found, too.
    """

    function: Callable[..., Any]
    each: int
    guided: bool = False


SAMPLERS = table(
    SamplerEntry(
        "tpe",
        "learns from finished trials where good ones are likely; from 24 on half of a generation, at most 64 trials, is drawn where a"
        " Gaussian process expects the best to be bettered",
        function=imported("hpt.search.two_models:TwoModels"),
        each=1,
        guided=True,
        hyperparameters=(
            Hyperparameter("gp", "boolean", True, "whether the Gaussian process draws its half", scope="never"),
        ),
        reference="Bergstra et al. 2011; Watanabe 2023; Ament et al. 2023; Ginsbourger et al. 2010",
    ),
    SamplerEntry(
        "random",
        "draws each trial independently",
        function=imported("hpt.search.random:Random"),
        each=1,
        reference="Bergstra & Bengio 2012",
    ),
    SamplerEntry(
        "grid",
        "every combination of `values` and steps, in seeded order",
        function=imported("hpt.search.grid:Grid"),
        each=1,
    ),
    SamplerEntry(
        "optuna",
        "a sampler of Optuna's, or of any class with the same methods",
        function=imported("hpt.search.optuna_samplers:named"),
        each=3,
        hyperparameters=(
            Hyperparameter(
                "name",
                "text",
                None,
                "a class of optuna.samplers, such as GPSampler, or package.module:Class",
                scope="never",
                aliases=("class",),
            ),
            Hyperparameter(
                "options",
                "constant",
                {},
                "keywords that it is made with; its seed is the study's",
                keyed=True,
                scope="never",
                aliases=("keywords", "kwargs"),
            ),
        ),
        reference="Akiba et al. 2019",
    ),
)
