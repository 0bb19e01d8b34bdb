"""Twelve real tables without gaps, and two with some, that ship in packages of the registry, each written to CSV as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from benchmarks.measuring import MissingError

DISTRIBUTIONS = {
    "ISLP": "ISLP",
    "bokeh_sampledata": "bokeh-sampledata",
    "vega_datasets": "vega-datasets",
    "sklearn": "scikit-learn",
}


@dataclass(frozen=True, slots=True)
class RealTable:
    """A table. target: the column to be predicted. missing: whether cells are missing, which hpt reads only when told how.

    frame: the table from the folder of its package.
    """

    name: str
    package: str
    target: str
    frame: Callable[[Path], pd.DataFrame]
    missing: bool = False

    def write(self, path: Path) -> None:
        """Writes it as a CSV file. Raises MissingError where its package is not installed."""
        found = find_spec(self.package)
        if found is None or found.origin is None:
            raise MissingError(f"{DISTRIBUTIONS[self.package]} is not installed: pip install 'hpt[bench]'")
        # The packages are not imported: ISLP loads PyTorch for that, and all that is wanted is a file.
        self.frame(Path(found.origin).parent).to_csv(path, index=False)


def _csv(*place: str) -> Callable[[Path], pd.DataFrame]:
    """The CSV file at `place`, every cell as it is written."""
    return lambda folder: pd.read_csv(folder.joinpath(*place), dtype=str, keep_default_na=False)


def _breast_cancer(folder: Path) -> pd.DataFrame:
    from sklearn.datasets import load_breast_cancer

    found = load_breast_cancer(as_frame=True)
    named = found.target.map(dict(enumerate(found.target_names)))
    return found.data.assign(diagnosis=named)


def _diabetes(folder: Path) -> pd.DataFrame:
    from sklearn.datasets import load_diabetes

    found = load_diabetes(as_frame=True, scaled=False)
    return found.data.assign(progression=found.target)


TABLES = (
    RealTable("default", "ISLP", "default", _csv("data", "Default.csv")),
    RealTable("mileage", "bokeh_sampledata", "cty", _csv("_data", "auto-mpg2.csv")),
    RealTable("glass", "bokeh_sampledata", "type", _csv("_data", "forensic_glass.csv")),
    RealTable("weather", "vega_datasets", "weather", _csv("_data", "seattle-weather.csv")),
    RealTable("oj", "ISLP", "Purchase", _csv("data", "OJ.csv")),
    RealTable("breast-cancer", "sklearn", "diagnosis", _breast_cancer),
    RealTable("auto", "ISLP", "mpg", _csv("data", "Auto.csv")),
    RealTable("boston", "ISLP", "medv", _csv("data", "Boston.csv")),
    RealTable("carseats", "ISLP", "Sales", _csv("data", "Carseats.csv")),
    RealTable("credit", "ISLP", "Balance", _csv("data", "Credit.csv")),
    RealTable("college", "ISLP", "Outstate", _csv("data", "College.csv")),
    RealTable("diabetes", "sklearn", "progression", _diabetes),
    RealTable("titanic", "bokeh_sampledata", "survived", _csv("_data", "titanic_all.csv"), missing=True),
    RealTable("penguins", "bokeh_sampledata", "species", _csv("_data", "penguins.csv"), missing=True),
)


def versions(tables: Iterable[RealTable]) -> str:
    """The packages of `tables`, with their versions."""
    packages = {table.package for table in tables}
    return ", ".join(f"{name} {version(name)}" for package, name in DISTRIBUTIONS.items() if package in packages)
