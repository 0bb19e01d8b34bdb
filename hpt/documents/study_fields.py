"""The fields of the documents of a study, a trial, a training run, a learning-rate range test and the list of runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from hpt.documents.fields import (
    Columns,
    Direction,
    Epoch,
    FieldsOf,
    Metrics,
    Requirements,
    RunStatus,
    Seconds,
    Test,
    TrialSettings,
    TrialState,
)
from hpt.runs.run_metadata import RunMetadata

Parameters = Annotated[dict[str, Any], "what was searched, by dotted path; `optimizer` is the branch"]
StandardError = Annotated[
    float | None, "the standard error of `value` over folds and initialisations, null where the trial was trained once"
]
TrialPhase = Annotated[
    str,
    "search, or refit where a setting was trained again with a fresh initialisation; in a comparison the step of its study",
]
FinalMetrics = Annotated[Metrics, "every metric at the end, by prefixed name, null where it is not finite"]
HadBefore = Annotated[int | None, "the trial that had the setting before; null in the search"]


Violated = Annotated[list[str], "the constraints of the study that it violates"]


class Objective(TypedDict):
    """What a study optimises."""

    metric: Annotated[str, "the metric, with its part"]
    direction: Annotated[Direction, "which way is better"]


class TrialCounts(TypedDict):
    """How many trials ended in each state."""

    total: Annotated[int, "all of them"]
    completed: Annotated[int, "trained to the end, or stopped by `training.stop`"]
    pruned: Annotated[int, "ended early by the pruner, or not trained as they would violate a constraint"]
    diverged: Annotated[int, "a loss or the objective was not finite at an epoch's end"]
    failed: Annotated[int, "could not be trained"]
    infeasible: NotRequired[Annotated[int, "of all, those that violate a constraint; only where there are constraints"]]


class Expected(TypedDict):
    """What a setting is worth with fresh initialisations."""

    value: Annotated[float, "the objective it leads to"]
    low: Annotated[float, "the low end of its 95% interval"]
    high: Annotated[float, "the high end"]
    runs: Annotated[int, "how many fresh initialisations say so; 0: a model does, and the interval is that of one training"]


class Selection(TypedDict):
    """How the winner was chosen."""

    seen: Annotated[float | None, "the best value of the winner's setting in the search, luck included"]
    setting: Annotated[int | None, "the trial that had it"]
    expected: Annotated[Expected | None, "what the setting is worth with fresh initialisations, null where it was not tried"]


class Best(Selection):
    """The winner of a study."""

    trial: Annotated[int, "its number"]
    value: Annotated[float | None, "its objective"]
    value_error: StandardError
    parameters: Parameters
    metrics: FinalMetrics
    networks: Annotated[int, "how many networks of its setting are kept, whose outputs are averaged"]
    beats_baselines: Annotated[bool | None, "whether it is better than every baseline, null where there are none"]


class More(TypedDict):
    """What more trials would bring."""

    trials: Annotated[int, "how many more"]
    gain: Annotated[float, "how much better the best value seen gets by them, about"]
    high: Annotated[float, "the upper end of a one-sided 95% interval of that"]


class Outlook(TypedDict):
    """Whether a study is enough."""

    more: Annotated[More | None, "what as many trials again would bring, null with too few to say"]
    unsure: Annotated[float | None, "half of the interval of what the winner is worth, null where that is not known"]
    enough: Annotated[bool | None, "whether more would bring less than what is unsure anyway, null where one is not known"]
    alike: Annotated[list[int], "the settings, each by a trial, that cannot be told from the winner's"]
    matters: Annotated[str | None, "the hyperparameter along which the best settings differ most by a model of the search"]


class LeaderboardRow(TypedDict):
    """A trial on the leaderboard."""

    rank: Annotated[int, "its place in the order asked for, from 1"]
    trial: Annotated[int, "its number"]
    value: Annotated[
        float | None,
        "the objective after the last epoch trained, or at the epoch that is kept (`training.checkpoint`), null where it is not finite",
    ]
    value_error: StandardError
    state: TrialState
    epochs: Annotated[int, "epochs trained"]
    parameters: Parameters
    metrics: FinalMetrics
    phase: TrialPhase
    setting: HadBefore
    violates: Violated


class FrontRow(TypedDict):
    """A trial that no other dominates."""

    trial: Annotated[int, "its number"]
    values: Annotated[Metrics, "its value of each objective"]
    parameters: Parameters


class TuneDocument(TypedDict):
    """What `hpt tune` prints, and `hpt show RUN` of a study."""

    schema: Literal["hpt.tune/1"]
    run: Annotated[str, "its folder"]
    status: RunStatus
    objective: Annotated[Objective, "what ranks the trials; the first where there are several"]
    objectives: NotRequired[Annotated[list[Objective], "all objectives; only where there are several"]]
    front: NotRequired[
        Annotated[list[FrontRow], "the trials that no other dominates, by the first objective; only with several"]
    ]
    trials: Annotated[dict[str, int], FieldsOf((TrialCounts,)), "how many trials ended how"]
    best: Annotated[
        Best | None, "the winner, null where no trial may win: none came to a value, or none keeps the constraints"
    ]
    outlook: Annotated[Outlook, "whether the study is enough"]
    baselines: Annotated[Mapping[str, Metrics], "the metrics of `constant` and `linear`, models without a search"]
    test: Annotated[Test | None, "what the winner is worth on the test rows, null where they were not opened"]
    warnings: Annotated[list[str], "what may be wrong"]
    notices: Annotated[list[str], "what was decided for the user"]
    columns: Columns
    leaderboard: Annotated[
        list[LeaderboardRow], "every trial, best first; with `hpt show` in the order of --sort and up to --top"
    ]
    seconds: Seconds
    requirements: NotRequired[Requirements]


class RunFacts(TypedDict):
    """A run in the list."""

    run: Annotated[str, "its folder"]


class RunsDocument(TypedDict):
    """What `hpt show` prints: the list of runs."""

    schema: Literal["hpt.runs/1"]
    runs: Annotated[
        list[Annotated[dict[str, Any], FieldsOf((RunFacts, RunMetadata), without=("schema",))]],
        "its folder as `run`, and what its `run.json` holds",
    ]


class Stopped(TypedDict):
    """Why training ended."""

    epoch: Annotated[int, "the last epoch trained"]
    reason: Annotated[str, "epochs, converged, patience, pruned, diverged, or that it was interrupted or failed"]
    criterion: Annotated[str | None, "the stopping criterion that was met"]


class TrialStopped(TypedDict):
    """Why a trial ended."""

    reason: Annotated[str, "epochs, converged, patience, pruned, diverged, infeasible or lost"]
    criterion: Annotated[str | None, "the stopping criterion that was met"]


class TrialDocument(TypedDict):
    """What `hpt show RUN TRIAL` prints: a trial in full."""

    schema: Literal["hpt.trial/1"]
    run: Annotated[str, "the folder of its run"]
    trial: Annotated[int, "its number"]
    rank: Annotated[int, "its place on the leaderboard, from 1"]
    state: TrialState
    epochs: Annotated[int, "epochs trained"]
    stopped: Annotated[TrialStopped, "why it ended"]
    value: Annotated[
        float | None,
        "the objective after the last epoch trained, or at the epoch that is kept (`training.checkpoint`), null where it is not finite",
    ]
    value_error: StandardError
    parameters: Parameters
    metrics: FinalMetrics
    phase: TrialPhase
    setting: HadBefore
    violates: Violated
    constraints: Annotated[
        Metrics, "how far it is beyond each of `study.constraints`, as a share of its limit; above 0 it is violated"
    ]
    history: Annotated[list[Epoch], "its epochs"]


class TrainDocument(TypedDict):
    """What `hpt train` prints."""

    schema: Literal["hpt.train/1"]
    settings: Annotated[TrialSettings, "what it trained with, defaults included"]
    history: Annotated[list[Epoch], "its epochs; `learning_rate` is that of the epoch's last update"]
    stopped: Annotated[Stopped, "why it ended"]
    final: FinalMetrics
    value_error: StandardError
    test: Annotated[Mapping[str, Any] | None, "with --test the metrics on the test rows, as in a study; else null"]
    seconds: Annotated[float, "wall seconds of training"]
    parameters: NotRequired[Annotated[dict[str, Any], "the weights by name; only where there are few"]]
    requirements: NotRequired[Requirements]


class SweepPoint(TypedDict):
    """An update of the sweep."""

    learning_rate: Annotated[float, "its rate"]
    losses: Annotated[list[float | None], "the smoothed batch loss before it, of each seed; null once it blew up"]


class Reading(TypedDict):
    """A rate as it is read off the sweep."""

    median: Annotated[float, "the median over seeds"]
    low: Annotated[float, "the lowest of a seed"]
    high: Annotated[float, "the highest of a seed"]


class TriedRate(TypedDict):
    """A constant rate that was tried."""

    learning_rate: Annotated[float, "the rate"]
    value: Annotated[float | None, "the mean over seeds of what it came to, null where one diverged"]
    values: Annotated[list[float | None], "what it came to with each seed"]


class Tried(TypedDict):
    """How constant rates ended."""

    metric: Annotated[str, "what is told of each"]
    epochs: Annotated[int, "how long each was trained"]
    rates: Annotated[list[TriedRate], "the rates, ascending"]


class Plateau(TypedDict):
    """Rates that end alike."""

    low: Annotated[float, "the lowest"]
    high: Annotated[float, "the highest"]


class LrFindDocument(TypedDict):
    """What `hpt lr-find` prints."""

    schema: Literal["hpt.lr-find/1"]
    path: Annotated[str, "the dotted path of the learning rate"]
    settings: Annotated[TrialSettings, "what it holds for"]
    sweep: Annotated[list[SweepPoint], "the rate grows at each update"]
    readings: Annotated[Mapping[str, Reading], "rates read off the sweep: valley, steep, minimum"]
    tried: Annotated[Tried, "how constant rates ended, which decides"]
    plateau: Annotated[Plateau, "the rates that differ from the best by no more than noise"]
    unstable_from: Annotated[float | None, "the lowest rate that is not stable, null where all were"]
    notes: Annotated[list[str], "why the suggestion is what it is, and where the test came to an end"]
    suggestion: Annotated[float, "the middle of the plateau"]
    search: Annotated[dict[str, Any], "a range to search, as a user writes it"]
