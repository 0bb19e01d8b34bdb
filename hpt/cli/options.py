"""The options that commands share, in groups. Name, type, default, help and what an option sets are declared here alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hpt import __version__
from hpt.cli.completing import configurations, settings, targets
from hpt.cli.groups import Sets
from hpt.foundation.errors import InputError


def _show_version(wanted: bool) -> bool:
    if wanted:
        typer.echo(f"hpt {__version__}")
        raise typer.Exit
    return wanted


def local_path(text: str) -> Path:
    """`text` as a path, unless it is a URL, of which a path would lose a slash."""
    if "://" in text:
        raise InputError(f"{text}: expected a file on this machine, found a URL. Download it first.")
    return Path(text)


ConfigFile = Annotated[
    Path,
    typer.Argument(
        metavar="CONFIG",
        help="A YAML file, a data file (CSV, npz, Parquet, Excel, …) or a bundled data set.",
        parser=local_path,
        autocompletion=configurations,
    ),
]
ConfigFiles = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="CONFIG...", help="A YAML or data file for each task.", parser=local_path, autocompletion=configurations
    ),
]
SchedulerFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="The scheduler's file; the keys of the cluster lie beside it.")
]
Version = Annotated[bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)]


@dataclass(frozen=True, slots=True)
class Overrides:
    """Nodes of the file replaced by hand."""

    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=VALUE",
            autocompletion=settings,
            help="Replace a node of the file; the value is YAML. Repeatable.",
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class Basis:
    """Where randomness starts, and what is predicted."""

    seed: Annotated[int | None, typer.Option(help="Where all randomness starts."), Sets("seed")] = None
    target: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", autocompletion=targets, help="The column to predict."),
        Sets("data.target"),
    ] = None


@dataclass(frozen=True, slots=True)
class Identity(Basis):
    """The same of a run that is kept, and what it is called."""

    name: Annotated[
        str | None, typer.Option(help="Name of the run; a comparison's has -compare behind it."), Sets("name")
    ] = None


@dataclass(frozen=True, slots=True)
class Execution:
    """How a study is run: in how many processes, here or on a cluster, and what becomes of a run that is there."""

    jobs: Annotated[int | None, typer.Option(metavar="N", min=1, help="Worker processes; by default the usable cores.")] = (
        None
    )
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run that is there.")] = False
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Throw away the run that is there.")] = False
    cluster: Annotated[
        Path | None,
        typer.Option(metavar="FILE", envvar="HPT_CLUSTER", help="Train on the workers of this scheduler's file."),
    ] = None


@dataclass(frozen=True, slots=True)
class Folder:
    """Where runs are kept."""

    runs: Annotated[Path, typer.Option(metavar="DIR", help="Where run folders lie.")] = Path("runs")


@dataclass(frozen=True, slots=True)
class Output:
    """What every command has."""

    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on stderr but errors.")] = False
    version: Version = False
