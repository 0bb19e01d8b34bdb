import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpt.compare.protocol import selected
from hpt.compare.verdicts import judge
from hpt.compare.warnings import contains, edge_warnings, nested_warnings, update_warnings
from hpt.configuration.widening import widened, written
from hpt.foundation.catalogue import Hyperparameter, Range, Values
from tests.compare.made_up import CONFIG, study_of, terms_for

FREE = Hyperparameter("x", "float", 0.1, "")
POSITIVE = Hyperparameter("x", "float", 0.1, "", low=0, high=1)


@pytest.mark.parametrize(
    ("search", "end", "row", "expected"),
    [
        (Range(1e-4, 1e-2, "log"), "high", FREE, "{min: 0.0001, max: 0.1, scale: log}"),
        (Range(1e-4, 1e-2, "log"), "low", FREE, "{min: 1e-5, max: 0.01, scale: log}"),
        (Range(1e-4, 0.5, "log"), "high", POSITIVE, "{min: 0.0001, max: 1, scale: log}"),
        (Range(0.5, 0.99, "reverse_log"), "high", FREE, "{min: 0.5, max: 0.999, scale: reverse_log}"),
        (Range(0.9, 0.99, "reverse_log"), "low", FREE, "{min: 0, max: 0.99, scale: reverse_log}"),
        (Range(0.2, 0.6), "low", POSITIVE, "{min: 0, max: 0.6}"),
        (Range(8, 32), "high", FREE, "{min: 8, max: 44}"),
        (Range(8, 32, "log"), "high", FREE, "{min: 8, max: 320, scale: log}"),
        (Range(0.0, 0.4, step=0.1), "high", FREE, "{min: 0, max: 0.6, step: 0.1}"),
    ],
)
def test_the_range_to_try(search, end, row, expected):
    assert written(widened(search, end, row)) == expected


@pytest.mark.parametrize(("search", "end"), [(Range(0.5, 1.0), "high"), (Range(0.0, 0.5), "low")])
def test_no_range_to_try_where_the_hyperparameter_ends(search, end):
    assert widened(search, end, POSITIVE) is None


def test_values_that_crowd_at_an_end_are_warned_about(tmp_path):
    text = CONFIG.replace(
        "[sgd, adam, rmsprop]", "{sgd: {learning_rate: {min: 1e-4, max: 1e-2, scale: log}}, adam: default}"
    )
    protocol = terms_for(tmp_path, text.replace("trials: 8", "trials: 64")).protocol

    def by_rate(study, run):
        return 1 / (1 + 100 * run.parameters.get("optimizer.sgd.learning_rate", 0.1))

    chosen = [selected(protocol, study_of(protocol, study, by_rate)) for study in range(12)]
    warnings = list(edge_warnings(protocol.space, "sgd", [c["sgd"] for c in chosen]))
    assert len(warnings) == 1
    assert "optimizer.sgd.learning_rate" in warnings[0]
    assert "at the high end" in warnings[0]
    assert "Try {min: 0.0001, max: 0.1, scale: log}." in warnings[0]


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        (Range(0.0, 1.0), 0.5, True),
        (Range(0.0, 1.0), Range(0.2, 0.4, "log"), True),
        (Range(0.0, 1.0), Range(0.5, 1.5), False),
        (Range(0.0, 1.0), True, False),
        (Range(0.0, 1.0), None, False),
        (Values((True, False)), False, True),
        (Values((1, 2)), Values((2,)), True),
        (Values((1, 2)), Values((2, 3)), False),
        ((Range(0.0, 1.0), 0.9), (0.5, 0.9), True),
        ((Range(0.0, 1.0), 0.9), (0.5, 0.99), False),
        ({"name": "sgd", "momentum": Range(0.0, 0.9)}, {"name": "sgd", "momentum": 0.0}, True),
        ({"name": "sgd", "momentum": 0.0}, {"name": "adam", "momentum": 0.0}, False),
        (0.5, Range(0.5, 0.6), False),
    ],
)
def test_containment(outer, inner, expected):
    assert contains(outer, inner) is expected


@given(st.floats(0, 1), st.floats(0, 1))
def test_every_range_contains_itself_and_its_ends(low, high):
    low, high = sorted((low, high))
    outer = Range(low, high)
    assert contains(outer, outer)
    assert contains(outer, low)
    assert contains(outer, high)


def test_a_general_rule_that_loses_to_its_special_case_is_under_tuned(tmp_path):
    text = CONFIG.replace(
        "[sgd, adam, rmsprop]", "{sgd: default, plain: {name: sgd, learning_rate: {min: 1e-3, max: 1, scale: log}}}"
    )
    space = terms_for(
        tmp_path, text.replace("plain: {name: sgd,", "plain: {name: sgd, momentum: 0.9, nesterov: true,")
    ).protocol.space
    scores = {"sgd": [1.0 + i / 100 for i in range(12)], "plain": [0.5 + i / 90 for i in range(12)]}
    assert list(nested_warnings(space, judge(scores, margin=0.01))) == ["sgd"]
    turned = {"sgd": scores["plain"], "plain": scores["sgd"]}
    assert nested_warnings(space, judge(turned, margin=0.01)) == {}


def test_far_fewer_updates_are_warned_about():
    assert list(update_warnings({"gd": 20, "sgd": 680, "adam": 341})) == ["gd"]
