"""What agents with a policy and a value network share: acting, advantages, their losses."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_number, check_whole
from maeum.core.randomness import at_step, fold
from maeum.core.variable import Variable
from maeum.models import Model
from maeum.rl.envs.environment import Environment
from maeum.rl.envs.episodes import Transition, advance, observe
from maeum.rl.network_agent import NetworkAgent
from maeum.rl.normalizing import RewardScaling, RunningMoments
from maeum.rl.policies import Normal, actions_of
from maeum.rl.returns import generalized_advantages


class Rollout(NamedTuple):
    """What some steps of all environments brought; all of shape ``(steps, environments, ...)``.

    Attributes:
        inputs: what the networks were given.
        action: what was drawn, as the policy's distribution counts it.
        log_prob: the logarithm of its probability then.
        value: what was expected.
        advantage: how much better it was than expected.
        returns: the advantage and the value together: what the value is to become.
    """

    inputs: jax.Array
    action: jax.Array
    log_prob: jax.Array
    value: jax.Array
    advantage: jax.Array
    returns: jax.Array


class ActorCritic(NetworkAgent):
    """Base of agents that learn a policy, and the values of observations beside it.

    Args:
        environment: an `Environment`, or the name of one; with Discrete actions, or a Box of real
            numbers, between whose limits a policy's -1 and 1 lie.
        policy: a model that gives the logits of the actions, or the mean of an action of real
            numbers (whose standard deviation is one more weight of the agent, `log_std`). By
            default two layers of 64 units with tanh, or a small convolutional network for images.
        value: a model that gives one number, the value of an observation.
        environments: how many environments run side by side.
        n_steps: the steps that each of them takes before the agent learns from them.
        learning_rate: that of Adam, a number or a schedule of the optimizer's steps.
        decay_steps: the steps of training within which the learning rate falls evenly to 0; None
            keeps it.
        discount: the weight of a reward that comes a step later.
        gae_lambda: how far advantages trust rewards (1) rather than values (0).
        entropy_coefficient: what a nat of the policy's entropy is worth, which keeps it exploring.
        value_coefficient: the weight of the values' loss.
        max_grad_norm: the largest norm of all gradients together; None for any.
        normalize_observations: whether observations are centered and scaled by what was seen.
        normalize_rewards: whether rewards are scaled by the spread of their discounted sums.
        optimizer: an optimizer of yours in the place of Adam; then ``learning_rate``,
            ``decay_steps`` and ``max_grad_norm`` say nothing.
        name: the agent's name.
        seed: what everything random follows from.

    Raises:
        ConfigError: for actions that no policy here gives, for numbers that make no sense.
        ShapeError: for networks that do not fit the environment.
    """

    told: tuple[str, ...] = ("policy_loss", "value_loss", "entropy")

    def __init__(
        self,
        environment: Environment | str,
        policy: Model | None = None,
        value: Model | None = None,
        environments: int = 16,
        n_steps: int = 64,
        learning_rate: Any = 1e-3,
        decay_steps: int | None = None,
        discount: float = 0.99,
        gae_lambda: float = 0.95,
        entropy_coefficient: float = 0.0,
        value_coefficient: float = 0.5,
        max_grad_norm: float | None = 0.5,
        normalize_observations: bool = False,
        normalize_rewards: bool = False,
        optimizer: Any = None,
        *,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(environment, environments, discount, name=name, seed=seed)
        self.actions = actions_of(self.environment)
        self.n_steps = check_whole(n_steps, "n_steps")
        self.gae_lambda = check_number(gae_lambda, "gae_lambda", most=1)
        self.entropy_coefficient = check_number(entropy_coefficient, "entropy_coefficient")
        self.value_coefficient = check_number(value_coefficient, "value_coefficient")
        self.learning_rate, self.max_grad_norm = learning_rate, max_grad_norm
        self.decay_steps = decay_steps
        self.normalize_observations = normalize_observations
        self.normalize_rewards = normalize_rewards
        self.policy = self.network(policy, "policy", self.actions.outputs, gain=0.01)
        self.value = self.network(value, "value", 1)
        if isinstance(self.actions, Normal):
            zeros = np.zeros(self.actions.outputs, np.float32)
            self.log_std = Variable(zeros, name="log_std")
        if normalize_observations:
            self._moments = RunningMoments(self.input_shape_of_networks)
        if normalize_rewards:
            self._rewards = RewardScaling(environments, discount)
        self.ready_to_learn(optimizer, learning_rate, decay_steps, max_grad_norm)

    # ---- acting ----------------------------------------------------------------------------------

    def choose(self, observations: Any, key: Any, greedy: bool) -> Any:
        """Return the most probable actions, or such as are drawn by their probabilities."""
        inputs = self.seen(observations)
        given = self._given(self.policy(inputs))
        if greedy:
            return self.actions.to_environment(self.actions.mode(given))
        noise = self.actions.noise(key, inputs.shape[:1])
        return self.actions.to_environment(self.actions.sample(given, noise))

    def rollout(self) -> Rollout:
        """Act in all environments for `n_steps` steps."""
        key = self.step_key("rollout")
        noise = self.actions.noise(fold(key, "act"), (self.n_steps, self.environments))

        def act(carry: tuple, drawn: tuple) -> tuple:
            episodes, seen = carry
            step, noise = drawn
            inputs = self.seen(seen)
            raw = self.policy(inputs)
            action = self.actions.sample(self._given(raw), noise)
            taken = self.actions.to_environment(action)
            episodes, told = advance(self.environment, episodes, taken, at_step(key, step))
            return (episodes, told.observation), (
                inputs,
                raw,
                action,
                told._replace(observation=None),
            )

        episodes = self.episodes()
        start = episodes, observe(self.environment, episodes)
        found: Any = jax.lax.scan(act, start, (jnp.arange(self.n_steps), noise))
        (episodes, _), (inputs, raw, action, told) = found
        self.keep(episodes)
        self.count(told)
        value, advantage = self._valued(inputs, told)
        log_prob = self.actions.log_prob(self._given(raw), action)
        if self.normalize_observations:
            self._moments.update(super().seen(told.next_observation))
        return Rollout(inputs, action, log_prob, value, advantage, advantage + value)

    def _valued(self, inputs: jax.Array, told: Transition) -> tuple[jax.Array, jax.Array]:
        """Return the values of what was seen, and the advantages."""
        both = jnp.stack([inputs, self.seen(told.next_observation)])
        value, after = self._values(both.reshape(-1, *inputs.shape[2:])).reshape(both.shape[:3])
        reward = told.reward
        if self.normalize_rewards:
            reward = self._rewards(reward, told.ended)
        return value, self.advantages(reward, value, after, told)

    def advantages(
        self, reward: jax.Array, value: jax.Array, after: jax.Array, told: Transition
    ) -> jax.Array:
        """Return how much better each action was than expected.

        Args:
            reward: the rewards, of shape ``(steps, environments)`` as all arrays here.
            value, after: the values of what was seen before and after each step.
            told: what the steps brought.
        """
        return generalized_advantages(
            reward, value, after, told.terminated, told.truncated, self.discount, self.gae_lambda
        )

    def seen(self, observations: Any) -> jax.Array:
        """Return what networks are given of observations."""
        given = super().seen(observations)
        return self._moments.scaled(given) if self.normalize_observations else given

    def _given(self, raw: jax.Array) -> Any:
        """Return what the actions are drawn from, of what the policy's network gave."""
        return (raw, self.log_std.value) if isinstance(self.actions, Normal) else raw

    def _values(self, inputs: jax.Array, training: bool = False) -> jax.Array:
        return self.value(inputs, training=training)[..., 0]

    # ---- learning --------------------------------------------------------------------------------

    def loss_of(self, batch: Rollout) -> tuple[jax.Array, jax.Array]:
        """Return the loss of some rows, and what is told of it.

        Args:
            batch: rows of a rollout, whose axes of time and environments are one.

        Returns:
            The loss, and a vector of `told`.
        """
        given = self._given(self.policy(batch.inputs, training=True))
        log_prob = self.actions.log_prob(given, batch.action)
        policy_loss, *more = self.policy_losses(log_prob, batch)
        error = self._values(batch.inputs, training=True) - batch.returns
        rows = policy_loss, 0.5 * error**2, self.actions.entropy(given), *more
        told = jnp.mean(jnp.stack(rows), -1)  # one sum of all, which is soon compiled
        loss = told[0] + self.value_coefficient * told[1] - self.entropy_coefficient * told[2]
        return loss, told

    def policy_losses(self, log_prob: jax.Array, batch: Rollout) -> tuple[jax.Array, ...]:
        """Return of each row the policy's loss, and what else is told of it.

        Args:
            log_prob: of the actions of the batch, as the policy is now.
            batch: rows of a rollout.
        """
        raise NotImplementedError


def rows_of(rollout: Rollout) -> Rollout:
    """Return a rollout whose axes of time and environments are one."""
    return jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), rollout)
