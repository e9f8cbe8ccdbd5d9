"""Compiled programs that inspect a model, and the inputs they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.compiling import compiled
from maeum.core.errors import DataError, ShapeError
from maeum.core.functional import built_variables
from maeum.core.hints import hint_of
from maeum.core.scope import Scope

_ROWS = 32  # inputs in one batch


def program(model: Any, name: str, function: Callable) -> Callable:
    """Return ``function`` compiled, with the variables of ``model`` as they are at each call.

    Args:
        model: a built model.
        name: what distinguishes the function from others that inspect this model.
        function: takes arrays, runs the model, and returns arrays.
    """
    return compiled(model, f"inspect {name}", function)


def abstractly(function: Callable, x: np.ndarray) -> Any:
    """Return the shapes of what ``function`` makes of one row of ``x``; nothing is computed."""
    with Scope(abstract=True):
        return jax.eval_shape(function, jax.ShapeDtypeStruct((1, *x.shape[1:]), x.dtype))


def blockwise(run: Callable, *arrays: np.ndarray) -> Any:
    """Call ``run`` with some rows at a time; return its results for all rows as NumPy arrays.

    A last block that is smaller is filled up, so that few programs are compiled.
    """
    rows = len(arrays[0])
    size = min(_ROWS, 1 << (rows - 1).bit_length())
    parts = []
    for start in range(0, rows, size):
        block = [array[start : start + size] for array in arrays]
        count = len(block[0])
        if count < size:
            block = [np.concatenate([b, np.repeat(b[-1:], size - count, axis=0)]) for b in block]
        parts.append(jax.tree.map(lambda a, count=count: np.asarray(a)[:count], run(*block)))
    return jax.tree.map(lambda *blocks: np.concatenate(blocks), *parts)


def as_inputs(model: Any, x: Any) -> np.ndarray:
    """Return ``x`` as the float32 array that a model of one input takes.

    Raises:
        DataError: if it is empty or not numeric, or the model has several inputs.
        ShapeError: if it does not fit the model.
    """
    built_variables(model)  # or an error that says how to build it
    x = np.asarray(x)
    if x.dtype.kind not in "buif":
        raise DataError("x is an array of numbers, with one row for each input; got {dtype}.",
                        dtype=x.dtype)  # fmt: skip
    if model.graph is not None and len(model.inputs) != 1:
        raise DataError("{name!r} has {n} inputs; only models with one can be inspected.",
                        name=model.name, n=len(model.inputs))  # fmt: skip
    if not x.ndim or not len(x):
        raise DataError("There are no inputs: x has shape {shape}.", shape=x.shape)
    x = x.astype(np.float32)
    shape = None if model.graph is None else model.inputs[0].shape
    if shape is not None and x.ndim == len(shape) - 1 and shape[-1] != 1:
        raise ShapeError("x has shape {shape}, and {name!r} takes {expected}. One input is a batch "
                         "of one: x[None].", shape=x.shape, name=model.name,
                         expected=shape)  # fmt: skip
    return model.match_inputs(x)


def targets(model: Any, x: np.ndarray, target: Any) -> np.ndarray:
    """Return a class number for each row: those given, or the model's own answers.

    Raises:
        DataError: for numbers that are not classes of the model, or not as many as the rows.
        ShapeError: if the model's outputs are not scores of classes.
    """
    classes = abstractly(lambda x: _logits(model(x))[0], x).shape[1]
    if target is None:
        return blockwise(program(model, "answers", lambda x: _answers(model(x))), x)
    target = np.asarray(target)
    if target.dtype.kind not in "ui" or target.shape not in ((), (len(x),)):
        raise DataError("The target is a class number, or one for each of the {n} inputs; got "
                        "{dtype} of shape {shape}.", n=len(x), dtype=target.dtype,
                        shape=target.shape)  # fmt: skip
    most = max(classes, 2) - 1
    if target.size and not 0 <= target.min() <= target.max() <= most:
        wrong = target.min() if target.min() < 0 else target.max()
        raise DataError("The classes of {name!r} are 0 to {last}; the target is {wrong}.",
                        name=model.name, last=most, wrong=wrong)  # fmt: skip
    return np.broadcast_to(target.astype(np.int32), (len(x),))


def score(outputs: Any, target: jax.Array) -> jax.Array:
    """Return the score ``(n,)`` of the target class of each row: its logit where that is known.

    A single output speaks for class 1, and its negative for class 0.
    """
    values = _logits(outputs)[0]
    if values.shape[1] == 1:
        return jnp.where(target == 0, -values[:, 0], values[:, 0])
    return jnp.take_along_axis(values, target[:, None], axis=1)[:, 0]


def _answers(outputs: Any) -> jax.Array:
    values, single = _logits(outputs)
    if values.shape[1] > 1:
        return jnp.argmax(values, axis=1).astype(jnp.int32)
    # Without a sigmoid the one output may be any number: it stands for itself.
    return (values[:, 0] >= 0 if single else jnp.ones(len(values))).astype(jnp.int32)


def _logits(outputs: Any) -> tuple[jax.Array, bool]:
    """Return the outputs before softmax or sigmoid, and whether it was a sigmoid."""
    if not hasattr(outputs, "shape") or outputs.ndim not in (1, 2):
        shape = getattr(outputs, "shape", None)
        raise ShapeError("The model needs one score for each class, (n, classes), to tell which "
                         "pixels mattered; its outputs are {shape}.",
                         shape=shape or type(outputs).__name__)  # fmt: skip
    sigmoid = hint_of(outputs, "sigmoid_logits")
    values = hint_of(outputs, "softmax_logits") if sigmoid is None else sigmoid
    values = outputs if values is None else values
    return (values[:, None] if values.ndim == 1 else values), sigmoid is not None


def channel_axis(model: Any) -> int:
    """Return the axis of the channels of the images that a model takes."""
    formats = (getattr(layer, "data_format", None) for layer in model.named_layers().values())
    return 1 if "channels_first" in formats else -1
