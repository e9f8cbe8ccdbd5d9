"""Adam and its relatives: means of the gradient and of its square, both corrected at the start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_fraction, check_whole
from maeum.core.errors import ConfigError
from maeum.ops.kernels import compiled_elementwise
from maeum.ops.kernels.choice import steps_natively
from maeum.optimizers.optimizer import Optimizer


def mean_and_square(g: Any, m: Any, v: Any, beta_1: float, beta_2: float) -> tuple[Any, Any]:
    """Return the means of the gradient and of its square, with one more gradient."""
    return m + (g - m) * (1 - beta_1), v + (g * g - v) * (1 - beta_2)


def corrected(lr: Any, beta_1: float, beta_2: float, step: Any) -> Any:
    """Return a learning rate that makes up for means which begin with zeros."""
    return lr * jnp.sqrt(1 - beta_2 ** (step + 1)) / (1 - beta_1 ** (step + 1))


class _Moments(Optimizer):
    """What the relatives share: the arguments of their two means."""

    slots: tuple[str, ...] = ("momentum", "velocity")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Any,
    ):
        super().__init__(learning_rate, **options)
        self.beta_1 = check_fraction(beta_1, "beta_1")
        self.beta_2 = check_fraction(beta_2, "beta_2")
        self.epsilon = epsilon


class Adam(_Moments):
    """m <- mean of g, v <- mean of g**2;  w <- w - lr m / sqrt(v)  (Kingma and Ba, 2014).

    Args:
        learning_rate: a number or a schedule.
        beta_1: how much of the mean gradient stays at each step.
        beta_2: how much of the mean square stays.
        epsilon: keeps the division finite.
        amsgrad: divide by the largest mean square so far (Reddi et al., 2018).
        options: what every `Optimizer` takes.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Any,
    ):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)
        self.amsgrad = amsgrad

    @property
    def slots(self) -> tuple[str, ...]:  # type: ignore[override]
        """The two means, and the largest mean square so far if it is wanted."""
        return ("momentum", "velocity", *(("velocity_hat",) if self.amsgrad else ()))

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w`` and the means."""
        self.check_slots(slots)
        m, v, *largest = slots
        m, v = mean_and_square(g, m, v, self.beta_1, self.beta_2)
        largest = [jnp.maximum(v, top) for top in largest]
        lr = corrected(lr, self.beta_1, self.beta_2, step)
        return -lr * m / (jnp.sqrt(largest[0] if largest else v) + self.epsilon), m, v, *largest

    def step_all(
        self, gradients: Sequence[Any], slots: Any, weights: Sequence[Any], lr: Any, step: Any,
        decays: Sequence[float | None],
    ) -> tuple[list[Any], Any]:  # fmt: skip
        """Return all weights and their slots after one step, by a native kernel where it can be."""
        own = type(self).update, type(self).update_all
        other = self.amsgrad or own != (Adam.update, Adam.update_all)
        if other or not weights or not steps_natively(weights):
            return super().step_all(gradients, slots, weights, lr, step, decays)
        rate = corrected(lr, self.beta_1, self.beta_2, step)
        numbers = rate, self.epsilon, 1 - self.beta_1, 1 - self.beta_2
        for each in slots:
            self.check_slots(each)
        means, squares = zip(*slots)
        of_each = [(*numbers, 0 if decay is None else decay * lr) for decay in decays]
        step = compiled_elementwise.adam(weights, gradients, means, squares, of_each)
        return step[0], [*zip(*step[1:])]


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019)."""

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Any,
    ):
        if weight_decay is None:
            raise ConfigError("AdamW needs a weight_decay; Adam is the one without.")
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **options
        )


class Adamax(_Moments):
    """Adam with the largest |g|, which fades, instead of the mean square (Kingma and Ba, 2014)."""

    slots = ("momentum", "norm")

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w``, the mean and the norm."""
        m, norm = slots
        m = m + (g - m) * (1 - self.beta_1)
        norm = jnp.maximum(self.beta_2 * norm, jnp.abs(g))
        return -lr * m / ((1 - self.beta_1 ** (step + 1)) * (norm + self.epsilon)), m, norm


class Nadam(_Moments):
    """Adam with Nesterov's momentum, which grows to beta_1 with the steps (Dozat, 2016)."""

    slots = ("momentum", "velocity", "product")

    def init_slots(self, w: Any) -> tuple:
        """Return zeros for the means and 1 for the product of the momenta so far."""
        return np.zeros(w.shape, w.dtype), np.zeros(w.shape, w.dtype), np.ones((), w.dtype)

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w``, the means and the product."""
        m, v, product = slots
        # Rounded alike wherever they are used, so that the first correction is exact.
        beta_1, beta_2 = np.float32(self.beta_1), np.float32(self.beta_2)
        now, after = (beta_1 * (1 - 0.5 * 0.96 ** (step + i)) for i in (1, 2))
        product = product * now
        m = m + (g - m) * (1 - beta_1)
        v = v + (g * g - v) * (1 - beta_2)
        ahead = after * m / (1 - product * after) + (1 - now) * g / (1 - product)
        spread = jnp.sqrt(v / (1 - beta_2 ** (step + 1))) + self.epsilon
        return -lr * ahead / spread, m, v, product


class Lamb(_Moments):
    """Adam's step, scaled for each weight to its norm: for large batches (You et al., 2019).

    Args:
        learning_rate: a number or a schedule.
        beta_1: how much of the mean gradient stays at each step.
        beta_2: how much of the mean square stays.
        epsilon: keeps the division finite.
        options: what every `Optimizer` takes.
    """

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w`` and the means."""
        m, v = slots
        m, v = mean_and_square(g, m, v, self.beta_1, self.beta_2)
        spread = jnp.sqrt(v / (1 - self.beta_2 ** (step + 1))) + self.epsilon
        delta = m / (1 - self.beta_1 ** (step + 1)) / spread
        weight, length = (jnp.sqrt(jnp.sum(jnp.square(x))) for x in (w, delta))
        usable = (weight > 0) & (length > 0)
        ratio = jnp.where(usable, weight / jnp.where(usable, length, 1), 1)
        return -lr * ratio * delta, m, v


class ScheduleFreeAdamW(_Moments):
    """AdamW without a schedule: an average of the path takes its place (Defazio et al., 2024).

    The gradient is taken at ``y = (1 - beta_1) z + beta_1 x``, which are the weights while they
    are trained: z makes Adam's steps, and x is the mean of all z.

    Args:
        learning_rate: a number.
        beta_1: how much of the mean path is in the weights, between 0 and 1.
        beta_2: how much of the mean square stays at each step.
        epsilon: keeps the division finite.
        warmup_steps: how many steps the learning rate takes to rise in a line.
        options: what every `Optimizer` takes.
    """

    def __init__(
        self,
        learning_rate: Any = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
        **options: Any,
    ):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)
        check_fraction(beta_1, "beta_1", zero=False)
        self.warmup_steps = check_whole(warmup_steps, "warmup_steps", 0)

    def init_slots(self, w: Any) -> tuple:
        """Return the weight, where z begins, and zeros for the mean square."""
        return jnp.array(w), np.zeros(w.shape, w.dtype)

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w``, z and the mean square."""
        z, v = slots
        if self.warmup_steps:
            lr = lr * jnp.minimum((step + 1) / self.warmup_steps, 1)
        mean = (w - (1 - self.beta_1) * z) / self.beta_1
        v = v + (g * g - v) * (1 - self.beta_2)
        z = z - lr * g / (jnp.sqrt(v / (1 - self.beta_2 ** (step + 1))) + self.epsilon)
        mean = mean + (z - mean) / (step + 1)
        return (1 - self.beta_1) * z + self.beta_1 * mean - w, z, v
