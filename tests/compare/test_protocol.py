import math

import pytest

from hpt.compare import protocol as steps
from hpt.compare.protocol import Protocol
from hpt.compare.records import RunRecord, studies_of
from tests.compare.made_up import CONFIG, study_of, terms_for


@pytest.fixture
def protocol(tmp_path) -> Protocol:
    return terms_for(tmp_path).protocol


def of(records: list[RunRecord], phase: str, branch: str) -> list[RunRecord]:
    return [record for record in records if record.phase == phase and record.branch == branch]


def by_run(study, run):
    """A loss that rises with the run index."""
    return 0.1 * (run.run + 1)


def test_a_study_has_the_lines_that_the_protocol_says(protocol):
    records = study_of(protocol, 3, by_run)
    assert len(records) == protocol.runs == 1 + 3 * (8 + 3 * 2 + 3 + 1)
    assert [record.trial for record in records] == list(range(3 * protocol.runs, 4 * protocol.runs))
    assert {(record.generation, record.of) for record in records} == {(3, protocol.runs)}
    assert records[0].phase == "constant"


def test_every_optimizer_gets_the_same_runs(protocol):
    records = study_of(protocol, 0, by_run)
    for phase, runs in (("search", range(8)), ("rerun", (8, 9)), ("test", (10, 11, 12)), ("default", (10,))):
        for name in protocol.names:
            assert {record.run for record in of(records, phase, name)} == set(runs)


def test_initialisation_and_order_come_from_seed_study_and_run_never_from_the_branch(protocol):
    runs = steps.search(protocol, 5, [steps.baseline(protocol, 5, {})])
    members = [(run, run.member(protocol, 5)) for run in runs]
    for run, member in members:
        assert member.initial == member.order == (protocol.seed, 5, run.run)
        assert member.settings.optimizer["name"] == run.branch


def test_the_best_three_are_run_twice_more_and_their_median_selects(protocol):
    records = study_of(protocol, 0, by_run)
    for name in protocol.names:
        searched = of(records, "search", name)
        again = of(records, "rerun", name)
        assert [r.setting for r in again] == [s.trial for s in searched[:3] for _ in range(2)]
        for repeated in again:
            assert repeated.parameters == next(s for s in searched if s.trial == repeated.setting).parameters


def test_a_lucky_draw_is_not_selected(protocol):
    def loss(study, run):
        first = {0: 0.1, 1: 0.2}.get(run.run, 0.9)
        return first if run.phase == "search" else 1.3 if run.setting == 1 else 0.3

    # Trial 1 of sgd: .1, then 1.3 twice. Trial 2: .2, then .3 twice.
    assert steps.selected(protocol, study_of(protocol, 0, loss))["sgd"].trial == 2


def test_tests_repeat_the_selected_setting_and_defaults_replace_its_own(protocol):
    records = study_of(protocol, 0, by_run)
    for name, chosen in steps.selected(protocol, records).items():
        assert all(r.parameters == chosen.parameters and r.setting == chosen.trial for r in of(records, "test", name))
        (default,) = of(records, "default", name)
        assert default.setting is None
        assert default.parameters.keys() == chosen.parameters.keys()
        assert protocol.settings(default.parameters).optimizer["learning_rate"] in (0.001, 0.01)


def test_diverged_runs_are_selected_last_and_recorded_as_such(protocol):
    records = study_of(protocol, 0, lambda study, run: math.inf if run.run < 5 else 1.0)
    assert steps.selected(protocol, records)["adam"].run == 5
    assert [r.state for r in of(records, "search", "adam")] == ["diverged"] * 5 + ["completed"] * 3
    hopeless = study_of(protocol, 0, lambda study, run: math.inf)
    assert steps.selected(protocol, hopeless)["adam"].run == 0


def test_fewer_trials_than_promotions(tmp_path):
    protocol = terms_for(tmp_path, CONFIG.replace("trials: 8", "trials: 2")).protocol
    assert len(study_of(protocol, 0, by_run)) == protocol.runs


def test_studies_are_told_apart(protocol):
    records = [r for study in range(3) for r in study_of(protocol, study, by_run)]
    assert [len(study) for study in studies_of(records)] == [protocol.runs] * 3
