"""What the README and the docs tell a user to do, done; and a real file of somebody else's."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpt.data.datasets import DATASETS
from tests.black_box.hpt_command import Hpt

ROOT = Path(__file__).parents[2]
PENGUINS = ROOT / "tests/data/penguins_raw.csv"
# Columns that name a single animal.
NAMES = "[Individual ID, Comments, Date Egg]"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


def test_the_two_commands_of_the_readme_need_no_environment() -> None:
    """`.ci/run` runs them; `pip install` alone is refused where Python belongs to the system."""
    commands = blocks("README.md", "sh")[:2]
    assert [text.count("\n") for text in commands] == [1, 1]
    first, second = ([shlex.split(part) for part in text.split("&&")] for text in commands)
    assert first[0] == second[0] == ["python3", "-m", "venv", ".venv"]
    assert first[1:] == [[".venv/bin/pip", "install", "."], [".venv/bin/hpt", "tune", "configs/digits.yaml"]]
    assert second[1:] == [[".venv/bin/pip", "install", ".[test]"], [".venv/bin/pytest"]]
    assert (ROOT / first[-1][-1]).exists()


def test_the_first_study_of_the_readme(hpt: Hpt) -> None:
    (config,) = (text for text in blocks("README.md", "yaml") if text.startswith("# wine.yaml"))
    hpt.write("wine.yaml", config)
    (commands,) = (text for text in blocks("README.md", "sh") if "hpt tune wine.yaml" in text)
    lines = [shlex.split(line, comments=True) for line in commands.splitlines()]
    assert [line[1] for line in lines] == ["tune", "show", "train", "compare", "lr-find", "list"]
    for _, verb, *arguments in lines:
        # The comparison's default budget is a minute's; the command is the same with less.
        small = ["--studies", "2", "--trials", "4"] if verb == "compare" else []
        assert hpt(verb, *arguments, *small).out.strip()


def test_the_ugly_table_of_the_readme(hpt: Hpt) -> None:
    (table,) = blocks("README.md", "csv")
    hpt.write("flats.csv", table)
    (command,) = (text for text in blocks("README.md", "sh") if "flats.csv" in text)
    _, _, *arguments = shlex.split(command)
    (shown,) = (text for text in blocks("README.md", "text") if text.startswith("column "))
    assert shown in hpt("check", *arguments, environment={"COLUMNS": "110"}).out
    small = ("--trials", 4, "--set", "training.epochs=2", "--jobs", 1, "--json", "--quiet")
    document = hpt("tune", *arguments, *small).document
    kinds = {column["name"]: (column["kind"], column["missing"]) for column in document["columns"]}
    assert kinds == {
        "Sold": ("date", 0),
        "Size": ("number", 0),
        "Rent": ("number", 1),
        "Yield": ("number", 1),
        "Zip": ("category", 0),
        "Price": ("number", 0),
    }


PAGES = {"docs/ci.md": "junit.xml", "docs/report.md": "smoke.html", "docs/tutorial.md": "compared.html"}
"""Pages whose commands run as they stand, and a file that the last of them leaves."""
SEVERAL = {"README.md": 5, "docs/predict.md": 2}
"""Pages with blocks of commands that have tests of their own here, and how many. What needs another machine stands as text:
`pip install` of an extra, and the commands of docs/cluster.md, which tests/cluster runs as functions."""


ELSEWHERE = {"docs/import.md": "test_import.py", "docs/json.md": "test_documents.py"}
"""Pages whose commands another file here runs."""


def test_no_command_of_the_docs_goes_without_a_test() -> None:
    pages = [str(page.relative_to(ROOT)) for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))]
    found = {page: len(blocks(page, "sh")) for page in pages}
    assert {page for page, count in found.items() if count} == {*PAGES, *SEVERAL, *ELSEWHERE}
    assert {page: found[page] for page in SEVERAL} == SEVERAL
    assert all(page in Path(__file__).with_name(file).read_text(encoding="utf-8") for page, file in ELSEWHERE.items())
    for page in pages:
        assert not [text for text in blocks(page, "(?:bash|shell|console)") if text], page


@pytest.mark.parametrize(("page", "left"), PAGES.items())
def test_the_commands_of_a_page(hpt: Hpt, configs: Path, page: str, left: str) -> None:
    shutil.copytree(configs, hpt.folder / "configs")
    for line in "".join(blocks(page, "sh")).splitlines():
        # The tutorial shows what a rate that is too high does.
        hpt(*shlex.split(line)[1:], code=1 if "learning_rate=1.2" in line else 0)
    assert (hpt.folder / left).exists()


def test_five_minutes_with_a_file_of_ones_own(hpt: Hpt) -> None:
    random = np.random.default_rng(1)
    rain = np.round(random.gamma(0.4, 6, size=240), 1)
    days = [f"2012/{1 + at // 28 % 12:02}/{1 + at % 28:02}" for at in range(240)]
    rows = [
        f"{day},{fell},{random.normal(12, 6):.1f},{'rain' if fell > 1 else 'sun'}"
        for day, fell in zip(days, rain, strict=True)
    ]
    hpt.write("weather.csv", "\n".join(["date,precipitation,temp_max,weather", *rows]) + "\n")
    hpt.write("new.csv", "\n".join(["date,precipitation,temp_max", *(row.rpartition(",")[0] for row in rows[:9])]) + "\n")
    (commands,) = (text for text in blocks("README.md", "sh") if "hpt init" in text)
    lines = [shlex.split(line, comments=True) for line in commands.splitlines()]
    assert [line[1] for line in lines] == ["init", "check", "tune", "report", "predict", "export"]
    for _, verb, *arguments in lines:
        hpt(verb, *arguments, *(["--trials", "12", "--jobs", "1"] if verb == "tune" else []))
    answers = (hpt.folder / "answers.csv").read_text()
    assert set(answers.split()[1:]) <= {"rain", "sun"}
    command = [sys.executable, "model.py", "new.csv"]
    assert subprocess.run(command, cwd=hpt.folder, capture_output=True, text=True, check=True).stdout == answers
    assert (hpt.folder / "weather.html").stat().st_size > 10_000


def test_the_python_of_its_page(hpt: Hpt) -> None:
    (program,) = blocks("docs/python.md", "python")
    table = DATASETS["wine"].function()
    names = [name for name in table.columns if name != table.target]
    rows = [",".join(str(table.columns[name][row]) for name in names) for row in range(5)]
    hpt.write("new_wines.csv", "\n".join([",".join(names), *rows]) + "\n")
    hpt.write("program.py", program)
    ended = subprocess.run([sys.executable, "program.py"], cwd=hpt.folder, capture_output=True, text=True, check=False)
    assert ended.stderr == ""
    assert ended.stdout.count("\n") == 5


def test_predicting_with_numpy_alone_as_the_docs_say(hpt: Hpt) -> None:
    hpt("tune", "small.yaml", "--quiet", "--set", "data.folds=none")  # weights are kept of one split
    trained = hpt("train", "small", "--test", "--json", "--quiet").document
    (example,) = blocks("docs/run-folder.md", "python")
    namespace: dict[str, Any] = {}
    exec(example, namespace)  # noqa: S102  the example is what is tested
    table = DATASETS["iris"].function()
    columns = [name for name in table.columns if name != table.target]
    rows = np.column_stack([table.columns[name] for name in columns])
    best = hpt.folder / "runs/small/best.npz"
    with np.load(best, allow_pickle=False) as stored:
        assert stored["input.names"].tolist() == columns
    predicted = namespace["predict"](best, rows, lambda values: np.maximum(values, 0))
    right = int((predicted == np.array(table.columns[table.target], dtype=str)).sum())
    shares = {"train": 90, "validation": 30, "test": 30}
    measured = {**trained["final"], **trained["test"]}
    assert right == round(sum(count * measured[f"{part}_accuracy"] for part, count in shares.items()))


def test_the_commands_that_predict_as_the_docs_say(hpt: Hpt) -> None:
    for name in ("penguins.csv", "new.csv"):
        shutil.copy(PENGUINS, hpt.folder / name)
    commands = next(text for text in blocks("docs/predict.md", "sh") if "hpt predict" in text)
    lines = [shlex.split(line, comments=True) for line in commands.splitlines()]
    assert [line[1] for line in lines] == ["tune", "predict", "predict", "new.csv", "predict"]
    for line in lines:
        with (hpt.folder / "new.csv").open() as stream:
            verb, *arguments = line[line.index("hpt") + 1 :]
            small = ["--trials", "6"] if verb == "tune" else []
            words = [word for word in arguments if word not in (">", "answers.csv")] if "cat" in line else arguments
            ended = hpt(verb, *words, *small, stdin=stream)
        if verb == "predict" and "-o" not in arguments:
            assert ended.out.count("\n") == 345
    assert (hpt.folder / "answers.csv").read_text().count("\n") == 345
    (commands,) = (text for text in blocks("docs/predict.md", "sh") if "hpt export" in text)
    for line in (shlex.split(line, comments=True) for line in commands.splitlines()):
        ended = hpt(*line[1:])
        assert bool(ended.out) == ("-o" not in line)
        assert "optuna" not in line or (hpt.folder / "study.db").exists()
        assert "-o" not in line or (hpt.folder / line[-1]).stat().st_size


def test_a_real_file_with_text_quotes_and_missing_cells(hpt: Hpt) -> None:
    shutil.copy(PENGUINS, hpt.folder / "penguins.csv")
    search = ("tune", "penguins.csv", "--target", "Species", "--trials", 8, "--set", "training.epochs=3")
    refused = hpt(*search, "--set", f"data.drop={NAMES}", code=2)
    assert any("penguins.csv:5: column 'Culmen Length (mm)': missing cell" in line for line in refused.errors)
    assert not (hpt.folder / "runs").exists()
    document = hpt(*search, "--set", f"data.drop={NAMES}", "--set", "data.missing=mean", "--json", "--quiet").document
    assert document["best"]["metrics"]["validation_accuracy"] > 0.9
