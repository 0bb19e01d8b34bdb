"""One `hpt tune`: from a configuration file to a run folder, begun anew or gone on with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from hpt.configuration import config as configuration
from hpt.configuration.config import Config
from hpt.configuration.options import PRUNERS, SELECTIONS
from hpt.evaluate.baselines import Baselines, baselines
from hpt.evaluate.population import Population
from hpt.models.networks import apart
from hpt.runs.environment import memory_for
from hpt.runs.folder import TUNE_RUNS, RunFolder
from hpt.runs.run_metadata import Status
from hpt.runs.trial_record import TrialRecord
from hpt.runs.winner import read_winner
from hpt.search.generation_sizes import GenerationSizes
from hpt.search.known_settings import first_coordinates
from hpt.search.optuna_samplers import check_sampler
from hpt.search.sampling import Sampling
from hpt.study.advice import advice_on, doubt, mostly_barred
from hpt.study.clock import Clock
from hpt.study.findings import Findings
from hpt.study.goals import Goals, goals_of
from hpt.study.kept_weights import trained_to_keep, trial_member
from hpt.study.leaderboard import Leaderboard
from hpt.study.lifecycle import Ended, OpenRun, RunRequest, open_run, run_to_end
from hpt.study.prior import Prior, prior_of
from hpt.study.ranking_certainty import doubtful_ranking
from hpt.study.selection import modelled, recorded_choice, what_matters
from hpt.study.stopping import Stop
from hpt.study.study_data import StudyData, study_data
from hpt.study.testing import check_test_rows, opened
from hpt.study.tuning import Generation, Limits, StudySpecification, Tuning
from hpt.study.watching import Noted, Plan, Watcher
from hpt.training.objectives import directions_of


@dataclass(frozen=True, slots=True)
class Finished:
    """How a study ended. advice: for the user, where trials ended and none was completed. test: whether there are test rows to open."""

    folder: Path
    status: Status
    leaderboard: Leaderboard
    findings: Findings
    seconds: Mapping[str, float]
    advice: str | None
    test: bool


def tune(request: RunRequest, watcher: Watcher, clock: Clock, *, test: bool = False) -> Finished:
    """Runs the study that `request` asks for. test: whether the test rows are opened at its end, once, for the winner.

    Raises InputError where it is refused, RunError where it fails.
    """
    config = configuration.read(request.config, overrides=request.overrides, mode="tune")
    first = first_coordinates(config)
    data = study_data(config, settle=True)
    config = data.config
    if test:
        check_test_rows(data.problem)
    said = check_sampler(config)
    goals = goals_of(data)
    prior = Prior() if request.resume else prior_of(config, request.runs, goals)
    watcher = Noted(watcher)
    with open_run(request, config, data.problem.dataset, TUNE_RUNS, watcher.warned) as run:
        board = Leaderboard.of(data.objective, run.history)
        if run.failure is not None:
            test = data.problem.dataset.test is not None
            return Finished(
                run.folder.folder, "failed", board, Findings({}, columns=data.columns()), clock.seconds(), run.failure, test
            )
        study = _specification(run.folder.config, data, goals, len(first))
        executors = request.executors(watcher.warned, needed=len(run.history) < study.trials)
        population = Population(
            data.problems,
            executors,
            memory_for(run.folder.config.study),
            warn=watcher.warned,
            stop=lambda: run.interrupts.requested,
            meanwhile=request.meanwhile,
        )
        run.closing.callback(population.close)
        trained = _baselines(run, population, data)
        if run.history:
            prior = Prior.recorded(run.folder.metadata)
        elif request.resume:
            prior = prior_of(config, request.runs, goals)
        run.folder.update_metadata(prior=prior.good, notices=prior.notices)
        first = [*first, *prior.first(_begun_with(run, study))][: study.searched]
        keywords = dict(config.study["sampler"])
        kind, direction = keywords.pop("type"), directions_of(config.study) or data.objective.direction
        barred = goals.barred(config.space)
        sampling = Sampling(config.space, kind, direction, config.seed, study.trials, keywords, first, prior.good, barred)
        with clock.during("training"):
            known = trained() or {}
        watcher.began(_plan(executors.jobs, run.folder, study, data, known, prior), board)
        run.closing.callback(watcher.close)
        for warning in (*run.warnings, *data.warnings, *said):
            watcher.warned(warning)
        limits = Limits(run.interrupts, clock, run.folder.config.study["timeout"])
        tuning = Tuning(study, sampling, data.evaluator(population), watcher, clock, limits)

        def found() -> Findings:
            kept, warned = run.folder.metadata, tuple(watcher.warnings)
            return Findings(
                known, kept.test, warned, watcher.notices, goals.names, kept.matters, data.columns(), kept.networks
            )

        return _run(run, data, tuning, found, test=test)


def _run(
    run: OpenRun[TrialRecord], data: StudyData, tuning: Tuning, found: Callable[[], Findings], *, test: bool
) -> Finished:
    """Runs what is left of the study. found: gives what there is beside its leaderboard, so far."""
    keeper = _Keeper(run, data, tuning.clock)

    def train() -> Ended:
        run.folder.update_metadata(baselines=found().baselines)
        keeper.settle()
        status, _ = tuning.run(run.history, keeper.record)
        if status == "completed":
            with tuning.clock.during("sampling"):
                keeper.choose()
                run.folder.update_metadata(matters=keeper.matters())
        settled = keeper.settle()
        with tuning.clock.during("training"):
            run.folder.update_metadata(test=keeper.tested() if test and settled else keeper.tested_before())
        board = keeper.board
        for text in (doubt(board, found().baselines), mostly_barred(board), doubtful_ranking(board, data)):
            if text is not None:
                tuning.watcher.warned(text)
        metadata = _metadata(board) | found().metadata()
        if board.best is None and status == "completed":
            return Ended("failed", metadata, advice_on(run.folder.config, board, data))
        return Ended(status if settled else "interrupted", metadata)

    ended = run_to_end(run, tuning.clock, train)
    unopened = data.problem.dataset.test is not None and not found().test
    return Finished(run.folder.folder, ended.status, keeper.board, found(), tuning.clock.seconds(), ended.advice, unopened)


def _metadata(board: Leaderboard) -> dict[str, object]:
    best = None if board.best is None else board.best.value
    return {"records": len(board.records), "best": best, "modelled": recorded_choice(board.chosen)}


class _Keeper:
    """Keeps the records of a run, and the weights of its best trial beside them."""

    def __init__(self, run: OpenRun[TrialRecord], data: StudyData, clock: Clock) -> None:
        self._run = run.folder
        self._interrupts = run.interrupts
        self._data = data
        self._clock = clock
        self._networks: int = run.folder.config.study["networks"]
        self.board = Leaderboard.recorded(data.objective, run.history, run.folder.metadata.modelled)

    def record(self, generation: Generation) -> None:
        """Appends the generation; where it holds a new best, its weights follow."""
        self._run.append(generation.records)
        self.board = self.board.extended(generation.records)
        best = self.board.best
        if best is not None and self._networks == 1 and best.trial in generation.weights:
            self._run.write_best(best, generation.weights[best.trial])
        elif best is not None and best in generation.records:
            self.settle()
        self._run.update_metadata(**_metadata(self.board))

    def tested(self) -> dict[str, Any] | None:
        """What the winner is worth on the test rows; None where there is no winner."""
        if (best := self.board.best) is None:
            return None
        config = self._run.config
        member = trial_member(self._data, config.space.settings(best.parameters), best.trial)
        weights = read_winner(self._run.folder).weights
        return opened(self._data.problem, member, weights, best.metrics, config.seed).document()

    def tested_before(self) -> Mapping[str, Any] | None:
        """What was found on the test rows in an earlier command, where the winner is still the same."""
        test, best = self._run.metadata.test, self.board.best
        return test if test and best is not None and test.get("trial") == best.trial else None

    def choose(self) -> None:
        """Lets the model choose the winner among all trials, where that is asked for."""
        config, board = self._run.config, self.board
        if SELECTIONS[config.study["select"]].by_model:
            self.board = replace(board, chosen=modelled(config.space, board.objective, board.records))

    def matters(self) -> str | None:
        """As `what_matters` says, around the setting of the best trial."""
        board, chosen = self.board, self.board.chosen
        best = chosen.setting if chosen else board.lowest
        return None if best is None else what_matters(self._run.config.space, board.objective, board.records, best)

    def settle(self) -> bool:
        """Trains the best trial once where its weights are not there; whether they are there now.

        A trial that is a mean has none; of several networks the others are not there; the command was killed before it could write them; or
        the best is no longer the lowest of those it was trained with, the only one whose weights are sent.
        """
        best = self.board.best
        if best is None or self._run.best_trial() == best.trial:
            return True
        settings = self._run.config.space.settings(best.parameters)
        with self._clock.during("training"):
            result = trained_to_keep(
                self._data,
                settings,
                best.trial,
                best.epochs,
                best.history,
                networks=self._networks,
                stop=lambda: self._interrupts.requested,
            )
        if result is None:
            return False
        self._run.write_best(best, result.weights)
        self._run.update_metadata(networks=len(apart(result.weights)))
        return True


def _specification(config: Config, data: StudyData, goals: Goals, named: int) -> StudySpecification:
    """Rungs from the pruner's row. named: settings that are to be tried, for which nothing is kept back where there is no room for both."""
    study = config.study
    kept_back = SELECTIONS[study["select"]].function(study["trials"])
    pruner = {key: value for key, value in study["pruner"].items() if key != "type"}
    epochs = config.space.training["epochs"]
    return StudySpecification(
        space=config.space,
        objective=data.objective,
        seed=config.seed,
        trials=study["trials"],
        sizes=GenerationSizes.asked(study),
        epochs=epochs,
        rungs=PRUNERS[study["pruner"]["type"]].function(epochs, **pruner),
        eta=pruner.get("eta", 1),
        stop=Stop(**study["stop"]),
        goals=goals,
        points=config.space.grid_size() if study["sampler"]["type"] == "grid" else None,
        kept_back=kept_back if named <= study["trials"] - kept_back else 0,
    )


def _begun_with(run: OpenRun[TrialRecord], study: StudySpecification) -> int:
    """Of how many trials the study was to be at first: how many settings are tried first follows from that, whatever it goes on to."""
    return (*run.folder.metadata.extended, study.trials)[0]


def _baselines(run: OpenRun[TrialRecord], population: Population, data: StudyData) -> Callable[[], Baselines | None]:
    """Gives the baselines, which a worker trains meanwhile where they are not recorded; None after a request to stop."""
    if recorded := run.folder.metadata.baselines:
        return lambda: recorded
    return population.beside(partial(baselines, chosen=data.config.space.training["loss"]), data.keys)


def _plan(
    jobs: int, run: RunFolder[TrialRecord], study: StudySpecification, data: StudyData, known: Baselines, prior: Prior
) -> Plan:
    dataset, space = data.problem.dataset, study.space
    searched = set(space.paths())
    typical = ({p: value for p, value in space.middle(label).items() if p in searched} for label in space.branches)
    return Plan(
        run=run.folder.name,
        folder=str(run.folder),
        trials=study.trials,
        population=study.sizes.fixed,
        epochs=study.epochs,
        jobs=jobs,
        rungs=study.rungs,
        typical=tuple(typical),
        data=f"{dataset.name}: {dataset.task}, {data.rows()}, {len(dataset.input_names)} inputs",
        notices=(*data.notices, *prior.notices),
        baselines=known,
        objectives=study.goals.names,
    )
