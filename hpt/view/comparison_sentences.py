"""What a comparison says, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hpt.compare.report import Comparison
from hpt.compare.verdicts import Pair, Verdict
from hpt.foundation.catalogue import Range, Values
from hpt.models import MODELS
from hpt.view.formats import ESTIMATE_DIGITS, difference, interval, literal, metric_name, number, p_value

VERDICTS: Mapping[Verdict, str] = {
    "better": "better than",
    "worse": "worse than",
    "equivalent": "equivalent to",
    "unresolved": "not decided against",
}
_MOST_PAIRS = 3


def summary(comparison: Comparison) -> Iterator[str]:
    """The first lines: who may be best, who is not, what is open, and for what that holds."""
    ranking = comparison.ranking
    if ranking is None:
        return
    names = [optimizer.name for optimizer in comparison.optimizers]
    best = [name for name in names if name in ranking.best_set]
    data = comparison.setup.data
    data = data if any(map(comparison.setup.protocol.space.dimensions, names)) else f"{data}, of these constants"
    if len(best) == len(names):
        yield f"May be best on {data}: any of {', '.join(best)} (95%). Nothing is ruled out."
    elif len(best) == 1:
        yield f"Best on {data}: {best[0]} (95%)."
    else:
        yield f"May be best on {data}: {', '.join(best)} (95%)."
    for name in names:
        if name not in best:
            yield f"Not the best: {name}. {_behind(comparison, name)}"
    among = [pair for pair in ranking.pairs if pair.a in best and pair.b in best]
    if len(among) <= _MOST_PAIRS:
        yield from (_between(comparison, pair) for pair in among)
    else:
        undecided = sum(pair.verdict == "unresolved" for pair in among)
        yield f'Of the {len(among)} pairs among them {undecided} are not decided. That is not "equal".'
    yield holds_for(comparison)
    if (constants := constants_only(comparison)) is not None:
        yield constants


def constants_only(comparison: Comparison) -> str | None:
    """What the answer is not about, where some optimizer has nothing to search."""
    space = comparison.setup.protocol.space
    fixed = [label for label in space.branches if not space.dimensions(label)]
    if not fixed:
        return None
    if len(fixed) == len(space.branches):
        return (
            "Nothing was searched: these constants only were compared, not the optimizers. Each optimizer has a learning rate of "
            "its own at which it is best: give ranges, or write `default` for the catalogue's."
        )
    return f"Nothing was searched for {', '.join(fixed)}: of these only the constants were compared. Give them ranges too."


def holds_for(comparison: Comparison) -> str:
    """What the answer is about."""
    setup = comparison.setup
    protocol = setup.protocol
    searched = any(protocol.space.dimensions(label) for label in protocol.space.branches)
    settings = f"{protocol.trials} settings each" if searched else "one setting each, these constants"
    parts = [_model(protocol.space.model), f"{protocol.epochs} epochs", settings]
    evidence = f"{comparison.studies} studies, {protocol.seeds} runs each"
    return f"Holds for: {', '.join(parts)}, new splits of this file ({evidence})."


def _behind(comparison: Comparison, name: str) -> str:
    """How far `name` is behind the first."""
    first = comparison.optimizers[0].name
    pair = next(p for p in comparison.ranking.pairs if (p.a, p.b) == (first, name)) if comparison.ranking else None
    if pair is None:
        return ""
    low, high = sorted((abs(pair.interval.low), abs(pair.interval.high)))
    metric = metric_name(comparison.setup.metric)
    judged = f", adjusted p {p_value(pair.p_adjusted)}" if pair.p_adjusted is not None else ""
    if pair.interval.low <= 0 <= pair.interval.high:
        return f"Than {first}, {metric} {difference(-pair.difference)} {_range(-pair.interval.high, -pair.interval.low)}{judged}."
    word = "higher" if pair.difference < 0 else "lower"
    return f"Than {first}, {metric} {number(abs(pair.difference), ESTIMATE_DIGITS)} {word} {_range(low, high)}{judged}."


def _between(comparison: Comparison, pair: Pair) -> str:
    """What is known of two that may both be best."""
    span = interval((pair.interval.low, pair.interval.high))
    if pair.verdict == "equivalent":
        margin = number(comparison.setup.margin, ESTIMATE_DIGITS)
        return f"{pair.a} and {pair.b} are equivalent: they differ by less than {margin} ({span})."
    if pair.verdict == "unresolved":
        return f'{pair.a} or {pair.b}: not decided ({span}). That is not "equal".'
    return f"{pair.a} is {VERDICTS[pair.verdict]} {pair.b} ({span})."


def _range(low: float, high: float) -> str:
    return f"[{number(low, ESTIMATE_DIGITS)}, {number(high, ESTIMATE_DIGITS)}]"


def _model(model: Mapping[str, Any]) -> str:
    """The model and what fixes its size, such as `mlp 64-32`."""
    sizes = [model[h.name] for h in MODELS[model["type"]].hyperparameters if h.scope == "stack"]
    flat = [size for given in sizes for size in (given if isinstance(given, tuple) else (given,))]
    searched = any(isinstance(size, (Range, Values)) for size in flat)
    size = "of searched size" if searched else "-".join(map(literal, flat))
    return f"{model['type']} {size}".strip()
