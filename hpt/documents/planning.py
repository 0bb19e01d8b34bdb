"""The JSON document of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypedDict

from hpt.analysis.planning import StudyPlan
from hpt.configuration.space import plain
from hpt.data.drawing import fold_count
from hpt.documents.fields import Columns


class PlannedEpochs(TypedDict):
    """Epochs of all trials together."""

    most: Annotated[int, "where every trial trains to its last epoch"]
    likely: Annotated[int, "about what is left by the pruner"]


class PlannedUpdates(TypedDict):
    """Updates of one training."""

    fewest: Annotated[int, "with the largest batch"]
    most: Annotated[int, "with the smallest"]


class CheckDocument(TypedDict):
    """What `hpt check` prints: the plan of a study."""

    schema: Literal["hpt.check/1"]
    name: Annotated[str, "what the run will be called"]
    task: Annotated[str, "classification or regression"]
    rows: Annotated[Mapping[str, int], "how many rows there are for `train`, `validation`, `test`"]
    folds: Annotated[int, "how many folds a trial is the mean over, 1 where it trains on one split"]
    repeats: Annotated[int, "initialisations of a trial"]
    networks: Annotated[int, "how many networks of the winner's setting are kept"]
    space: Annotated[
        Mapping[str, dict[str, Any]], "by branch what is searched: ranges by dotted path, as a user writes them"
    ]
    trials: Annotated[int, "trainings in all: of settings that are tried, and of those that `study.select` trains again"]
    epochs: Annotated[PlannedEpochs, "epochs of all trials together"]
    updates: Annotated[PlannedUpdates, "updates of one training"]
    seconds: Annotated[float, "about how long training takes on so many jobs"]
    jobs: Annotated[int, "worker processes"]
    megabytes: Annotated[float, "about what a generation takes"]
    columns: Columns
    feasible: Annotated[
        float | None,
        "about the share of the space that keeps those of `study.constraints` that are known before training, null without any",
    ]
    advice: Annotated[list[str], "what to think about"]
    warnings: Annotated[list[str], "what may be wrong with the data"]
    notices: Annotated[list[str], "what was decided for the user"]


def plan_document(plan: StudyPlan) -> CheckDocument:
    """What `hpt check --json` prints."""
    dataset, config = plan.data.problem.dataset, plan.data.config
    return {
        "schema": "hpt.check/1",
        "name": config.name,
        "task": dataset.task,
        "rows": {name: len(p.inputs) for name in ("train", "validation", "test") if (p := getattr(dataset, name))},
        "folds": fold_count(config.data),
        "repeats": config.study["repeats"],
        "networks": config.study["networks"],
        "space": {label: {d.path: plain(d.search) for d in found} for label, found in plan.dimensions.items()},
        "trials": config.study["trials"],
        "epochs": {"most": plan.epochs[0], "likely": plan.epochs[1]},
        "updates": {"fewest": plan.updates[0], "most": plan.updates[1]},
        "seconds": plan.seconds,
        "jobs": plan.jobs,
        "megabytes": plan.megabytes,
        "columns": [dict(column) for column in plan.data.columns()],
        "feasible": plan.feasible,
        "advice": list(plan.advice),
        "warnings": list(plan.data.warnings),
        "notices": list(plan.data.notices),
    }
