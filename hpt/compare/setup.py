"""The setup of a comparison, fixed before the first study: what is compared, by which metric, with which margin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hpt.compare.protocol import Protocol
from hpt.compare.records import SetupRecord
from hpt.configuration.config import Config
from hpt.numerics.types import Task
from hpt.runs.fields import written
from hpt.training.objective import Objective

SHARE_MARGIN = 0.01
"""The default margin for accuracy and other metrics that are maximised."""
LOSS_MARGIN = 0.02
"""The default margin for other metrics, as a share of the baseline's score on the first study's test rows."""

COMPANIONS: Mapping[str, tuple[str, ...]] = {
    "classification": ("test_loss", "test_accuracy"),
    "regression": ("test_rmse", "test_r2"),
}
"""By task, the metrics by which the optimizers are ranked too, beside the chosen one."""


@dataclass(frozen=True, slots=True)
class ComparisonSetup:
    """What is compared, and how.

    metric: the one that ranks. margin: differences in it below this do not matter. reference: the optimizer that all others are
    compared with; None compares all pairs. target: the objective's value that `epochs_to_target` asks for; None takes the median final
    value of the best optimizer. rows: how many each part of the split has.
    """

    protocol: Protocol
    metric: str
    margin: float
    reference: str | None
    target: float | None
    data: str
    task: Task
    rows: Mapping[str, int]

    @classmethod
    def of(cls, config: Config, recorded: SetupRecord) -> ComparisonSetup:
        """The setup of comparing `config`. recorded: what depends on the data, as `recorded` gives it."""
        compare = config.compare
        return cls(
            protocol=Protocol.of(config), reference=compare["reference"], target=compare["target"], **written(recorded)
        )

    def recorded(self) -> dict[str, Any]:
        """What does not follow from the configuration alone, as plain data for `run.json`."""
        return written(SetupRecord(self.metric, self.margin, self.data, self.task, self.rows))

    @property
    def objective(self) -> Objective:
        """The metric of the ranking, with its direction."""
        return Objective.parse(self.metric)


def metric_of(config: Config) -> str:
    """The metric that ranks: the configured one, or the objective's on the test rows."""
    return str(config.compare["metric"] or Objective.parse(config.study["objective"]).on("test"))


def default_margin(metric: str, baseline: float) -> float:
    """The margin where none is configured. baseline: the baseline's score in the first study."""
    return SHARE_MARGIN if Objective.parse(metric).direction == "maximize" else LOSS_MARGIN * baseline
