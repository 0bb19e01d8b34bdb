"""The JSON document of a comparison."""

from __future__ import annotations

from collections.abc import Mapping

from hpt.compare.report import Comparison, OptimizerResult
from hpt.compare.verdicts import Pair, Ranking
from hpt.configuration.space import plain
from hpt.documents.comparison_fields import CompareDocument, OptimizerRow, OtherRanking, PairRow, Spread
from hpt.foundation.finite import finite
from hpt.view.comparison_sentences import constants_only


def compare_document(comparison: Comparison, seconds: Mapping[str, float] | None) -> CompareDocument:
    """What `hpt compare --json` and `hpt show RUN --json` print."""
    setup = comparison.setup
    protocol = setup.protocol
    ranking = comparison.ranking
    return {
        "schema": "hpt.compare/1",
        "run": comparison.run,
        "status": comparison.status,
        "data": setup.data,
        "metric": setup.metric,
        "direction": setup.objective.direction,
        "margin": setup.margin,
        "constant": comparison.baseline,
        "reference": setup.reference,
        "budget": {
            "trials": protocol.trials,
            "studies": comparison.studies,
            "studies_planned": comparison.planned,
            "seeds": protocol.seeds,
            "epochs": protocol.epochs,
        },
        "extended_after_looking": list(comparison.extended),
        "best_set": list(ranking.best_set) if ranking else [],
        "optimizers": [_optimizer(optimizer) for optimizer in comparison.optimizers],
        "pairs": [_pair(comparison, pair) for pair in ranking.pairs] if ranking else [],
        "other_metrics": {metric: _other(other) for metric, other in comparison.others.items()},
        "target": comparison.target,
        "early_orders": {f"{share:g}": list(names) for share, names in comparison.early_orders.items()},
        "spread": _spread(comparison),
        "warnings": [*comparison.warnings, *([said] if (said := constants_only(comparison)) else [])],
        "seconds": seconds,
    }


def _spread(comparison: Comparison) -> Spread | None:
    shares = comparison.spread
    return None if shares is None else {"split": shares.split, "search": shares.search, "seeds": shares.seeds}


def _optimizer(optimizer: OptimizerResult) -> OptimizerRow:
    standing, divergence, best_after = optimizer.standing, optimizer.divergence, optimizer.best_after
    return {
        "name": standing.name,
        "rank": standing.rank,
        "ranks": list(standing.ranks),
        "score": optimizer.score,
        "scores": list(optimizer.scores),
        "centred": standing.centred,
        "other_scores": dict(optimizer.others),
        "settings": [plain(parameters) for parameters in optimizer.settings],
        "searched": optimizer.searched,
        "divergence_rate": divergence.rate,
        "divergence_interval": [divergence.low, divergence.high],
        "ended_above_start": divergence.ended_above_start,
        "capped": optimizer.clipped,
        "near_best_share": optimizer.near_best_share,
        "near_best_decades": optimizer.near_best_decades,
        "best_after": {
            "k": list(best_after.k),
            "value": list(best_after.value),
            "low": list(best_after.low),
            "high": list(best_after.high),
        },
        "default_score": optimizer.default_score,
        "epochs_to_target": finite(optimizer.epochs_to_target),
        "seconds_to_target": finite(optimizer.seconds_to_target),
        "updates": optimizer.updates,
        "cpu_seconds": optimizer.cpu_seconds,
        "warnings": list(optimizer.warnings),
    }


def _pair(comparison: Comparison, pair: Pair) -> PairRow:
    corrected = comparison.corrected.get((pair.a, pair.b))
    return {
        "a": pair.a,
        "b": pair.b,
        "difference": pair.difference,
        "interval": [pair.interval.low, pair.interval.high],
        "confidence": pair.interval.confidence,
        "p": pair.p,
        "p_adjusted": pair.p_adjusted,
        "p_equivalent": pair.p_equivalent,
        "probability_better": pair.probability_better,
        "verdict": pair.verdict,
        "mean_difference": pair.mean_difference,
        "zeros": pair.zeros,
        "new_data": None
        if corrected is None
        else {"difference": corrected.mean, "interval": [corrected.interval.low, corrected.interval.high], "p": corrected.p},
    }


def _other(ranking: Ranking) -> OtherRanking:
    return {
        "best_set": list(ranking.best_set),
        "pairs": [
            {"a": p.a, "b": p.b, "difference": p.difference, "p_adjusted": p.p_adjusted, "verdict": p.verdict}
            for p in ranking.pairs
        ],
    }
