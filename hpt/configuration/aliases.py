"""What other tools call the keys and names of a configuration: data for hints, never accepted in their place."""

from __future__ import annotations

# What a user of another tool would call a key, beside the rows' own aliases.
KEYS = {
    "algorithm": "type",
    "dataset": "data",
    "datasets": "data",
    "network": "model",
    "optimiser": "optimizer",
    "optim": "optimizer",
    "opt": "optimizer",
    "train": "training",
    "trainer": "training",
    "search": "study",
    "random_state": "seed",
    "low": "min",
    "lower": "min",
    "high": "max",
    "upper": "max",
    "q": "step",
    "distribution": "scale",
    "choices": "values",
    "options": "values",
    "num_epochs": "epochs",
    "n_epochs": "epochs",
    "max_epochs": "epochs",
    "iterations": "epochs",
    "steps": "epochs",
    "type": "name",
    "lr": "learning_rate",
    "wd": "weight_decay",
    "bs": "batch_size",
    "lr_decay": "decay",
    "beta1": "betas",
    "beta2": "betas",
    "gradient_clip": "clip_norm",
    "max_grad_norm": "clip_norm",
    "early_stopping": "stop",
    "lr_scheduler": "schedule",
}

# What is said of a key where the likeliest spelling or place would mean something else: by whose key it would be, and the key.
_STUDY_ENDS = "Did you mean study.stop, which ends the study? training.stop ends a trial."
_STUDY_VALUE = "Write value, for the objective of the study, such as stop: {value: 0.95}. training.stop ends a trial."
_DEPTHS = (
    "Depth and width are one key: hidden: {values: [[32], [64, 32]]}, or with widths to search, "
    "hidden: {values: [[{min: 4, max: 64}], [{min: 4, max: 64}, {min: 4, max: 64}]]}."
)
ADVICE = {
    ("a configuration", "metric"): "Did you mean study.objective?",
    (
        "a range",
        "init",
    ): "A known value to begin with stands under study.first, such as first: [{optimizer.learning_rate: 1e-3}].",
    ("a range", "initial"): "A known value to begin with stands under study.first.",
    ("a configuration", "parameters"): "Each hyperparameter stands where it is used: under model, optimizer or training.",
    ("a configuration", "program"): "The models are the ones that `hpt list models` names. Remove it.",
    ("a configuration", "command"): "The models are the ones that `hpt list models` names. Remove it.",
    **{
        ("mlp", key): _DEPTHS
        for key in ("n_layers", "num_layers", "n_hidden", "depth", "units", "n_units", "hidden_size", "width")
    },
    ("study", "patience"): "Did you mean study.stop: {patience: N}, which ends the study? training.stop ends a trial.",
    **{
        ("study.stop", f"{part}_{metric}_{side}"): _STUDY_VALUE
        for part in ("train", "validation")
        for metric, side in (("loss", "below"), ("accuracy", "above"))
    },
    ("study", "early_stopping"): _STUDY_ENDS,
}

# The names of other tools for entries of the catalogue.
NAMES = {
    "xavier": "glorot",
    "xavier_normal": "glorot_normal",
    "xavier_uniform": "glorot_uniform",
    "kaiming": "he",
    "kaiming_normal": "he_normal",
    "kaiming_uniform": "he_uniform",
    "swish": "silu",
    "logistic": "sigmoid",
    "linear": "identity",
    "none": "identity",
    "l2": "mse",
    "mean_squared_error": "mse",
    "l1": "mae",
    "mean_absolute_error": "mae",
    "smooth_l1": "huber",
    "categorical_crossentropy": "cross_entropy",
    "softmax": "cross_entropy",
    "bce": "binary_cross_entropy",
    "binary_crossentropy": "binary_cross_entropy",
    "gradient_descent": "gd",
    "momentum": "sgd",
    "nesterov": "sgd",
    "dense": "mlp",
    "bayes": "tpe",
    "bayesian": "tpe",
    "hyperband": "halving",
    "successive_halving": "halving",
    "asha": "halving",
    "uniform": "linear",
    "log_uniform": "log",
    "log_uniform_values": "log",
    "loguniform": "log",
}
