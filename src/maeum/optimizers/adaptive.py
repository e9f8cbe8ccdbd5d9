"""Optimizers with a step size for each entry of a weight, in order of increasing complexity."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_number, check_positive
from maeum.core.errors import ConfigError
from maeum.optimizers.optimizer import Optimizer


class Adagrad(Optimizer):
    """s <- s + g**2;  w <- w - lr g / sqrt(s + eps)  (Duchi et al., 2011)."""

    slots = ("accumulator",)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **options: Any,
    ):
        super().__init__(learning_rate, **options)
        self.initial_accumulator_value, self.epsilon = initial_accumulator_value, epsilon

    def init_slots(self, w: Any) -> tuple:
        """Return the initial accumulator."""
        return (np.full(w.shape, self.initial_accumulator_value, w.dtype),)

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w`` and the accumulator."""
        accumulator = slots[0] + g * g
        return -lr * g / jnp.sqrt(accumulator + self.epsilon), accumulator


class RMSprop(Optimizer):
    """v <- r v + (1 - r) g**2;  w <- w - lr g / sqrt(v + eps)  (Tieleman and Hinton, 2012).

    Args:
        learning_rate: a number or a schedule.
        rho: how much of the mean square stays at each step.
        momentum: how much of the last step stays.
        epsilon: keeps the division finite.
        centered: divide by the standard deviation of the gradient instead (Graves, 2013).
        options: what every `Optimizer` takes.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **options: Any,
    ):
        super().__init__(learning_rate, **options)
        self.rho, self.momentum, self.epsilon, self.centered = rho, momentum, epsilon, centered

    @property
    def slots(self) -> tuple[str, ...]:  # type: ignore[override]
        """The mean square, and what momentum and centering need."""
        optional = {"momentum": self.momentum > 0, "average_gradient": self.centered}
        return ("velocity", *(name for name, wanted in optional.items() if wanted))

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w`` and the slots."""
        self.check_slots(slots)
        new = dict(zip(self.slots, slots))
        new["velocity"] = self.rho * new["velocity"] + (1 - self.rho) * g * g
        square = new["velocity"]
        if self.centered:
            new["average_gradient"] = self.rho * new["average_gradient"] + (1 - self.rho) * g
            # A variance; rounding must not make it negative.
            square = jnp.maximum(square - jnp.square(new["average_gradient"]), 0)
        delta = -lr * g / jnp.sqrt(square + self.epsilon)
        if self.momentum > 0:
            delta = new["momentum"] = self.momentum * new["momentum"] + delta
        return delta, *(new[name] for name in self.slots)


class Adadelta(Optimizer):
    """The step is the RMS of earlier steps over that of the gradients (Zeiler, 2012)."""

    slots = ("accumulated_grad", "accumulated_delta_var")

    def __init__(
        self, learning_rate: Any = 0.001, rho: float = 0.95, epsilon: float = 1e-7, **options: Any
    ):
        super().__init__(learning_rate, **options)
        self.rho, self.epsilon = rho, epsilon

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w`` and the two mean squares."""
        squares, deltas = slots
        squares = self.rho * squares + (1 - self.rho) * g * g
        delta = -jnp.sqrt(deltas + self.epsilon) * g / jnp.sqrt(squares + self.epsilon)
        deltas = self.rho * deltas + (1 - self.rho) * delta * delta
        return lr * delta, squares, deltas


class Lion(Optimizer):
    """w <- w - lr sign(b1 m + (1 - b1) g);  m <- b2 m + (1 - b2) g  (Chen et al., 2023)."""

    slots = ("momentum",)

    def __init__(
        self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.99, **options: Any
    ):
        super().__init__(learning_rate, **options)
        self.beta_1 = check_positive(check_number(beta_1, "beta_1", most=1), "beta_1")
        self.beta_2 = beta_2

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w`` and the momentum."""
        m = slots[0]
        delta = -lr * jnp.sign(self.beta_1 * m + (1 - self.beta_1) * g)
        return delta, self.beta_2 * m + (1 - self.beta_2) * g


class Ftrl(Optimizer):
    """Follow the regularized leader, for sparse linear models (McMahan et al., 2013).

    Args:
        learning_rate: a number or a schedule.
        learning_rate_power: how the step falls with the accumulated squares; 0 or below.
        initial_accumulator_value: where those begin.
        l1_regularization_strength: makes weights exactly zero.
        l2_regularization_strength: keeps weights small.
        l2_shrinkage_regularization_strength: an L2 penalty that acts on the gradient alone.
        beta: added to the square root of the accumulator (the paper's).
        options: what every `Optimizer` takes.
    """

    slots = ("accumulator", "linear")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **options: Any,
    ):
        super().__init__(learning_rate, **options)
        if learning_rate_power > 0:
            raise ConfigError(
                "learning_rate_power is 0 or below; got {power}.", power=learning_rate_power
            )
        for name, value in {
            "initial_accumulator_value": initial_accumulator_value,
            "l1_regularization_strength": l1_regularization_strength,
            "l2_regularization_strength": l2_regularization_strength,
            "l2_shrinkage_regularization_strength": l2_shrinkage_regularization_strength,
        }.items():
            check_number(value, name)
        self.learning_rate_power, self.beta = learning_rate_power, beta
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength

    def init_slots(self, w: Any) -> tuple:
        """Return the initial accumulator, and zeros."""
        return np.full(w.shape, self.initial_accumulator_value, w.dtype), np.zeros(w.shape, w.dtype)

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w``, the accumulator and the linear term."""
        accumulator, linear = slots
        l1, power = self.l1_regularization_strength, -self.learning_rate_power
        total = accumulator + g * g
        root = jnp.power(total, power)
        shrunk = g + 2 * self.l2_shrinkage_regularization_strength * w
        linear = linear + shrunk - (root - jnp.power(accumulator, power)) / lr * w
        quadratic = (root + self.beta) / lr + 2 * self.l2_regularization_strength
        return (jnp.clip(linear, -l1, l1) - linear) / quadratic - w, total, linear


class Adafactor(Optimizer):
    """Keeps the mean squares of a matrix as row and column means (Shazeer and Stern, 2018).

    Args:
        learning_rate: a number or a schedule.
        beta_2_decay: the mean squares are averaged with ``1 - step ** beta_2_decay``.
        epsilon_1: keeps the division finite.
        epsilon_2: the least scale of a weight, whose root mean square scales the step.
        clip_threshold: the largest root mean square of a step before scaling.
        relative_step: a learning rate given as a number is at most ``1 / sqrt(step)``.
        options: what every `Optimizer` takes.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        **options: Any,
    ):
        super().__init__(learning_rate, **options)
        self.beta_2_decay, self.clip_threshold = beta_2_decay, clip_threshold
        self.epsilon_1, self.epsilon_2, self.relative_step = epsilon_1, epsilon_2, relative_step

    def init_slots(self, w: Any) -> tuple:
        """Return zeros: for rows and columns, or for a vector the mean squares themselves."""
        shapes = [w.shape] if len(w.shape) < 2 else [w.shape[:-1], w.shape[:-2] + w.shape[-1:]]
        return tuple(np.zeros(shape, w.dtype) for shape in shapes)

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w`` and the means."""
        t = step + 1
        if self.relative_step and self._schedule is None:
            lr = jnp.minimum(lr, 1 / jnp.sqrt(t))
        beta = 1 - t**self.beta_2_decay
        square = g * g + self.epsilon_1
        means = [square] if len(slots) == 1 else [jnp.mean(square, -1), jnp.mean(square, -2)]
        new = tuple(beta * slot + (1 - beta) * mean for slot, mean in zip(slots, means))
        velocity = new[0]
        if len(new) == 2:
            rows, columns = new
            rows = rows / jnp.mean(rows, -1, keepdims=True)
            velocity = rows[..., None] * columns[..., None, :]
        delta = g / jnp.sqrt(velocity)
        delta = delta / jnp.maximum(1, _rms(delta) / self.clip_threshold)
        return -lr * jnp.maximum(self.epsilon_2, _rms(w)) * delta, *new


def _rms(x: jax.Array) -> jax.Array:
    return jnp.sqrt(jnp.mean(jnp.square(x)))
