"""Hyperparameter tuning from the shell, on a NumPy core that trains a population of networks as one stack."""

__version__ = "0.1.0"
