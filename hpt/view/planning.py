"""What `hpt check` says of a study before it runs."""

from __future__ import annotations

from hpt.analysis.planning import StudyPlan
from hpt.configuration.space import plain
from hpt.foundation.catalogue import Range
from hpt.view.columns import columns_table
from hpt.view.formats import duration, literal
from hpt.view.page import Column, Facts, Page, Sentence, Table

FEW_COLUMNS = 40
"""So many columns are shown one by one; more would bury the rest."""


def plan_page(plan: StudyPlan) -> Page:
    """The data, the space, the budget and the advice."""
    dataset, config = plan.data.problem.dataset, plan.data.config
    data = [f"{dataset.name}: {dataset.task}", plan.data.rows(), f"{len(dataset.input_names)} inputs"]
    low, high = plan.updates
    most, likely = plan.epochs
    trials, epochs = config.study["trials"], config.space.training["epochs"]
    updates = f"{low}" if low == high else f"{low} to {high}"
    size = [f"{trials} trials x {epochs} epochs", f"{len(config.space.branches)} optimizers", f"{updates} updates a trial"]
    cost = [
        f"about {likely} of {most} epochs are trained",
        f"about {duration(plan.seconds)} of training on {plan.jobs} jobs",
        f"about {plan.megabytes:.0f} MB a generation",
    ]
    bounds = " and ".join(plan.constraints)
    room = [Facts([f"about {plan.feasible:.0%} of the space keeps {bounds}"])] if plan.feasible is not None else []
    budget = [Facts(size), Facts(cost), *room]
    told = [Sentence(f"note: {text}", "muted") for text in plan.data.notices]
    said = [Sentence(f"warning: {text}", "warning") for text in (*plan.data.warnings, *plan.advice)]
    columns = [columns_table(dataset.columns)] if dataset.columns and len(dataset.columns) <= FEW_COLUMNS else []
    return Page([[Facts([config.name, *data], "strong")], columns, [_space(plan)], budget, told, said])


def _space(plan: StudyPlan) -> Table:
    """A row a searched hyperparameter."""
    searches = {d.path: d.search for found in plan.dimensions.values() for d in found}
    starts = [literal(s.min) if isinstance(s, Range) else literal(plain(s.values)) for s in searches.values()]
    return Table(
        [
            Column("searched", list(searches), shrinks_to=20),
            Column("from", starts, importance=1, shrinks_to=20),
            Column("to", [literal(s.max) if isinstance(s, Range) else "" for s in searches.values()], importance=1),
            Column("scale", [s.scale if isinstance(s, Range) else "choice" for s in searches.values()], importance=2),
        ]
    )
