"""Generations: who is dropped at a rung, what an interruption leaves, how trials are ranked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpt.configuration.config import read
from hpt.evaluate.executors import executors, one_blas_thread
from hpt.evaluate.population import Population
from hpt.evaluate.problems import OneProblem
from hpt.foundation.interrupts import Interrupts
from hpt.runs.trial_record import STATES, State, TrialRecord
from hpt.search.generation_sizes import GenerationSizes
from hpt.search.sampling import Sampling
from hpt.study.clock import Clock
from hpt.study.halving import Halving
from hpt.study.leaderboard import Leaderboard
from hpt.study.preparing import problem_of
from hpt.study.selection import contenders, standings
from hpt.study.stopping import Stop
from hpt.study.tuning import Generation, Limits, StudySpecification, Tuning
from hpt.study.watching import Plan, Progress
from hpt.training.objective import Objective

costs = st.dictionaries(st.integers(0, 50), st.floats(), min_size=1)
LOSS = Objective.parse("validation_loss")


@given(costs, st.integers(2, 5))
def test_a_rung_keeps_the_best_share(found: dict[int, float], eta: int) -> None:
    going = Halving(LOSS, (1,), eta).survivors(1, found)
    assert len(going) == math.ceil(len(found) / eta)
    rank = {trial: (cost if math.isfinite(cost) else math.inf, trial) for trial, cost in found.items()}
    assert all(rank[kept] < rank[dropped] for kept in going for dropped in found.keys() - going)


def at_rung(trial: int, cost: float, state: State = "pruned", epochs: int = 2) -> TrialRecord:
    history = {"validation_loss": (9.0, cost, 0.0, 0.0)[:epochs]}
    return TrialRecord(trial, 0, 1, state, epochs, "", None, None, {}, {}, {}, history)


def test_a_generation_is_ranked_among_all_that_came_to_the_rung() -> None:
    halving = Halving(LOSS, (2,), 3)
    assert halving.survivors(2, {0: 5.0, 1: 6.0, 2: 7.0}) == {0}
    halving.learn([at_rung(0, 5.0, "completed", 4), at_rung(1, 6.0), at_rung(2, 7.0)])
    assert halving.survivors(2, {3: 8.0, 4: 9.0, 5: 9.5}) == frozenset(), "a weak generation ends whole"
    assert halving.survivors(2, {3: 4.0, 4: 3.0, 5: 5.0}) == {3, 4}, "a strong one goes on, the earlier of equals first"
    # None of these stood at the rung: one ended before it, one ended at it by itself.
    halving.learn([at_rung(6, 1.0, "diverged", 1), at_rung(7, 1.0, "completed", 2)])
    assert halving.survivors(2, {3: 4.0, 4: 3.0, 5: 5.0}) == {3, 4}
    halving.learn([at_rung(8, 1.0, "diverged", 3), at_rung(9, 1.0)])
    assert halving.survivors(2, {3: 4.0, 4: 3.0, 5: 5.0}) == {4}


def sizes(sizes: GenerationSizes, trials: int, each: int | None = None) -> list[int]:
    found: list[int] = []
    while sum(found) < trials:
        found.append(sizes.after(sum(found), trials, each))
    return found


def test_generations_grow_whatever_is_planned() -> None:
    grow = GenerationSizes(None, 1)
    assert sizes(grow, 60, 2) == [12, 6, 9, 13, 20]
    assert sizes(grow, 60, 3) == [12, 6, 6, 8, 10, 14, 4]
    assert sizes(grow, 1000, 2)[:5] == sizes(grow, 60, 2)
    assert max(sizes(grow, 10_000, 2)) == 256
    assert sizes(grow, 100) == [12, 12, 24, 48, 4], "as the row of the sampler says, where it does not itself"
    assert sizes(GenerationSizes(7, 1), 16, 2) == [7, 7, 2]
    assert sizes(grow, 3) == [3]


@pytest.mark.parametrize("trials", [1, 3, 12, 13, 24, 25, 72, 73, 96, 200, 599, 600, 5000])
def test_no_generation_has_more_than_the_most(trials: int) -> None:
    for fixed, least in ((None, 1), (None, 3), (23, 1)):
        grow = GenerationSizes(fixed, least)
        for each in range(least, 4):
            assert max(sizes(grow, trials, each)) <= grow.most(trials) <= trials
        # Whatever a sampler asks for before.
        for done in range(trials):
            assert grow.after(done, trials, least) <= grow.most(trials)


records = st.builds(
    TrialRecord,
    trial=st.just(0),
    generation=st.just(0),
    of=st.just(1),
    state=st.sampled_from(STATES),
    epochs=st.integers(1, 3),
    reason=st.just(""),
    criterion=st.none(),
    value=st.none() | st.sampled_from([0.0, 0.5, 1.0, 2.0]),
    parameters=st.just({}),
    coordinates=st.just({}),
    metrics=st.just({}),
)


@given(st.lists(records, max_size=12), st.integers(0, 12), st.sampled_from(["validation_loss", "validation_accuracy"]))
def test_the_order_of_a_leaderboard(drawn: list[TrialRecord], cut: int, metric: str) -> None:
    found = [replace(record, trial=trial) for trial, record in enumerate(drawn)]
    objective = Objective.parse(metric)
    board = Leaderboard.of(objective, found)
    assert board.records == Leaderboard.of(objective, found[:cut]).extended(found[cut:]).records
    assert board.records == Leaderboard.of(objective, found[::-1]).records
    assert sorted(record.trial for record in board.records) == list(range(len(found)))
    sign = -1 if metric == "validation_accuracy" else 1
    for above, below in zip(board.records, board.records[1:], strict=False):
        assert STATES.index(above.state) <= STATES.index(below.state)
        if above.state == below.state:
            values = [math.inf if r.value is None else sign * r.value for r in (above, below)]
            rows = {
                "completed": [(value, r.trial) for value, r in zip(values, (above, below), strict=True)],
                "pruned": [(-r.epochs, value, r.trial) for value, r in zip(values, (above, below), strict=True)],
                "diverged": [(-r.epochs, r.trial) for r in (above, below)],
                "failed": [(r.trial,) for r in (above, below)],
            }[above.state]
            assert rows == sorted(rows)
    completed = [record for record in board.records if record.state == "completed"]
    assert board.best is (completed[0] if completed else None)


class Watching:
    """Calls `on_moved` with each progress, and remembers it."""

    def __init__(self, on_moved: Callable[[Progress], None] = lambda progress: None) -> None:
        self.on_moved = on_moved
        self.seen: list[Progress] = []
        self.totals: list[int] = []

    def began(self, plan: Plan, leaderboard: Leaderboard) -> None: ...

    def moved(self, progress: Progress) -> None:
        self.seen.append(progress)
        self.on_moved(progress)

    def recorded(self, progress: Progress, leaderboard: Leaderboard) -> None:
        self.totals.append(len(leaderboard.records))

    def warned(self, message: str) -> None: ...

    def close(self) -> None: ...


STUDY = """
data: iris
model: {hidden: [4]}
optimizer: {choose: [sgd, adam]}
training: {epochs: 9}
"""
TRIALS, POPULATION, RUNGS = 14, 6, (1, 3)


class Study:
    """A small study, run on one job."""

    def __init__(self, folder: Path) -> None:
        path = folder / "study.yaml"
        path.write_text(STUDY)
        config = read(path, mode="tune")
        self.problem = problem_of(config)
        self.specification = StudySpecification(
            config.space, self.problem.objective, 0, TRIALS, GenerationSizes(POPULATION), 9, RUNGS, 3
        )
        self.generations: list[Generation] = []

    def run(
        self,
        history: Sequence[TrialRecord] = (),
        watching: Watching | None = None,
        interrupts: Interrupts | None = None,
        timeout: float | None = None,
    ) -> tuple[str, Leaderboard]:
        self.generations = []
        sampling = Sampling(self.specification.space, "tpe", "minimize", 0, TRIALS)
        clock = Clock()
        asked = interrupts or Interrupts()
        limits = Limits(asked, clock, timeout)
        evaluator = Population(OneProblem(self.problem), executors(1), 100.0, stop=lambda: asked.requested)
        tuning = Tuning(self.specification, sampling, evaluator, watching or Watching(), clock, limits)
        with one_blas_thread():
            return tuning.run(tuple(history), self.generations.append)

    @property
    def records(self) -> list[TrialRecord]:
        return [record for generation in self.generations for record in generation.records]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


def test_generations_and_rungs(study: Study) -> None:
    watching = Watching()
    status, board = study.run(watching=watching)
    assert status == "completed"
    assert [len(generation.records) for generation in study.generations] == [6, 6, 2]
    assert watching.totals == [6, 12, 14]
    assert [record.trial for record in study.records] == list(range(TRIALS))
    assert {r.trial for r in board.records} == set(range(TRIALS))
    for number, generation in enumerate(study.generations):
        size = len(generation.records)
        assert {(record.generation, record.of) for record in generation.records} == {(number, size)}
        if number == 0:
            by_epochs = [sum(record.epochs >= epochs for record in generation.records) for epochs in (1, 3, 9)]
            assert by_epochs == [size, 2, 1]
        # Those that went on from the first rung were the best of all at it.
        first = {record.trial: record.history["validation_loss"][0] for record in generation.records}
        gone_on = {record.trial for record in generation.records if record.epochs > 1}
        assert all(first[kept] < first[dropped] for kept in gone_on for dropped in first.keys() - gone_on)
    for record in study.records:
        assert record.value == record.history["validation_loss"][-1]
        assert record.state == ("completed" if record.epochs == 9 else "pruned")


def test_where_the_best_epoch_is_kept_trials_are_judged_by_it(study: Study) -> None:
    space = study.specification.space
    kept = replace(space, training={**space.training, "checkpoint": "best_validation"})
    study.specification = replace(study.specification, space=kept)
    _, whole = study.run()
    for record in study.records:
        assert record.value == pytest.approx(min(record.history["validation_loss"]), rel=1e-6)
    # At the first rung, the trials of the first generation that went on are those whose best so far was the best.
    first = {r.trial: min(r.history["validation_loss"][:3]) for r in study.generations[0].records if r.epochs >= 3}
    gone_on = {r.trial for r in study.generations[0].records if r.epochs > 3}
    assert max(first[trial] for trial in gone_on) <= min(first[trial] for trial in first.keys() - gone_on)
    for done in (6, 12):
        assert study.run(sorted(whole.records, key=lambda r: r.trial)[:done])[1] == whole


def with_refits(study: Study) -> None:
    """Six of the trials are kept back."""
    study.specification = replace(study.specification, trials=16, kept_back=6)


def test_what_is_kept_back_trains_the_best_settings_again_to_the_end(study: Study) -> None:
    with_refits(study)
    status, board = study.run()
    assert (status, [len(generation.records) for generation in study.generations]) == ("completed", [6, 4, 6])
    searched, again = study.records[:10], study.records[10:]
    specification = study.specification
    ranked = Leaderboard.of(specification.objective, searched).records
    found = contenders(specification.space, specification.objective, ranked, 6)
    # Two trials were completed; of more there would be three settings.
    first = [r.trial for r, _ in found[:2]]
    assert first[0] == ranked[0].trial
    assert [(r.phase, r.setting, r.epochs) for r in again] == [("refit", setting, 9) for setting in first * 3]
    assert all(r.forecast is None for r in study.records), "of two trials there is no model"
    by_number = {record.trial: record for record in searched}
    for record in again:
        assert record.setting is not None
        assert record.parameters == by_number[record.setting].parameters
        assert record.history != by_number[record.setting].history
    assert board.best is not None
    assert board.best.setting == standings(specification.objective, board.records)[0].setting.trial
    assert board.best.value == np.median([r.value for r in again if r.setting == board.best.setting])


@pytest.mark.parametrize("done", [0, 6, 10, 16])
def test_going_on_with_settings_trained_again_is_never_having_stopped(study: Study, done: int) -> None:
    with_refits(study)
    _, whole = study.run()
    _, resumed = study.run(study.records[:done])
    assert resumed == whole


def test_more_trials_search_on_and_then_train_settings_again(study: Study) -> None:
    with_refits(study)
    study.run()
    history = study.records
    study.specification = replace(study.specification, trials=28, kept_back=6)
    _, board = study.run(history)
    assert [(len(g.records), g.records[0].phase) for g in study.generations] == [(6, "search"), (6, "refit")]
    assert board.chosen is not None
    assert {record.trial for record in board.records} == set(range(28))


def test_what_is_kept_back_searches_where_nothing_was_completed(study: Study) -> None:
    with_refits(study)
    study.problem.dataset.train.inputs[:] = math.nan
    status, board = study.run()
    assert (status, board.counts()["diverged"], board.best) == ("completed", 16, None)
    assert {record.phase for record in study.records} == {"search"}


def test_patience_ends_a_study_between_generations(study: Study) -> None:
    whole = study.run()[1].records
    values = {record.trial: record.value for record in whole if record.state == "completed"}
    for patience in range(1, 15):
        study.specification = replace(study.specification, stop=Stop(patience=patience))
        status, board = study.run()
        best, since, ended = math.inf, 0, 14
        for trial in range(14):
            since = 0 if values.get(trial, math.inf) < best else since + 1
            best = min(best, values.get(trial, math.inf))
            if since >= patience and trial + 1 in (6, 12):
                ended = trial + 1
                break
        assert (status, len(board.records)) == ("completed", ended)
        assert {r.trial: r.value for r in board.records} == {r.trial: r.value for r in whole if r.trial < ended}


def test_a_value_that_is_reached_ends_a_study_for_good(study: Study) -> None:
    first = min(r.value for r in study.run()[1].records if r.trial < 6 and r.state == "completed")
    study.specification = replace(study.specification, stop=Stop(value=first))
    _, board = study.run()
    assert len(board.records) == 6
    _, again = study.run(study.records)
    assert again == board
    assert study.generations == []
    study.specification = replace(study.specification, stop=Stop(value=first / 1e6))
    assert len(study.run()[1].records) == 14


def test_a_search_that_was_stopped_still_trains_settings_again(study: Study) -> None:
    study.specification = replace(study.specification, trials=30, kept_back=6, stop=Stop(patience=1, value=0.0))
    _, board = study.run()
    assert [g.records[0].phase for g in study.generations][-1] == "refit"
    assert [len(g.records) for g in study.generations][-1] == 6
    assert len(board.records) < 30
    for done in range(0, len(board.records), 6):
        assert study.run(sorted(board.records, key=lambda r: r.trial)[:done])[1] == board


@pytest.mark.parametrize("done", [0, 6, 12])
def test_going_on_from_a_history_is_never_having_stopped(study: Study, done: int) -> None:
    _, whole = study.run()
    history = study.records[:done]
    _, resumed = study.run(history)
    assert resumed == whole


def test_an_interruption_between_rungs_discards_the_generation(study: Study) -> None:
    interrupts = Interrupts()

    def stop_in_the_second_generation(progress: Progress) -> None:
        interrupts.requested = interrupts.requested or (progress.generation, progress.epoch) == (1, 1)

    status, board = study.run(watching=Watching(stop_in_the_second_generation), interrupts=interrupts)
    assert status == "interrupted"
    assert len(board.records) == len(study.records) == 6


def test_an_interruption_in_the_last_advance_keeps_what_it_ended(study: Study) -> None:
    interrupts = Interrupts()

    def stop_at_the_end(progress: Progress) -> None:
        interrupts.requested = interrupts.requested or progress.epoch == 9

    status, board = study.run(watching=Watching(stop_at_the_end), interrupts=interrupts)
    assert status == "interrupted"
    assert len(board.records) == 6


def test_a_timeout_that_has_passed_starts_nothing(study: Study) -> None:
    status, board = study.run(timeout=0.0)
    assert (status, board.records, study.generations) == ("timeout", (), [])


def test_no_member_left_ends_a_generation_before_its_last_rung(study: Study) -> None:
    study.specification = replace(study.specification, rungs=(1, 3, 5))
    study.problem.dataset.train.inputs[:] = math.nan
    status, board = study.run()
    assert status == "completed"
    assert board.counts()["diverged"] == TRIALS
    assert {record.epochs for record in board.records} == {1}
