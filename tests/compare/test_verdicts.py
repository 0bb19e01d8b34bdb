"""Verdicts on scores whose truth is known."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmarks.honesty_synthetic import NOISE, SCENARIOS, coverage, measure
from hpt.compare.verdicts import Pair, Ranking, judge, smallest_p, studies_needed
from hpt.foundation.distributions import clopper_pearson

STUDIES = 12


def rows(**shifts: float) -> dict[str, list[float]]:
    """Scores with a common split effect, the given shift and a little noise of their own."""
    rng = np.random.default_rng(0)
    split = rng.normal(size=STUDIES)
    return {name: (split + shift + rng.normal(scale=0.1, size=STUDIES)).tolist() for name, shift in shifts.items()}


def verdict(ranking: Ranking, a: str, b: str) -> str:
    """What stands about "a … than b", whichever way round the pair is."""
    turned = {"better": "worse", "worse": "better"}
    for pair in ranking.pairs:
        if (pair.a, pair.b) == (a, b):
            return pair.verdict
        if (pair.a, pair.b) == (b, a):
            return turned.get(pair.verdict, pair.verdict)
    raise AssertionError(f"no pair {a}, {b}")


def only_pair(ranking: Ranking) -> Pair:
    """The pair of a comparison of two."""
    (pair,) = ranking.pairs
    return pair


def test_a_clear_order_is_found() -> None:
    scores = rows(slow=2.0, fast=0.0, middle=1.0)
    ranking = judge(scores, margin=0.01)
    assert [standing.name for standing in ranking.standings] == ["fast", "middle", "slow"]
    assert [standing.rank for standing in ranking.standings] == [1, 2, 3]
    assert [standing.ranks for standing in ranking.standings] == [(1, 1), (2, 2), (3, 3)]
    assert ranking.best_set == ("fast",)
    assert [(pair.a, pair.b) for pair in ranking.pairs] == [("fast", "middle"), ("fast", "slow"), ("middle", "slow")]
    for pair in ranking.pairs:
        differences = np.subtract(scores[pair.a], scores[pair.b])
        assert pair.verdict == "better"
        assert pair.p == pytest.approx(stats.wilcoxon(differences, method="exact").pvalue)
        assert pair.p_adjusted == pytest.approx(3 * pair.p)
        assert pair.mean_difference == pytest.approx(differences.mean())
        assert pair.interval.low < pair.difference < pair.interval.high < 0
        assert pair.probability_better == 1


def test_a_maximised_metric_turns_the_verdicts_and_keeps_its_units() -> None:
    scores = rows(high=1.0, low=0.0)
    as_gain, as_cost = judge(scores, margin=0.01, direction="maximize"), judge(scores, margin=0.01)
    assert (as_gain.best_set, as_cost.best_set) == (("high",), ("low",))
    gain, cost = only_pair(as_gain), only_pair(as_cost)
    assert (gain.a, gain.verdict, cost.a, cost.verdict) == ("high", "better", "low", "better")
    assert gain.difference == -cost.difference > 0
    assert (gain.interval.low, gain.interval.high) == (-cost.interval.high, -cost.interval.low)
    assert gain.probability_better == cost.probability_better == 1
    assert as_gain.standings[0].centred > 0 > as_cost.standings[0].centred


def test_equivalent_means_within_the_margin_and_unresolved_is_not_equal() -> None:
    scores = rows(one=0.0, other=0.0)
    assert only_pair(judge(scores, margin=0.3)).verdict == "equivalent"
    assert only_pair(judge(scores, margin=0.02)).verdict == "unresolved"
    assert only_pair(judge(scores, margin=0.0)).verdict == "unresolved"


def test_equivalence_is_two_one_sided_tests_times_the_other_claims() -> None:
    scores = rows(one=0.0, two=0.05, three=0.1)
    for pair in judge(scores, margin=0.2).pairs:
        differences = np.subtract(scores[pair.a], scores[pair.b])
        above = stats.wilcoxon(differences + 0.2, method="exact", alternative="greater").pvalue
        below = stats.wilcoxon(differences - 0.2, method="exact", alternative="less").pvalue
        assert pair.p_equivalent == pytest.approx(min(1, 5 * max(above, below)))


def test_the_same_scores_under_two_names_are_equivalent() -> None:
    pair = only_pair(judge({"one": [0.5] * STUDIES, "other": [0.5] * STUDIES}, margin=0.01))
    assert (pair.verdict, pair.zeros, pair.p, pair.probability_better) == ("equivalent", STUDIES, 1, 0.5)
    assert (pair.difference, pair.interval.low, pair.interval.high) == (0, 0, 0)


def test_a_shown_difference_inside_the_margin_is_still_a_difference() -> None:
    pair = only_pair(judge(rows(one=0.0, other=0.5), margin=2.0))
    assert pair.verdict == "better"
    assert pair.p_equivalent is not None
    assert pair.p_equivalent < 0.05


def test_ties_count_half_and_are_dropped_from_the_test() -> None:
    pair = only_pair(judge({"a": [1.0, 1.0, 1.0, 1.0], "b": [2.0, 2.0, 1.0, 0.5]}, margin=0.01))
    assert (pair.a, pair.zeros, pair.probability_better) == ("a", 1, 2.5 / 4)


def test_a_reference_narrows_the_family() -> None:
    scores = rows(base=0.0, one=0.09, two=0.1, three=5.0)
    everyone, against = judge(scores, margin=0.01), judge(scores, margin=0.01, reference="base")
    for pair, same in zip(against.pairs, everyone.pairs, strict=True):
        assert (pair.a, pair.b, pair.p) == (same.a, same.b, same.p)
        if "base" in (pair.a, pair.b):
            assert pair.p_adjusted is not None
            assert same.p_adjusted is not None
            assert pair.p_adjusted <= same.p_adjusted
        else:
            assert (pair.p_adjusted, pair.p_equivalent, pair.verdict) == (None, None, "unresolved")
    assert verdict(against, "base", "three") == "better"
    assert against.best_set == everyone.best_set


def test_optimizers_that_beat_each_other_in_a_circle_may_all_be_best() -> None:
    # Each beats the next in two studies of three and loses by twice as much in the third. The studies' sizes are so
    # unlike that this weighs little: the ranks are those of the sizes.
    turns, sizes = np.arange(90) % 3, 10 ** (np.arange(90) / 10)
    ranking = judge({name: ((index + turns) % 3 * sizes).tolist() for index, name in enumerate("abc")}, margin=0.0)
    assert [verdict(ranking, *pair) for pair in ("ab", "bc", "ca")] == ["better"] * 3
    assert set(ranking.best_set) == {"a", "b", "c"}
    assert {standing.ranks for standing in ranking.standings} == {(2, 2)}


@given(st.integers(0, 10_000), st.permutations(["a", "b", "c"]))
def test_neither_the_order_of_the_names_nor_of_the_studies_matters(seed: int, names: list[str]) -> None:
    rng = np.random.default_rng(seed)
    table = {name: rng.normal(scale=0.5, size=9) + shift for name, shift in zip("abc", (0, 0.4, 1.5), strict=True)}
    studies = rng.permutation(9)
    shuffled = judge({name: table[name][studies].tolist() for name in names}, margin=0.1)
    plain = judge({name: row.tolist() for name, row in table.items()}, margin=0.1)
    assert shuffled.best_set == plain.best_set
    assert [s.name for s in shuffled.standings] == [s.name for s in plain.standings]
    for a, b in itertools.combinations("abc", 2):
        assert verdict(shuffled, a, b) == verdict(plain, a, b)


def test_the_order_is_that_of_the_typical_study() -> None:
    # One useless run makes the mean of `steady` worse, not its typical study.
    scores = {"steady": [1.0] * 11 + [50.0], "other": [1.2] * 12}
    assert judge(scores, margin=0.01).standings[0].name == "steady"


@pytest.mark.parametrize(("optimizers", "against"), [(2, False), (3, False), (5, False), (5, True)])
def test_the_studies_needed_are_the_fewest_that_allow_a_verdict(optimizers: int, against: bool) -> None:
    needed = studies_needed(optimizers, against_reference=against)
    for studies, possible in [(needed, True), (needed - 1, False)]:
        # One optimizer ahead by as much as can be; the others' order flips from study to study.
        flips = np.arange(studies) % 2
        scores = {str(i): (1 + 0.01 * (flips * 2 - 1) * i).tolist() for i in range(1, optimizers)}
        ranking = judge({"first": (flips * 1e-3).tolist(), **scores}, margin=0.0, reference="first" if against else None)
        assert any(pair.verdict == "better" for pair in ranking.pairs) == possible
        assert min(pair.p for pair in ranking.pairs) == smallest_p(studies)


@pytest.mark.parametrize(
    ("scores", "margin", "reference", "message"),
    [
        ({"a": [1.0]}, 0.1, None, "two optimizers"),
        ({"a": [1.0], "b": [1.0, 2.0]}, 0.1, None, "one score for each study"),
        ({"a": [], "b": []}, 0.1, None, "one score for each study"),
        ({"a": [1.0], "b": [np.nan]}, 0.1, None, "finite"),
        ({"a": [1.0], "b": [2.0]}, -0.1, None, "margin"),
        ({"a": [1.0], "b": [2.0]}, np.nan, None, "margin"),
        ({"a": [1.0], "b": [2.0]}, 0.1, "c", "reference"),
    ],
)
def test_what_judge_refuses(scores: dict[str, list[float]], margin: float, reference: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        judge(scores, margin=margin, reference=reference)


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("noise", NOISE)
def test_no_more_than_one_comparison_in_twenty_is_wrong(scenario: str, noise: str) -> None:
    repetitions = 100
    found = measure(SCENARIOS[scenario], NOISE[noise], STUDIES, repetitions, seed=1)
    assert clopper_pearson(found.wrong, repetitions)[0] <= 0.05
    assert clopper_pearson(found.left_out, repetitions)[0] <= 0.05
    assert found.covered / found.pairs > 0.9


@pytest.mark.parametrize("noise", NOISE)
def test_intervals_hold_the_truth(noise: str) -> None:
    covered = coverage(NOISE[noise], STUDIES, repetitions=1000, seed=1)
    low, high = clopper_pearson(covered, 1000, 0.99)
    assert low <= 0.97
    assert high >= (0.92 if noise == "lognormal" else 0.94)
