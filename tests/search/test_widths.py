"""A choice of depths with widths of their own: ranges within the lists of `values`."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpt.configuration.config import Config, read
from hpt.foundation.errors import InputError
from hpt.search.known_settings import first_coordinates
from hpt.search.sampling import Sampling

HIDDEN = "{values: [[{min: 4, max: 64}], [{min: 8, max: 64, scale: log}, {min: 4, max: 16, step: 4}], [5]]}"


def config(folder: Path, study: str = "trials: 40", hidden: str = HIDDEN, mode: str = "tune") -> Config:
    (folder / "c.yaml").write_text(f"data: wine\nmodel: {{hidden: {hidden}}}\noptimizer: adam\nstudy: {{{study}}}\n")
    return read(folder / "c.yaml", mode=mode)


def within(hidden: tuple[int, ...]) -> bool:
    match hidden:
        case (5,):
            return True
        case (one,):
            return 4 <= one <= 64
        case (one, two):
            return 8 <= one <= 64 and two in (4, 8, 12, 16)
    return False


def test_each_is_named_by_its_dotted_path(tmp_path: Path) -> None:
    space = config(tmp_path).space
    assert space.paths() == ("model.hidden", "model.hidden.0.0", "model.hidden.1.0", "model.hidden.1.1")
    assert space.middle("adam")["model.hidden"] == (34,)


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_a_trial_has_one_list_with_its_own_widths(tmp_path: Path, sampler: str) -> None:
    space = config(tmp_path).space
    sampling = Sampling(space, sampler, "minimize", 1, 40)
    parameters = [space.parameters(coordinates) for coordinates in sampling.generation(0, 60)]
    assert all(set(each) == {"model.hidden"} and within(each["model.hidden"]) for each in parameters)
    assert {len(each["model.hidden"]) for each in parameters} == {1, 2}
    assert len({each["model.hidden"] for each in parameters}) > 20
    for each in parameters:
        assert space.settings({"model.hidden": list(each["model.hidden"])}).model["hidden"] == each["model.hidden"]


def test_the_resolved_file_reads_the_same(tmp_path: Path) -> None:
    from hpt.yaml.tree import dump

    found = config(tmp_path)
    (tmp_path / "again.yaml").write_text(dump(found.resolved(tmp_path)))
    assert read(tmp_path / "again.yaml", mode="tune").space == found.space


@pytest.mark.parametrize("hidden", ["[20]", "[16, 12]", "[5]"])
def test_a_known_setting_is_one_of_them(tmp_path: Path, hidden: str) -> None:
    found = config(tmp_path, f"trials: 40, first: [{{model.hidden: {hidden}}}]")
    (coordinates,) = first_coordinates(found)
    assert list(found.space.parameters(coordinates)["model.hidden"]) == [int(n) for n in hidden.strip("[]").split(",")]


@pytest.mark.parametrize("hidden", ["[3]", "[16, 13]", "[8, 8, 8]"])
def test_a_known_setting_that_is_none_of_them_is_refused(tmp_path: Path, hidden: str) -> None:
    with pytest.raises(InputError, match=r"study\.first\.0\.model\.hidden"):
        first_coordinates(config(tmp_path, f"trials: 40, first: [{{model.hidden: {hidden}}}]"))


def test_a_grid_wants_constants(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected constants in values"):
        config(tmp_path, "trials: 40, sampler: grid")


def test_constants_are_wanted_in_training(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a constant"):
        config(tmp_path, mode="train")
