"""``keras.backend``: functions of arrays and of symbolic tensors, and what is left of sessions."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from maeum import backend as settings
from maeum import ops
from maeum.compat.ops.ignoring import check_others
from maeum.core.graph import SymbolicTensor
from maeum.core.variable import Variable
from maeum.models import Model

backend, epsilon, floatx = settings.backend, settings.epsilon, settings.floatx
set_epsilon, set_floatx = settings.set_epsilon, settings.set_floatx
image_data_format, set_image_data_format = (
    settings.image_data_format, settings.set_image_data_format
)  # fmt: skip
clear_session, get_uid, is_keras_tensor = (
    settings.clear_session, settings.get_uid, settings.is_keras_tensor
)  # fmt: skip

# ---- under the same names ------------------------------------------------------------------------

abs, argmax, argmin, cos, exp, log, maximum, minimum, sign, sin, sqrt, square = (
    ops.abs, ops.argmax, ops.argmin, ops.cos, ops.exp, ops.log, ops.maximum, ops.minimum, ops.sign,
    ops.sin, ops.sqrt, ops.square,
)  # fmt: skip
elu, relu, sigmoid, hard_sigmoid, softmax, softplus, softsign, tanh = (
    ops.elu, ops.relu, ops.sigmoid, ops.hard_sigmoid, ops.softmax, ops.softplus, ops.softsign,
    ops.tanh,
)  # fmt: skip
equal, not_equal, greater, greater_equal, less, less_equal = (
    ops.equal, ops.not_equal, ops.greater, ops.greater_equal, ops.less, ops.less_equal
)  # fmt: skip
cumsum, cumprod, logsumexp, one_hot, reshape, stack, transpose, squeeze, tile = (
    ops.cumsum, ops.cumprod, ops.logsumexp, ops.one_hot, ops.reshape, ops.stack, ops.transpose,
    ops.squeeze, ops.tile,
)  # fmt: skip
stop_gradient, ones_like, zeros_like, cast, round = (
    ops.stop_gradient, ops.ones_like, ops.zeros_like, ops.cast, ops.round
)  # fmt: skip
arange, eye, moments, in_top_k = ops.arange, ops.eye, ops.moments, ops.in_top_k


# ---- under other names ---------------------------------------------------------------------------


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the sum along axes."""
    return ops.sum(x, axis, keepdims=keepdims)


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the mean along axes."""
    return ops.mean(x, axis, keepdims=keepdims)


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the largest along axes."""
    return ops.max(x, axis, keepdims=keepdims)


def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the smallest along axes."""
    return ops.min(x, axis, keepdims=keepdims)


def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the standard deviation along axes."""
    return ops.std(x, axis, keepdims=keepdims)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the variance along axes."""
    return ops.var(x, axis, keepdims=keepdims)


def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the product along axes."""
    return ops.prod(x, axis, keepdims=keepdims)


def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Tell whether any holds, along axes."""
    return ops.any(x, axis, keepdims=keepdims)


def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Tell whether all hold, along axes."""
    return ops.all(x, axis, keepdims=keepdims)


def pow(x: Any, a: Any) -> Any:
    """Return a power."""
    return ops.power(x, a)


def clip(x: Any, min_value: Any, max_value: Any) -> Any:
    """Return the values, kept between two bounds."""
    low = -np.inf if min_value is None else min_value
    return ops.clip(x, low, np.inf if max_value is None else max_value)


def dot(x: Any, y: Any) -> Any:
    """Return the product of matrices."""
    return ops.dot(x, y)


def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """Return the products of the rows of two batches."""
    return ops.batch_dot(x, y, axes)


def gather(reference: Any, indices: Any) -> Any:
    """Return the rows at some places."""
    return ops.take(reference, indices, 0)


def concatenate(tensors: Any, axis: int = -1) -> Any:
    """Return tensors one behind the other."""
    return ops.concatenate(tensors, axis)


def expand_dims(x: Any, axis: int = -1) -> Any:
    """Return one more axis, of size 1."""
    return ops.expand_dims(x, axis)


def permute_dimensions(x: Any, pattern: Any) -> Any:
    """Return the axes in another order."""
    return ops.transpose(x, pattern)


def flatten(x: Any) -> Any:
    """Return one row of all entries."""
    return ops.reshape(x, (-1,))


def batch_flatten(x: Any) -> Any:
    """Return one row for each sample."""
    return ops.reshape(x, (-1, int(np.prod(x.shape[1:]))))


def repeat(x: Any, n: int) -> Any:
    """Return each row n times, as a sequence."""
    return ops.repeat(ops.expand_dims(x, 1), n, 1)


def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Return each entry along an axis several times."""
    return ops.repeat(x, rep, axis)


def l2_normalize(x: Any, axis: Any = None) -> Any:
    """Return a tensor divided by its norm."""
    return x / ops.sqrt(ops.maximum(ops.sum(ops.square(x), axis, keepdims=True), 1e-12))


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """Return one of two, as a condition says."""
    pair = [e() if callable(e) else e for e in (then_expression, else_expression)]
    return ops.where(condition, *pair)


def cast_to_floatx(x: Any) -> Any:
    """Return floating numbers of the usual size."""
    return ops.cast(x, floatx()) if not isinstance(x, np.ndarray) else x.astype(floatx())


def dropout(x: Any, level: float, noise_shape: Any = None, seed: int | None = None) -> Any:
    """Return a tensor with some entries set to 0."""
    return ops.dropout(x, level, noise_shape, seed)


def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """Return the cross-entropy of one-hot targets."""
    return ops.categorical_crossentropy(target, output, from_logits, axis)


def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """Return the cross-entropy of class numbers."""
    return ops.sparse_categorical_crossentropy(target, output, from_logits, axis)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Return the cross-entropy of truths, entry by entry."""
    return ops.binary_crossentropy(target, output, from_logits)


# ---- shapes and values ---------------------------------------------------------------------------


def shape(x: Any) -> Any:
    """Return the sizes of a tensor."""
    return ops.shape(x)


def int_shape(x: Any) -> tuple:
    """Return the sizes of a tensor, None where unknown."""
    return tuple(x.shape)


def ndim(x: Any) -> int:
    """Return the number of axes."""
    return len(x.shape)


def dtype(x: Any) -> str:
    """Return the name of the dtype."""
    return str(np.dtype(x.dtype))


def count_params(x: Any) -> int:
    """Return the number of entries."""
    return int(np.prod(x.shape))


def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None) -> Any:
    """Return a variable with a value."""
    return Variable(np.asarray(value, dtype or floatx()), name=name, constraint=constraint)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    """Return an array of a value."""
    made = jnp.asarray(value, dtype or floatx())
    return made if shape is None else jnp.broadcast_to(made, tuple(shape))


def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Return a variable of zeros."""
    return Variable(np.zeros(shape, dtype or floatx()), name=name)


def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Return a variable of ones."""
    return Variable(np.ones(shape, dtype or floatx()), name=name)


def random_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None,
                  seed: int | None = None) -> Any:  # fmt: skip
    """Return normal numbers."""
    from maeum import random

    return random.normal(_sizes(shape), mean, stddev, dtype or floatx(), seed)


def random_uniform(shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None,
                   seed: int | None = None) -> Any:  # fmt: skip
    """Return numbers that are spread evenly."""
    from maeum import random

    return random.uniform(_sizes(shape), minval, maxval, dtype or floatx(), seed)


def _sizes(shape: Any) -> tuple:
    return tuple(int(n) for n in shape)


def get_value(x: Any) -> Any:
    """Return the value of a variable, or of a number that an optimizer holds."""
    return np.asarray(x)[()]


def set_value(x: Any, value: Any) -> None:
    """Give a variable a value."""
    x.assign(value)


def batch_get_value(tensors: Any) -> list:
    """Return the values of several variables."""
    return [get_value(x) for x in tensors]


def batch_set_value(tuples: Any) -> None:
    """Give several variables their values."""
    for x, value in tuples:
        set_value(x, value)


def update(x: Any, new_x: Any) -> Any:
    """Give a variable a value, and return it."""
    return x.assign(new_x)


def eval(x: Any) -> Any:
    """Return the value of what has one."""
    return np.asarray(x)


def function(inputs: Any, outputs: Any, updates: Any = None, **others: Any) -> Callable:
    """Return a function from arrays for some symbolic tensors to the values of others."""
    check_others("function", others)
    inputs, single = list(inputs), not isinstance(outputs, (list, tuple))
    model = Model([t for t in inputs if isinstance(t, SymbolicTensor)], outputs)

    def call(values: Any) -> Any:
        given = [v for t, v in zip(inputs, values) if isinstance(t, SymbolicTensor)]
        learning = builtins.any(v in (1, True) for t, v in zip(inputs, values)
                                if not isinstance(t, SymbolicTensor))  # fmt: skip
        found = model(given if len(given) > 1 else given[0], training=learning)
        return np.asarray(found) if single else [np.asarray(one) for one in found]

    return call


def learning_phase() -> int:
    """Return whether layers behave as in training, which `function` is told by its value."""
    return 0


def set_learning_phase(value: Any) -> None:
    """Accept whether layers behave as in training; `fit` and `predict` know it themselves."""


def image_dim_ordering() -> str:
    """Return ``"tf"`` or ``"th"``."""
    return "th" if image_data_format() == "channels_first" else "tf"


def set_image_dim_ordering(dim_ordering: str) -> None:
    """Choose where the channels are: ``"tf"`` or ``"th"``."""
    set_image_data_format("channels_first" if dim_ordering == "th" else "channels_last")


def get_session() -> Any:
    """Return the session that is entered, or a new one."""
    from maeum.compat.graph.graph import get_default_session
    from maeum.compat.session.session import Session

    return get_default_session() or Session()


def set_session(session: Any) -> None:
    """Accept a session; models need none."""


def manual_variable_initialization(value: bool) -> None:
    """Accept: variables have their values when they are made."""
