from pathlib import Path

from benchmarks.honesty import compared
from hpt.configuration import config as configuration
from hpt.foundation.catalogue import Range
from hpt.numerics.optimizers import OPTIMIZERS

RATE = "learning_rate: {min: 1e-3, max: 1.0, scale: log}"


def branches(tmp_path: Path, optimizer: str, *labels: str) -> dict[str, dict[str, object]]:
    path = tmp_path / "c.yaml"
    path.write_text(f"data: iris\noptimizer: {optimizer}\n")
    return dict(configuration.read(path, mode="compare", optimizers=labels).space.branches)


def test_written_branches_keep_what_they_say_and_others_take_the_defaults(tmp_path):
    found = branches(
        tmp_path, f"{{choose: {{plain: {{name: sgd, {RATE}}}, adam: {{learning_rate: 0.1}}}}}}", "plain", "RMSprop"
    )
    assert list(found) == ["plain", "rmsprop"]
    assert found["plain"]["learning_rate"] == Range(1e-3, 1.0, "log")
    rate = next(h for h in OPTIMIZERS["rmsprop"].hyperparameters if h.name == "learning_rate")
    assert found["rmsprop"]["learning_rate"] == rate.search


def test_a_single_optimizer_becomes_a_branch(tmp_path):
    found = branches(tmp_path, f"{{name: sgd, {RATE}}}", "sgd", "adam")
    assert found["sgd"]["learning_rate"] == Range(1e-3, 1.0, "log")
    assert list(found) == ["sgd", "adam"]


def test_without_labels_all_that_is_written_is_compared(tmp_path):
    assert list(branches(tmp_path, "{choose: [sgd, adam]}")) == ["sgd", "adam"]


def test_a_bundled_set_will_do_for_a_file():
    config = configuration.read(Path("wine"), mode="compare")
    assert (config.name, config.data["source"]) == ("wine", "wine")
    assert list(config.space.branches) == ["gd", "sgd", "adagrad", "rmsprop", "adam"]


def test_the_benchmark_of_honesty_compares_what_it_says():
    rate = "{{name: sgd, learning_rate: {{min: {}, max: 1.0, scale: log}}}}".format
    found, scores = compared({"one": rate(1e-3), "two": rate(1e-2)}, 0, studies=2, trials=2, seeds=1)
    assert (found.studies, found.setup.data) == (2, "breast_cancer")
    assert scores.costs("test_loss", "test", "one").shape == (2, 1)
