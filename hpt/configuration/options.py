"""The rows of a configuration that speak of the study, and of the run itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hpt.configuration.samplers import SAMPLERS
from hpt.foundation.catalogue import Entry, Hyperparameter, table
from hpt.training.objectives import COSTS


@dataclass(frozen=True, slots=True, kw_only=True)
class PrunerEntry(Entry):
    """A pruner. function: the epochs at which trials are ranked, from that of the last one and its hyperparameters."""

    function: Callable[..., tuple[int, ...]]


def _no_rungs(epochs: int) -> tuple[int, ...]:
    return ()


def _halving_rungs(epochs: int, *, eta: int, min_epochs: int) -> tuple[int, ...]:
    """min_epochs · etaⁱ, as far as it lies below `epochs`."""
    rungs = []
    rung = min_epochs
    while rung < epochs:
        rungs.append(rung)
        rung *= eta
    return tuple(rungs)


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionEntry(Entry):
    """A way to choose the winner. function: how many of a study's trials it keeps back for it.

    by_model: whether a model chooses, after the last trial. since: of how many trials on it is the default, None where never.
    """

    function: Callable[[int], int]
    by_model: bool = False
    since: int | None = None


FEWEST_REFIT = 25
"""Of fewer trials none is kept back."""


def _refit_runs(trials: int) -> int:
    """Some 16% of `trials`, at most 30; none below FEWEST_REFIT."""
    if trials < FEWEST_REFIT:
        return 0
    return 2 * (trials // 12) if trials < 100 else 3 * min(10, trials // 16)


def refit_settings(runs: int) -> int:
    """How many settings share so many runs: three for each, two where the runs are few; none of fewer than are ever kept back."""
    if runs < _refit_runs(FEWEST_REFIT):
        return 0
    return runs // 3 if runs >= _refit_runs(100) else runs // 2


def _no_runs(trials: int) -> int:
    return 0


SELECTIONS = table(
    SelectionEntry(
        "refit",
        "trains the best settings again with fresh initialisations, and takes the one that is worth most by these and a model",
        function=_refit_runs,
        formula="of the trials asked for min(10, trials // 16) settings, 3 runs each; below 100 trials // 12, 2 each; below 25 as lowest",
        since=FEWEST_REFIT,
    ),
    SelectionEntry(
        "model",
        "takes, of the twenty best seen, the setting that is best by a Gaussian process over completed trials, without training",
        function=_no_runs,
        by_model=True,
        reference="Rasmussen & Williams 2006",
    ),
    SelectionEntry("lowest", "takes the trial with the best value seen, luck included", function=_no_runs, since=0),
)


def usual_selection(trials: int) -> str:
    """How the winner of so many trials is chosen where nothing is said of it."""
    since = {row.since: row.name for row in SELECTIONS.values() if row.since is not None and row.since <= trials}
    return since[max(since)]


PRUNERS = table(
    PrunerEntry("none", "every trial trains to its last epoch", function=_no_rungs),
    PrunerEntry(
        "halving",
        "those of a generation go on that are in the best 1/eta of all trials that came to the rung",
        function=_halving_rungs,
        hyperparameters=(
            Hyperparameter("eta", "integer", 3, "one in eta goes on", low=2, high=1000, aliases=("reduction_factor",)),
            Hyperparameter(
                "min_epochs",
                "integer",
                1,
                "epochs before the first rung",
                low=1,
                high=10**9,
                aliases=("min_resource", "grace_period"),
            ),
        ),
        formula="rungs at min_epochs · etaⁱ < epochs; those go on that are among the best ⌈n/eta⌉ of all n that came there",
        reference="Jamieson & Talwalkar 2016",
    ),
)

TOP = (
    Hyperparameter(
        "name", "text", None, "name of the run; the file's stem where it is not given", optional=True, scope="never"
    ),
    Hyperparameter(
        "seed",
        "integer",
        0,
        "where all randomness starts",
        low=0,
        high=2**63 - 1,
        scope="never",
        aliases=("random_state", "random_seed"),
    ),
    Hyperparameter(
        "trial",
        "integer",
        0,
        "the trial whose random stream `hpt train` uses",
        low=0,
        high=2**31 - 1,
        scope="never",
    ),
)

STUDY_STOP = (
    Hyperparameter(
        "patience",
        "integer",
        None,
        "end the study when so many trials in a row brought no better value",
        low=1,
        optional=True,
        scope="never",
    ),
    Hyperparameter(
        "value",
        "float",
        None,
        "end the study when the objective of a trial is at least as good as this",
        optional=True,
        scope="never",
        aliases=("target",),
    ),
)

STUDY = (
    Hyperparameter(
        "objective",
        "text",
        None,
        "metric that is optimised: validation_loss, or train_loss without a validation share; a list for several objectives,"
        f" the others metrics too, {' or '.join(COSTS)}",
        optional=True,
        length=0,
        alone=True,
        scope="never",
        aliases=("metric", "monitor"),
    ),
    Hyperparameter(
        "trials",
        "integer",
        100,
        "trainings in all, also after a resume: of settings that are tried, and of those that `select` trains again; a grid tries no more"
        " than its points",
        low=1,
        high=1_000_000,
        scope="never",
        aliases=("n_trials", "num_trials", "max_trials", "count", "num_samples"),
    ),
    Hyperparameter(
        "timeout",
        "float",
        None,
        "seconds after which no generation starts",
        low=0,
        open_low=True,
        optional=True,
        scope="never",
    ),
    Hyperparameter(
        "first",
        "settings",
        (),
        "known settings that are tried first, each by dotted paths; what one does not name is at the middle of its range, or the first of"
        " its values",
        length=0,
        scope="never",
        aliases=("enqueue", "points_to_evaluate", "initial_points"),
    ),
    Hyperparameter(
        "after",
        "text",
        (),
        "earlier runs on the same space: their best settings are tried first, and guide the search less and less",
        length=0,
        alone=True,
        scope="never",
        aliases=("warm_start", "transfer"),
    ),
    Hyperparameter(
        "constraints",
        "text",
        (),
        "what a winner must keep, such as parameters<=5000 or validation_accuracy>=0.95: <=, >=, < or > between a metric,"
        f" {' or '.join(COSTS)} and a number",
        length=0,
        alone=True,
        scope="never",
        aliases=("constraint", "subject_to"),
    ),
    Hyperparameter(
        "stop",
        "row",
        {},
        "what ends the study before its last trial; looked at between generations",
        table=table(Entry("stop", "what ends a study", STUDY_STOP)),
        row_key="",
        scope="never",
        aliases=("early_stopping",),
    ),
    Hyperparameter(
        "sampler",
        "row",
        "tpe",
        "how the next trials are chosen",
        table=SAMPLERS,
        scope="never",
        aliases=("method", "algorithm"),
    ),
    Hyperparameter(
        "pruner",
        "row",
        "none",
        "how hopeless trials are ended early",
        table=PRUNERS,
        scope="never",
        aliases=("early_terminate", "scheduler"),
    ),
    Hyperparameter(
        "select",
        "choice",
        "refit",
        "how the winner is chosen; below 25 trials, on a grid and by several objectives lowest where nothing is said",
        choices=tuple(SELECTIONS),
        scope="never",
    ),
    Hyperparameter(
        "repeats", "integer", 1, "initialisations of a trial, which is its mean over them", low=1, high=1000, scope="never"
    ),
    Hyperparameter(
        "networks",
        "integer",
        "auto",
        "networks that are kept of the winner's setting, each from an initialisation of its own, whose outputs are averaged;"
        " auto: 1, but 5 in tune of a data file without a configuration that gets folds",
        low=1,
        high=100,
        words=("auto",),
        scope="never",
        aliases=("ensemble", "ensemble_size", "n_ensemble", "bagging"),
    ),
    Hyperparameter(
        "population",
        "integer",
        "auto",
        "trials of a generation, drawn and ranked together; auto: 12, then 6 to 256: after `done` trials done // 2, from 36 completed on"
        " done where values are noisy and done // 3 where not; done // 2 without gp, done // 3 by optuna, done by random and grid",
        low=1,
        high=100_000,
        words=("auto",),
        scope="never",
        aliases=("population_size",),
    ),
    Hyperparameter(
        "memory",
        "integer",
        "auto",
        "megabytes that training may take; auto: a quarter of the machine's",
        low=1,
        high=10**9,
        words=("auto",),
        scope="never",
    ),
)
