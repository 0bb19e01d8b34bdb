"""The tuning loop: generation by generation, every trial of one trained to the same rung before any is dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from hpt.configuration.space import Coordinates, Parameters, SearchSpace
from hpt.evaluate.protocol import Evaluator, Failure, Request, State, stopped
from hpt.foundation.finite import all_finite, finite
from hpt.foundation.interrupts import Interrupts
from hpt.numerics.types import Floats
from hpt.runs.trial_record import State as Ending
from hpt.runs.trial_record import TrialRecord
from hpt.search.generation_sizes import GenerationSizes
from hpt.search.sampling import Sampling
from hpt.study.clock import Clock
from hpt.study.goals import Goals
from hpt.study.halving import Halving, best_or_last
from hpt.study.leaderboard import Leaderboard
from hpt.study.selection import REFIT, contenders, searching
from hpt.study.stopping import Stop
from hpt.study.watching import Progress, Watcher
from hpt.training.objective import Objective
from hpt.training.result import Reason, TrainingResult
from hpt.training.settings import Member

Status = Literal["completed", "timeout", "interrupted"]
Weights = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class StudySpecification:
    """What fixes a study, beside its history and the evaluator of its trials.

    kept_back: how many of its trials, the last ones, train promising settings again. points: how many settings there are, of a grid, which
    tries each once. stop: what ends it before the last trial.
    goals: its objectives where there are several, and its constraints.
    """

    space: SearchSpace
    objective: Objective
    seed: int
    trials: int
    sizes: GenerationSizes
    epochs: int
    rungs: tuple[int, ...]
    eta: int
    kept_back: int = 0
    points: int | None = None
    goals: Goals = field(default_factory=Goals)
    stop: Stop = field(default_factory=Stop)

    @property
    def keeps_best(self) -> bool:
        """Whether a trial is worth what its best epoch is."""
        return bool(self.space.training["checkpoint"] == "best_validation")

    @property
    def searched(self) -> int:
        """How many of its trials search."""
        return self.trials - self.kept_back

    def next_generation(self, done: int, each: int | None) -> int:
        """How many trials the generation of the search after `done` trials has. What is kept back joins the search if unused.

        each: as `Sampler.each`.
        """
        return self.sizes.after(done, self.searched if done < self.searched else self.trials, each)


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation that was trained: its records in trial order, and the weights of the trials that may be its best."""

    records: tuple[TrialRecord, ...]
    weights: Mapping[int, Weights]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What one trial is to try, as the user and as the sampler reads it.

    setting: the trial that had it before, if one had; forecast: the objective that a model of the search expects of it then.
    """

    parameters: Parameters
    coordinates: Coordinates
    setting: int | None = None
    forecast: float | None = None


class InterruptedGenerationError(Exception):
    """A generation was given up because the user asked to stop."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What ends a study before its last trial: a request to stop, and seconds of the command."""

    interrupts: Interrupts
    clock: Clock
    timeout: float | None

    def reached(self) -> Status | None:
        if self.interrupts.requested:
            return "interrupted"
        return "timeout" if self.timeout is not None and self.clock.elapsed >= self.timeout else None


@dataclass(frozen=True, slots=True)
class Tuning:
    """A study under way: what fixes it, who suggests, who evaluates, who watches, what ends it."""

    specification: StudySpecification
    sampling: Sampling
    evaluator: Evaluator
    watcher: Watcher
    clock: Clock
    limits: Limits

    def run(self, history: tuple[TrialRecord, ...], record: Callable[[Generation], None]) -> tuple[Status, Leaderboard]:
        """Goes on from `history` to the last trial or to a limit; hands each finished generation to `record`."""
        study, clock = self.specification, self.clock
        board = Leaderboard.of(study.objective, history)
        number = history[-1].generation + 1 if history else 0
        halving = Halving(study.objective, study.rungs, study.eta, best=study.keeps_best)
        halving.learn(searching(history))
        with clock.during("sampling"):
            self.sampling.learn(searching(history))
        while (done := len(board.records)) < study.trials:
            if status := self.limits.reached():
                return status, board
            stopped = study.stop.reached(board.records, board.objective)
            with clock.during("sampling"):
                suggestions = self._again(board, stopped) or ([] if stopped else self._searching(board))
            if not suggestions:
                break
            try:
                with clock.during("training"):
                    generation = self._train(number, done, suggestions, halving)
            except InterruptedGenerationError:
                return "interrupted", board
            with clock.during("records"):
                record(generation)
                board = board.extended(generation.records)
                halving.learn(searching(generation.records))
            with clock.during("sampling"):
                self.sampling.learn(searching(generation.records))
            with clock.during("display"):
                self.watcher.recorded(self._progress(number, len(suggestions), 0, study.epochs), board)
            number += 1
        return "completed", board

    def _again(self, board: Leaderboard, stopped: str | None) -> list[Suggestion]:
        """After the search, what was kept back: promising settings, to be trained again as one generation.

        stopped: the criterion of `study.stop` that ended the search, if one did.
        """
        study, done = self.specification, len(board.records)
        ended = max(board.records, key=lambda r: r.trial).phase == REFIT if stopped else done < study.searched
        if ended or not study.kept_back:
            return []
        settings = contenders(study.space, study.objective, board.records, min(study.kept_back, study.trials - done))
        return [Suggestion(dict(r.parameters), dict(r.coordinates), r.trial, forecast) for r, forecast in settings]

    def _searching(self, board: Leaderboard) -> list[Suggestion]:
        """The next generation of the search; none where a grid is at its end."""
        study, done = self.specification, len(board.records)
        each = None if study.sizes.fixed else self.sampling.each
        count = study.next_generation(done, each)
        if study.points is not None:
            count = min(count, study.points - len(searching(board.records)))
        coordinates = self.sampling.generation(done, count)
        return [Suggestion(study.space.parameters(c), c) for c in coordinates]

    def _train(self, number: int, first: int, suggestions: Sequence[Suggestion], halving: Halving) -> Generation:
        """Trains the trials `first`, first + 1, … with what `suggestions` say, rung by rung; settings known before without."""
        study = self.specification
        members = [
            Member(first + i, study.space.settings(s.parameters), initial=(study.seed, first + i), order=(study.seed,))
            for i, s in enumerate(suggestions)
        ]
        results: dict[int, TrainingResult | Failure] = dict(self._untrained(members))
        again = suggestions[0].setting is not None
        # Of what was trained again the winner is a run in the middle, whose weights are kept.
        active = [Request(member, weighted=again) for member in members if member.trial not in results]
        rungs = () if again else study.rungs
        for rung in (*rungs, study.epochs):
            standing = self._to_rung(active, rung, results, number, len(members))
            judged = {trial: self._judged(state) for trial, state in standing.items()}
            going = halving.survivors(rung, {trial: cost for trial, (_, cost) in judged.items()})
            results |= {t: stopped(t, state, judged[t][0]) for t, state in standing.items() if t not in going}
            active = [Request(member, state=standing[member.trial]) for member in members if member.trial in going]
        with self.clock.during("records"):
            records = tuple(
                _record(study, number, len(members), member, suggestion, results[member.trial])
                for member, suggestion in zip(members, suggestions, strict=True)
            )
        weights = {t: r.weights for t, r in results.items() if isinstance(r, TrainingResult) and r.weights}
        return Generation(records, weights)

    def _untrained(self, members: Sequence[Member]) -> Iterator[tuple[int, TrainingResult]]:
        """The results of trials that violate a constraint whatever becomes of them: training them would be time lost."""
        for member in members:
            if bars := self.specification.goals.barring(member.settings):
                yield member.trial, TrainingResult(member.trial, 0, "infeasible", ", ".join(bars), {}, {}, {})

    def _judged(self, state: State) -> tuple[int, float]:
        """The index of the epoch that a trial which stands at a rung is judged by, and what it costs there."""
        objective = self.specification.objective
        values = state.history()[objective.metric]
        epoch = best_or_last(objective, values, best=self.specification.keeps_best)
        return epoch, objective.cost(values[epoch])

    def _to_rung(
        self, active: Sequence[Request], rung: int, results: dict[int, TrainingResult | Failure], number: int, size: int
    ) -> dict[int, State]:
        """Takes `active` to epoch `rung`: the states of those that stand there; the others end up in `results`.

        Raises InterruptedGenerationError where the evaluator gave some up.
        """
        standing: dict[int, State] = {}
        failures: dict[str, int] = {}
        for outcome in self.evaluator.evaluate(active, rung) if active else ():
            if isinstance(outcome.came_to, TrainingResult):
                results[outcome.trial] = outcome.came_to
            elif isinstance(outcome.came_to, Failure):
                results[outcome.trial] = outcome.came_to
                failures[outcome.came_to.reason] = failures.get(outcome.came_to.reason, 0) + 1
            else:
                standing[outcome.trial] = outcome.came_to
            with self.clock.during("display"):
                self.watcher.moved(self._progress(number, size, len(results), rung))
        for reason, count in failures.items():
            self.watcher.warned(f"{count} trials failed: {reason}.")
        if any(r.member.trial not in results and r.member.trial not in standing for r in active):
            raise InterruptedGenerationError
        return standing

    def _progress(self, number: int, size: int, ended: int, epoch: int) -> Progress:
        return Progress(number, size - ended if epoch else 0, ended, epoch)


_STATES: Mapping[Reason, Ending] = {"diverged": "diverged", "pruned": "pruned", "infeasible": "pruned"}


def _record(
    study: StudySpecification,
    number: int,
    size: int,
    member: Member,
    suggestion: Suggestion,
    came_to: TrainingResult | Failure,
) -> TrialRecord:
    """The line of one trial."""
    result = came_to if isinstance(came_to, TrainingResult) else None
    metrics = {name: finite(value) for name, value in result.metrics.items()} if result else {}
    state: Ending = _STATES.get(result.reason, "completed") if result else "failed"
    goals, settings = study.goals, member.settings
    constraints = goals.excesses(settings, result) if result and state == "completed" else goals.barring(settings)
    return TrialRecord(
        trial=member.trial,
        generation=number,
        of=size,
        state=state,
        epochs=result.epochs if result else 0,
        reason=result.reason if result else "lost",
        criterion=result.criterion if result else None,
        value=metrics.get(study.objective.metric),
        value_error=finite(result.error) if result else None,
        parameters=suggestion.parameters,
        coordinates=suggestion.coordinates,
        metrics=metrics,
        values=goals.values(settings, result) if result else (),
        history={name: all_finite(values) for name, values in result.history.items()} if result else {},
        phase="search" if suggestion.setting is None else REFIT,
        setting=suggestion.setting,
        forecast=suggestion.forecast,
        constraints=constraints,
    )
