import json
import math
import statistics
from dataclasses import asdict

import numpy as np
import pytest

from hpt.compare.report import Comparison, report
from hpt.documents.comparison import compare_document
from tests.compare.made_up import CONFIG, CONSTANT, study_of, terms_for

LEVELS = {"sgd": 0.6, "adam": 0.3, "rmsprop": 0.3}


def loss(study, run):
    """Two alike, sgd worse; a spread by setting, seed and study; sgd's first setting diverges."""
    if run.branch == "sgd" and run.run == 0:
        return math.inf
    noise = np.random.default_rng([study, run.trial]).uniform(0, 0.02)
    return LEVELS[run.branch] + 0.02 * study + noise + (0.1 * run.run if run.phase == "search" else 0)


def made(tmp_path, studies=12, text=CONFIG, extended=(), of=loss) -> tuple[Comparison, list]:
    setup = terms_for(tmp_path, text)
    records = [record for study in range(studies) for record in study_of(setup.protocol, study, of)]
    return report(setup, records, run="r", status="completed", planned=12, extended=extended), records


def test_scores_are_means_over_fresh_test_runs(tmp_path):
    found, records = made(tmp_path)
    for optimizer in found.optimizers:
        expected = [
            statistics.fmean(
                r.metrics["test_loss"]
                for r in records
                if r.generation == study and r.phase == "test" and r.branch == optimizer.name
            )
            for study in range(12)
        ]
        assert optimizer.scores == pytest.approx(expected)
        assert optimizer.score == pytest.approx(statistics.median(expected))


def test_verdicts_follow_the_scores(tmp_path):
    found, _ = made(tmp_path)
    verdicts = {frozenset((p.a, p.b)): p.verdict for p in found.ranking.pairs}
    assert verdicts[frozenset(("adam", "rmsprop"))] == "equivalent"
    assert verdicts[frozenset(("adam", "sgd"))] == verdicts[frozenset(("rmsprop", "sgd"))] == "better"
    assert set(found.ranking.best_set) <= {"adam", "rmsprop"}
    assert found.optimizers[-1].name == "sgd"
    assert found.optimizers[-1].standing.ranks == (3, 3)


def test_useless_and_diverged_runs_count_as_the_constant_predictor(tmp_path):
    def useless(study, run):
        return (math.inf if run.run % 2 else 5.0) if run.branch == "sgd" else loss(study, run)

    found, _ = made(tmp_path, of=useless)
    sgd = next(c for c in found.optimizers if c.name == "sgd")
    assert sgd.scores == (CONSTANT,) * 12
    assert sgd.clipped == 12 * 3
    assert sgd.others["test_accuracy"] == pytest.approx(0.4)


def test_divergence_is_counted_over_the_search(tmp_path):
    found, _ = made(tmp_path)
    sgd = next(c for c in found.optimizers if c.name == "sgd")
    assert (sgd.divergence.diverged, sgd.divergence.runs) == (12, 96)
    assert sgd.divergence.low < 12 / 96 < sgd.divergence.high


def test_near_best_is_measured_from_the_overall_best_to_the_constant(tmp_path):
    found, records = made(tmp_path)
    for optimizer in found.optimizers:
        hits = 0
        for study in range(12):
            search = [r for r in records if r.generation == study and r.phase == "search"]
            best = min(r.value for r in search if r.value is not None)
            limit = best + 0.05 * (CONSTANT - best)
            hits += sum(r.branch == optimizer.name and r.value is not None and r.value <= limit for r in search)
        assert optimizer.near_best_share == pytest.approx(hits / 96)


def test_a_target_that_most_runs_miss_is_reached_never(tmp_path):
    found, _ = made(tmp_path, text=CONFIG.replace("compare: {", "compare: {target: 0.62, "))
    epochs = {c.name: c.epochs_to_target for c in found.optimizers}
    assert epochs["sgd"] == math.inf
    # The made-up curve ends an eighth lower each epoch: from .3 + .11 + .01 + 1 to .62 takes all but two of eight.
    assert epochs["adam"] in (7.0, 8.0)
    document = compare_document(found, None)
    assert next(o for o in document["optimizers"] if o["name"] == "sgd")["epochs_to_target"] is None


def test_the_document_is_json_with_every_pair_once(tmp_path):
    found, _ = made(tmp_path)
    document = json.loads(json.dumps(compare_document(found, None), allow_nan=False))
    assert document["schema"] == "hpt.compare/1"
    assert document["budget"] | {"studies_planned": 12} == {
        "trials": 8, "studies": 12, "studies_planned": 12, "seeds": 3, "epochs": 8,
    }  # fmt: skip
    assert len({frozenset((p["a"], p["b"])) for p in document["pairs"]}) == len(document["pairs"]) == 3
    for optimizer in document["optimizers"]:
        assert optimizer["best_after"]["k"] == [1, 2, 4, 8]
        assert len(optimizer["scores"]) == len(optimizer["settings"]) == 12


@pytest.mark.parametrize("studies", [0, 1, 2])
def test_few_studies_decide_nothing(tmp_path, studies):
    found, _ = made(tmp_path, studies)
    assert json.dumps(compare_document(found, None), allow_nan=False)
    assert found.studies == studies
    assert all(p.verdict == "unresolved" for p in found.ranking.pairs) if studies else found.ranking is None


def test_maximised_metrics_are_told_in_their_own_direction(tmp_path):
    found, _ = made(tmp_path, text=CONFIG + "study: {objective: validation_accuracy}\n")
    best_after = found.optimizers[0].best_after
    assert list(best_after.value) == sorted(best_after.value)
    assert all(
        low <= value <= high for low, value, high in zip(best_after.low, best_after.value, best_after.high, strict=True)
    )
    assert 0 < found.target < 1


def test_more_studies_after_a_look_are_marked(tmp_path):
    found, _ = made(tmp_path, extended=(6,))
    assert any("extended after looking (6, 12 studies)" in text for text in found.warnings)


def test_a_reference_restricts_what_is_judged(tmp_path):
    found, _ = made(tmp_path, text=CONFIG.replace("compare: {", "compare: {reference: adam, "))
    judged = {frozenset((p.a, p.b)) for p in found.ranking.pairs if p.p_adjusted is not None}
    assert judged == {frozenset(("adam", "sgd")), frozenset(("adam", "rmsprop"))}


def test_spread_says_where_it_comes_from(tmp_path):
    found, _ = made(tmp_path)
    assert sum(asdict(found.spread).values()) == pytest.approx(1)
    assert found.spread.split > 0.9
