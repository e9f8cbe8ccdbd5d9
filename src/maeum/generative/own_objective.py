"""Models that learn from ``x`` alone, by an objective of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.compiling import compiled
from maeum.core.errors import ConfigError, DataError
from maeum.core.functional import value_and_grad
from maeum.core.messages import _
from maeum.core.randomness import check_seed, make_key, next_seed
from maeum.models.model import Model
from maeum.training.steps import unpack_x_y_sample_weight


class OwnObjective(Model):
    """Base of models whose objective is part of what they are: ``compile`` takes no loss."""

    changes_all_weights = True  # so that the optimizer's state is known before a step is traced

    def compile(self, optimizer: Any = "adam", loss: Any = None, **options: Any) -> None:  # type: ignore[override]
        """Say how the model is trained.

        Args:
            optimizer: a name, an optimizer, or an optax transformation.
            loss: only None: the model has an objective of its own.
            options: see `maeum.Model.compile`.

        Raises:
            ConfigError: for a loss.
        """
        if loss is not None:
            raise ConfigError("{kind} has an objective of its own, so that compile() takes no "
                              "loss; got {loss!r}.", kind=type(self).__name__,
                              loss=loss)  # fmt: skip
        super().compile(optimizer, **options)

    def learn(self, objective: Callable[[], tuple[Any, Any]]) -> tuple[Any, Any]:
        """Take a step of the optimizer; return the loss and whatever else there is.

        Args:
            objective: takes nothing; returns the loss, and more.
        """
        variables = self.trainable_variables

        def scaled() -> tuple[Any, Any, Any]:
            loss, more = objective()
            return self.optimizer.scale_loss(loss), loss, more

        (_scaled, loss, more), gradients = value_and_grad(scaled, variables)
        self.optimizer.apply_gradients(zip(gradients, variables))
        return loss, more


def rows_alone(data: Any, model: Model) -> Any:
    """Return the ``x`` of a batch that has nothing else, in the dtype of the model.

    Raises:
        ConfigError: if there are targets or weights, too.
    """
    x, y, sample_weight = unpack_x_y_sample_weight(data)
    if y is not None or sample_weight is not None:
        raise ConfigError("{kind} learns from x alone: fit(x). It takes neither targets nor "
                          "weights of samples.", kind=type(model).__name__)  # fmt: skip
    return x.astype(model.dtype)


def check_one_array(x: Any, model: Model) -> None:
    """Raise `DataError` for several arrays."""
    if not hasattr(x, "shape"):
        raise DataError("{kind} takes one array, a row for each sample; got {given}.",
                        kind=type(model).__name__, given=type(x).__name__)  # fmt: skip


def check_unit_interval(x: Any, who: str, instead: str) -> None:
    """Raise `DataError` for values outside 0 to 1; NaN is left to whoever meets it.

    Args:
        x: an array.
        who: what takes them; a message.
        instead: what to ask for where data are of another kind.
    """
    values = np.asarray(x)
    if not values.size:
        return
    least, most = values.min(), values.max()
    if least < 0 or most > 1:
        raise DataError("{who} takes values from 0 to 1; x holds values from {least:g} to "
                        "{most:g}. Scale them (pixels: x / 255), or give {instead}.", who=_(who),
                        least=float(least), most=float(most), instead=instead)  # fmt: skip


def computed(
    model: Model, name: Any, function: Callable[[Any], Any], x: Any, key: Any = None
) -> Any:
    """Return what a compiled function makes of all rows of ``x``, as NumPy arrays.

    Args:
        model: the model, whose variables the function reads. It is built for ``x`` if need be.
        name: what tells the function from others of the model.
        function: takes an array and returns arrays.
        x: what the model takes.
        key: the key of what the function draws.
    """
    x, _y, _weight = model.trainer.prepare(x, None, None)
    model.ensure_built_for(x)
    given = jax.tree.map(lambda part: jnp.asarray(part, model.dtype), x)
    outputs = compiled(model, name, function)(given, key=key)
    return jax.tree.map(np.array, outputs)


def key_for(seed: int | None, purpose: str) -> Any:
    """Return the key of what is drawn outside of a training; of another one for no seed."""
    return make_key(next_seed() if seed is None else check_seed(seed), purpose)
