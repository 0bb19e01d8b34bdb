"""The Python door: the same runs as the commands leave, and nothing heavy until something is asked for."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpt.foundation.errors import InputError, RunError
from hpt.python import Comparison, Run, compare, load, results, train, tune
from tests.black_box.hpt_command import Hpt

CONFIG: dict[str, Any] = {
    "data": "iris",
    "model": {"hidden": [4]},
    "optimizer": {"choose": ["sgd", "adam"]},
    "training": {"epochs": 4},
    "study": {"trials": 10},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return tune(CONFIG, name="door", runs=tmp_path_factory.mktemp("runs"), jobs=1)


def test_importing_it_is_light() -> None:
    code = "import sys, hpt; print([m for m in ('numpy', 'optuna', 'rich', 'yaml', 'typer') if m in sys.modules], dir(hpt))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("[]")
    assert "tune" in ended.stdout


def test_a_command_is_a_function_whatever_was_asked_for_first() -> None:
    code = "import hpt; hpt.load; assert callable(hpt.compare) and callable(hpt.tune); hpt.nothing"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "no attribute 'nothing'" in ended.stderr


def test_the_same_records_as_the_command_leaves(run: Run, tmp_path: Path) -> None:
    hpt = Hpt(tmp_path)
    hpt.write(
        "door.yaml",
        "data: iris\nmodel: {hidden: [4]}\noptimizer: {choose: [sgd, adam]}\ntraining: {epochs: 4}\nstudy: {trials: 10}\n",
    )
    hpt("tune", "door.yaml", "--jobs", 1)
    assert (run.folder / "trials.jsonl").read_bytes() == (tmp_path / "runs/door/trials.jsonl").read_bytes()


def test_what_a_run_gives(run: Run) -> None:
    best = run.best
    assert best is not None
    assert (run.name, run.status, len(run.trials)) == ("door", "completed", 10)
    assert run.settings["optimizer"]["name"] in ("sgd", "adam")
    assert run.history(best["trial"])[-1]["validation_loss"] == best["metrics"]["validation_loss"]
    trained = train(run.folder / "best.yaml", test=True)
    assert trained.metrics["validation_loss"] == best["value"]
    assert 0 <= trained.metrics["test_accuracy"] <= 1
    with pytest.raises(InputError, match="no such trial"):
        run.history(99)
    assert "door" in repr(run)
    assert "<table" in run._repr_html_()
    assert "<script" not in run._repr_html_()
    assert "<button" not in run._repr_html_()
    assert 'class="curve c0 d0"' in run._repr_html_()
    # Nothing of its style reaches the notebook around it: all of it is nested in the piece's own class.
    (style,) = re.findall("<style>(.*?)</style>", run._repr_html_(), re.DOTALL)
    assert style.startswith(".hpt {")
    assert style.count("{") == style.count("}")
    assert ":root" not in style


def test_rows_in_every_form_have_the_same_predictions(run: Run, tmp_path: Path) -> None:
    names = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
    known = [name.removesuffix(" (cm)").replace(" ", "_") for name in names]
    array = np.array([[5.1, 3.5, 1.4, 0.2], [6.0, 2.9, 4.5, 1.5], [6.3, 3.3, 6.0, 2.5]])
    names = next(n for n in (names, known, [c.column for c in run._predictor.encoding.columns]) if _fits(run, n))
    columns = {name: array[:, at].tolist() for at, name in enumerate(names)}
    expected = run.predict(array)
    assert set(expected) <= set(run.classes or ())
    rows = [dict(zip(names, row, strict=True)) for row in array.tolist()]
    file = tmp_path / "new.csv"
    file.write_text(",".join(names) + "\n" + "\n".join(",".join(map(str, row)) for row in array.tolist()) + "\n")
    for form in (columns, rows, file, str(file), array.tolist()):
        assert run.predict(form).tolist() == expected.tolist()
    shares = run.predict_proba(columns)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert [run.classes[at] for at in shares.argmax(axis=1)] == expected.tolist()  # type: ignore[index]
    with pytest.raises(InputError, match="4 columns"):
        run.predict(array[:, :2])


def test_a_row_that_lacks_a_cell_has_no_prediction_where_such_rows_were_dropped(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    lines = [f"{a:.3f},{b:.3f},{'yes' if a > b else 'no'},{a - b:.3f}" for a, b in random.random((60, 2))]
    (tmp_path / "d.csv").write_text("\n".join(["a,b,more,by", ",0.5,yes,0.1", *lines]) + "\n")
    rows = {"a": [0.9, None, "what"], "b": [0.1, 0.2, 0.3]}
    for target, other in (("more", "by"), ("by", "more")):
        data = {"source": str(tmp_path / "d.csv"), "target": target, "drop": [other], "missing": "drop"}
        found = tune({**CONFIG, "data": data}, name=target, runs=tmp_path, jobs=1, settings={"study.trials": 4})
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            answers = found.predict(rows).tolist()
            shares = found.predict_proba(rows) if target == "more" else np.zeros((3, 2))
        said = " ".join(str(each.message) for each in told)
        assert "no number in 1 cell, such as 'what'" in said
        assert "no prediction for 2 rows" in said
        if target == "more":
            assert (answers[0] in ("yes", "no"), answers[1:]) == (True, [None, None])
            assert np.isfinite(shares).tolist() == [[True, True], [False, False], [False, False]]
        else:
            assert np.isfinite(answers).tolist() == [True, False, False]


@pytest.mark.parametrize(
    "reading", [{"delimiter": ";"}, {"skip_rows": 2}, {"encoding": "utf-16"}, {"header": "none", "delimiter": ";"}]
)
def test_rows_are_read_whatever_the_training_file_was_like(tmp_path: Path, reading: dict[str, Any]) -> None:
    random = np.random.default_rng(5)
    mark = reading.get("delimiter", ";")
    lines = [
        mark.join((f"{x:.3f}".replace(".", ","), f"{100 * z:.1f}".replace(".", ",") + " %", "AB"[int(x > z)]))
        for x, z in random.random((60, 2))
    ]
    names, target = (["column_1", "column_2"], "column_3") if "header" in reading else (["x", "z"], "kind")
    top = [] if "header" in reading else [mark.join((*names, target))]
    above = ["a table", "of mine"] if "skip_rows" in reading else []
    (tmp_path / "d.csv").write_text("\n".join([*above, *top, *lines]) + "\n", encoding=reading.get("encoding", "utf-8"))
    data = {"source": str(tmp_path / "d.csv"), "target": target, "missing": "mean", **reading}
    settings = {"study.trials": 6, "training.epochs": 60}
    found = tune({**CONFIG, "data": data}, name="d", runs=tmp_path, jobs=1, settings=settings)
    # 0.125 is no 125, and a row without a cell is one.
    rows = {names[0]: [0.125, 0.9, None], names[1]: [90.0, 5.0, None]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shares, answers = found.predict_proba(rows), found.predict(rows).tolist()
    assert (answers[:2], len(answers)) == (["A", "B"], 3)
    as_written = found.predict_proba({names[0]: ["0,125", "0,9"], names[1]: ["90,0 %", "5 %"]})
    np.testing.assert_array_equal(as_written, shares[:2])


def test_a_training_that_diverges_raises() -> None:
    config = {"data": "diabetes", "optimizer": {"name": "sgd", "learning_rate": 1e6}, "training": {"epochs": 3}}
    with pytest.raises(RunError, match="diverged in epoch"):
        train(config)


def _fits(run: Run, names: list[str]) -> bool:
    return names == [encoder.column for encoder in run._predictor.encoding.columns]


def test_a_frame_has_a_row_a_trial(run: Run) -> None:
    pandas = pytest.importorskip("pandas", reason="a data frame wants pandas")
    frame = run.frame()
    assert isinstance(frame, pandas.DataFrame)
    assert len(frame) == 10
    assert {"trial", "value", "optimizer", "validation_loss"} <= set(frame.columns)


def test_without_pandas_the_trials_are_a_frame_of_polars(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    polars = pytest.importorskip("polars", reason="a data frame wants polars where there is no pandas")
    monkeypatch.setattr(results, "find_spec", lambda name: None)
    frame = run.frame()
    assert isinstance(frame, polars.DataFrame)
    assert frame["trial"].to_list() == [trial["trial"] for trial in run.trials]
    assert frame["optimizer.adam.learning_rate"].dtype == polars.Float64


def test_a_run_is_loaded_and_gone_on_with(run: Run) -> None:
    runs = run.folder.parent
    found = load("door", runs=runs)
    assert isinstance(found, Run)
    assert found.trials == run.trials
    more = tune(CONFIG, name="door", runs=runs, jobs=1, resume=True, settings={"study.trials": 12})
    assert len(more.trials) == 12
    with pytest.raises(InputError, match="no such run"):
        load("nothing", runs=runs)


def test_a_comparison(tmp_path: Path) -> None:
    settings = {"compare.studies": 2, "compare.trials": 2, "training.epochs": 2}
    found = compare(CONFIG, name="c", runs=tmp_path, jobs=1, settings=settings)
    assert found.document["schema"] == "hpt.compare/1"
    assert set(found.best_set) <= {"sgd", "adam"}
    assert "<table" in found._repr_html_()
    again = load(found.folder)
    assert isinstance(again, Comparison)
    assert again.document == found.document


def test_it_runs_in_a_thread_where_no_signal_is_heard(tmp_path: Path) -> None:
    found: list[Run] = []
    thread = threading.Thread(target=lambda: found.append(tune(CONFIG, runs=tmp_path, jobs=1, name="thread")))
    thread.start()
    thread.join()
    assert found[0].status == "completed"


@pytest.mark.parametrize(
    ("config", "settings", "said"),
    [
        ({"data": "iris"}, {}, "optimizer"),
        ({**CONFIG, "data": object()}, {}, "config"),
        (CONFIG, {"study.trials": 0}, "study.trials"),
        (CONFIG, {"study.trials": float("nan")}, "settings"),
        ("nowhere.yaml", {}, "nowhere.yaml"),
    ],
)
def test_what_is_refused_says_so(config: Any, settings: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        tune(config, runs=tmp_path / "runs", jobs=1, settings=settings)
    assert not (tmp_path / "runs").exists()
