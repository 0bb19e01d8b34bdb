"""The terms of a comparison: what is compared and by what measure, fixed before the first study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hpt.compare.protocol import Protocol
from hpt.configuration.config import Config
from hpt.training.objective import Objective

SHARE_MARGIN = 0.01
"""What counts as no difference in accuracy and other shares that are maximised."""
LOSS_MARGIN = 0.02
"""What counts as no difference elsewhere: so much of what the constant predictor is worth on the first study's test rows."""

COMPANIONS: Mapping[str, tuple[str, ...]] = {
    "classification": ("test_loss", "test_accuracy"),
    "regression": ("test_rmse", "test_r2"),
}
"""What is shown beside the metric of the ranking, by task."""


@dataclass(frozen=True, slots=True)
class Terms:
    """`metric` ranks; `margin` is the difference in it that counts as none; `reference` is None where all pairs are judged.

    target: the objective's value to reach in the diagnosis, None for the best optimizer's. rows: by part of the split.
    """

    protocol: Protocol
    metric: str
    margin: float
    reference: str | None
    target: float | None
    data: str
    task: str
    rows: Mapping[str, int]

    @classmethod
    def of(cls, config: Config, facts: Mapping[str, Any]) -> Terms:
        """The terms under which `config` is compared on the data that `facts` speak of."""
        compare = config.compare
        objective = Objective.parse(config.study["objective"])
        protocol = Protocol(config.space, objective, config.seed, compare["trials"], compare["seeds"])
        return cls(protocol=protocol, reference=compare["reference"], target=compare["target"], **facts)

    def facts(self) -> dict[str, Any]:
        """What `of` cannot know from the configuration."""
        return {
            "metric": self.metric,
            "margin": self.margin,
            "data": self.data,
            "task": self.task,
            "rows": dict(self.rows),
        }

    @property
    def objective(self) -> Objective:
        """The metric of the ranking, with its direction."""
        return Objective.parse(self.metric)


def metric_of(config: Config) -> str:
    """The metric that ranks: the one named, or the objective's on the test rows."""
    return str(config.compare["metric"] or Objective.parse(config.study["objective"]).on("test"))


def default_margin(metric: str, constant: float) -> float:
    """The margin where none is given. constant: the metric of the constant predictor in the first study."""
    return SHARE_MARGIN if Objective.parse(metric).direction == "maximize" else LOSS_MARGIN * constant
