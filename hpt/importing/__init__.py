"""Searches of other tools as configurations: a sweep of W&B, a study of Optuna."""
