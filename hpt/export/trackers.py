"""The trials of a run as the runs of an experiment tracker, in a folder on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hpt.configuration.space import plain
from hpt.export.source import Source
from hpt.runs.trial_record import TrialRecord


def write_tensorboard(source: Source, records: Sequence[TrialRecord], destination: str) -> str:
    """A folder of event files for each trial, with its curves and, for the HPARAMS tab, its parameters and metrics."""
    from tensorboardX import SummaryWriter
    from tensorboardX.summary import hparams

    for record in records:
        with SummaryWriter(str(Path(destination) / _name(record)), write_to_disk=True) as writer:
            for epoch, metric, value in _curves(record):
                writer.add_scalar(metric, value, epoch)
            metrics = {f"final/{name}": value for name, value in record.metrics.items() if value is not None}
            for summary in hparams(_flat(record.parameters), metrics):
                writer.file_writer.add_summary(summary)
            for name, value in metrics.items():
                writer.add_scalar(name, value, record.epochs)
    return f"{len(records)} trials of {source.run.name} are in {destination}. Open it: tensorboard --logdir {destination}"


def write_mlflow(source: Source, records: Sequence[TrialRecord], destination: str) -> str:
    """A run for each trial in an experiment of the run's name, in the tracking database `mlflow.db` of the folder."""
    from mlflow.entities import Metric, Param
    from mlflow.tracking import MlflowClient

    folder = Path(destination)
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder / 'mlflow.db'}"
    client = MlflowClient(tracking_uri=url)
    experiment = client.get_experiment_by_name(source.run.name)
    artifacts = (folder / "artifacts").resolve().as_uri()
    key = experiment.experiment_id if experiment else client.create_experiment(source.run.name, artifacts)
    for record in records:
        run = client.create_run(key, run_name=_name(record), tags={"state": record.state, "phase": record.phase})
        curves = [Metric(metric, value, epoch, epoch) for epoch, metric, value in _curves(record)]
        finals = [Metric(f"final/{n}", v, record.epochs, record.epochs) for n, v in record.metrics.items() if v is not None]
        parameters = [Param(name, str(value)) for name, value in _flat(record.parameters).items()]
        client.log_batch(run.info.run_id, [*curves, *finals], parameters)
        client.set_terminated(run.info.run_id, "FINISHED" if record.state in ("completed", "pruned") else "FAILED")
    return f"{len(records)} trials of {source.run.name} are in {url}. Open it: mlflow ui --backend-store-uri {url}"


def write_wandb(source: Source, records: Sequence[TrialRecord], destination: str) -> str:
    """An offline run for each trial, in a project of the run's name; nothing leaves the machine until `wandb sync`."""
    import wandb

    folder = Path(destination)
    folder.mkdir(parents=True, exist_ok=True)
    settings = wandb.Settings(
        silent=True, console="off", disable_git=True, save_code=False, x_disable_meta=True, x_disable_stats=True
    )
    for record in records:
        run = wandb.init(
            mode="offline", dir=str(folder), project=source.run.name, name=_name(record), settings=settings, reinit="finish_previous",
            config=_flat(record.parameters), tags=[record.state],
        )  # fmt: skip
        for epoch in range(record.epochs):
            run.log({name: values[epoch] for name, values in record.history.items()}, step=epoch + 1)
        run.summary.update({f"final/{name}": value for name, value in record.metrics.items()})
        run.finish()
    return f"{len(records)} trials of {source.run.name} are in {folder / 'wandb'}. Send them: wandb sync {folder / 'wandb'}/offline-run-*"


def _name(record: TrialRecord) -> str:
    return f"trial-{record.trial:05d}"


def _curves(record: TrialRecord) -> Iterator[tuple[int, str, float]]:
    """Epoch, metric and value of each finite number that was measured every epoch."""
    for metric, values in record.history.items():
        for epoch, value in enumerate(values, 1):
            if value is not None:
                yield epoch, metric, value


def _flat(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters by dotted path; what is no number, truth value or text as text."""
    searched = plain(parameters)
    return {path: value if isinstance(value, (int, float, str)) else str(value) for path, value in searched.items()}
