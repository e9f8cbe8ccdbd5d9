"""Which pixels mattered, from the gradient of a class's score with respect to the input."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import ShapeError
from maeum.inspect.programs import as_inputs, blockwise, channel_axis, program, score, targets


def input_gradients(model: Any, x: Any, target: Any = None) -> np.ndarray:
    """Return the gradient of the score of a class with respect to each input.

    The score is the logit where the model ends in a softmax or sigmoid, else its output. A model
    with one output has two classes: 1 with this score, and 0 with its negative.

    Args:
        model: a built model with one input.
        x: ``(n, ...)``, a batch of inputs such as images.
        target: the class, or one for each input; by default the model's own answers.

    Returns:
        An array of the shape of ``x``.

    Raises:
        DataError: for an empty batch, or a class that the model does not have.
        ShapeError: for inputs that do not fit, or a model whose outputs are not scores of classes.
        NotBuiltError: for a model without weights yet.

    Example:
        >>> import maeum as mm
        >>> model = mm.Sequential([mm.Input((2,)), mm.layers.Dense(1)])
        >>> model.set_weights([[[3.0], [-1.0]], [0.0]])
        >>> input_gradients(model, [[5.0, 5.0]]).tolist()
        [[3.0, -1.0]]
    """
    x = as_inputs(model, x)
    chosen = targets(model, x, target)
    return blockwise(program(model, "gradient", _gradient(model)), x, chosen)


def gradient_saliency(model: Any, x: Any, target: Any = None) -> np.ndarray:
    """Return how strongly each place of an image moves the score of a class.

    The largest absolute gradient of the channels. Source: Simonyan et al. (2013), "Deep inside
    convolutional networks", arXiv:1312.6034.

    Args:
        model, x, target: as for `input_gradients`.

    Returns:
        ``(n, rows, columns)`` for images; the shape of ``x`` for inputs without channels.

    Raises:
        DataError, ShapeError, NotBuiltError: as `input_gradients`.

    Example:
        >>> import maeum as mm
        >>> model = mm.Sequential([mm.Input((4, 4, 3)), mm.layers.Flatten(), mm.layers.Dense(2)])
        >>> gradient_saliency(model, np.ones((5, 4, 4, 3))).shape
        (5, 4, 4)
    """
    slopes = np.abs(input_gradients(model, x, target))
    return slopes.max(axis=channel_axis(model)) if slopes.ndim > 2 else slopes


def integrated_gradients(
    model: Any, x: Any, target: Any = None, baseline: Any = None, steps: int = 32
) -> np.ndarray:
    """Return what each number of an input adds to the score of a class.

    The gradient is averaged on the straight line from a baseline to the input (by the midpoint
    rule) and multiplied by their difference. So the numbers of an input add up to the difference
    of the two scores. Source: Sundararajan et al. (2017), "Axiomatic attribution for deep
    networks", arXiv:1703.01365.

    Args:
        model, x, target: as for `input_gradients`.
        baseline: an input without information: a number, or an array that broadcasts to ``x``;
            black (0) by default.
        steps: the points on the line; more of them make the sum more exact.

    Returns:
        An array of the shape of ``x``; negative where something speaks against the class.

    Raises:
        DataError, ShapeError, NotBuiltError: as `input_gradients`; also for a baseline that does
            not fit.
        ConfigError: if steps is not a whole number from 1.

    Example:
        >>> import maeum as mm
        >>> model = mm.Sequential([mm.Input((2,)), mm.layers.Dense(1)])
        >>> model.set_weights([[[3.0], [-1.0]], [7.0]])
        >>> integrated_gradients(model, [[5.0, 5.0]]).round(3).tolist()
        [[15.0, -5.0]]
    """
    check_whole(steps, "steps")
    x = as_inputs(model, x)
    try:
        origin = np.asarray(0 if baseline is None else baseline, np.float32)
        start = np.broadcast_to(origin, x.shape)
    except ValueError:
        raise ShapeError("The baseline is a number or has the shape of x, {shape}; got {given}.",
                         shape=x.shape, given=np.shape(baseline)) from None  # fmt: skip
    chosen = targets(model, x, target)
    gradient = _gradient(model)

    def run(x: jax.Array, start: jax.Array, target: jax.Array) -> jax.Array:
        def add(i: Any, total: jax.Array) -> jax.Array:
            fraction = (i + 0.5) / steps
            return total + gradient(start + fraction * (x - start), target)

        total = jax.lax.fori_loop(0, steps, add, jnp.zeros_like(x))
        return (x - start) * total / steps

    return blockwise(program(model, f"integrated gradients {steps}", run), x, start, chosen)


def _gradient(model: Any) -> Any:
    def gradient(x: jax.Array, target: jax.Array) -> jax.Array:
        return jax.grad(lambda x: score(model(x), target).sum())(x)

    return gradient
