"""Soft actor-critic: actions of real numbers, learnt from a replay buffer."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_number
from maeum.core.errors import ConfigError
from maeum.core.functional import with_values
from maeum.core.randomness import fold
from maeum.core.registry import builtin
from maeum.core.variable import Variable
from maeum.models import Model
from maeum.rl.envs.environment import Environment
from maeum.rl.networks import check_network, default_network
from maeum.rl.off_policy import OffPolicy
from maeum.rl.policies import Normal, actions_of
from maeum.rl.replay import Batch
from maeum.rl.spaces import Box

_LEAST_LOG_STD, _MOST_LOG_STD = -5.0, 2.0


@builtin
class SAC(OffPolicy):
    """Soft actor-critic (Haarnoja et al., 2018): reward and entropy together.

    The policy is a normal distribution, squashed by tanh into the limits of the actions; of two
    networks of action values the lower one counts. A step of training takes one step in each
    environment, and one of the optimizer for all networks, each by a loss of its own. The arguments
    are those of `OffPolicy`, and

    Args:
        policy: a model that gives for each number of an action its mean and the logarithm of its
            standard deviation, before squashing: first all means, then the others.
        values: two models that give the value of an observation and an action beside each other.
        learning_rate: that of Adam, a number or a schedule of its steps.
        decay_steps: the steps of training within which the learning rate falls evenly to 0; None
            keeps it.
        temperature: what a nat of entropy is worth; None learns it, so that the entropy becomes
            minus the count of an action's numbers.
        max_grad_norm: the largest norm of all gradients together; None for any.
        optimizer: an optimizer of yours in the place of Adam; then ``learning_rate``,
            ``decay_steps`` and ``max_grad_norm`` say nothing.

    Raises:
        ConfigError: for an environment whose actions are not a Box of real numbers with limits.

    Example:
        >>> agent = SAC("Pendulum-v1", seed=0)
        >>> history = agent.fit(steps_per_epoch=10, verbose=0)
        >>> agent.act([1.0, 0.0, 0.0]).shape
        (1,)
    """

    told = ("policy_loss", "value_loss", "entropy", "temperature")

    def __init__(
        self,
        environment: Environment | str,
        policy: Model | None = None,
        values: Any = None,
        environments: int = 8,
        buffer_size: int = 100_000,
        batch_size: int = 256,
        learning_starts: int = 50,
        learning_rate: Any = 1e-3,
        decay_steps: int | None = None,
        discount: float = 0.99,
        tau: float = 0.005,
        target_update: int = 1,
        temperature: float | None = None,
        max_grad_norm: float | None = None,
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
        actions = actions_of(self.environment) if isinstance(space, Box) else None
        if not isinstance(actions, Normal) or not actions.space.bounded:
            raise ConfigError(
                "{environment} has the actions {actions}; SAC takes a Box of real numbers with "
                "limits. DQN and PPO take Discrete ones.",
                environment=self.environment.name,
                actions=space,
            )
        self.actions = actions
        self.learning_rate, self.decay_steps = learning_rate, decay_steps
        self.max_grad_norm = max_grad_norm
        size, shape = actions.outputs, self.input_shape_of_networks
        self.policy = self.network(policy, "policy", 2 * size, activation="relu")
        both = (math.prod(shape) + size,)
        if values is None:
            values = [default_network(both, 1, f"value_{i}", 1.0, "relu") for i in range(2)]
        if len(values) != 2:
            raise ConfigError("SAC has two networks of action values; got {n}.", n=len(values))
        self.values = [check_network(v, "value", self.environment, both, 1) for v in values]
        if temperature is None:
            self.log_temperature = Variable(np.float32(0), name="log_temperature")
            self.temperature = None
        else:
            self.temperature = check_number(temperature, "temperature")
        self.keep_steps_of(jax.ShapeDtypeStruct((size,), np.float32))
        self.follow([w for v in self.values for w in v.named_variables().values()])
        self.ready_to_learn(optimizer, learning_rate, decay_steps, max_grad_norm)

    # ---- acting ----------------------------------------------------------------------------------

    def choose(self, observations: Any, key: Any, greedy: bool) -> Any:
        """Return the middle of what the policy would do, or draws from it."""
        inputs = self.seen(observations)
        mean, _ = self._given(inputs)
        action = jnp.tanh(mean) if greedy else self._drawn(inputs, key)[0]
        return self.to_environment(action)

    def explore(self, observations: Any, key: Any) -> jax.Array:
        """Return draws from the policy; even ones as long as nothing is learnt."""
        inputs = self.seen(observations)
        drawn = self._drawn(inputs, key)[0]
        even = 2.0 * jax.scipy.special.ndtr(self.actions.noise(fold(key, "even"), drawn.shape[:1]))
        return jnp.where(self.learns, drawn, even - 1.0)

    def to_environment(self, action: jax.Array) -> jax.Array:
        """Return actions between the environment's limits."""
        return self.actions.to_environment(action)

    def _given(self, inputs: jax.Array, training: bool = False) -> tuple[jax.Array, jax.Array]:
        mean, log_std = jnp.split(self.policy(inputs, training=training), 2, -1)
        reach = 0.5 * (_MOST_LOG_STD - _LEAST_LOG_STD)
        return mean, _LEAST_LOG_STD + reach * (jnp.tanh(log_std) + 1)

    def _drawn(
        self, inputs: jax.Array, key: Any, training: bool = False
    ) -> tuple[jax.Array, jax.Array]:
        """Return actions from -1 to 1, and the logarithms of their densities."""
        given = self._given(inputs, training)
        raw = self.actions.sample(given, self.actions.noise(key, inputs.shape[:1]))
        # log(1 - tanh(x)^2), where it would be the logarithm of 0, too
        slope = 2.0 * (math.log(2.0) - raw - jax.nn.softplus(-2.0 * raw))
        return jnp.tanh(raw), self.actions.log_prob(given, raw) - slope.sum(-1)

    # ---- learning --------------------------------------------------------------------------------

    def _values(self, inputs: jax.Array, action: jax.Array) -> jax.Array:
        """Return what both networks say: of shape ``(2, rows)``."""
        both = jnp.concatenate([inputs.reshape(len(inputs), -1), action], -1)
        return jnp.stack([value(both, training=True)[:, 0] for value in self.values])

    def loss_of(self, batch: Batch, key: Any) -> tuple[jax.Array, jax.Array]:
        """Return the sum of the losses, each of which moves weights of its own."""
        still = jax.lax.stop_gradient
        before, after = self.read(batch.observation), self.read(batch.next_observation)
        learnt = self.temperature is None
        temperature = jnp.asarray(self.temperature or 0.0)
        if learnt:
            temperature = jnp.exp(self.log_temperature.value)
        action, log_prob = self._drawn(after, fold(key, "after"))
        lower = self.on_target(lambda: self._values(after, action)).min(0)
        soft = lower - still(temperature) * log_prob
        target = batch.reward + batch.weight * soft
        errors = self._values(before, batch.action) - still(target)
        value_loss = 0.5 * jnp.mean(errors**2, -1).sum()
        action, log_prob = self._drawn(before, fold(key, "before"), training=True)
        weights = [still(w.value) for w in self._followed]
        lower = with_values(self._followed, weights, lambda: self._values(before, action))[0].min(0)
        policy_loss = jnp.mean(still(temperature) * log_prob - lower)
        loss = value_loss + policy_loss
        entropy = -jnp.mean(log_prob)
        if learnt:  # more entropy is wanted as long as it is less than minus the size
            loss += self.log_temperature.value * still(entropy + self.actions.outputs)
        told = policy_loss, value_loss, entropy, temperature
        return loss, jnp.stack(told)
