"""R1 with Optuna and PyTorch, as their users write it.

    python -m benchmarks.peers.optuna_torch --trials N --seed S [--journal FILE] [--target LOSS]

Every process that names the same journal works on the same study. `--target` ends it at the first trial that reaches the loss.
A trial that diverges is told as pruned, from which the sampler learns. Unlike ours it measures the validation loss at a trial's end only.
"""

from __future__ import annotations

import argparse
import math

import optuna
import torch
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from benchmarks.workloads import digits

EPOCHS = 20
HIDDEN = 32


def objective(trial: optuna.Trial, parts: dict[str, torch.Tensor]) -> float:
    """Trains one network; its validation loss."""
    inputs, labels = parts["inputs"], parts["labels"]
    model = torch.nn.Sequential(torch.nn.Linear(inputs.shape[1], HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, 10))
    optimizer = chosen_optimizer(trial, model)
    loss = torch.nn.CrossEntropyLoss()
    batch_size = trial.suggest_categorical("batch_size", [16, 32, 64, 128])
    for _ in range(EPOCHS):
        for batch in torch.split(torch.randperm(len(inputs)), batch_size):
            optimizer.zero_grad()
            loss(model(inputs[batch]), labels[batch]).backward()
            optimizer.step()
    with torch.no_grad():
        value = float(loss(model(parts["validation_inputs"]), parts["validation_labels"]))
    if not math.isfinite(value):
        raise optuna.TrialPruned
    return value


def chosen_optimizer(trial: optuna.Trial, model: torch.nn.Module) -> torch.optim.Optimizer:
    """The optimizer the trial draws, with its learning rate."""
    name = trial.suggest_categorical("optimizer", ["sgd", "rmsprop", "adam"])
    low, high = (1e-4, 1.0) if name == "sgd" else (1e-5, 0.1)
    rate = trial.suggest_float(f"{name}.learning_rate", low, high, log=True)
    if name == "sgd":
        return torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    kinds: dict[str, type[torch.optim.RMSprop | torch.optim.Adam]] = {
        "rmsprop": torch.optim.RMSprop,
        "adam": torch.optim.Adam,
    }
    return kinds[name](model.parameters(), lr=rate)


def main() -> None:
    """One process of a study."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--split", type=int, default=0)
    parser.add_argument("--journal")
    parser.add_argument("--target", type=float)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    dataset = digits(arguments.split, 0.2)
    assert dataset.validation is not None
    parts = {
        "inputs": torch.tensor(dataset.train.inputs, dtype=torch.float32),
        "labels": torch.tensor(dataset.train.targets),
        "validation_inputs": torch.tensor(dataset.validation.inputs, dtype=torch.float32),
        "validation_labels": torch.tensor(dataset.validation.targets),
    }
    study = optuna.create_study(
        study_name="r1",
        sampler=optuna.samplers.TPESampler(seed=arguments.seed),
        storage=JournalStorage(JournalFileBackend(arguments.journal)) if arguments.journal else None,
        load_if_exists=True,
    )

    def stop(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        if arguments.target is not None and trial.value is not None and trial.value <= arguments.target:
            study.stop()

    study.optimize(lambda trial: objective(trial, parts), n_trials=arguments.trials, callbacks=[stop])
    print(study.best_value)


if __name__ == "__main__":
    main()
