"""What the test rows say, with how sure, and where validation was optimistic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpt.view.formats import interval, metric_name, number
from hpt.view.page import Section, Sentence


def testing_section(test: Mapping[str, Any] | None) -> Section:
    """Sentences on what `hpt.study.testing.Tested.document` holds; none where the test rows were not opened."""
    if not test or test.get("interval") is None:
        return []
    name = test["metric"]
    bounds = interval(tuple(test["interval"]))
    said = [Sentence(f"Test {metric_name(name)}: {number(test[name])}, 95% {bounds}, on {test['rows']} rows.", "strong")]
    if (text := optimism(test)) is not None:
        said.append(Sentence(text, "warning"))
    return said


def optimism(test: Mapping[str, Any]) -> str | None:
    """A sentence where the validation rows promised more than the test rows keep."""
    if not test["optimistic"]:
        return None
    name = test["metric"]
    bounds = interval(tuple(test["interval"]))
    return (
        f"Validation was optimistic: {metric_name(name)} {number(test['validation'])} there, {number(test[name])} on the test "
        f"rows ({bounds}). Trials were chosen by the validation rows; the test rows had no part in it."
    )
