"""What an environment is: pure functions of its state."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.config import Configurable
from maeum.core.errors import not_implemented
from maeum.core.randomness import at_step
from maeum.rl.envs.drawing import Drawing
from maeum.rl.spaces import Space


class Environment(Configurable):
    """Base of all environments: ``reset``, ``step`` and ``observe`` are pure functions.

    An instance holds hyper-parameters only, which ``get_config`` tells. All that changes is the
    state, a pytree of arrays whose form the environment chooses, so ``jax.vmap`` of these functions
    gives many environments at once, and a compiled program holds environment and agent together.
    Randomness comes from keys (two uint32 words, `maeum.core.randomness`), and from nothing else.

    An environment says when its task has ended (``terminated``). Time limits and beginning anew are
    not its business, but those of `maeum.rl.envs.episodes`.

    Attributes:
        name: Gymnasium's id, where Gymnasium has the environment.
        observation_space, action_space: what ``observe`` returns and ``step`` takes.
        max_episode_steps: the time limit after which an episode is truncated; None for none.
        reward_threshold: the mean return of an episode from which on the environment is said to be
            solved; None if nobody says so.

    Example:
        A walk that ends at 3:

        >>> import jax.numpy as jnp
        >>> from maeum.rl.spaces import Discrete
        >>> class Walk(Environment):
        ...     name = "Walk"
        ...     observation_space, action_space = Discrete(4), Discrete(2)
        ...     def reset(self, key):
        ...         return jnp.int32(0)
        ...     def step(self, state, action, key):
        ...         state = jnp.maximum(state + 2 * action - 1, 0)
        ...         return state, jnp.where(state == 3, 1.0, 0.0), state == 3
        ...     def observe(self, state):
        ...         return state
        >>> walk, key = Walk(), jnp.zeros(2, jnp.uint32)
        >>> state, reward, terminated = walk.step(jnp.int32(2), jnp.int32(1), key)
        >>> int(walk.observe(state)), float(reward), bool(terminated)
        (3, 1.0, True)
    """

    name: str = ""
    observation_space: Space
    action_space: Space
    max_episode_steps: int | None = None
    reward_threshold: float | None = None

    def reset(self, key: Any) -> Any:
        """Return a first state, drawn with a key."""
        raise not_implemented(self, "reset(key)")

    def step(self, state: Any, action: Any, key: Any) -> tuple[Any, Any, Any]:
        """Act; return the next state, the reward (float32) and whether the task has ended (bool).

        Args:
            state: what ``reset`` or ``step`` returned.
            action: an element of ``action_space``.
            key: what happens by chance follows from it.
        """
        raise not_implemented(self, "step(state, action, key)")

    def observe(self, state: Any) -> Any:
        """Return what an agent sees of a state, an element of ``observation_space``."""
        raise not_implemented(self, "observe(state)")

    def truncated(self, state: Any) -> Any:
        """Return whether an episode is cut off here for another reason than its time limit."""
        return jnp.asarray(False)

    # ---- many at once ----------------------------------------------------------------------------

    def begin(self, key: Any, count: int) -> Any:
        """Return ``count`` first states."""
        return jax.vmap(self.reset)(keys_of(key, count))

    def step_all(self, states: Any, actions: Any, key: Any) -> tuple[Any, Any, Any]:
        """Take one step in each of several states; see `step`."""
        count = jax.tree.leaves(states)[0].shape[0]
        return jax.vmap(self.step)(states, actions, keys_of(key, count))

    def restart(self, states: Any, ended: Any, key: Any) -> Any:
        """Return states of which those that ``ended`` are new first ones."""
        # Beginning anew is seldom dearer than a step, and choosing needs no branch under vmap.
        return where(ended, self.begin(key, ended.shape[0]), states)

    # ---- for people and others -------------------------------------------------------------------

    def to_gymnasium(self, render_mode: str | None = None) -> Any:
        """Return the environment as a ``gymnasium.Env``, time limit included.

        Args:
            render_mode: ``"rgb_array"`` for one whose ``render()`` returns an image.

        Raises:
            ModuleNotFoundError: if Gymnasium is not installed: ``pip install 'maeum[rl]'``.
        """
        from maeum.rl.envs.gymnasium_env import GymnasiumEnvironment

        return GymnasiumEnvironment(self, render_mode)

    def render(self, state: Any) -> Drawing:
        """Return how a state, whose arrays are the host's or the device's, is drawn."""
        raise not_implemented(self, "render(state)")

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self._arguments.items())
        return f"{type(self).__name__}({given})"


def keys_of(key: Any, count: int) -> jax.Array:
    """Return ``count`` keys, one for each environment: uint32 of shape ``(count, 2)``."""
    return jax.vmap(lambda number: at_step(key, number))(jnp.arange(count, dtype=jnp.uint32))


def where(chosen: jax.Array, first: Any, second: Any) -> Any:
    """Return of each environment the first where ``chosen``, else the second: arrays or pytrees."""

    def pick(a: jax.Array, b: jax.Array) -> jax.Array:
        return jnp.where(chosen.reshape(chosen.shape + (1,) * (a.ndim - 1)), a, b)

    return jax.tree.map(pick, first, second)
