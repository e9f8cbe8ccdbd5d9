"""Deep Q-learning: a network of action values, learnt from a replay buffer."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_number, check_whole
from maeum.core.errors import ConfigError
from maeum.core.registry import builtin
from maeum.models import Model
from maeum.rl.choosing import epsilon_greedy
from maeum.rl.envs.environment import Environment
from maeum.rl.off_policy import OffPolicy
from maeum.rl.replay import Batch
from maeum.rl.spaces import Discrete


@builtin
class DQN(OffPolicy):
    """Deep Q-learning (Mnih et al., 2015): ``Q(s, a)`` towards ``r + discount * max Q'(s', .)``.

    ``Q'`` is a target network, which follows ``Q`` slowly; the loss is the mean squared error. A
    step of training takes one step in each environment, and one of the optimizer. The arguments
    are those of `OffPolicy`, and

    Args:
        network: a model that gives one value for each action. By default two layers of 64 units
            with ReLU, or a small convolutional network for images.
        learning_rate: that of Adam, a number or a schedule of its steps.
        decay_steps: the steps of training within which the learning rate falls evenly to 0; None
            keeps it.
        n_steps: how many rewards are summed up before ``Q'`` stands for the rest: more of them
            tell sooner what an action led to, but what was done then counts as if it were the best.
        initial_epsilon: how often an action is drawn evenly at first.
        epsilon: how often from the ``exploration_steps`` on; the rate falls evenly between.
        exploration_steps: these steps of training.
        double: whether ``Q`` chooses the action whose value ``Q'`` gives (van Hasselt et al.,
            2016), so that values are not overrated.
        max_grad_norm: the largest norm of all gradients together; None for any.
        optimizer: an optimizer of yours in the place of Adam; then ``learning_rate``,
            ``decay_steps`` and ``max_grad_norm`` say nothing.

    Raises:
        ConfigError: for an environment whose actions are not numbered.

    Example:
        >>> agent = DQN("Catch", seed=0)
        >>> history = agent.fit(steps_per_epoch=20, verbose=0)
        >>> agent.action_values(agent.environment.observation_space.low).shape
        (3,)
    """

    told = ("action_value",)

    def __init__(
        self,
        environment: Environment | str,
        network: Model | None = None,
        environments: int = 16,
        buffer_size: int = 50_000,
        batch_size: int = 128,
        learning_starts: int = 100,
        learning_rate: Any = 1e-3,
        decay_steps: int | None = None,
        discount: float = 0.99,
        n_steps: int = 1,
        tau: float = 1.0,
        target_update: int = 100,
        initial_epsilon: float = 1.0,
        epsilon: float = 0.05,
        exploration_steps: int = 1000,
        double: bool = True,
        max_grad_norm: float | None = 10.0,
        optimizer: Any = None,
        *,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(
            environment, environments, buffer_size, batch_size, learning_starts, discount, tau,
            target_update, name=name, seed=seed,
        )  # fmt: skip
        space = self.environment.action_space
        if not isinstance(space, Discrete):
            raise ConfigError(
                "{environment} has the actions {actions}; DQN chooses among Discrete ones. PPO "
                "takes others, too, and SAC a Box of real numbers.",
                environment=self.environment.name,
                actions=space,
            )
        self.space, self.double = space, double
        self.n_steps = check_whole(n_steps, "n_steps")
        self.learning_rate, self.decay_steps = learning_rate, decay_steps
        self.initial_epsilon = check_number(initial_epsilon, "initial_epsilon", most=1)
        self.epsilon = check_number(epsilon, "epsilon", most=1)
        self.exploration_steps = check_whole(exploration_steps, "exploration_steps")
        self.max_grad_norm = max_grad_norm
        self.q = self.network(network, "network", space.n, activation="relu")
        self.keep_steps_of(jax.ShapeDtypeStruct((), np.int32))
        self.follow(list(self.q.named_variables().values()))
        self.ready_to_learn(optimizer, learning_rate, decay_steps, max_grad_norm)

    def choose(self, observations: Any, key: Any, greedy: bool) -> Any:
        """Return the actions of the highest value, or those of epsilon-greedy exploration."""
        epsilon = 0.0 if greedy else self._epsilon()
        return self.to_environment(self._chosen(observations, key, epsilon))

    def action_values(self, observation: Any) -> np.ndarray:
        """Return the value of each action, for an observation or for each of a batch."""
        return self.asked(observation, "values", lambda seen: self.q(self.seen(seen)))

    def explore(self, observations: Any, key: Any) -> jax.Array:
        """Return actions of training, counted from 0."""
        return self._chosen(observations, key, self._epsilon())

    def _chosen(self, observations: Any, key: Any, epsilon: Any) -> jax.Array:
        return epsilon_greedy(self.q(self.seen(observations)), key, epsilon)

    def to_environment(self, action: jax.Array) -> jax.Array:
        """Return actions as the environment numbers them."""
        return action + self.space.start

    def _epsilon(self) -> Any:
        done = jnp.minimum(self.trainer.counter.value / self.exploration_steps, 1.0)
        return self.initial_epsilon + done * (self.epsilon - self.initial_epsilon)

    def loss_of(self, batch: Batch, key: Any) -> tuple[jax.Array, jax.Array]:
        """Return the mean squared error of a batch, and the mean value of its actions."""
        after = self.read(batch.next_observation)
        values = self.on_target(lambda: self.q(after))
        if self.double:
            best = jnp.argmax(jax.lax.stop_gradient(self.q(after)), -1)
        else:
            best = jnp.argmax(values, -1)
        value = jnp.sum(jnp.where(_one_hot(best, self.space.n), values, 0.0), -1)
        target = batch.reward + batch.weight * value
        mine = self.q(self.read(batch.observation), training=True)
        mine = jnp.sum(jnp.where(_one_hot(batch.action, self.space.n), mine, 0.0), -1)
        loss = jnp.mean((mine - jax.lax.stop_gradient(target)) ** 2)
        return loss, jnp.mean(mine)[None]


def _one_hot(number: jax.Array, count: int) -> jax.Array:
    return number[..., None] == jnp.arange(count)
