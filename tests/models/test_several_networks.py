"""Several networks in one mapping come apart as they were put together."""

from __future__ import annotations

import numpy as np
import pytest

from hpt.models.networks import apart, together


@pytest.mark.parametrize("count", [1, 2, 12])
def test_networks_come_apart_in_their_order(count: int) -> None:
    networks = [{"layers.0.weight": np.full((2, 3), index), "a.networks.7.b": np.ones(1)} for index in range(count)]
    found = apart(together(networks))
    assert [each.keys() for each in found] == [each.keys() for each in networks]
    assert [float(each["layers.0.weight"][0, 0]) for each in found] == list(range(count))


def test_one_network_has_its_plain_names() -> None:
    assert list(together([{"layers.0.bias": np.ones(2)}])) == ["layers.0.bias"]
    assert list(together([{"layers.0.bias": np.ones(2)}] * 2)) == ["networks.0.layers.0.bias", "networks.1.layers.0.bias"]


def test_without_weights_it_is_one_network_without_any() -> None:
    assert apart({}) == [{}]
