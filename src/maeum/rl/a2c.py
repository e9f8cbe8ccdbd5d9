"""Policy gradients without replay: advantage actor-critic, and REINFORCE."""

from __future__ import annotations

from typing import Any

import jax

from maeum.core.registry import builtin
from maeum.rl.actor_critic import ActorCritic, Rollout, rows_of
from maeum.rl.envs.environment import Environment
from maeum.rl.envs.episodes import Transition
from maeum.rl.returns import discounted_returns


@builtin
class A2C(ActorCritic):
    """Advantage actor-critic (Mnih et al., 2016, in turn): the gradient of ``A log p(a)``.

    A step of training acts for ``n_steps`` in all environments, and takes one step of the
    optimizer. The arguments are those of `ActorCritic`.

    Example:
        >>> agent = A2C("CartPole-v1", seed=0)
        >>> history = agent.fit(steps_per_epoch=10, verbose=0)
        >>> agent.act([0.0, 0.0, 0.0, 0.0]).shape
        ()
    """

    def __init__(
        self,
        environment: Environment | str,
        *,
        n_steps: int = 8,
        gae_lambda: float = 1.0,
        learning_rate: Any = 3e-3,
        **options: Any,
    ):
        super().__init__(
            environment,
            n_steps=n_steps,
            gae_lambda=gae_lambda,
            learning_rate=learning_rate,
            **options,
        )

    def train_step(self, data: Any) -> dict[str, Any]:
        """Act in all environments, and learn from it."""
        rows = rows_of(self.rollout())
        loss, told = self.descend(lambda: self.loss_of(rows))
        return self.tell(loss[None], told[None])

    def policy_losses(self, log_prob: jax.Array, batch: Rollout) -> tuple[jax.Array, ...]:
        """Return of each row ``-A log p(a)``."""
        return (-log_prob * batch.advantage,)


@builtin
class REINFORCE(A2C):
    """REINFORCE with a baseline (Williams, 1992): the gradient of ``(R - v) log p(a)``.

    ``R`` is the discounted sum of the rewards up to the end of the episode. Only where an episode
    is cut off, by its time limit or at the end of the ``n_steps``, the value ``v`` stands for what
    would have come; elsewhere it serves as the baseline alone, towards ``R``. The arguments are
    those of `ActorCritic` but ``gae_lambda``.

    Example:
        >>> agent = REINFORCE("CartPole-v1", seed=0)
        >>> history = agent.fit(steps_per_epoch=5, verbose=0)
        >>> sorted(history.history)
        ['entropy', 'length', 'loss', 'policy_loss', 'return', 'value_loss']
    """

    def __init__(
        self,
        environment: Environment | str,
        *,
        n_steps: int = 128,
        learning_rate: Any = 3e-3,
        **options: Any,
    ):
        super().__init__(environment, n_steps=n_steps, learning_rate=learning_rate, **options)

    def advantages(
        self, reward: jax.Array, value: jax.Array, after: jax.Array, told: Transition
    ) -> jax.Array:
        """Return how much more was earned than expected."""
        found = discounted_returns(reward, after, told.terminated, told.truncated, self.discount)
        return found - value
