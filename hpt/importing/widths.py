"""The hidden layers of a network from what other tools search of them: widths, a depth, a width a layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hpt.importing.foreign import Choice, Constant, Foreign, Interval, Parameter, Search
from hpt.importing.names import is_depth, is_width, is_widths, layer_of
from hpt.importing.searches import UnfitError, check, written
from hpt.models import MODELS

MOST_LAYERS = 16
_HIDDEN = next(row for row in MODELS["mlp"].hyperparameters if row.name == "hidden")
_DEFAULT = _HIDDEN.default[0]


@dataclass(slots=True)
class Widths:
    """What is known of the layers. layers: by number. whole: lists of widths, all layers at once."""

    whole: Parameter | None = None
    width: Parameter | None = None
    depth: Parameter | None = None
    layers: dict[int, Parameter] = field(default_factory=dict)

    def take(self, parameter: Parameter) -> bool:
        """Whether `parameter` speaks of the layers; then it is kept."""
        *above, name = parameter.steps
        if name.isdecimal() and above and is_widths(above[-1]):
            self.layers[int(name)] = parameter
        elif is_widths(name) and _lists(parameter.search):
            self.whole = parameter
        elif (layer := layer_of(name)) is not None:
            self.layers[layer] = parameter
        elif is_width(name):
            self.width = parameter
        elif is_depth(name):
            self.depth = parameter
        else:
            return False
        return True

    def parameters(self) -> list[Parameter]:
        """All that is known."""
        single = [each for each in (self.whole, self.width, self.depth) if each is not None]
        return [*single, *self.layers.values()]

    def hidden(self, found: Foreign) -> Any:
        """`model.hidden` as a user writes it, None where nothing is known of it or it cannot be said; then `found` says why."""
        known = self.parameters()
        if not known:
            return None
        try:
            hidden = self._hidden(found.notices)
            check(_HIDDEN, hidden, "model.hidden")
        except UnfitError as error:
            for parameter in known:
                found.refuse(parameter.name, str(error))
            return None
        return hidden

    def _hidden(self, notices: list[str]) -> Any:
        if self.whole is not None:
            values = _values(self.whole.search)
            return list(values[0]) if len(values) == 1 else {"values": [list(value) for value in values]}
        if self.layers:
            each = [_member(self.layers[number], notices) for number in sorted(self.layers)]
            return each if self.depth is None else _by_depth(_depths(self.depth), each)
        if self.depth is None:
            assert self.width is not None
            return _one_layer(self.width.search, notices)
        return _repeated(_depths(self.depth), self.width, notices)


def _lists(search: Search) -> bool:
    return not isinstance(search, Interval) and all(isinstance(value, list | tuple) for value in _values(search))


def _values(search: Search) -> Sequence[Any]:
    if isinstance(search, Interval):
        raise UnfitError("expected values, found a range")
    return search.values if isinstance(search, Choice) else (search.value,)


def _member(parameter: Parameter, notices: list[str]) -> Any:
    """A width of a layer as it stands in the list of widths."""
    row = replace(_HIDDEN, name="width", length=None, alone=False, default=_DEFAULT)
    return written(row, parameter.search, parameter.name, notices)


def _depths(parameter: Parameter) -> list[int]:
    """The numbers of layers that are tried."""
    search = parameter.search
    values = range(int(search.low), int(search.high) + 1) if isinstance(search, Interval) else _values(search)
    if not values or not all(
        type(value) is int and 0 <= value <= MOST_LAYERS for value in (values[0], values[-1], *values[:99])
    ):
        raise UnfitError(f"expected numbers of layers up to {MOST_LAYERS}")
    return sorted(set(values))


def _by_depth(depths: Sequence[int], each: Sequence[Any]) -> Any:
    """The first layers of `each`, as many as there are."""
    if max(depths) > len(each):
        raise UnfitError(f"expected the widths of {max(depths)} layers, found those of {len(each)}")
    lists = [list(each[:depth]) for depth in depths]
    return lists[0] if len(lists) == 1 else {"values": lists}


def _one_layer(search: Search, notices: list[str]) -> Any:
    """One layer of a width that is searched or not."""
    width = _member(Parameter(("width",), search), notices)
    if isinstance(width, dict) and "values" in width:
        return {"values": [[value] for value in width["values"]]}
    return [width]


def _repeated(depths: Sequence[int], width: Parameter | None, notices: list[str]) -> Any:
    """So many layers of one width; where widths are a range, each layer has its own."""
    each = _member(width or Parameter(("width",), Constant(_DEFAULT)), notices)
    if isinstance(each, dict) and "min" in each and max(depths) > 1:
        notices.append(f"{width.name if width else 'width'}: each layer has a width of its own.")
    choices = each["values"] if isinstance(each, dict) and "values" in each else [each]
    none: list[list[Any]] = [[]] if 0 in depths else []
    lists = [*none, *([choice] * depth for depth in depths if depth for choice in choices)]
    return lists[0] if len(lists) == 1 else {"values": lists}
