"""W1 and W2 in PyTorch, eager, as its users write it; batches are taken by index, which is faster than a DataLoader."""

from __future__ import annotations

from collections.abc import Callable

import torch

from benchmarks.workloads import LEARNING_RATE, Workload


def training(work: Workload) -> Callable[[], None]:
    """A function that builds and trains one network; the data is converted before."""
    torch.set_num_threads(1)
    inputs, labels = torch.from_numpy(work.inputs), torch.from_numpy(work.labels)

    def train() -> None:
        model = torch.nn.Sequential(
            torch.nn.Linear(inputs.shape[1], work.hidden), torch.nn.ReLU(), torch.nn.Linear(work.hidden, work.classes)
        )
        optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
        loss = torch.nn.CrossEntropyLoss()
        for _ in range(work.epochs):
            for batch in torch.split(torch.randperm(len(inputs)), work.batch):
                optimizer.zero_grad()
                loss(model(inputs[batch]), labels[batch]).backward()
                optimizer.step()

    return train
