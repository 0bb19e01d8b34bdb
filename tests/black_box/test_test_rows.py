"""`--test` opens the test rows once, at the end, and says how sure the result is."""

from __future__ import annotations

import json

from tests.black_box.hpt_command import Hpt

STUDY = "data: iris\nmodel: {hidden: [8]}\noptimizer: {choose: [adam, sgd]}\ntraining: {epochs: 8}\nstudy: {trials: 8}\n"


def test_a_study_opens_the_test_rows_for_its_winner(hpt: Hpt) -> None:
    hpt.write("s.yaml", STUDY)
    plain = hpt("tune", "s.yaml", "--json").document
    assert plain["test"] is None
    document = hpt("tune", "s.yaml", "--json", "--test", "--resume").document
    test = document["test"]
    assert document["leaderboard"] == plain["leaderboard"]
    assert test["rows"] == 30
    assert test["interval"][0] < test["accuracy"] <= test["interval"][1]
    assert hpt("show", "s", "--json").document["test"] == test
    again = hpt("train", "runs/s/best.yaml", "--test", "--json").document["test"]
    assert again == test
    page = hpt("tune", "s.yaml", "--test", "--resume").out
    assert "Test accuracy" in page
    assert "on 30 rows" in page
    assert "--test" not in page


def test_a_new_winner_has_no_old_test(hpt: Hpt) -> None:
    hpt.write("s.yaml", STUDY)
    first = hpt("tune", "s.yaml", "--json", "--test").document
    more = hpt("tune", "s.yaml", "--json", "--resume", "--trials", 40).document
    same = more["best"]["trial"] == first["best"]["trial"]
    assert (more["test"] == first["test"]) is same
    assert same or json.loads((hpt.folder / "runs/s/run.json").read_text()).get("test") is None


def test_test_rows_must_be_there(hpt: Hpt) -> None:
    hpt.write("s.yaml", "data: {source: iris, test: 0}\n" + STUDY.partition("\n")[2])
    assert "--test" in hpt("tune", "s.yaml", "--test", code=2).err
