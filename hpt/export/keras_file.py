"""A model as a Python file for Keras 3, on any of its backends."""

from __future__ import annotations

from itertools import chain

from hpt.export.counterparts import KERAS_ACTIVATIONS, KERAS_LOSSES, KERAS_OPTIMIZERS
from hpt.export.model import ExportedModel
from hpt.export.python_files import Library, counterpart_of, loss_call, optimizer_function, python_file

_MODEL = '''
def activation(values):
    """That of all layers but the last."""
    return {activation}


def model():
    """The trained network, in single precision: Keras multiplies in that, whatever the precision of its layers."""
    network = keras.Sequential([
        keras.Input(({inputs},)),
        {layers},
    ])
    stored = weights()
    for index, layer in enumerate(layer for layer in network.layers if isinstance(layer, keras.layers.Dense)):
        layer.set_weights([stored[f"layers.{{index}}.weight"], stored[f"layers.{{index}}.bias"]])
    return network


def outputs(inputs):
    """The outputs (n, C) of the network for encoded rows (n, D)."""
    return np.asarray(keras.ops.convert_to_numpy(model()(inputs.astype(np.float32), training=False)), dtype=np.float64)
'''
_TRAINING = '''
def loss():
    """What was minimised; classes are given as shares (n, C), one for the class."""
    return {loss}


{optimizer}
'''


def keras_file(model: ExportedModel) -> str:
    """The text of the file. Raises InputError where Keras has no such activation or loss."""
    activation = counterpart_of("an activation", model.activation, KERAS_ACTIVATIONS, "keras")
    dropout = [f"keras.layers.Dropout({model.dropout!r})"] if model.dropout else []
    widths = [layer.weight.shape[1] for layer in model.layers]
    hidden = [f"keras.layers.Dense({width}, activation=activation)" for width in widths[:-1]]
    last = f"keras.layers.Dense({widths[-1]})"
    layers = [*chain.from_iterable((each, *dropout) for each in hidden), last]
    inputs = model.layers[0].weight.shape[0]
    return python_file(
        model,
        Library(
            imports=("import keras",),
            model=_MODEL.format(activation=activation, inputs=inputs, layers=",\n        ".join(layers)),
            training=_TRAINING.format(
                loss=loss_call(model, KERAS_LOSSES, "keras"),
                optimizer=optimizer_function(model, KERAS_OPTIMIZERS, "optimizer()"),
            ),
        ),
    )
