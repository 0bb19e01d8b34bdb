"""The winner that is chosen rather than found, as a user meets it."""

from __future__ import annotations

import json
import statistics

from tests.black_box.hpt_command import Hpt, records

# 48 trials, eight of them for four settings again.
STUDY = """
data: iris
model: {hidden: [6]}
optimizer: {choose: [sgd, adam]}
training: {epochs: 6, batch_size: {values: [16, 32]}}
study: {trials: 48, select: refit, pruner: {type: halving, min_epochs: 2}}
"""


def test_the_winner_is_worth_what_its_fresh_runs_say(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY)
    ended = hpt("tune", "study.yaml", "--jobs", 2, "--json")
    document, folder = ended.document, hpt.folder / "runs/study"
    best, lines = document["best"], records(folder)
    again = [line for line in lines if line["phase"] == "refit"]
    assert [line["trial"] for line in again] == list(range(40, 48))
    assert {line["epochs"] for line in again} == {6}
    assert document["trials"]["total"] == len(lines) == 48
    runs = {setting: [r["value"] for r in again if r["setting"] == setting] for setting in {r["setting"] for r in again}}
    assert sorted(map(len, runs.values())) == [2, 2, 2, 2]
    means = {setting: statistics.fmean(values) for setting, values in runs.items()}
    # The best mean is best by luck too: each is drawn towards what was forecast, which may be off by the same for all.
    forecast = {line["setting"]: line["forecast"] for line in again}
    off = statistics.fmean(means[setting] - forecast[setting] for setting in means)
    drawn = {setting: forecast[setting] + off for setting in means}
    own, towards = means[best["setting"]], drawn[best["setting"]]
    share = (best["expected"]["value"] - towards) / (own - towards)
    assert 0 <= share <= 1
    worth = {setting: share * means[setting] + (1 - share) * drawn[setting] for setting in means}
    assert best["setting"] == min(worth, key=worth.__getitem__)
    assert best["expected"]["low"] <= best["expected"]["value"] <= best["expected"]["high"]
    assert best["value"] == min(runs[best["setting"]], key=lambda value: abs(value - best["expected"]["value"]))
    assert best["seen"] == lines[best["setting"]]["value"]
    trained = hpt("train", folder / "best.yaml", "--json", "--quiet").document
    assert trained["final"]["validation_loss"] == best["value"]
    shown = hpt("show", "study", "--json").document
    assert shown["best"] == best
    assert json.loads((folder / "run.json").read_text())["best"] == best["value"]
    page = hpt("show", "study").out
    assert "expected" in page


def test_the_end_says_how_much_was_luck(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY)
    chosen = " ".join(hpt("tune", "study.yaml", "--jobs", 1, "--quiet").out.split())
    assert "luck" in chosen
    assert "expect " in chosen
    lowest = hpt("tune", "study.yaml", "--jobs", 1, "--set", "study.select=lowest", "--quiet").out
    assert "luck included" in " ".join(lowest.split())


def test_a_study_of_few_trials_takes_the_lowest(hpt: Hpt) -> None:
    document = hpt("tune", "small.yaml", "--jobs", 1, "--json").document
    assert document["best"]["expected"] is None
    assert document["best"]["value"] == document["leaderboard"][0]["value"]


def test_how_the_winner_is_chosen_goes_by_the_number_of_trials(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY.replace("trials: 48, select: refit, ", ""))
    few = hpt("tune", "study.yaml", "--jobs", 1, "--json", "--trials", 24).document
    assert few["best"]["expected"] is None
    some = hpt("tune", "study.yaml", "--jobs", 1, "--json", "--trials", 99, "--resume").document
    assert some["best"]["expected"]["runs"] == 2
    assert some["trials"]["total"] == 99
    many = hpt("tune", "study.yaml", "--jobs", 1, "--json", "--trials", 120, "--resume").document
    # Three, and two more where it was trained again before.
    assert many["best"]["expected"]["runs"] in (3, 5)
    assert many["trials"]["total"] == 120
    said = hpt("tune", "study.yaml", "--trials", 124, "--resume", "--set", "study.select=lowest", code=2).err
    assert 'study.select: "refit" in the run, "lowest" now' in said


def test_one_trial_more_than_a_study_that_kept_none_back_searches(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY.replace("trials: 48, select: refit, ", ""))
    hpt("tune", "study.yaml", "--jobs", 1, "--trials", 24)
    document = hpt("tune", "study.yaml", "--jobs", 1, "--json", "--trials", 25, "--resume").document
    assert {row["phase"] for row in document["leaderboard"]} == {"search"}
    assert document["best"]["expected"] is None


def test_settings_that_are_named_are_all_tried(hpt: Hpt) -> None:
    rates = [round(0.01 * (1 + number), 2) for number in range(25)]
    first = ", ".join(f"{{optimizer: sgd, optimizer.sgd.learning_rate: {rate}}}" for rate in rates)
    hpt.write(
        "study.yaml", STUDY.replace("trials: 48, select: refit, pruner: {type: halving, min_epochs: 2}", f"first: [{first}]")
    )
    hpt("tune", "study.yaml", "--jobs", 1, "--trials", 25)
    tried = {line["parameters"].get("optimizer.sgd.learning_rate") for line in records(hpt.folder / "runs/study")}
    assert set(rates) <= tried


GRID = """
data: iris
model: {hidden: [4]}
optimizer: {name: sgd, learning_rate: {min: 0.01, max: 0.5, step: 0.01}}
training: {epochs: 1}
study: {sampler: grid}
"""


def test_a_grid_is_searched_whole(hpt: Hpt) -> None:
    hpt.write("grid.yaml", GRID)
    lowest = hpt("tune", "grid.yaml", "--jobs", 1, "--json").document
    refit = hpt("tune", "grid.yaml", "--jobs", 1, "--json", "--set", "study.select=refit").document
    assert lowest["trials"]["total"] == 50
    assert refit["trials"]["total"] == 58
    assert sum(row["phase"] == "search" for row in refit["leaderboard"]) == 50
    again = hpt("tune", "grid.yaml", "--jobs", 1, "--json", "--set", "study.select=refit", "--resume").document
    assert again["best"] == refit["best"]


def test_a_grid_without_a_winner_ends_with_its_points(hpt: Hpt) -> None:
    hpt.write(
        "grid.yaml", GRID.replace("sampler: grid", "sampler: grid, select: refit, constraints: ['validation_accuracy>1']")
    )
    ended = hpt("tune", "grid.yaml", "--jobs", 1, "--json", code=1)
    assert (ended.document["status"], ended.document["trials"]["total"]) == ("failed", 50)
    assert "no trial keeps study.constraints" in ended.errors[-1]


def test_a_few_trials_more_leave_the_choice(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY)
    before = hpt("tune", "study.yaml", "--jobs", 1, "--json").document["best"]
    after = hpt("tune", "study.yaml", "--jobs", 1, "--json", "--trials", 50, "--resume").document
    assert after["trials"]["total"] == 50
    assert after["best"] == before


def test_how_the_winner_is_chosen_follows_from_the_trials_whatever_a_run_was_before(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY.replace(", select: refit", ""))

    def select(*arguments: object) -> str:
        hpt("tune", *arguments, "--jobs", 1, "--quiet", "--resume")
        return next(line for line in (hpt.folder / "runs/study/config.yaml").read_text().splitlines() if "select:" in line)

    assert "lowest" in select("study.yaml", "--trials", 12)
    # By name the run's own file is read, in which what nobody said is filled in.
    assert "refit" in select("study", "--trials", 48)
    assert {record["phase"] for record in records(hpt.folder / "runs/study")} == {"search", "refit"}
    assert "refit" in select("study.yaml", "--trials", 20)
    assert "refit" in select("study.yaml", "--trials", 60)


def test_too_few_trials_for_a_model_say_so(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY.replace("select: refit, pruner: {type: halving, min_epochs: 2}", "select: model"))
    ended = hpt("tune", "study.yaml", "--jobs", 1, "--json", "--trials", 4)
    assert ended.document["best"]["expected"] is None
    assert "By a model" not in hpt("show", "study").out


def test_a_model_chooses_without_training(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY)
    document = hpt("tune", "study.yaml", "--jobs", 1, "--json", "--set", "study.select=model").document
    best = document["best"]
    assert {row["phase"] for row in document["leaderboard"]} == {"search"}
    assert best["trial"] == best["setting"]
    assert best["expected"]["runs"] == 0
    assert best["expected"]["low"] <= best["expected"]["value"] <= best["expected"]["high"]
    trained = hpt("train", hpt.folder / "runs/study/best.yaml", "--json", "--quiet").document
    assert trained["final"]["validation_loss"] == best["value"]
    assert hpt("show", "study", "--json").document["best"] == best
    again = hpt("tune", "study.yaml", "--jobs", 1, "--json", "--set", "study.select=model", "--resume").document
    assert again["best"] == best


def test_what_a_model_chose_is_the_winner_everywhere(hpt: Hpt) -> None:
    hpt.write("study.yaml", STUDY)
    document = hpt("tune", "study.yaml", "--jobs", 1, "--json", "--set", "study.select=model").document
    winner = document["best"]["trial"]
    assert winner != document["leaderboard"][0]["trial"], "nothing is told apart where the lowest is chosen"
    assert hpt("export", "study", "--to", "json").document["trial"] == winner
    assert f"trial: {winner}\n" in hpt("export", "study", "--to", "yaml").out
    assert hpt("replay", "study", "--check", "--json").document["trial"] == winner
    rows = hpt.write("rows.csv", "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n")
    assert f"trials {winner} " in hpt("predict", "study", rows, "--ensemble", 1).err
    hpt("report", "study", "-o", "page.html")
    assert f"The winner, trial {winner}" in (hpt.folder / "page.html").read_text("utf-8")
    # The files of the winner are at hand: no trial is trained again for its model.
    assert not hpt("export", "study", "--to", "torch").err
