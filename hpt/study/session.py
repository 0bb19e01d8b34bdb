"""One `hpt tune`: from a configuration file to a run folder, begun anew or gone on with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from hpt.configuration import config as configuration
from hpt.configuration.config import Config
from hpt.configuration.options import PRUNERS
from hpt.configuration.resolution import Override
from hpt.configuration.space import plain
from hpt.evaluate.workers import Fixed, Workers, one_blas_thread
from hpt.foundation.catalogue import Range
from hpt.foundation.errors import RunError
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.runs.environment import memory_for
from hpt.runs.finding import RUN_FILE
from hpt.runs.folder import TUNE_RUNS, RunFolder, choose_folder
from hpt.runs.lock import locked
from hpt.runs.trial_record import TrialRecord
from hpt.search.sampling import Sampling
from hpt.study.clock import Clock
from hpt.study.interrupts import listening
from hpt.study.leaderboard import Leaderboard
from hpt.study.preparing import problem_of
from hpt.study.tuning import Course, Generation, Limits, Tuning
from hpt.study.watching import Plan, Watcher
from hpt.training.cohort import begin
from hpt.training.loop import advance
from hpt.training.problem import Problem
from hpt.training.settings import Member


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    config: Path
    overrides: Sequence[Override]
    runs: Path
    jobs: int
    resume: bool = False
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """How a study ended. advice: for the user, where trials ended and none was completed. test: whether there are test rows."""

    folder: Path
    status: str
    leaderboard: Leaderboard
    seconds: Mapping[str, float]
    advice: str | None
    test: bool


def tune(request: Request, watcher: Watcher, clock: Clock) -> Finished:
    """Runs the study that `request` asks for. Raises InputError where it is refused, RunError where it fails."""
    config = configuration.read(request.config, overrides=request.overrides, mode="tune")
    problem = problem_of(config)
    with ExitStack() as stack:
        folder = choose_folder(request.runs, config, resume=request.resume, overwrite=request.overwrite)
        stack.enter_context(locked(folder))
        interrupts = stack.enter_context(listening(watcher.warned))
        stack.enter_context(one_blas_thread())
        run = RunFolder(folder, config, problem.dataset, TUNE_RUNS)
        history: tuple[TrialRecord, ...] = ()
        warnings: Sequence[str] = ()
        if request.resume and (folder / RUN_FILE).exists():
            history, warnings = run.take_up()
        else:
            run.begin()
        course = _course(run.config, problem)
        workers = Workers(request.jobs if len(history) < course.trials else 1, Fixed(problem))
        stack.callback(workers.close)
        study = run.config.study
        sampling = Sampling(config.space, study["sampler"], problem.objective.direction, config.seed, course.trials)
        watcher.began(_plan(request, run, course, problem), Leaderboard.of(problem.objective, history))
        stack.callback(watcher.close)
        for warning in (*warnings, *problem.dataset.warnings):
            watcher.warned(warning)
        tuning = Tuning(course, sampling, workers, watcher, clock, Limits(interrupts, clock, study["timeout"]))
        keeper = _Keeper(run, problem, history)
        return _ended(run, tuning, keeper, history)


def _ended(run: RunFolder[TrialRecord], tuning: Tuning, keeper: _Keeper, history: tuple[TrialRecord, ...]) -> Finished:
    """Runs the study and leaves its folder in order; what the disk refuses ends it with what was recorded before."""
    status: str
    advice = None
    try:
        status, board = tuning.run(history, keeper.record)
        with tuning.clock.during("records"):
            keeper.settle(board.best)
            if board.best is None and status == "completed":
                status, advice = "failed", _advice(run.config, board, tuning.course.problem)
            run.write_facts(
                status=status,
                records=len(board.records),
                best=None if board.best is None else board.best.value,
                seconds=tuning.clock.seconds(),
            )
    except (RunError, MemoryError) as error:
        told = isinstance(error, RunError)
        status, advice = "failed", str(error) if told else "memory ran out. Take a smaller model, batch_size or population."
        board = keeper.board
    test = tuning.course.problem.dataset.test is not None
    return Finished(run.folder, status, board, tuning.clock.seconds(), advice, test)


class _Keeper:
    """Keeps the records of a run, and the weights of its best trial beside them."""

    def __init__(self, run: RunFolder[TrialRecord], problem: Problem, history: Sequence[TrialRecord]) -> None:
        self._run = run
        self._problem = problem
        self.board = Leaderboard.of(problem.objective, history)

    def record(self, generation: Generation) -> None:
        """Appends the generation; where it holds a new best, its weights follow."""
        self._run.append(generation.records)
        self.board = self.board.extended(generation.records)
        best = self.board.best
        if best is not None and best.trial in generation.weights:
            self._run.write_best(best, generation.weights[best.trial])
        self._run.write_facts(records=len(self.board.records), best=None if best is None else best.value)

    def settle(self, best: TrialRecord | None) -> None:
        """Trains the best trial again where its weights are not there: the command was killed before it could write them."""
        if best is not None and self._run.best_trial() != best.trial:
            config = self._run.config
            member = Member(best.trial, config.space.settings(best.parameters), (config.seed, best.trial), (config.seed,))
            (result,) = advance(begin([member], self._problem), self._problem, best.epochs + 1).ended
            self._run.write_best(best, result.weights)


def _course(config: Config, problem: Problem) -> Course:
    """Rungs from the pruner's row."""
    study = config.study
    pruner = {key: value for key, value in study["pruner"].items() if key != "type"}
    epochs = config.space.training["epochs"]
    return Course(
        space=config.space,
        problem=problem,
        seed=config.seed,
        trials=study["trials"],
        population=study["population"],
        epochs=epochs,
        rungs=PRUNERS[study["pruner"]["type"]].function(epochs, **pruner),
        eta=pruner.get("eta", 1),
        memory=memory_for(study),
    )


def _plan(request: Request, run: RunFolder[TrialRecord], course: Course, problem: Problem) -> Plan:
    dataset = problem.dataset
    parts = [f"{len(part.inputs)} {name}" for name in ("train", "validation", "test") if (part := getattr(dataset, name))]
    return Plan(
        run=run.folder.name,
        folder=str(run.folder),
        trials=course.trials,
        population=course.population,
        epochs=course.epochs,
        jobs=request.jobs,
        rungs=course.rungs,
        searched=course.space.paths(),
        data=f"{dataset.name}: {dataset.task}, {' / '.join(parts)} rows, {len(dataset.input_names)} inputs",
        notices=dataset.notices,
    )


def _advice(config: Config, board: Leaderboard, problem: Problem) -> str | None:
    """What to change where every trial ended without a value; None where none has ended."""
    if not board.records:
        return None
    counts = board.counts()
    if counts["diverged"] < counts["total"]:
        return f"no trial was completed: {counts['diverged']} diverged, {counts['failed']} failed."
    objective = problem.objective.metric
    loss = str(problem.objective.beside("loss"))
    if all(record.metrics.get(objective) is None and record.metrics.get(loss) is not None for record in board.records):
        return f"{objective} is not defined for these rows or answers. Take another study.objective, such as {loss}."
    ranges = []
    for label, branch in config.space.branches.items():
        row = OPTIMIZERS[branch["name"]]
        search = next(h.search for h in row.hyperparameters if h.name == "learning_rate")
        if isinstance(search, Range):
            written = ", ".join(f"{key}: {value}" for key, value in plain(search).items())
            ranges.append(f"{config.space.prefix(label)}.learning_rate: {{{written}}}")
    scale = "" if problem.classes else " or the target is far from unit scale (data.standardize_target)"
    return f"every trial diverged, most likely because the learning rates are too high{scale}. Try {'; '.join(ranges)}."
