"""Proximal policy optimization."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_positive, check_whole
from maeum.core.errors import ConfigError
from maeum.core.loops import scan
from maeum.core.randomness import fold
from maeum.core.registry import builtin
from maeum.ops import random
from maeum.rl.actor_critic import ActorCritic, Rollout, rows_of
from maeum.rl.envs.environment import Environment


@builtin
class PPO(ActorCritic):
    """Proximal policy optimization (Schulman et al., 2017).

    A step of training acts for ``n_steps`` in all environments, and learns from them in several
    passes of minibatches: the gradient of ``min(r A, clip(r, 1 - c, 1 + c) A)``, with ``r`` the
    probability of an action now as a multiple of what it was, and ``A`` its advantage, of which
    each minibatch has the mean 0 and the deviation 1. The arguments are those of
    `ActorCritic`, and

    Args:
        clip_range: ``c``, how far a probability is moved by one rollout.
        passes: how often each step is learnt from.
        minibatches: into how many parts a pass is divided.

    Example:
        >>> agent = PPO("CartPole-v1", decay_steps=10, seed=0)
        >>> history = agent.fit(steps_per_epoch=10, verbose=0)
        >>> sorted(history.history)[:4]
        ['approx_kl', 'clip_fraction', 'entropy', 'length']
    """

    told = (*ActorCritic.told, "approx_kl", "clip_fraction")

    def __init__(
        self,
        environment: Environment | str,
        *,
        clip_range: float = 0.2,
        passes: int = 10,
        minibatches: int = 4,
        learning_rate: Any = 1e-3,
        **options: Any,
    ):
        self.clip_range = check_positive(clip_range, "clip_range")
        self.passes = check_whole(passes, "passes")
        self.minibatches = check_whole(minibatches, "minibatches")
        super().__init__(environment, learning_rate=learning_rate, **options)
        rows = self.n_steps * self.environments
        if rows % self.minibatches or rows == self.minibatches:
            raise ConfigError(
                "{rows} rows (n_steps={steps} of environments={environments}) cannot be divided "
                "into minibatches={minibatches} of two or more rows each.",
                rows=rows,
                steps=self.n_steps,
                environments=self.environments,
                minibatches=self.minibatches,
            )

    @property
    def updates(self) -> int:
        """How many steps the optimizer takes in one step of training."""
        return self.passes * self.minibatches

    def train_step(self, data: Any) -> dict[str, Any]:
        """Act in all environments, and learn from it."""
        rows = rows_of(self.rollout())
        count = len(rows.action)
        bits = random.bits(fold(self.step_key("rollout"), "order"), (self.passes, count))
        order = jnp.argsort(bits, -1).reshape(self.updates, -1)
        batches = jax.tree.map(lambda a: a[order], rows)

        def learn(state: None, batch: Rollout) -> tuple[None, Any]:
            return state, self.descend(lambda: self.loss_of(batch))

        return self.tell(*scan(learn, None, batches)[1])

    def policy_losses(self, log_prob: jax.Array, batch: Rollout) -> tuple[jax.Array, ...]:
        """Return of each row the clipped loss, the divergence, and whether it was clipped.

        The divergence of Kullback and Leibler from the policy before is estimated as
        ``(r - 1) - log r`` (Schulman, 2020).
        """
        advantage = batch.advantage
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        apart = log_prob - batch.log_prob
        ratio = jnp.exp(apart)
        clipped = jnp.clip(ratio, 1 - self.clip_range, 1 + self.clip_range)
        loss = -jnp.minimum(ratio * advantage, clipped * advantage)
        outside = jnp.abs(ratio - 1) > self.clip_range
        return loss, ratio - 1 - apart, outside.astype(jnp.float32)
