"""One study over the whole catalogue: every branch gets trials, and each is trained as it would be alone."""

from __future__ import annotations

from collections import Counter

from tests.black_box.hpt_command import Hpt


def test_every_branch_of_the_list_form_gets_trials(hpt: Hpt) -> None:
    names = [entry["name"] for entry in hpt("list", "optimizers", "--json").document["optimizers"]]
    listed = ", ".join(names)
    hpt.write(
        "all.yaml", f"data: wine\nmodel: {{hidden: [8]}}\noptimizer: {{choose: [{listed}]}}\ntraining: {{epochs: 3}}\n"
    )
    document = hpt("tune", "all.yaml", "--json", "--quiet", "--jobs", 1).document
    assert document["trials"]["total"] == 100
    assert document["trials"]["failed"] == 0
    trials = Counter(row["parameters"]["optimizer"] for row in document["leaderboard"])
    assert set(trials) == set(names)
    for row in document["leaderboard"]:
        searched = [path for path in row["parameters"] if path.startswith("optimizer.")]
        assert searched
        assert all(path.split(".")[1] == row["parameters"]["optimizer"] for path in searched)


def test_halving_over_the_catalogue_is_the_same_with_any_number_of_jobs(hpt: Hpt) -> None:
    """The rungs take apart and put together stacks whose optimizers have from none to three arrays of state."""
    names = [entry["name"] for entry in hpt("list", "optimizers", "--json").document["optimizers"]]
    hpt.write(
        "rungs.yaml",
        f"data: wine\nmodel: {{hidden: [8]}}\noptimizer: {{choose: [{', '.join(names)}]}}\n"
        "training: {epochs: 9, batch_size: {values: [8, 32]}}\n"
        "study: {trials: 84, population: 42, pruner: {type: halving, min_epochs: 1}}\n",
    )
    trials = {}
    for jobs in (1, 2, 3):
        document = hpt("tune", "rungs.yaml", "--json", "--quiet", "--jobs", jobs, "--name", f"on-{jobs}").document
        assert document["trials"]["failed"] == 0
        trials[jobs] = (hpt.folder / f"runs/on-{jobs}/trials.jsonl").read_bytes()
    assert trials[1] == trials[2] == trials[3]
