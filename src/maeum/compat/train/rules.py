"""The update rules of TensorFlow 1's optimizers, where they differ from those of Keras."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.optimizers.rule import UpdateRule


class GradientDescent(UpdateRule):
    """w <- w - lr g."""

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w``."""
        return (-lr * g,)


class Momentum(UpdateRule):
    """a <- m a + g;  w <- w - lr a, or lr (g + m a) with Nesterov's look ahead."""

    slots = ("Momentum",)

    def __init__(self, momentum: float, nesterov: bool):
        super().__init__()
        self.momentum, self.nesterov = momentum, nesterov

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w`` and the accumulator."""
        sum_ = self.momentum * slots[0] + g
        return -lr * (g + self.momentum * sum_ if self.nesterov else sum_), sum_


class Adagrad(UpdateRule):
    """s <- s + g**2;  w <- w - lr g / sqrt(s)  (Duchi et al., 2011)."""

    slots = ("Adagrad",)

    def __init__(self, first: float):
        super().__init__()
        self.first = first

    def init_slots(self, w: Any) -> tuple:
        """Return the initial accumulator."""
        return (np.full(w.shape, self.first, w.dtype),)

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w`` and the accumulator."""
        total = slots[0] + g * g
        return -lr * g / jnp.sqrt(total), total


class RMSProp(UpdateRule):
    """v <- d v + (1 - d) g**2;  a <- m a + lr g / sqrt(v + eps);  w <- w - a.

    The mean square begins with ones. With ``centered`` the square of the mean gradient is
    subtracted from it (Graves, 2013).
    """

    def __init__(self, decay: float, momentum: float, epsilon: float, centered: bool):
        super().__init__()
        self.decay_rate, self.momentum = decay, momentum
        self.epsilon, self.centered = epsilon, centered

    @property
    def slots(self) -> tuple[str, ...]:  # type: ignore[override]
        """The mean square, the momentum, and the mean gradient if it is centered."""
        return ("RMSProp", "RMSProp_1", *(("RMSProp_2",) if self.centered else ()))

    def init_slots(self, w: Any) -> tuple:
        """Return ones for the mean square, zeros for the others."""
        zeros = np.zeros(w.shape, w.dtype)
        return (np.ones(w.shape, w.dtype), zeros, *((zeros,) if self.centered else ()))

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w`` and the slots."""
        square, speed, *mean = slots
        square = self.decay_rate * square + (1 - self.decay_rate) * g * g
        mean = [self.decay_rate * m + (1 - self.decay_rate) * g for m in mean]
        size = square - mean[0] * mean[0] if mean else square
        speed = self.momentum * speed + lr * g / jnp.sqrt(size + self.epsilon)
        return -speed, square, speed, *mean


class ProximalAdagrad(Adagrad):
    """Adagrad, whose weights are then shrunk by l1 and l2 (Duchi and Singer, 2009)."""

    def __init__(self, first: float, l1: float, l2: float):
        super().__init__(first)
        self.l1, self.l2 = l1, l2

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w`` and the accumulator."""
        total = slots[0] + g * g
        rate = lr / jnp.sqrt(total)
        moved = w - rate * g
        shrunk = jnp.sign(moved) * jnp.maximum(jnp.abs(moved) - rate * self.l1, 0)
        return shrunk / (1 + rate * self.l2) - w, total
