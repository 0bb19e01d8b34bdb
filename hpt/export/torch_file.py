"""A model as a Python file for PyTorch."""

from __future__ import annotations

from itertools import chain

from hpt.export.counterparts import TORCH_ACTIVATIONS, TORCH_LOSSES, TORCH_OPTIMIZERS
from hpt.export.model import ExportedModel
from hpt.export.python_files import Library, counterpart_of, loss_call, optimizer_function, python_file

_MODEL = '''
def model():
    """The trained network, in double precision as hpt predicts; model().float() is in single."""
    network = nn.Sequential(
        {layers},
    ).double()
    stored = weights()
    with torch.no_grad():
        for index, layer in enumerate(layer for layer in network if isinstance(layer, nn.Linear)):
            layer.weight.copy_(torch.from_numpy(stored[f"layers.{{index}}.weight"].T))
            layer.bias.copy_(torch.from_numpy(stored[f"layers.{{index}}.bias"]))
    return network.eval()


def outputs(inputs):
    """The outputs (n, C) of the network for encoded rows (n, D)."""
    with torch.no_grad():
        return model()(torch.from_numpy(np.asarray(inputs, dtype=np.float64))).numpy()
'''
_TRAINING = '''
def loss():
    """What was minimised; classes are given as shares (n, C), one for the class."""
    return {loss}


{optimizer}
'''


def torch_file(model: ExportedModel) -> str:
    """The text of the file. Raises InputError where PyTorch has no such activation or loss."""
    activation = counterpart_of("an activation", model.activation, TORCH_ACTIVATIONS, "torch")
    between = [activation, *([f"nn.Dropout({model.dropout!r})"] if model.dropout else [])]
    linear = [f"nn.Linear({layer.weight.shape[0]}, {layer.weight.shape[1]})" for layer in model.layers]
    layers = [*chain.from_iterable((each, *between) for each in linear[:-1]), linear[-1]]
    return python_file(
        model,
        Library(
            imports=("import torch", "from torch import nn"),
            model=_MODEL.format(layers=",\n        ".join(layers)),
            training=_TRAINING.format(
                loss=loss_call(model, TORCH_LOSSES, "torch"),
                optimizer=optimizer_function(model, TORCH_OPTIMIZERS, "optimizer(network)", "network.parameters()"),
            ),
        ),
    )
