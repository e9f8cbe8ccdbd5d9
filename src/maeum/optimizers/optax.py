"""Optax's transformations as optimizers. Nothing of optax is imported here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maeum.core.errors import ConfigError
from maeum.optimizers.optimizer import Optimizer


class Optax(Optimizer):
    """An ``optax.GradientTransformation``, with the clipping and averaging of every optimizer.

    ``compile(optimizer=optax.adam(1e-3))`` makes one by itself.

    Args:
        transformation: anything with optax's ``init`` and ``update``.
        learning_rate: a factor on its steps, which have a learning rate of their own already;
            callbacks change this one.
        options: what every `Optimizer` takes.

    Raises:
        ConfigError: if it is not a transformation.
    """

    def __init__(self, transformation: Any, learning_rate: Any = 1.0, **options: Any):
        if not is_transformation(transformation):
            raise ConfigError(
                "Optax takes an optax.GradientTransformation such as optax.adam(1e-3); got "
                "{transformation!r}.",
                transformation=transformation,
            )
        super().__init__(learning_rate, **options)
        self.transformation = transformation

    def init_all(self, weights: Sequence[Any]) -> Any:
        """Return the state that the transformation begins with."""
        return self.transformation.init(list(weights))

    def update_all(
        self, gradients: Sequence[Any], slots: Any, weights: Sequence[Any], lr: Any, step: Any
    ) -> tuple[list[Any], Any]:
        """Return the changes of all weights and the transformation's new state."""
        deltas, slots = self.transformation.update(list(gradients), slots, list(weights))
        return [lr * delta for delta in deltas], slots

    def get_config(self) -> dict[str, Any]:
        """Raise `ConfigError`: no file holds a transformation."""
        raise ConfigError(
            "An optax transformation is made of functions, which cannot be written to a file."
        )


def is_transformation(thing: Any) -> bool:
    """Return whether ``thing`` has what makes an optax transformation: ``init`` and ``update``."""
    return (
        not isinstance(thing, (Optimizer, type))
        and callable(getattr(thing, "init", None))
        and callable(getattr(thing, "update", None))
    )
