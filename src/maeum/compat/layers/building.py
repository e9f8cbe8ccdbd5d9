"""What layers on a graph share: variables in a scope of their own, activations, regularizers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from maeum import activations as ours
from maeum.compat.graph.graph import GraphKeys, get_default_graph
from maeum.compat.graph.types import TensorShape
from maeum.compat.ops import maths, nn
from maeum.compat.ops.scopes import get_variable, variable_scope
from maeum.core.errors import ShapeError

_ACTIVATIONS = {
    "linear": lambda x: x, "relu": nn.relu, "sigmoid": maths.sigmoid, "tanh": maths.tanh,
    "softmax": nn.softmax, "elu": nn.elu, "selu": nn.selu, "softplus": maths.softplus,
    "relu6": nn.relu6, "swish": nn.swish, "leaky_relu": nn.leaky_relu,
}  # fmt: skip


def activated(x: Any, activation: Any) -> Any:
    """Return an activation of a tensor: a function of TensorFlow's, or its name."""
    if activation is None:
        return x
    if isinstance(activation, str):
        return (
            _ACTIVATIONS[activation](x) if activation in _ACTIVATIONS else ours.get(activation)(x)
        )
    return activation(x)


def channels(inputs: Any, axis: int = -1) -> int:
    """Return the size of an axis, which has to be known.

    Raises:
        ShapeError: if it is not.
    """
    shape = TensorShape(inputs.shape)
    size = None if shape.unknown or not len(shape) else shape.as_list()[axis]
    if size is None:
        raise ShapeError(
            "The last size of the inputs of a layer has to be known; they have the shape {shape}. "
            "Give the placeholder a shape, or use tf.reshape.", shape=shape,
        )  # fmt: skip
    return size


@contextmanager
def layer_scope(name: Any, default: str, reuse: Any = None) -> Iterator[Any]:
    """Enter the scope of a layer's variables: its name, or a numbered one."""
    with variable_scope(name, default, reuse=reuse) as scope:
        yield scope


def weight(
    name: str, shape: Any, initializer: Any, regularizer: Any = None, trainable: bool = True,
    constraint: Any = None, dtype: Any = None,
) -> Any:  # fmt: skip
    """Return a variable of the layer."""
    return get_variable(
        name, shape, dtype, initializer, wrapped(regularizer), trainable, constraint=constraint
    )


def wrapped(regularizer: Any) -> Callable | None:
    """Return a regularizer of TensorFlow's or of Maeum's as a function of a tensor."""
    from maeum.compat.ops.recording import op
    from maeum.regularizers import Regularizer

    if not isinstance(regularizer, Regularizer):
        return regularizer
    return op("Regularizer")(lambda x: regularizer(x))


def penalize(outputs: Any, regularizer: Any) -> None:
    """Add what a regularizer of the outputs says to the losses."""
    if regularizer is not None:
        found = wrapped(regularizer)(outputs)  # type: ignore[misc]
        get_default_graph().add_to_collection(GraphKeys.REGULARIZATION_LOSSES, found)
