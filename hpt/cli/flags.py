"""The flags that commands share, and the request they make up."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpt import __version__

if TYPE_CHECKING:
    from hpt.study.session import Request


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hpt {__version__}")
        raise typer.Exit


ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG", help="A YAML file, or a .csv or .npz data file.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Replace a node of the file; the value is YAML.")
]
Seed = Annotated[int | None, typer.Option(help="Where all randomness starts.")]
Name = Annotated[str | None, typer.Option(help="Name of the run.")]
Target = Annotated[str | None, typer.Option(metavar="COLUMN", help="The column to predict.")]
Runs = Annotated[Path, typer.Option(metavar="DIR", help="Where run folders lie.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Version = Annotated[bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on stderr but errors.")]
Trials = Annotated[int | None, typer.Option(metavar="N", help="Trials in all.")]
Timeout = Annotated[float | None, typer.Option(metavar="SECONDS", help="Start no generation after this.")]
Jobs = Annotated[int | None, typer.Option(metavar="N", min=1, help="Worker processes; by default the usable cores.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run that is there.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Throw away the run that is there.")]


def request_of(
    config: Path,
    overrides: list[str] | None,
    seed: int | None,
    name: str | None,
    target: str | None,
    runs: Path,
    settings: Mapping[str, Any],
    jobs: int | None = None,
    resume: bool = False,
    overwrite: bool = False,
) -> Request:
    """The request of a command; flags of their own, named like what they set, become overrides behind those of --set."""
    from hpt.configuration.overrides import Override
    from hpt.foundation.errors import InputError
    from hpt.study.session import Request

    asked = [Override(*item.partition("=")[::2]) for item in overrides or ()]
    wrong = [
        f"--set {item}: expected PATH=VALUE, such as training.epochs=20." for item in overrides or () if "=" not in item
    ]
    if wrong:
        raise InputError(wrong)
    flags = {"seed": seed, "name": name, "data.target": target, **settings}
    asked += [
        Override(path, json.dumps(value), f"--{path.rpartition('.')[2]}")
        for path, value in flags.items()
        if value is not None
    ]
    return Request(config, asked, runs, jobs or usable_cores(), resume, overwrite)


def usable_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def expect_workers(jobs: int | None, *modules: str) -> None:
    """Has the modules that the workers of `jobs` need, `modules` among them, imported while the command reads its file."""
    if (jobs or usable_cores()) > 1:
        from hpt.foundation.processes import warm

        warm("threadpoolctl", "hpt.evaluate.workers", *modules)


def winner_of(config: Path, runs: Path) -> Path:
    """The winner of the run that a name or a folder in place of a file means; a bundled data set goes before a run's name."""
    from hpt.data.datasets import DATASETS

    if config.exists() or str(config).lower() in DATASETS:
        folder = config
    else:
        folder = runs / config
    best = folder / "best.yaml"
    return best if best.is_file() else config
