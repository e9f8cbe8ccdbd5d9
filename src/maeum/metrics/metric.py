"""What every metric does: keep sums over batches, and turn them into a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import initializers
from maeum.core.config import Configurable
from maeum.core.dtypes import measuring_dtype
from maeum.core.errors import ShapeError, not_implemented
from maeum.core.functional import with_values
from maeum.core.masks import mask_of
from maeum.core.messages import _
from maeum.core.registry import snake_case
from maeum.core.scope import Scope
from maeum.core.variable import Variable
from maeum.losses.loss import combine_weights


def check_columns(kind: str, y_pred_shape: Sequence[Any]) -> None:
    """Check that predictions have a batch axis and columns.

    Raises:
        ShapeError: if they have not.
    """
    if len(y_pred_shape) != 2:
        raise ShapeError(
            "{kind} takes predictions of shape (batch, columns); got {shape}.",
            kind=kind,
            shape=tuple(y_pred_shape),
        )


class Metric(Configurable):
    """Base of every metric, yours included: write ``update_state`` and ``result``.

    Make the state in ``__init__`` with `add_variable`. The same object works on NumPy arrays and
    inside the compiled program.

    Args:
        dtype: the dtype in which it is computed, ``config.floatx()`` by default.
        name: the name under which it is logged; one after its class by default.

    Example:
        >>> class Largest(Metric):
        ...     def __init__(self, name="largest", **kwargs):
        ...         super().__init__(name=name, **kwargs)
        ...         self.most = self.add_variable((), "zeros", name="most")
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         self.most.assign(jnp.maximum(self.most.value, jnp.max(y_pred)))
        ...     def result(self):
        ...         return self.most.value
        >>> float(Largest()(np.zeros(2), np.array([3.0, 5.0])))
        5.0
    """

    _counts: Any = None  # a `RunningSum` that `build` makes, where its shape depends on the data

    def __init__(self, dtype: Any = None, name: str | None = None):
        self.name = name or snake_case(type(self).__name__)
        self.dtype = measuring_dtype(dtype)
        self._variables: list[Variable] = []

    def add_variable(
        self,
        shape: tuple[int, ...] = (),
        initializer: Any = None,
        dtype: Any = None,
        aggregation: str | None = "sum",
        name: str | None = None,
    ) -> Variable:
        """Make a piece of state; it begins with zeros unless an initializer is given.

        Args:
            shape: its shape.
            initializer: what `initializers.get` takes.
            dtype: its dtype; the metric's by default.
            aggregation: accepted as Keras's; it concerns several devices.
            name: its name.
        """
        if isinstance(shape, str):  # add_weight("total", "zeros"), as in older code
            shape, name = (), shape
        if "_variables" not in vars(self):
            raise TypeError(
                _(
                    "{kind}.__init__ must call super().__init__() before it makes variables.",
                    kind=type(self).__name__,
                )
            )
        zeros = initializer in (None, "zeros")
        variable = Variable(
            initializers.get("zeros" if zeros else initializer),
            shape,
            dtype=jnp.dtype(dtype or self.dtype).name,
            trainable=False,
            name=name or "variable",
        )
        variable.path = f"{self.name}/{variable.name}"
        variable.seed = 0  # state is not a weight: it must not change the seeds of the layers
        if zeros:  # no need to compile a program for them
            with Scope(), jax.ensure_compile_time_eval():
                variable.assign(np.zeros(variable.shape, variable.dtype))
        self._variables.append(variable)
        return variable

    def add_weight(
        self,
        shape: tuple[int, ...] = (),
        initializer: Any = None,
        dtype: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Do what `add_variable` does."""
        return self.add_variable(shape, initializer, dtype, name=name)

    def weights_of(self, y_pred: Any, sample_weight: Any) -> jax.Array | None:
        """Return the weights that are given; what a mask of the predictions excludes has none."""
        return combine_weights(sample_weight, mask_of(y_pred), dtype=self.dtype)

    def build(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        """Make the state that depends on the shapes of targets and predictions.

        It is called before the first batch is counted, by a metric that has such state itself,
        and by `resolve`, so that a training knows all state beforehand.
        """

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Count one batch: ``update_state(y_true, y_pred, sample_weight=None)``."""
        raise not_implemented(self, "update_state")

    def result(self) -> Any:
        """Return the value for all that was counted: a number, or a dict of numbers."""
        raise not_implemented(self, "result()")

    def reset_state(self) -> None:
        """Forget everything that was counted."""
        for variable in self.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))

    def stateless_update_state(self, metric_variables: Any, *args: Any, **kwargs: Any) -> list:
        """Return the values of `variables` after one batch is counted; the metric stays as it is.

        Args:
            metric_variables: the values that they have before.
            *args, **kwargs: what `update_state` takes.

        >>> from maeum.metrics import Sum
        >>> metric = Sum()
        >>> state = metric.stateless_update_state(metric.stateless_reset_state(), [1.0, 2.0])
        >>> float(metric.stateless_result(state)), float(metric.result())
        (3.0, 0.0)
        """
        return with_values(
            self.variables, metric_variables, lambda: self.update_state(*args, **kwargs)
        )[1]

    def stateless_result(self, metric_variables: Any) -> Any:
        """Return the result for these values of `variables`."""
        return with_values(self.variables, metric_variables, self.result)[0]

    def stateless_reset_state(self) -> list:
        """Return the values that `variables` have when nothing is counted."""
        return [jnp.zeros(variable.shape, variable.dtype) for variable in self.variables]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Count one batch and return the value so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    @property
    def variables(self) -> list[Variable]:
        """The state, that of the metrics inside this one included."""
        held = (value for name, value in vars(self).items() if name not in self._untraced)
        found = [*self._variables, *(variable for value in held for variable in _held_in(value))]
        return list(dict.fromkeys(found))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"


def _held_in(value: Any) -> Iterator[Variable]:
    """Yield the variables of an attribute, those of metrics, lists and dicts in it included."""
    if isinstance(value, Variable):
        yield value
    elif isinstance(value, Metric):
        yield from value.variables
    elif isinstance(value, (list, tuple, Mapping)):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _held_in(part)
