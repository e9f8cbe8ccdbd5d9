"""Gradient descent: plain, with momentum, and Nesterov's."""

from __future__ import annotations

from typing import Any

import jax

from maeum.core.checks import check_number
from maeum.optimizers.optimizer import Optimizer


class SGD(Optimizer):
    """w <- w - lr g; with momentum v <- m v - lr g;  w <- w + v  (Polyak, 1964).

    Nesterov's (1983) momentum looks one step ahead: w <- w + m v - lr g.

    Args:
        learning_rate: a number or a schedule.
        momentum: how much of the last step stays, between 0 and 1.
        nesterov: look one step ahead.
        options: what every `Optimizer` takes.

    >>> import numpy as np
    >>> sgd, w, g = SGD(0.5), [np.array([1.0, 2.0], "float32")], [np.array([1.0, 1.0])]
    >>> sgd.advance(w, g, sgd.init(w))[0][0].tolist()
    [0.5, 1.5]
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **options: Any,
    ):
        super().__init__(learning_rate, **options)
        self.momentum, self.nesterov = check_number(momentum, "momentum", most=1), nesterov

    @property
    def slots(self) -> tuple[str, ...]:  # type: ignore[override]
        """The velocity, if there is momentum."""
        return ("momentum",) if self.momentum else ()

    def update(self, g: jax.Array, *slots: Any, w: jax.Array, lr: Any, step: Any) -> tuple:
        """Return the change of ``w``, and the velocity if there is momentum."""
        self.check_slots(slots)
        if not slots:
            return (-lr * g,)
        velocity = self.momentum * slots[0] - lr * g
        return (self.momentum * velocity - lr * g if self.nesterov else velocity), velocity


class Momentum(SGD):
    """`SGD` with momentum, by its own name."""

    def __init__(self, learning_rate: Any = 0.01, momentum: float = 0.9, **options: Any):
        super().__init__(learning_rate, momentum, **options)


class Nesterov(SGD):
    """`SGD` with Nesterov's momentum, by its own name."""

    def __init__(self, learning_rate: Any = 0.01, momentum: float = 0.9, **options: Any):
        super().__init__(learning_rate, momentum, **{"nesterov": True, **options})
