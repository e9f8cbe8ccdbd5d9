"""Environments of Gymnasium, or written for it, as those of Maeum: they run on the host."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import io_callback

from maeum.core.errors import ConfigError, DataError, MaeumError
from maeum.core.messages import N_, _
from maeum.core.registry import builtin
from maeum.rl.envs.environment import Environment
from maeum.rl.spaces import (
    Box,
    Dict,
    Discrete,
    MultiBinary,
    MultiDiscrete,
    Space,
    Tuple,
    map_parts,
)

_LIMIT = 10_000  # steps of an episode of an environment that has no time limit


class HostState(NamedTuple):
    """What a program knows of an environment of the host.

    Attributes:
        pool: the number of the environments that it runs with.
        seen: what is seen of it.
        truncated: whether it ended its episode without the task having ended.
    """

    pool: jax.Array
    seen: jax.Array
    truncated: jax.Array


@builtin
class FromGymnasium(Environment):
    """An environment of Gymnasium's interface, as agents here take it.

    The compiled program calls the host once for a step of all environments side by side, so it is
    as quick as these are. Their state is theirs: a training that goes on from a checkpoint or a
    file begins with new episodes. Members side by side are not possible.

    Args:
        environment: the id of an environment that Gymnasium knows, or a function without arguments
            that makes one. (An environment itself serves as long as one is enough; more of it are
            made if it was registered.)
        options: what ``gymnasium.make`` is given for an id.
        max_episode_steps: a time limit beside the environment's own; 10,000 by default, if it has
            none.

    Raises:
        UnknownNameError: for an id that Gymnasium does not know; the nearest one is named.
        ConfigError: for spaces that agents here do not take.

    Attributes:
        made_by: the id, or None, and its options.

    Example:
        >>> env = FromGymnasium("CartPole-v1")
        >>> env.observation_space.shape, env.action_space
        ((4,), Discrete(2))
    """

    def __init__(
        self,
        environment: Any,
        options: dict[str, Any] | None = None,
        max_episode_steps: int | None = None,
    ):
        self._host = Host(environment, options or {})
        self.made_by = environment if isinstance(environment, str) else None, options or {}
        self.name = self._host.name
        self.max_episode_steps = max_episode_steps
        if max_episode_steps is not None:
            self._host.limited = True
        elif not self._host.limited:
            self.max_episode_steps = _LIMIT
        self.reward_threshold = self._host.threshold
        self.observation_space = self._host.observation_space
        self.action_space = self._host.action_space

    # ---- for many at once: the host is called once -----------------------------------------------

    def begin(self, key: Any, count: int) -> HostState:
        """Return ``count`` environments at the beginning of an episode."""
        pool = next(self._host.numbers)  # each program has environments of its own

        def reset(key: Any) -> Any:
            return self._host.begin(pool, count, np.asarray(key))

        seen = io_callback(reset, self._like(count), key)
        return HostState(jnp.full(count, pool, jnp.int32), seen, jnp.zeros(count, bool))

    def step_all(self, states: HostState, actions: Any, key: Any) -> tuple[HostState, Any, Any]:
        """Take one step in each."""
        count = states.pool.shape[0]
        like = (
            self._like(count),
            jax.ShapeDtypeStruct((count,), np.float32),
            jax.ShapeDtypeStruct((count,), bool),
            jax.ShapeDtypeStruct((count,), bool),
        )
        # What was seen is handed over so that the host is called after it told it.
        told = io_callback(self._host.step, like, states.pool, actions, key, states.seen)
        seen, reward, terminated, truncated = told
        return HostState(states.pool, seen, truncated), reward, terminated

    def restart(self, states: HostState, ended: Any, key: Any) -> HostState:
        """Let those begin anew whose episode ended."""
        like = self._like(states.pool.shape[0])
        seen = io_callback(self._host.restart, like, states.pool, ended, key, states.seen)
        return HostState(states.pool, seen, jnp.zeros_like(ended))

    def truncated(self, state: HostState) -> Any:
        """Return whether the environment's own time limit was reached."""
        return state.truncated

    def observe(self, state: HostState) -> Any:
        """Return what is seen."""
        return state.seen

    @property
    def host(self) -> Host:
        """The environments themselves."""
        return self._host

    def failure(self) -> MaeumError | None:
        """Return the error that the host met, once."""
        found, self._host.failure = self._host.failure, None
        return found

    def _like(self, count: int) -> Any:
        return map_parts(
            lambda part: jax.ShapeDtypeStruct((count, *part.shape), part.dtype),
            self.observation_space,
        )


class Host:
    """The environments of the host.

    What they raise cannot be raised within a compiled program: it is kept, and the reward is NaN,
    at which a training stops.

    Args:
        environment, options: see `FromGymnasium`.
    """

    # Without a dict, a fingerprint names it by identity: a program belongs to these environments.
    __slots__ = ("_unused", "action_space", "failure", "first", "limited", "make", "name",
                 "numbers", "observation_space", "over", "pools", "threshold",
                 "told_endless")  # fmt: skip

    def __init__(self, environment: Any, options: dict[str, Any]):
        self.make, self.first, self.name = _maker(environment, options)
        self.observation_space = as_space(self.first.observation_space, N_("observations"))
        self.action_space = as_space(self.first.action_space, N_("actions"))
        self.numbers = itertools.count()
        self.pools: dict[int, list[Any]] = {}
        self.failure: MaeumError | None = None
        self.over: dict[int, np.ndarray] = {}  # whose last step ended an episode, by pool
        self.told_endless = False
        spec = getattr(self.first, "spec", None)
        self.limited = getattr(spec, "max_episode_steps", None) is not None
        self.threshold = getattr(spec, "reward_threshold", None)
        self._unused = [self.first]

    def begin(self, pool: int, count: int, key: np.ndarray) -> Any:
        """Return what is seen of new episodes of the environments of a pool, made if need be."""
        made = self.pools.setdefault(pool, [])
        try:
            while len(made) < count:
                made.append(self._unused.pop() if self._unused else self.make())
            return self._seen([self._reset(one, key, i) for i, one in enumerate(made)])
        except Exception as error:
            return self._failed(error, count)[0]

    def step(self, pools: Any, actions: Any, key: Any, seen: Any) -> tuple:
        """Take a step in each environment of a pool."""
        actions, key = np.asarray(actions), np.asarray(key)
        pool, count = int(np.asarray(pools)[0]), len(actions)
        if self.failure is not None:
            return self._failed(self.failure, count)
        if len(self.pools.get(pool, ())) != count:  # they were another process's
            first = self.begin(pool, count, key)
            return first, np.zeros(count, np.float32), np.zeros(count, bool), np.ones(count, bool)
        try:
            told = [one.step(self._action(a)) for one, a in zip(self.pools[pool], actions)]
            for one in told:
                if not isinstance(one, tuple) or len(one) != 5:
                    raise DataError(
                        "step() of {name} returned {value!r} instead of five values: observation, "
                        "reward, terminated, truncated, info.",
                        name=self.name,
                        value=one,
                    )
            seen = self._seen([one[0] for one in told])
            reward = self._finite(np.array([one[1] for one in told], np.float32), N_("reward"))
            terminated, truncated = (np.array([one[i] for one in told], bool) for i in (2, 3))
            self.over[pool] = terminated | truncated
            return seen, reward, terminated, truncated
        except Exception as error:
            return self._failed(error, count)

    def restart(self, pools: Any, ended: Any, key: Any, seen: Any) -> Any:
        """Reset the environments whose episode ended."""
        ended, key, pool = np.asarray(ended), np.asarray(key), int(np.asarray(pools)[0])
        seen = jax.tree.map(np.array, seen)
        if self.failure is not None:
            return seen
        if not self.limited and (ended & ~self.over.get(pool, ended)).any():
            self._tell_endless()
        try:
            for i in np.flatnonzero(ended):
                first = self._seen([self._reset(self.pools[pool][i], key, int(i))])
                for all_seen, one in zip(jax.tree.leaves(seen), jax.tree.leaves(first)):
                    all_seen[i] = one[0]
        except Exception as error:
            return self._failed(error, len(ended))[0]
        return seen

    def hand_back(self, pool: int) -> None:
        """Let the environments of a pool serve another."""
        self._unused += self.pools.pop(pool, [])
        self.over.pop(pool, None)

    def _tell_endless(self) -> None:
        if not self.told_endless:
            self.told_endless = True
            message = _(
                "An episode of {name}, which has no time limit, did not end by itself and was cut "
                "off. Give FromGymnasium(..., max_episode_steps=...) what suits it.",
                name=self.name,
            )
            warnings.warn(message, stacklevel=2)

    def _reset(self, environment: Any, key: np.ndarray, number: int) -> Any:
        seed = np.random.SeedSequence([*key.tolist(), number]).generate_state(1)[0]
        told = environment.reset(seed=int(seed) >> 1)
        if not isinstance(told, tuple) or len(told) != 2:
            raise DataError(
                "reset() of {name} returned {value!r} instead of observation and info.",
                name=self.name,
                value=told,
            )
        return told[0]

    def _action(self, action: np.ndarray) -> Any:
        space = self.first.action_space
        return int(action) if action.ndim == 0 else action.astype(space.dtype)

    def _seen(self, observations: list[Any]) -> Any:
        """Return observations as arrays, or a structure of them, with one more axis in front."""
        return map_parts(self._stacked, self.observation_space, *observations)

    def _stacked(self, space: Space, *values: Any) -> np.ndarray:
        for one in values:
            if np.shape(one) != space.shape:
                raise DataError(
                    "{name} gave an observation of shape {shape}; its observation_space {space} "
                    "has the shape {expected}.",
                    name=self.name,
                    shape=np.shape(one),
                    space=space,
                    expected=space.shape,
                )
        return self._finite(np.stack(values).astype(space.dtype), N_("observation"))

    def _finite(self, values: np.ndarray, what: str) -> np.ndarray:
        if np.isfinite(values).all():
            return values
        raise DataError(
            "{name} gave a {what} that is NaN or infinite: {value}.",
            name=self.name,
            what=_(what),
            value=values[~np.isfinite(values)][0],
        )

    def _failed(self, error: Exception, count: int) -> tuple:
        if self.failure is None:
            if isinstance(error, MaeumError):
                self.failure = error
            else:
                self.failure = DataError(
                    "The environment {name} raised {error!r}.", name=self.name, error=error
                )
                self.failure.__cause__ = error
        seen = map_parts(
            lambda part: np.zeros((count, *part.shape), part.dtype), self.observation_space
        )
        return seen, np.full(count, np.nan, np.float32), np.ones(count, bool), np.zeros(count, bool)


def as_space(space: Any, what: str) -> Space:
    """Return Gymnasium's space as one of Maeum's.

    Raises:
        ConfigError: for one that agents here do not take.
    """
    from gymnasium import spaces

    if isinstance(space, spaces.Discrete):
        return Discrete(int(space.n), int(space.start))
    if isinstance(space, spaces.Box):
        return Box(space.low, space.high, space.shape, _dtype(space))
    if isinstance(space, spaces.MultiDiscrete):
        return MultiDiscrete(space.nvec, space.start)
    if isinstance(space, spaces.MultiBinary):
        return MultiBinary(space.shape)
    if isinstance(space, spaces.Tuple):
        return Tuple(*(as_space(part, what) for part in space.spaces))
    if isinstance(space, spaces.Dict):
        return Dict({str(name): as_space(part, what) for name, part in space.spaces.items()})
    raise ConfigError(
        "The {what} of the environment are {space}; agents here take Box, Discrete, MultiDiscrete, "
        "MultiBinary, and of these Tuple and Dict. A gymnasium.ObservationWrapper or ActionWrapper "
        "makes them such.",
        what=_(what),
        space=space,
    )


def _dtype(space: Any) -> np.dtype:
    """Return the dtype of 32 bits or fewer in which a program sees a space's elements."""
    return np.dtype(jax.dtypes.canonicalize_dtype(space.dtype))


def _maker(environment: Any, options: dict[str, Any]) -> tuple[Callable[[], Any], Any, str]:
    """Return a function that makes an environment, the first one, and what it is called."""
    import gymnasium

    if isinstance(environment, str):
        _check_id(environment)

        def make() -> Any:
            return gymnasium.make(environment, **options)

        return make, make(), environment
    if options:
        raise ConfigError("options are what gymnasium.make is given for an id; got {value!r}.",
                          value=environment)  # fmt: skip
    if isinstance(environment, gymnasium.Env):
        spec = environment.spec

        def again() -> Any:
            if spec is None:
                raise ConfigError(
                    "One environment cannot be several, and this one was not made by its id. Give "
                    "a function that makes it, or environments=1."
                )
            return gymnasium.make(spec)

        return again, environment, spec.id if spec is not None else type(environment).__name__
    if not callable(environment):
        raise ConfigError(
            "An environment is an id, a function that makes it, or itself; got {value!r}.",
            value=environment,
        )
    first = environment()
    if not isinstance(first, gymnasium.Env):
        raise ConfigError(
            "The function {function!r} returned {value!r}, which is not a gymnasium.Env.",
            function=getattr(environment, "__name__", repr(environment)),
            value=first,
        )
    return environment, first, getattr(environment, "__name__", type(first).__name__)


def _check_id(name: str) -> None:
    import gymnasium

    from maeum.core.errors import UnknownNameError, nearest

    if name.partition(":")[0].isidentifier() and ":" in name:  # module:Id imports the module
        return
    try:
        gymnasium.spec(name)
    except gymnasium.error.Error:
        raise UnknownNameError(
            "Gymnasium has no environment called {name!r}.{hint}",
            name=name,
            hint=nearest(name, gymnasium.registry),
        ) from None
