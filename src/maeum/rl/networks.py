"""Networks of agents: what they are given of an observation, and those that nobody gave."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import layers
from maeum.core.errors import ConfigError, ShapeError
from maeum.initializers import Orthogonal
from maeum.models import Model, Sequential
from maeum.rl.envs.environment import Environment
from maeum.rl.spaces import Box, Discrete, MultiBinary, MultiDiscrete, Space, Tuple

_SMALL = 32  # an image with longer sides is made smaller by strides first


def input_shape(space: Space) -> tuple[int, ...]:
    """Return the shape in which a network is given an element of a space."""
    if isinstance(space, Box):
        return space.shape if space.shape else (1,)
    if isinstance(space, Discrete):
        return (space.n,)
    if isinstance(space, MultiBinary):
        return space.shape
    if isinstance(space, MultiDiscrete):
        return (int(space.nvec.sum()),)
    assert isinstance(space, Tuple)
    return (sum(math.prod(input_shape(part)) for part in space.spaces),)


def as_input(space: Space, observations: Any) -> jax.Array:
    """Return observations as a network is given them: float32 of `input_shape`, axes in front.

    Bytes become numbers from 0 to 1, numbered observations one-hot vectors; the numbers of a
    MultiDiscrete and the parts of a Tuple or a Dict stand beside each other.

    >>> as_input(Discrete(3, start=1), jnp.array([2])).tolist()
    [[0.0, 1.0, 0.0]]
    """
    if isinstance(space, Box):
        given = observations if space.shape else observations[..., None]
        scale = np.float32(1 / 255) if space.dtype == np.uint8 else np.float32(1)
        return given.astype(jnp.float32) * scale
    if isinstance(space, Discrete):
        return jax.nn.one_hot(observations - space.start, space.n, dtype=jnp.float32)
    if isinstance(space, MultiBinary):
        return observations.astype(jnp.float32)
    if isinstance(space, MultiDiscrete):
        numbers = _flat(observations - space.start, space.shape)
        hot = [
            jax.nn.one_hot(numbers[..., i], n, dtype=jnp.float32)
            for i, n in enumerate(space.nvec.reshape(-1).tolist())
        ]
        return jnp.concatenate(hot, -1)
    assert isinstance(space, Tuple)
    pairs = zip(space.spaces, space.parts_of(observations))
    return jnp.concatenate([_flat(as_input(part, a), input_shape(part)) for part, a in pairs], -1)


def _flat(array: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    """Return an array whose last axes, which have a shape, are one."""
    return array.reshape(*array.shape[: array.ndim - len(shape)], -1)


def default_network(
    shape: tuple[int, ...],
    outputs: int,
    name: str,
    gain: float = 1.0,
    activation: str = "tanh",
    units: tuple[int, ...] = (64, 64),
) -> Model:
    """Return the network that an agent has if it is given none.

    Vectors pass two layers of 64 units; images ``(rows, columns, channels)`` a convolution, or
    those of Mnih et al. (2015) if a side is longer than 32, and one layer of 128 units. Weights are
    orthogonal.

    Args:
        shape: of an input.
        outputs: how many numbers it gives.
        name: of the network.
        gain: of the last layer's weights: a small one makes the first outputs alike.
        activation: of the hidden layers of a network for vectors.
        units: of these layers.
    """

    def dense(units: int, activation: str | None, gain: float) -> layers.Layer:
        return layers.Dense(units, activation=activation, kernel_initializer=Orthogonal(gain))

    def convolution(filters: int, kernel: int, strides: int) -> layers.Layer:
        return layers.Conv2D(filters, kernel, strides, activation="relu",
                             kernel_initializer=Orthogonal(math.sqrt(2)))  # fmt: skip

    stack: list[Any] = [layers.Input(shape)]
    if len(shape) == 3 and min(shape[:2]) >= 3:
        if max(shape[:2]) > _SMALL and min(shape[:2]) >= 36:
            stack += [convolution(32, 8, 4), convolution(64, 4, 2), convolution(64, 3, 1)]
        else:
            stack.append(convolution(16, 3, 1))
        stack += [layers.Flatten(), dense(128, "relu", math.sqrt(2))]
    else:
        stack += [layers.Flatten()] if len(shape) > 1 else []
        stack += [dense(each, activation, math.sqrt(2)) for each in units]
    return Sequential([*stack, dense(outputs, None, gain)], name=name)


def check_network(
    network: Any, what: str, environment: Environment, shape: tuple[int, ...], outputs: int
) -> Model:
    """Return a network of the user's that fits, built.

    Args:
        network: the network.
        what: what the agent calls it.
        environment: the environment it is for.
        shape: of an input.
        outputs: how many numbers it has to give.

    Raises:
        ConfigError: if it is no model.
        ShapeError: if its inputs or outputs do not fit.
    """
    if not isinstance(network, Model):
        raise ConfigError(
            "The {what} of an agent is a model, such as maeum.Sequential([...]); got {value!r}.",
            what=what,
            value=network,
        )
    found = network.output_shapes_for(np.zeros((1, *shape), np.float32))
    given = getattr(found, "shape", None)
    if given is None or tuple(given)[1:] != (outputs,):
        raise ShapeError(
            "The {what} for {environment} gives {outputs} numbers for each observation; the one "
            "given has the outputs {found}.",
            what=what,
            environment=environment.name,
            outputs=outputs,
            found=given if given is None else tuple(given),
        )
    return network
