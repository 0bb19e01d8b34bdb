"""The weights of several networks of one setting in one mapping. Their mean output is what the model answers.

One network has its plain names (`layers.0.weight`), the i-th of several has `networks.i.` before them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hpt.numerics.types import Floats

_OF_SEVERAL = re.compile(r"networks\.(\d+)\.(.+)", re.DOTALL)


def together(networks: Sequence[Mapping[str, Floats]]) -> dict[str, Floats]:
    """The weights by name of one network or more."""
    if len(networks) == 1:
        return dict(networks[0])
    return {f"networks.{index}.{name}": array for index, each in enumerate(networks) for name, array in each.items()}


def apart(weights: Mapping[str, Floats]) -> list[dict[str, Floats]]:
    """The weights of each network by its plain names: what `together` was given; of no weights, one network without any."""
    found: dict[str, dict[str, Floats]] = {}
    for name, array in weights.items():
        several = _OF_SEVERAL.fullmatch(name)
        number, plain = several.groups() if several else ("", name)
        found.setdefault(number, {})[plain] = array
    return list(found.values()) or [{}]
