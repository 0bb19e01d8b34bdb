"""The eight problems of `python -m benchmarks.search`: small data, small networks, spaces of 2 to 9 axes with up to four branches."""

from __future__ import annotations

from pathlib import Path

import numpy as np

PROBLEMS = {
    "digits": """
data: {source: digits, validation: 0.2, test: 0.2}
model: {hidden: [64, 32], activation: {values: [relu, tanh]}}
optimizer:
  choose:
    sgd: {learning_rate: {min: 1e-4, max: 1.0, scale: log}, momentum: {min: 0.5, max: 0.995, scale: reverse_log}}
    adam:
      learning_rate: {min: 1e-5, max: 1e-1, scale: log}
      betas: [{min: 0.8, max: 0.99, scale: reverse_log}, {min: 0.9, max: 0.9999, scale: reverse_log}]
    rmsprop: default
training: {batch_size: {values: [16, 32, 64]}, epochs: 20}
""",
    "wine": """
data: {source: wine, validation: 0.3, test: 0.2}
model: {hidden: [16], activation: {values: [relu, tanh]}}
optimizer: {choose: [sgd, adagrad, rmsprop, adam]}
training: {batch_size: {values: [16, 32, 64]}, epochs: 20}
""",
    "breast_cancer": """
data: {source: breast_cancer, validation: 0.3, test: 0.2}
model: {hidden: [{values: [8, 16, 32]}], activation: {values: [relu, tanh]}}
optimizer: {choose: [sgd, rmsprop, adam]}
training: {batch_size: {values: [32, 64, 128]}, epochs: 15}
""",
    "diabetes": """
data: {source: diabetes, validation: 0.3, test: 0.2}
model: {hidden: [16], activation: {values: [relu, tanh]}, dropout: {min: 0.0, max: 0.5, step: 0.1}}
optimizer: {choose: [sgd, adagrad, adam]}
training: {batch_size: {values: [32, 64, 128]}, epochs: 15}
""",
    "iris": """
data: {source: iris, validation: 0.3, test: 0.2}
model: {hidden: [8]}
optimizer: {choose: [sgd, adam]}
training: {epochs: 20}
""",
    "clusters": """
data: {source: clusters.npz, target: y, validation: 0.25, test: 0.25}
model: {hidden: {values: [[16], [16, 16]]}, activation: {values: [relu, tanh, gelu]}, dropout: {min: 0.0, max: 0.6}}
optimizer:
  choose:
    sgd:
      learning_rate: {min: 1e-4, max: 5.0, scale: log}
      momentum: {min: 0.5, max: 0.995, scale: reverse_log}
      weight_decay: {min: 1e-6, max: 0.1, scale: log}
    adamw:
      learning_rate: {min: 1e-5, max: 0.3, scale: log}
      betas: [{min: 0.8, max: 0.99, scale: reverse_log}, {min: 0.9, max: 0.9999, scale: reverse_log}]
      weight_decay: {min: 1e-5, max: 1.0, scale: log}
    rmsprop: default
    adagrad: default
training: {batch_size: {values: [32, 64]}, epochs: 15}
""",
    "friedman": """
data: {source: friedman.npz, target: y, validation: 0.25, test: 0.25}
model: {hidden: [16]}
optimizer: {name: adam, learning_rate: {min: 1e-5, max: 1.0, scale: log}, betas: [{min: 0.5, max: 0.99, scale: reverse_log}, 0.999]}
training: {batch_size: 32, epochs: 20}
""",
    "shells": """
data: {source: shells.npz, target: y, validation: 0.25, test: 0.25}
model: {hidden: [16, 16], dropout: {min: 0.0, max: 0.6}}
optimizer:
  name: sgd
  learning_rate: {min: 1e-4, max: 5.0, scale: log}
  momentum: {min: 0.0, max: 0.995, scale: reverse_log}
  weight_decay: {min: 1e-6, max: 0.1, scale: log}
training: {batch_size: 32, epochs: 20, clip_norm: {min: 0.01, max: 10.0, scale: log}}
""",
}


def write_data(folder: Path) -> None:
    """The made data sets, in `folder`: clusters.npz, friedman.npz, shells.npz."""
    random = np.random.default_rng(3)
    cluster = random.integers(10, size=700)
    inside = 1.2 * random.choice([-1.0, 1.0], size=(10, 12))[cluster] + random.standard_normal((700, 12))
    inputs = np.hstack([inside, inside @ random.standard_normal((12, 4)) / 3, random.standard_normal((700, 4))])
    flipped = random.random(700) < 0.04
    np.savez(folder / "clusters.npz", X=inputs, y=np.where(flipped, random.integers(5, size=700), cluster % 5))
    x = random.random((700, 8))
    smooth = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    np.savez(folder / "friedman.npz", X=x, y=smooth + random.standard_normal(700))  # Friedman 1991, example 1
    x = random.standard_normal((800, 6))
    radius = (x * x).sum(axis=1)
    np.savez(folder / "shells.npz", X=x, y=np.searchsorted(np.quantile(radius, [1 / 3, 2 / 3]), radius))
