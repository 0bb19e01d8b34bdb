"""`study.after`: what an earlier run found best is tried first and guides the search, the less the more is known."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pytest

from hpt.configuration.config import Config, read
from hpt.configuration.resolution import Override
from hpt.configuration.space import Coordinates
from hpt.foundation.errors import InputError
from hpt.runs.trial_record import TrialRecord
from hpt.search.sampling import Sampling
from hpt.study import session
from hpt.study.clock import Clock
from hpt.study.lifecycle import RunRequest
from hpt.study.prior import prior_of
from hpt.terminal.watchers import Silent

EARLIER = """
data: iris
optimizer: {choose: {sgd: {learning_rate: {min: 1e-4, max: 1.0, scale: log}}, adam: {learning_rate: {min: 1e-4, max: 1.0, scale: log}}}}
training: {epochs: 3, batch_size: 16}
study: {trials: 30, select: lowest}
"""
LATER = (
    EARLIER.replace("iris", "wine")
    .replace("batch_size: 16", "batch_size: {values: [16, 32]}")
    .replace("trials: 30", "trials: 40")
)


def tune(folder: Path, name: str, text: str, *set_: Override, resume: bool = False) -> session.Finished:
    (folder / f"{name}.yaml").write_text(text)
    request = RunRequest(folder / f"{name}.yaml", set_, folder / "runs", 1, resume=resume)
    return session.tune(request, Silent(), Clock())


def later(folder: Path, after: str, text: str = LATER) -> Config:
    (folder / "later.yaml").write_text(text)
    return read(folder / "later.yaml", overrides=[Override("study.after", after)], mode="tune")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("after")
    tune(folder, "earlier", EARLIER)
    return folder / "runs"


def best_of(run: Path, count: int) -> list[dict[str, object]]:
    found = [json.loads(line) for line in (run / "trials.jsonl").read_text().splitlines()]
    ranked = sorted((r for r in found if r["state"] == "completed"), key=lambda r: (r["value"], r["trial"]))
    return [r["coordinates"] for r in ranked[:count]]


def test_a_grid_has_its_own_order(runs: Path, tmp_path: Path) -> None:
    text = LATER.replace("{min: 1e-4, max: 1.0, scale: log}", "{values: [0.01, 0.1]}").replace(
        "lowest", "lowest, sampler: grid"
    )
    with pytest.raises(InputError, match=r"study\.after: expected none with sampler: grid"):
        prior_of(later(tmp_path, "earlier", text), runs)


def test_the_best_settings_of_an_earlier_run_are_taken_in_order(runs: Path, tmp_path: Path) -> None:
    prior = prior_of(later(tmp_path, "earlier"), runs)
    expected = [{**at, "training.batch_size": 16} for at in best_of(runs / "earlier", 5)]
    assert [dict(at) for at in prior.good] == expected
    assert list(prior.first(40)) == list(prior.good[:4])
    (said,) = prior.notices
    assert said == "study.after: earlier: its best 4 settings are tried first; its best 5 guide the search less and less."
    several = prior_of(later(tmp_path, "[earlier, earlier]"), runs)
    assert several.good == prior.good
    assert len(several.notices) == 2


def test_what_does_not_fit_is_said(runs: Path, tmp_path: Path) -> None:
    ends = sorted(at[f"optimizer.{at['optimizer']}.learning_rate"] for at in best_of(runs / "earlier", 5))  # type: ignore[type-var]
    narrow = LATER.replace("max: 1.0", f"max: {ends[2]!r}").replace(
        "data: wine", "data: wine\nmodel: {dropout: {min: 0.0, max: 0.4}}"
    )
    prior = prior_of(later(tmp_path, "earlier", narrow), runs)
    assert len(prior.good) == 3
    assert {at["model.dropout"] for at in prior.good} == {0.0}
    assert "2 more lie outside of this space (optimizer." in prior.notices[0]


@pytest.mark.parametrize(
    ("after", "text", "complaint"),
    [
        ("nothing", LATER, "no such run"),
        ("earlier", LATER.replace("min: 1e-4, max: 1.0", "min: 10.0, max: 20.0"), "none of its best 5 settings lies"),
    ],
)
def test_a_run_that_does_not_fit_is_refused(runs: Path, tmp_path: Path, after: str, text: str, complaint: str) -> None:
    with pytest.raises(InputError) as refused:
        prior_of(later(tmp_path, after, text), runs)
    assert "study.after" in refused.value.complaints[0]
    assert complaint in refused.value.complaints[0]


def test_a_study_after_another_is_taken_up_without_it(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs, tmp_path / "runs")
    after = Override("study.after", "earlier")
    tune(tmp_path, "later", LATER, after)
    run = tmp_path / "runs/later"
    whole = (run / "trials.jsonl").read_text()
    first = [json.loads(line)["coordinates"] for line in whole.splitlines()[:4]]
    assert first == [{**at, "training.batch_size": 16} for at in best_of(runs / "earlier", 4)]
    (run / "trials.jsonl").write_text("".join(whole.splitlines(keepends=True)[:14]))
    notices = json.loads((run / "run.json").read_text())["notices"]
    assert any(notice.startswith("study.after: earlier: its best 4 settings") for notice in notices)
    shutil.rmtree(tmp_path / "runs/earlier")
    tune(tmp_path, "later", LATER, after, resume=True)
    assert (run / "trials.jsonl").read_text() == whole
    assert json.loads((run / "run.json").read_text())["notices"] == notices


def drawn_near(trials: int, prior: list[Coordinates], folder: Path) -> float:
    """The share of a generation after so many trials, none of them good anywhere, that lies near the prior."""
    space = later(folder, "[]").space
    sampling = Sampling(space, "tpe", "minimize", 3, 1000, prior=prior)
    for first in range(0, trials, 10):
        drawn = sampling.generation(first, 10)
        sampling.learn(
            TrialRecord(
                i,
                0,
                10,
                "completed",
                3,
                "",
                None,
                abs(math.log10(at[f"optimizer.{at['optimizer']}.learning_rate"])),
                at,
                at,
                {},
            )
            for i, at in enumerate(drawn, first)
        )
    found = sampling.generation(trials, 40)
    near = [at for at in found if at["optimizer"] == "sgd" and 0.003 < at["optimizer.sgd.learning_rate"] < 0.03]
    return len(near) / len(found)


def test_a_prior_fades(tmp_path: Path) -> None:
    prior: list[Coordinates] = [
        {"optimizer": "sgd", "optimizer.sgd.learning_rate": 0.01, "training.batch_size": 32} for _ in range(5)
    ]
    early, late = (drawn_near(trials, prior, tmp_path) for trials in (10, 200))
    assert early > 0.4 > 2 * late
    assert drawn_near(10, [], tmp_path) < early / 2
