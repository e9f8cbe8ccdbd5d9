"""Schedules: the learning rate as a function of the step.

A schedule is pure, and its step may be traced, so that it is part of the compiled training
program. ``optimizer = SGD(CosineDecay(0.1, 1000))``.

Example:
    >>> schedule = ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5)
    >>> round(float(schedule(20)), 6)  # two halvings
    0.025
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core import registry
from maeum.core.checks import check_positive, check_whole
from maeum.core.config import Configurable
from maeum.core.errors import ConfigError, not_implemented
from maeum.core.messages import N_


class LearningRateSchedule(Configurable):
    """Base of the schedules; a subclass writes ``__call__(step)``."""

    def __call__(self, step: Any) -> jax.Array:
        """Return the learning rate of ``step``, the number of updates that came before."""
        raise not_implemented(self, "__call__(step)")


class PiecewiseConstantDecay(LearningRateSchedule):
    """``values[i]`` up to and including step ``boundaries[i]``, the last value after them all.

    >>> schedule = PiecewiseConstantDecay([100, 200], [1.0, 0.5, 0.1])
    >>> [round(float(schedule(step)), 6) for step in (100, 101, 201)]
    [1.0, 0.5, 0.1]
    """

    def __init__(
        self,
        boundaries: Sequence[float],
        values: Sequence[float],
        name: str = "PiecewiseConstant",
    ):
        if len(values) != len(boundaries) + 1:
            raise ConfigError(
                "There is one value more than there are boundaries; got {values} values and "
                "{boundaries} boundaries.",
                values=len(values),
                boundaries=len(boundaries),
            )
        self.boundaries, self.values, self.name = boundaries, values, name

    def __call__(self, step: Any) -> jax.Array:
        """Return the learning rate of ``step``."""
        passed = jnp.sum(_float(step) > np.asarray(self.boundaries, np.float32))
        return jnp.asarray(self.values, jnp.float32)[passed]


class _Decay(LearningRateSchedule):
    """What two schedules share: how often ``decay_steps`` have passed."""

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool,
        name: str,
    ):
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = check_positive(decay_steps, "decay_steps")
        self.decay_rate, self.staircase = decay_rate, staircase
        self.name = name

    def _passed(self, step: Any) -> jax.Array:
        passed = _passed(step, self.decay_steps)
        return jnp.floor(passed) if self.staircase else passed


class ExponentialDecay(_Decay):
    """``initial_learning_rate * decay_rate ** (step / decay_steps)``.

    With ``staircase`` the exponent is a whole number, so that the rate drops every
    ``decay_steps`` steps.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ):
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase, name)

    def __call__(self, step: Any) -> jax.Array:
        """Return the learning rate of ``step``."""
        return self.initial_learning_rate * jnp.power(self.decay_rate, self._passed(step))


class InverseTimeDecay(_Decay):
    """``initial_learning_rate / (1 + decay_rate * step / decay_steps)``.

    With ``decay_steps=1`` this is what Keras 2 called ``decay``.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ):
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase, name)

    def __call__(self, step: Any) -> jax.Array:
        """Return the learning rate of ``step``."""
        return self.initial_learning_rate / (1 + self.decay_rate * self._passed(step))


class PolynomialDecay(LearningRateSchedule):
    """``(initial - end) * (1 - step / decay_steps) ** power + end``, then ``end``.

    With ``cycle`` the rate does not stay at the end: it goes on from the smallest multiple of
    ``decay_steps`` that has not passed yet.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ):
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = check_positive(decay_steps, "decay_steps")
        self.end_learning_rate, self.power = end_learning_rate, power
        self.cycle, self.name = cycle, name

    def __call__(self, step: Any) -> jax.Array:
        """Return the learning rate of ``step``."""
        passed = _passed(step, self.decay_steps)
        passed = passed / jnp.maximum(jnp.ceil(passed), 1) if self.cycle else jnp.minimum(passed, 1)
        span = self.initial_learning_rate - self.end_learning_rate
        return span * jnp.power(1 - passed, self.power) + self.end_learning_rate


class CosineDecay(LearningRateSchedule):
    """Half a cosine from the initial rate to ``alpha`` times it (Loshchilov and Hutter, 2016).

    Args:
        initial_learning_rate: the rate at the beginning.
        decay_steps: how many steps the cosine takes.
        alpha: the fraction of the rate that remains at the end.
        name: its name.
        warmup_target: with it, the rate first rises in a line from ``initial_learning_rate`` to
            this one, and the cosine begins there.
        warmup_steps: how many steps the line takes, before those of the cosine.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ):
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = check_positive(decay_steps, "decay_steps")
        self.alpha, self.name = alpha, name
        self.warmup_target, self.warmup_steps = warmup_target, warmup_steps

    def __call__(self, step: Any) -> jax.Array:
        """Return the learning rate of ``step``."""
        step = _float(step)
        if self.warmup_target is None:
            return self.initial_learning_rate * self._cosine(step)
        return jnp.where(
            step < self.warmup_steps,
            _line(step, self.warmup_steps, self.initial_learning_rate, self.warmup_target),
            self.warmup_target * self._cosine(step - self.warmup_steps),
        )

    def _cosine(self, step: jax.Array) -> jax.Array:
        wave = (1 + jnp.cos(math.pi * jnp.minimum(step / self.decay_steps, 1))) / 2
        return (1 - self.alpha) * wave + self.alpha


class CosineDecayRestarts(LearningRateSchedule):
    """Half cosines one after the other, warm restarts (Loshchilov and Hutter, 2016).

    Args:
        initial_learning_rate: the rate at the beginning.
        first_decay_steps: how many steps the first cosine takes.
        t_mul: each cosine takes this many times the steps of the one before.
        m_mul: each cosine begins at this many times the rate of the one before.
        alpha: the fraction of the rate that remains at the end of each.
        name: its name.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ):
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = check_positive(first_decay_steps, "first_decay_steps")
        self.t_mul, self.m_mul, self.alpha, self.name = t_mul, m_mul, alpha, name

    def __call__(self, step: Any) -> jax.Array:
        """Return the learning rate of ``step``."""
        passed = _passed(step, self.first_decay_steps)
        restarts, fraction = self._position(passed)
        wave = jnp.power(self.m_mul, restarts) * (1 + jnp.cos(math.pi * fraction)) / 2
        return self.initial_learning_rate * ((1 - self.alpha) * wave + self.alpha)

    def _position(self, passed: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Return how many restarts there were, and how far the cosine since then is."""
        if self.t_mul == 1:
            restarts = jnp.floor(passed)
            return restarts, passed - restarts

        def start(i: jax.Array) -> jax.Array:  # a geometric sum
            return (jnp.power(self.t_mul, i) - 1) / (self.t_mul - 1)

        i = jnp.floor(jnp.log(1 + passed * (self.t_mul - 1)) / math.log(self.t_mul))
        # At a restart, rounding may put the logarithm on the wrong side of the whole number.
        i = i + (passed >= start(i + 1)) - (passed < start(i))
        return i, (passed - start(i)) / jnp.power(self.t_mul, i)


class CosineLog(LearningRateSchedule):
    """Cosine waves that last longer and longer, each from 0 to the learning rate and back.

    ``rate * (1 - cos(2 pi log2(1 + (2 ** cycles - 1) * step / decay_steps))) / 2``; afterwards 0.
    It explores at several scales, and often comes to rest: "coslog4" of Holzmüller, Grinsztajn &
    Steinwart (2024), who train networks for tables by it.

    Args:
        learning_rate: the highest rate.
        decay_steps: how many steps all waves take together.
        cycles: how many waves there are.
        name: its name.

    >>> schedule = CosineLog(0.1, 150)
    >>> [round(float(schedule(step)), 6) for step in (0, 10, 30, 150)]
    [0.0, 0.0, 0.0, 0.0]
    """

    def __init__(
        self, learning_rate: float, decay_steps: float, cycles: int = 4, name: str = "CosineLog"
    ):
        self.learning_rate = learning_rate
        self.decay_steps = check_positive(decay_steps, "decay_steps")
        self.cycles, self.name = check_whole(cycles, "cycles", 1), name

    def __call__(self, step: Any) -> jax.Array:
        """Return the learning rate of ``step``."""
        passed = jnp.minimum(_float(step) / self.decay_steps, 1)
        waves = jnp.log2(1 + (2**self.cycles - 1) * passed)
        return self.learning_rate * (1 - jnp.cos(2 * math.pi * waves)) / 2


class LinearWarmup(LearningRateSchedule):
    """A line up to a learning rate, which then takes over, be it a number or a schedule.

    Args:
        learning_rate: a number, or a schedule, whose steps are counted from the end of the line.
        warmup_steps: how many steps the line takes.
        initial_learning_rate: where it begins.
        name: its name.

    >>> schedule = LinearWarmup(ExponentialDecay(1.0, 10, 0.5), warmup_steps=4)
    >>> [float(schedule(step)) for step in (0, 1, 4, 14)]
    [0.0, 0.25, 1.0, 0.5]
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule,
        warmup_steps: int,
        initial_learning_rate: float = 0.0,
        name: str = "LinearWarmup",
    ):
        self.learning_rate = learning_rate
        self.warmup_steps = check_positive(warmup_steps, "warmup_steps")
        self.initial_learning_rate, self.name = initial_learning_rate, name

    def __call__(self, step: Any) -> jax.Array:
        """Return the learning rate of ``step``."""
        step = _float(step)
        after = jnp.maximum(step - self.warmup_steps, 0)
        target = self.learning_rate(after) if callable(self.learning_rate) else self.learning_rate
        line = _line(step, self.warmup_steps, self.initial_learning_rate, target)
        return jnp.where(step < self.warmup_steps, line, target)


def _float(step: Any) -> jax.Array:
    return jnp.asarray(step, jnp.float32)


def _passed(step: Any, steps: float) -> jax.Array:
    """Return ``step / steps``, exact where it is a whole number.

    XLA multiplies by the reciprocal of a constant instead of dividing, which may end just below
    the whole number, so that its floor is one too low.
    """
    step = jnp.asarray(step)
    if not jnp.issubdtype(step.dtype, jnp.integer) or not float(steps).is_integer():
        return _float(step) / steps
    whole = step // int(steps)
    return _float(whole) + _float(step - whole * int(steps)) / steps


def _line(step: jax.Array, steps: int | float, first: Any, last: Any) -> jax.Array:
    return first + (last - first) * step / max(steps, 1)


_CLASSES = registry.public_classes(globals(), LearningRateSchedule)
_family = registry.Family(N_("learning rate schedule"), registry.named("schedules", _CLASSES))
serialize, deserialize = _family.keras_functions()
