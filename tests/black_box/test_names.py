"""What a name means: a bundled data set, a run, a folder."""

from __future__ import annotations

from tests.black_box.hpt_command import Hpt

QUICK = ("--trials", 4, "--set", "training.epochs=1", "--quiet")


def test_a_data_set_is_not_hidden_by_its_run(hpt: Hpt) -> None:
    for run in ("wine", "wine-2"):
        hpt("tune", "wine", *QUICK)
        assert (hpt.folder / "runs" / run / "best.yaml").exists()
    by_name = hpt("train", "wine", "--json", "--quiet").document
    assert by_name["settings"]["optimizer"]["name"] == "adam"
    assert by_name["stopped"]["epoch"] == 20


def test_a_run_or_its_folder_means_its_winner(hpt: Hpt) -> None:
    hpt("tune", "small.yaml", "--quiet")
    names = ("small", "runs/small", "runs/small/best.yaml")
    finals = [hpt("train", name, "--json", "--quiet").document["final"] for name in names]
    assert finals[0] == finals[1] == finals[2]
    assert hpt("show", "small/").out == hpt("show", "small").out
    (hpt.folder / "small").mkdir()
    assert hpt("train", "small", "--json", "--quiet").document["final"] == finals[0]
    assert hpt("tune", "small", "--resume", "--quiet", "--json").document["run"] == "runs/small"


def test_a_folder_that_is_no_run_is_said_to_be_none(hpt: Hpt) -> None:
    (hpt.folder / "runs/foreign").mkdir(parents=True)
    (hpt.folder / "runs/foreign/letter.txt").write_text("hello")
    refused = hpt("tune", "small.yaml", "--name", "foreign", code=2)
    assert "no run: it has no run.json" in refused.err
    assert hpt.files() == ["runs", "runs/foreign", "runs/foreign/letter.txt", "small.yaml"]
