"""Generations that grow by what the values so far tell of noise: as large as that says, and the same after a resume."""

from __future__ import annotations

import json
from pathlib import Path

from hpt.configuration.resolution import Override
from hpt.study import session
from hpt.study.clock import Clock
from hpt.study.lifecycle import RunRequest
from hpt.terminal.watchers import Silent

# Each trial has its own initialisation, so two of equal settings differ.
NOISY = """
data: iris
model: {hidden: [4]}
optimizer: {choose: {sgd: {learning_rate: {min: 1e-3, max: 1.0, scale: log}}, adam: {learning_rate: {min: 1e-4, max: 0.1, scale: log}}}}
training: {epochs: 5}
study: {trials: 110}
"""


def tune(folder: Path, *set_: Override, resume: bool = False, jobs: int = 1) -> Path:
    (folder / "grown.yaml").write_text(NOISY)
    request = RunRequest(folder / "grown.yaml", set_, folder / "runs", jobs, resume=resume)
    return session.tune(request, Silent(), Clock()).folder / "trials.jsonl"


def sizes(trials: Path) -> list[int]:
    generations = {line["generation"]: line["of"] for line in map(json.loads, trials.read_text().splitlines())}
    return [generations[number] for number in sorted(generations)]


def test_noise_makes_generations_as_large_as_all_before(tmp_path: Path) -> None:
    kept_back = 18
    assert sizes(tune(tmp_path)) == [12, 6, 9, 13, 40, 12, kept_back]
    alone = tune(tmp_path, Override("study.sampler", "{type: tpe, gp: false}"), Override("name", "alone"))
    assert sizes(alone) == [12, 6, 9, 13, 20, 30, 2, kept_back]
    said = tune(tmp_path, Override("study.population", "23"), Override("name", "said"))
    assert sizes(said) == [23, 23, 23, 23, kept_back]


def test_a_resume_grows_alike(tmp_path: Path) -> None:
    path = tune(tmp_path)
    whole = path.read_text()
    lines = whole.splitlines(keepends=True)
    for end in (40, 80, 92):
        path.write_text("".join(lines[:end]))
        assert tune(tmp_path, resume=True, jobs=2).read_text() == whole
