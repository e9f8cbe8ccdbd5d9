"""What agents share that learn from a replay buffer: acting, keeping, target networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_number, check_whole
from maeum.core.functional import with_values
from maeum.core.randomness import at_step, fold
from maeum.core.variable import Variable
from maeum.rl.envs.environment import Environment
from maeum.rl.envs.episodes import advance, observe
from maeum.rl.network_agent import NetworkAgent
from maeum.rl.replay import Batch, ReplayBuffer, Step


class OffPolicy(NetworkAgent):
    """Base of agents that learn from a replay buffer, which lies within the program.

    In a step of training, each environment takes a step, and the agent learns from a batch of what
    is kept of all steps so far.

    Args:
        environment: an `Environment`, or the name of one.
        environments: how many environments run side by side.
        buffer_size: how many steps, of all environments together, are kept.
        batch_size: the steps that one step of the optimizer learns from.
        learning_starts: the steps of training before the agent begins to learn.
        discount: the weight of a reward that comes a step later.
        tau: how far the target network follows at each update: 1 is a copy.
        target_update: the steps of training between these updates.
        name: the agent's name.
        seed: what everything random follows from.
    """

    n_steps = 1  # whose rewards are summed up before a value stands for the rest

    def __init__(
        self,
        environment: Environment | str,
        environments: int,
        buffer_size: int,
        batch_size: int,
        learning_starts: int,
        discount: float,
        tau: float,
        target_update: int,
        *,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(environment, environments, discount, name=name, seed=seed)
        self.batch_size = check_whole(batch_size, "batch_size")
        self.buffer_size = check_whole(buffer_size, "buffer_size", environments)
        self.learning_starts = check_whole(learning_starts, "learning_starts", 0)
        self.tau = check_number(tau, "tau", most=1)
        self.target_update = check_whole(target_update, "target_update")

    def keep_steps_of(self, action: Any) -> None:
        """Make the replay buffer, for actions of this shape and dtype."""
        seen, reward, over = (
            jax.ShapeDtypeStruct(part.shape, part.dtype)
            for part in (self._observation(), np.zeros((), np.float32), np.zeros((), bool))
        )
        like = Step(seen, action, reward, seen, over, over)
        self.replay = ReplayBuffer(like, self.buffer_size // self.environments, self.environments)

    def _observation(self) -> Any:
        """Return how an observation is kept: as bytes if it is of such, else as networks see it."""
        space = self.environment.observation_space
        if space.dtype == np.uint8:
            return np.zeros(space.shape, np.uint8)
        return np.zeros(self.input_shape_of_networks, np.float32)

    def _kept(self, observations: Any) -> Any:
        return observations if self._observation().dtype == np.uint8 else self.seen(observations)

    def read(self, kept: Any) -> jax.Array:
        """Return what networks are given of observations that were kept."""
        return self.seen(kept) if kept.dtype == np.uint8 else kept

    def follow(self, variables: Sequence[Variable]) -> None:
        """Have a target network beside one with these variables."""
        self._followed = tuple(variables)
        self.target = [
            Variable.holding(np.zeros(v.shape, v.dtype), f"target_{i}")
            for i, v in enumerate(variables)
        ]

    def on_target(self, function: Callable[[], Any]) -> Any:
        """Return what a function returns where the networks have the target's weights."""
        return with_values(self._followed, [t.value for t in self.target], function)[0]

    def explore(self, observations: Any, key: Any) -> jax.Array:
        """Return actions of training, as the buffer keeps them."""
        raise NotImplementedError

    def to_environment(self, action: jax.Array) -> Any:
        """Return actions as the environment takes them."""
        raise NotImplementedError

    def loss_of(self, batch: Batch, key: Any) -> tuple[jax.Array, jax.Array]:
        """Return the loss of a batch, and a vector of what is told of it."""
        raise NotImplementedError

    @property
    def learns(self) -> jax.Array:
        """Whether the agent has begun to learn."""
        return self.trainer.counter.value >= self.learning_starts

    def train_step(self, data: Any) -> dict[str, Any]:
        """Act in all environments, keep it, and learn from a batch."""
        key, counter = self.step_key("step"), self.trainer.counter.value
        episodes = self.episodes()
        before = observe(self.environment, episodes)
        action = self.explore(before, fold(key, "act"))
        taken = self.to_environment(action)
        episodes, told = advance(self.environment, episodes, taken, at_step(key, 0))
        self.keep(episodes)
        self.count(told)
        self.replay.add(Step(
            self._kept(before), action, told.reward, self._kept(told.next_observation),
            told.terminated, told.ended,
        ))  # fmt: skip
        due = jnp.where(counter % self.target_update == 0, self.tau, 0.0)
        follows = jnp.where(counter == 0, 1.0, due)
        for target, variable in zip(self.target, self._followed):
            apart = variable.value - target.value
            target.assign(jnp.where(follows == 1, variable.value, target.value + follows * apart))
        batch = self.replay.sample(key, self.batch_size, self.n_steps, self.discount)

        def objective() -> tuple[jax.Array, jax.Array]:
            loss, told = self.loss_of(batch, fold(key, "loss"))
            return jnp.where(self.learns, loss, 0.0 * loss), told

        loss, vector = self.descend(objective)
        return self.tell(loss[None], vector[None])
