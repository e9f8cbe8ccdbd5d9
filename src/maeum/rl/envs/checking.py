"""Whether an environment keeps to what it says of itself: shapes, found by tracing it once."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from maeum.core.errors import ConfigError, DataError
from maeum.rl.envs.absent import AbsentEnvironment
from maeum.rl.envs.environment import Environment
from maeum.rl.envs.names import CLASSES, make
from maeum.rl.spaces import Space, map_parts

_COUNT = 2  # environments side by side while it is traced


def check_environment(environment: Any) -> Environment:
    """Return an environment, which may be given by its name.

    Raises:
        UnknownNameError: for a name that nothing has.
        ConfigError: for something else, and for an environment whose functions do not return what
            its spaces say, or states of another form.
    """
    if isinstance(environment, str):
        return make(environment)
    if not isinstance(environment, Environment):
        raise ConfigError(
            "An agent needs a maeum.rl.envs.Environment, or the name of one; got {value!r}.",
            value=environment,
        )
    # Those of Maeum are tested, and tracing takes a while.
    if type(environment) not in (*CLASSES, AbsentEnvironment):
        _check_promises(environment)
    return environment


def _check_promises(environment: Environment) -> None:
    key = jax.ShapeDtypeStruct((2,), np.uint32)
    states = jax.eval_shape(lambda key: environment.begin(key, _COUNT), key)
    seen = jax.eval_shape(jax.vmap(environment.observe), states)
    try:
        map_parts(lambda part, found: _check_seen(environment, part, found),
                  environment.observation_space, seen)  # fmt: skip
    except DataError as error:
        raise ConfigError(
            "observe() of {name} does not return what its observation_space says: {error}",
            name=environment.name,
            error=error,
        ) from None
    actions = map_parts(
        lambda part: jax.ShapeDtypeStruct((_COUNT, *part.shape), part.dtype),
        environment.action_space,
    )
    told = jax.eval_shape(environment.step_all, states, actions, key)
    if not isinstance(told, tuple) or len(told) != 3:
        raise ConfigError(
            "step() of {name} returns {found} instead of three values: the next state, the reward, "
            "and whether the task has ended.",
            name=environment.name,
            found=len(told) if isinstance(told, tuple) else type(told).__name__,
        )
    after, reward, terminated = told
    if _form(after) != _form(states):
        raise ConfigError(
            "step() of {name} returns a state of another form than reset(): {after} instead of "
            "{before}.",
            name=environment.name,
            after=_told(after),
            before=_told(states),
        )
    if (reward.shape, terminated.shape, terminated.dtype) != ((_COUNT,), (_COUNT,), np.bool_):
        raise ConfigError(
            "step() of {name} returns the reward {reward} and terminated {terminated}; the reward "
            "is a number, and terminated a bool.",
            name=environment.name,
            reward=_told(reward),
            terminated=_told(terminated),
        )


def _check_seen(environment: Environment, space: Space, found: Any) -> None:
    shape = getattr(found, "shape", (_COUNT, type(found).__name__))[1:]
    if shape != space.shape:
        raise ConfigError(
            "{name} gave an observation of shape {shape}; its observation_space {space} has the "
            "shape {expected}.",
            name=environment.name,
            shape=shape,
            space=space,
            expected=space.shape,
        )


def _form(value: Any) -> Any:
    leaves, structure = jax.tree.flatten(value)
    return structure, [(leaf.shape, leaf.dtype) for leaf in leaves]


def _told(value: Any) -> Any:
    """Return what stands in one environment, as shapes and dtypes."""
    return jax.tree.map(lambda leaf: f"{leaf.dtype.name}{list(leaf.shape[1:])}", value)
