"""`hpt predict`: what training did to a column is done to new rows, from the run folder alone."""

from __future__ import annotations

import csv
import io
import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpt.data.datasets import DATASETS
from tests.black_box.hpt_command import Hpt, Refused

TOWNS = ("Aarhus", "Bergen", "Cork, Ireland")
HEADER = ("town", "area", "price", "built", "rooms", "kind")
QUICK = ("--trials", 4, "--jobs", 1, "--set", "training.epochs=6", "--quiet")


def written(rows: list[list[Any]], header: tuple[str, ...] = HEADER) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def houses(count: int = 120) -> list[list[Any]]:
    """Texts, numbers, amounts of money, dates, missing cells; small ones are flats, but for some."""
    draw = random.Random(5)
    rows = []
    for _ in range(count):
        area = draw.uniform(20, 200)
        built = f"{draw.randrange(1, 29)}.{draw.randrange(1, 13)}.{draw.randrange(1950, 2020)}"
        rooms = draw.choice(["1", "2", "3", ""])
        kind = "flat" if area + draw.uniform(0, 60) < 120 else "house"
        rows.append([draw.choice(TOWNS), f"{area:.1f} m²", f"€{area * 1000:,.0f}", built, rooms, kind])
    return rows


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Hpt:
    """A run `houses` on a file that is gone, copied to `moved`, and some new rows."""
    hpt = Hpt(tmp_path_factory.mktemp("houses"))
    hpt.write("houses.csv", written(houses()))
    hpt("tune", "houses.csv", *QUICK, "--set", "data.missing=mean", "--set", "data.date_parts=[month]")
    shutil.copytree(hpt.folder / "runs/houses", hpt.folder / "moved")
    (hpt.folder / "houses.csv").rename(hpt.folder / "away.csv")
    return hpt


def test_a_copied_folder_predicts_without_the_training_file(tuned: Hpt) -> None:
    with np.load(tuned.folder / "moved/best.npz", allow_pickle=False) as stored:
        assert "encoding" in stored.files
    found = table(tuned("predict", "moved", "away.csv", "--proba").out)
    assert list(found[0]) == ["prediction", "probability.flat", "probability.house"]
    assert len(found) == 120
    for row in found:
        flat, house = float(row["probability.flat"]), float(row["probability.house"])
        assert flat + house == pytest.approx(1, abs=1e-12)
        assert row["prediction"] == ("flat" if flat >= house else "house")
    assert sum(row["prediction"] == truth[-1] for row, truth in zip(found, houses(), strict=True)) > 80


def test_order_of_columns_company_and_the_target_do_not_matter(tuned: Hpt) -> None:
    shuffled = [[row[5], row[3], "extra", *row[:3], row[4]] for row in houses()[:7]]
    header = ("kind", "built", "else", "town", "area", "price", "rooms")
    tuned.write("shuffled.csv", written(shuffled, header))
    tuned.write("few.csv", written([row[:5] for row in houses()[:7]], HEADER[:5]))
    whole = tuned("predict", "houses", "away.csv", "--proba").out.splitlines()[:8]
    assert tuned("predict", "houses", "shuffled.csv", "--proba").out.splitlines() == whole
    assert tuned("predict", "houses", "few.csv", "--proba").out.splitlines() == whole


def test_missing_and_unseen_cells_are_filled_as_in_training_and_counted(tuned: Hpt) -> None:
    rows = [["Cork, Ireland", "80 m²", "€90,000", "1.5.1990", "2"]] * 3
    rows[1] = ["Dublin", "80 m²", "", "1.5.1990", ""]
    rows[2] = ["Dublin", "?", "€90,000", "tomorrow", "2"]
    tuned.write("new.csv", written(rows, HEADER[:5]))
    ended = tuned("predict", "houses", "new.csv")
    assert [row["prediction"] in ("flat", "house") for row in table(ended.out)] == [True] * 3
    assert "no category of the training rows in 2 cells (all zeros): 'Dublin'" in ended.err
    assert "'built': no date in 1 cell, such as 'tomorrow' (new.csv:4)" in ended.err
    assert "filled in as in training: 'area' (1 missing cell), 'price' (1 missing cell), 'built'" in ended.err
    assert tuned("predict", "houses", "new.csv", "--quiet").err == ""


def test_standard_streams_a_file_and_a_document(tuned: Hpt) -> None:
    text = written(houses()[:5])
    tuned.write("five.csv", text)
    printed = tuned("predict", "houses", "five.csv", "--proba").out
    with (tuned.folder / "five.csv").open() as stream:
        assert tuned("predict", "houses", "-", "--proba", "-o", "-", stdin=stream).out == printed
    ended = tuned("predict", "houses", "five.csv", "--proba", "-o", "out.csv", "--json")
    assert (tuned.folder / "out.csv").read_text() == printed
    document, lines = ended.document, table(printed)
    assert (document["schema"], document["target"], document["rows"]) == ("hpt.predict/1", "kind", 5)
    assert document["predictions"] == [line["prediction"] for line in lines]
    assert document["probabilities"]["house"] == [float(line["probability.house"]) for line in lines]


def test_a_file_that_does_not_fit_is_refused_by_column(tuned: Hpt) -> None:
    rows = [[row[1], row[2], "soon", row[4]] for row in houses()[:3]]
    tuned.write("odd.csv", written(rows, ("Area", "price", "built", "rooms")))
    ended = tuned("predict", "houses", "odd.csv", "-o", "never.csv", code=2)
    assert ended.out == ""
    assert "expected the columns of the training rows, found no 'town', 'area'" in ended.err
    rows = [[*row[:3], "soon", row[4]] for row in houses()[:3]]
    tuned.write("kinds.csv", written(rows, HEADER[:5]))
    ended = tuned("predict", "houses", "kinds.csv", "-o", "never.csv", code=2)
    assert "kinds.csv:2: column 'built': expected dates (day.month.year) as in training, found 'soon'" in ended.err
    assert not (tuned.folder / "never.csv").exists()
    assert "the file that is read" in tuned("predict", "houses", "kinds.csv", "-o", "kinds.csv", code=2).err


def test_what_training_refused_or_dropped_gets_no_prediction(hpt: Hpt) -> None:
    rows = [[row[1], row[5]] for row in houses()]
    hpt.write("plain.csv", written(rows, ("area", "kind")))
    hpt.write("gaps.csv", "area\n80 m²\nNA\n90 m²\n")
    for missing in ("error", "drop"):
        hpt("tune", "plain.csv", *QUICK, "--set", f"data.missing={missing}", "--name", missing)
    refused = hpt("predict", "error", "gaps.csv", code=2)
    assert "gaps.csv:3: column 'area': expected a value, as the run has data.missing: error" in refused.err
    dropped = hpt("predict", "drop", "gaps.csv", "--proba")
    assert dropped.out.splitlines()[2] == ",,"
    assert "no prediction for 1 row" in dropped.err
    assert hpt("predict", "drop", "gaps.csv", "--json").document["predictions"][1] is None


@pytest.mark.parametrize("loss", ["cross_entropy", "mse", "binary_cross_entropy"])
def test_every_loss_of_classes_predicts_what_was_measured(hpt: Hpt, loss: str) -> None:
    _, share = predicted(hpt, "breast_cancer", loss)
    measured = hpt("train", "run", "--test", "--json", "--quiet").document
    expected = {**measured["final"], **measured["test"]}
    rows = {"train": 341, "validation": 114, "test": 114}
    assert share * 569 == pytest.approx(sum(n * expected[f"{part}_accuracy"] for part, n in rows.items()), abs=1e-9)


@pytest.mark.parametrize("loss", ["mse", "mae", "{type: huber, delta: 0.5}"])
def test_every_loss_of_amounts_predicts_in_the_targets_units(hpt: Hpt, loss: str) -> None:
    squares, _ = predicted(hpt, "diabetes", loss)
    measured = hpt("train", "run", "--test", "--json", "--quiet").document
    expected = {**measured["final"], **measured["test"]}
    rows = {"train": 266, "validation": 88, "test": 88}
    total = sum(n * expected[f"{part}_rmse"] ** 2 for part, n in rows.items())
    assert squares == pytest.approx(total, rel=1e-5)
    assert "--proba: expected a model that gives probabilities" in hpt("predict", "run", "rows.csv", "--proba", code=2).err


def predicted(hpt: Hpt, data: str, loss: str) -> tuple[float, float]:
    """The sum of squared differences, or the share that is right, over all rows of a bundled set, which is written as a file."""
    source = DATASETS[data].function()
    hpt.write("run.yaml", f"data: {data}\nmodel: {{hidden: [5]}}\noptimizer: {{choose: [sgd, adam]}}\n")
    hpt("tune", "run.yaml", *QUICK, "--set", f"training.loss={loss}")
    columns = [name for name in source.columns if name != source.target]
    cells = [source.columns[name].tolist() for name in columns]
    hpt.write("rows.csv", written([list(row) for row in zip(*cells, strict=True)], tuple(columns)))
    found = [row["prediction"] for row in table(hpt("predict", "run", "rows.csv").out)]
    truth = source.columns[source.target].tolist()
    if DATASETS[data].task == "classification":
        return 0.0, sum(map(str.__eq__, found, truth)) / len(truth)
    return sum((float(one) - other) ** 2 for one, other in zip(found, truth, strict=True)), 0.0


def test_an_ensemble_is_the_mean_of_its_trials(hpt: Hpt) -> None:
    shutil.copy(Path(__file__).parents[1] / "data/penguins_raw.csv", hpt.folder / "penguins.csv")
    drop = "data.drop=[Individual ID, Comments, Date Egg]"
    study = ("penguins.csv", "--target", "Species", "--set", drop, "--set", "data.missing=mean")
    document = hpt("tune", *study, *QUICK, "--set", "study.trials=6", "--json").document
    best = [row["trial"] for row in document["leaderboard"] if row["state"] == "completed"][:2]
    ended = hpt("predict", "penguins", "penguins.csv", "--proba", "--ensemble", 2)
    assert f"trials {best[0]}, {best[1]} are trained again" in ended.err
    alone = hpt("predict", "penguins", "penguins.csv", "--proba").out
    assert hpt("predict", "penguins", "penguins.csv", "--proba", "--ensemble", 1).out == alone
    one, both = table(alone), table(ended.out)
    name = next(key for key in one[0] if key.startswith("probability."))
    other = [2 * float(b[name]) - float(a[name]) for a, b in zip(one, both, strict=True)]
    assert all(-1e-9 < share < 1 + 1e-9 for share in other)
    assert one != both
    assert "expected at most" in hpt("predict", "penguins", "penguins.csv", "--ensemble", 99, code=2).err
    (hpt.folder / "penguins.csv").rename(hpt.folder / "gone.csv")
    assert "needs the data of the run" in hpt("predict", "penguins", "gone.csv", "--ensemble", 2, code=2).err


def test_an_archive_for_a_model_of_a_table_is_refused(hpt: Hpt, refused: Refused) -> None:
    hpt("tune", "small.yaml", "--jobs", 1, "--quiet")
    np.savez(hpt.folder / "new.npz", x=np.ones((2, 4)))
    assert "expected a table with the columns of the training rows" in refused("predict", "small", "new.npz")[0]


def test_what_holds_no_winner_is_refused(hpt: Hpt, refused: Refused) -> None:
    hpt.write("rows.csv", "a\n1\n")
    assert "no such run" in refused("predict", "nothing", "rows.csv")[0]
    hpt("tune", "small.yaml", "--jobs", 1, "--quiet")
    folder = hpt.folder / "runs/small"
    assert "found no" in refused("predict", "small", "rows.csv")[0]
    assert "no such file" in refused("predict", "small", "nothing.csv")[0]
    for content in (b"", b"PK\x03\x04 torn", b"\x93NUMPY"):
        (folder / "best.npz").write_bytes(content)
        assert "changed after it was written" in refused("predict", "small", "rows.csv")[0]
    (folder / "best.npz").unlink()
    assert "not there. Go on with --resume" in refused("predict", "small", "rows.csv")[0]
    hpt("train", "small", "--save", "kept", "--quiet")
    hpt.write("iris.csv", "sepal_length,sepal_width,petal_length,petal_width\n5,3,1,0.2\n")
    columns = ",".join(DATASETS["iris"].function().features)
    hpt.write("iris.csv", f"{columns}\n5,3,1,0.2\n")
    assert hpt("predict", "kept", "iris.csv").out.startswith("prediction\n")
    for content in (b"", b"PK\x03\x04 torn", b"\x93NUMPY"):
        (hpt.folder / "kept/best.npz").write_bytes(content)
        assert "not a readable archive" in refused("predict", "kept", "iris.csv")[0]
