"""What other tools' users call hyperparameters: from a name to the dotted path that it has here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hpt.configuration.aliases import NAMES
from hpt.configuration.sections import paths_by_key
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.yaml.diagnostics import Location
from hpt.yaml.tree import Map

OPTIMIZER = "optimizer"
HIDDEN = "model.hidden"
# Beside the aliases of the rows, which are hints for keys of a configuration.
_NICKNAMES = {
    **dict.fromkeys(
        ("lr0", "base_lr", "init_lr", "initial_lr", "learningrate", "learning_rate_init"), "optimizer.learning_rate"
    ),
    **dict.fromkeys(("weightdecay", "l2_reg", "l2_penalty"), "optimizer.weight_decay"),
    **dict.fromkeys(("adam_epsilon", "adam_eps", "epsilon"), "optimizer.eps"),
    **dict.fromkeys(("optimizer_name", "optimizer_type", "optim_name", "solver", "algo"), OPTIMIZER),
    **dict.fromkeys(("batchsize", "train_batch_size", "batch_sz", "per_device_train_batch_size"), "training.batch_size"),
    **dict.fromkeys(("epoch", "n_epoch", "max_epoch", "num_train_epochs", "nb_epoch", "nb_epochs"), "training.epochs"),
    **dict.fromkeys(("dropout_rate", "dropout_p", "dropout_prob", "drop_rate", "drop_prob", "p_dropout"), "model.dropout"),
    **dict.fromkeys(("act", "activation_fn", "activation_function", "act_fn", "nonlinearity"), "model.activation"),
    **dict.fromkeys(("weight_init", "kernel_initializer"), "model.init"),
    **dict.fromkeys(("loss_fn", "objective_function"), "training.loss"),
    **dict.fromkeys(("grad_clip", "clip_grad_norm", "gradient_clip_val", "clipnorm"), "training.clip_norm"),
}
_BETAS = {
    "beta1": 0, "beta_1": 0, "b1": 0, "adam_beta1": 0, "adam_beta_1": 0,
    "beta2": 1, "beta_2": 1, "b2": 1, "adam_beta2": 1, "adam_beta_2": 1,
}  # fmt: skip
# Aliases that mean another thing in a search: updates are no epochs, and alpha is sklearn's penalty as well as PyTorch's rho.
_AMBIGUOUS = ("alpha", "beta", "iterations", "steps", "step_size", "psi")
_SECTIONS = ("model", OPTIMIZER, "training")
_WIDTHS = re.compile(
    r"(?:n_|num_)?(?:hidden_)?(?:units|neurons|nodes)(?:_per_layer)?|width|hidden|hidden_(?:size|dim|width|units)|"
    r"(?:fc_|dense_)?layer_(?:size|width|dim)|dense_units|n_hidden|num_hidden|fc_size"
)
_WIDTH_OF = re.compile(
    r"(?:n_|num_)?(?:units|neurons|nodes|hidden)_?l?_?(?P<first>\d{1,2})|"
    r"(?:fc|dense|layer|hidden|linear)_?(?P<second>\d{1,2})(?:_(?:size|units|dim|width|neurons|nodes))?"
)
_DEPTHS = re.compile(r"(?:n_|num_|nb_)?(?:hidden_|dense_|fc_)?layers|depth|n_hidden_layers|layer_count")
_LISTS = re.compile(r"hidden(?:_layers?)?(?:_sizes|_dims|_units)?|layers|layer_sizes|architecture")


def path_of(name: str) -> str | None:
    """The dotted path of the hyperparameter that `name` means, such as `optimizer.betas.0`; None where it means none."""
    word = name.lower().replace("-", "_").replace(" ", "_")
    if word in _BETAS:
        return f"{OPTIMIZER}.betas.{_BETAS[word]}"
    if word in _AMBIGUOUS:
        return None
    path = _NICKNAMES.get(word) or _PATHS.get(word, "")
    section, _, key = path.partition(".")
    return path if path in (OPTIMIZER, "seed") or (section in _SECTIONS and key and "." not in key) else None


def optimizer_of(word: object) -> str | None:
    """The optimizer of the catalogue that `word` means, such as `torch.optim.AdamW`; None where it means none."""
    return entry_of(word, tuple(OPTIMIZERS))


def entry_of(word: object, known: Sequence[str]) -> str | None:
    """The one of `known` that `word` means, whatever its case, its module and its underscores; None where it means none."""
    if not isinstance(word, str):
        return None
    last = word.rpartition(".")[2].lower()
    plain = {name.replace("_", ""): name for name in known}
    return plain.get(_plain(last)) or plain.get(_plain(NAMES.get(last, "")))


def _plain(word: str) -> str:
    return word.replace("_", "").replace("-", "").replace(" ", "")


def layer_of(name: str) -> int | None:
    """The number of the layer whose width `name` is, as the tool counts; None where it is no such name."""
    match = _WIDTH_OF.fullmatch(name.lower())
    return int(match["first"] or match["second"]) if match else None


def is_depth(name: str) -> bool:
    """Whether `name` is a number of layers."""
    return _DEPTHS.fullmatch(name.lower()) is not None


def is_width(name: str) -> bool:
    """Whether `name` is the width of a layer."""
    return _WIDTHS.fullmatch(name.lower()) is not None


def is_widths(name: str) -> bool:
    """Whether `name` may be all widths."""
    return _LISTS.fullmatch(name.lower()) is not None


_NOWHERE = Location("")
_PATHS: Mapping[str, str] = paths_by_key(Map({}, {}, _NOWHERE))
