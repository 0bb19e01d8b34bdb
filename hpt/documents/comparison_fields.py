"""The fields of the documents of a comparison, and of comparisons on several tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from hpt.compare.verdicts import Verdict
from hpt.documents.fields import Direction, Requirements, RunStatus, Seconds

SaidOfA = Annotated[Verdict, "reads: a is … than b"]


class Budget(TypedDict):
    """What each optimizer was given."""

    trials: Annotated[int, "settings tried in a study"]
    studies: Annotated[int, "repetitions of the whole procedure so far"]
    studies_planned: Annotated[int, "how many there are to be"]
    seeds: Annotated[int, "test runs of the best setting of a study"]
    epochs: Annotated[int, "epochs of a run"]


class BestAfter(TypedDict):
    """How good the best of k settings is; lists of one length."""

    k: Annotated[list[int], "numbers of settings"]
    value: Annotated[list[float], "the expected score of the best of so many, the mean over studies"]
    low: Annotated[list[float], "the low end of its band"]
    high: Annotated[list[float], "the high end"]


class OptimizerRow(TypedDict):
    """An optimizer in a comparison."""

    name: Annotated[str, "the branch"]
    rank: Annotated[int, "1 + how many are judged better"]
    ranks: Annotated[list[int], "the best and worst rank that the verdicts leave possible"]
    score: Annotated[float, "the median of `scores`"]
    scores: Annotated[list[float], "the test score of each study, the mean over its seeds"]
    centred: Annotated[float, "the median over studies of its score minus the study's mean over optimizers"]
    other_scores: Annotated[Mapping[str, float], "the median scores in other metrics"]
    settings: Annotated[list[dict[str, Any]], "the selected parameters of each study, by dotted path"]
    searched: Annotated[int, "how many hyperparameters of its own it has to search"]
    divergence_rate: Annotated[float, "the share of the search's runs that diverged"]
    divergence_interval: Annotated[list[float], "the interval of that, low and high"]
    ended_above_start: Annotated[int, "runs of the others whose training loss ended higher than it began"]
    capped: Annotated[int, "test runs that were worse than the baseline, or diverged"]
    near_best_share: Annotated[float, "the share of the search's runs that come near the best of their study"]
    near_best_decades: Annotated[
        float | None, "decades between the lowest and the highest of their learning rates, null where there are none"
    ]
    best_after: Annotated[BestAfter, "how good the best of k settings is"]
    default_score: Annotated[float, "the median test score with its hyperparameters at their defaults"]
    epochs_to_target: Annotated[float | None, "the median of when test runs reach the target, null where most never do"]
    seconds_to_target: Annotated[float | None, "the same in seconds"]
    updates: Annotated[int, "updates of a run"]
    cpu_seconds: Annotated[float, "CPU seconds of a run, as a share of its stack's"]
    warnings: Annotated[list[str], "what may be wrong with its part"]


class NewDataTest(TypedDict):
    """The test of a pair whose claim extends to new data of the same kind."""

    difference: Annotated[float, "the mean difference"]
    interval: Annotated[list[float], "its interval, low and high"]
    p: Annotated[float, "two-sided"]


class PairRow(TypedDict):
    """Two optimizers over the same studies."""

    a: Annotated[str, "the one that is spoken of"]
    b: Annotated[str, "the one that it is held against"]
    difference: Annotated[float, "the Hodges-Lehmann estimate of a - b, in the metric's units"]
    interval: Annotated[list[float], "its interval, low and high, not adjusted for other pairs"]
    confidence: Annotated[float, "the confidence of that interval"]
    p: Annotated[float, "two-sided, exact"]
    p_adjusted: Annotated[float | None, "Holm's; null for a pair that is not judged"]
    p_equivalent: Annotated[float | None, "the p of a difference of the margin or more, adjusted; null as above"]
    probability_better: Annotated[float, "the share of studies in which a wins, ties half"]
    verdict: SaidOfA
    mean_difference: Annotated[float, "the mean of a - b, which is not judged"]
    zeros: Annotated[int, "studies without any difference"]
    new_data: Annotated[NewDataTest | None, "the test for new data of the same kind, null from one study"]


class OtherPair(TypedDict):
    """Two optimizers by another metric."""

    a: Annotated[str, "the one that is spoken of"]
    b: Annotated[str, "the one that it is held against"]
    difference: Annotated[float, "the estimate of a - b"]
    p_adjusted: Annotated[float | None, "Holm's; null for a pair that is not judged"]
    verdict: SaidOfA


class OtherRanking(TypedDict):
    """What another metric says."""

    best_set: Annotated[list[str], "the optimizers that may be best by it"]
    pairs: Annotated[list[OtherPair], "every pair once"]


class Spread(TypedDict):
    """The shares of the variance of a run's score; they add up to 1."""

    split: Annotated[float, "by the split of the data"]
    search: Annotated[float, "by the search"]
    seeds: Annotated[float, "by the seeds of the run"]


class CompareDocument(TypedDict):
    """What `hpt compare` prints, and `hpt show RUN` of a comparison."""

    schema: Literal["hpt.compare/1"]
    run: Annotated[str, "its folder"]
    status: RunStatus
    data: Annotated[str, "the data set"]
    metric: Annotated[str, "what is compared"]
    direction: Annotated[Direction, "which way is better"]
    margin: Annotated[float, "the difference that counts as none"]
    constant: Annotated[float | None, "the score of predicting the same for every row, null before the first study"]
    reference: Annotated[str | None, "the optimizer that the others are compared with, null where all are with all"]
    budget: Annotated[Budget, "what each optimizer was given"]
    extended_after_looking: Annotated[list[int], "numbers of studies that were planned earlier"]
    best_set: Annotated[list[str], "the optimizers that may be best"]
    optimizers: Annotated[list[OptimizerRow], "in the order of the ranking"]
    pairs: Annotated[list[PairRow], "every pair once"]
    other_metrics: Annotated[Mapping[str, OtherRanking], "what other metrics say"]
    target: Annotated[float | None, "the value of the objective that `epochs_to_target` asks for"]
    early_orders: Annotated[Mapping[str, list[str]], "by share of the epochs, the order at that time"]
    spread: Annotated[Spread | None, "what the score of a run varies by, null where that cannot be told"]
    warnings: Annotated[list[str], "what may be wrong"]
    seconds: Seconds
    requirements: NotRequired[Requirements]


class OptimizerAcross(TypedDict):
    """An optimizer across tasks."""

    name: Annotated[str, "the branch"]
    value: Annotated[float, "the interquartile mean of its scores, where 1 is a task's best optimizer and 0 its baseline"]
    interval: Annotated[list[float], "its band, low and high"]


class PairAcross(TypedDict):
    """Two optimizers across tasks."""

    a: Annotated[str, "the one that is spoken of"]
    b: Annotated[str, "the one that it is held against"]
    difference: Annotated[float, "a - b; above 0 a is better"]
    interval: Annotated[list[float], "its interval, for all pairs together at 95%"]
    verdict: Annotated[Verdict | None, "reads: a is … than b; null from too few tasks"]


class Profiles(TypedDict):
    """Performance profiles."""

    thresholds: Annotated[list[float], "normalised scores"]
    shares: Annotated[Mapping[str, list[float]], "by optimizer, the share of studies that score at least each threshold"]


class Across(TypedDict):
    """What the tasks say together."""

    optimizers: Annotated[list[OptimizerAcross], "best first"]
    pairs: Annotated[list[PairAcross], "every pair once"]
    left_out: Annotated[list[str], "tasks that could not be aggregated, and why"]
    profiles: Annotated[Profiles | None, "performance profiles, null where nothing could be aggregated"]


class TasksDocument(TypedDict):
    """What `hpt compare` prints for several tasks."""

    schema: Literal["hpt.compare-tasks/1"]
    tasks: Annotated[list[CompareDocument], "the comparison on each"]
    across: Annotated[Across, "what they say together"]
    requirements: NotRequired[Requirements]
