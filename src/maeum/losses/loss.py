"""What every loss does: one value for each sample, weighted, masked and reduced to a number."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.config import Configurable
from maeum.core.dtypes import measuring_dtype
from maeum.core.errors import ConfigError, not_implemented
from maeum.core.masks import mask_of
from maeum.core.registry import snake_case
from maeum.ops import divide_no_nan
from maeum.ops.alignment import as_array, fit_weights, same_rank

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)


class Loss(Configurable):
    """Base of every loss, yours included: write ``call(y_true, y_pred)``.

    Args:
        name: the loss's name; one after its class by default.
        reduction: how the values become one number. ``"sum_over_batch_size"`` and ``"mean"``
            divide the weighted sum by the number of values (those that a mask leaves),
            ``"mean_with_sample_weight"`` by the sum of the weights; ``"sum"`` does not divide;
            ``"none"`` or None returns the weighted values.
        dtype: the dtype in which it is computed, ``config.floatx()`` by default.

    Raises:
        ConfigError: for an unknown reduction.

    Example:
        >>> class Cubed(Loss):
        ...     def call(self, y_true, y_pred):
        ...         return jnp.mean(jnp.abs(y_true - y_pred) ** 3, axis=-1)
        >>> float(Cubed()([[0.0, 0.0]], [[1.0, 2.0]]))
        4.5
    """

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: Any = None,
    ):
        self.name = name or snake_case(type(self).__name__)
        self.reduction = check_choice(reduction, REDUCTIONS, "reduction")
        self.dtype = measuring_dtype(dtype)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return one value for each sample (and step): the last axis is used up."""
        raise not_implemented(self, "call(y_true, y_pred)")

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> jax.Array:
        """Return the reduced loss.

        Args:
            y_true: the targets.
            y_pred: the predictions; steps that their mask excludes do not count.
            sample_weight: one weight for each sample, or for each value.

        Raises:
            ShapeError: if the shapes of the three cannot fit together.
        """
        mask = mask_of(y_pred)
        y_true, y_pred = (
            jax.tree.map(lambda a: as_array(a, self.dtype), tree, is_leaf=_is_array)
            for tree in (y_true, y_pred)
        )
        with explained(self.name):
            values = as_array(checked_values(self.call(y_true, y_pred), self.name), self.dtype)
        inner = mask_of(values)
        if mask is not None and mask.ndim > values.ndim:  # steps that the values do not tell apart
            mask = jnp.any(jnp.asarray(mask, bool), axis=tuple(range(values.ndim, mask.ndim)))
        if mask is not None and inner is not None:
            mask = jnp.logical_and(*same_rank(jnp.asarray(mask, bool), inner))
        return reduce_weighted(
            values, sample_weight, inner if mask is None else mask, self.reduction
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"


@contextlib.contextmanager
def explained(name: str) -> Iterator[None]:
    """Say what to write where a loss or metric asks for numbers that are not there yet."""
    try:
        yield
    except (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError) as error:
        raise ConfigError(
            "{name!r} asks for the numbers in its arrays (with if, float(), NumPy or "
            "scikit-learn), and there are none while a step is compiled. Write it with maeum.ops "
            "or jax.numpy, and where(condition, a, b) in place of if; what cannot be written so is "
            "computed from predict() after an epoch, in a callback.",
            name=name,
        ) from error


def checked_values(values: Any, name: str) -> Any:
    """Return what a loss or metric returned, or raise `ConfigError` if it is no array."""
    if values is None or isinstance(values, (str, dict)):
        raise ConfigError(
            "{name!r} returned {values!r}; it returns one number for each sample, as an array. Is "
            "its return missing?",
            name=name,
            values=values,
        )
    return values


def name_of_function(function: Any) -> str:
    """Return the name of a function, of the one behind a partial, or of an object that is called.

    >>> import functools
    >>> name_of_function(functools.partial(max, 1))
    'max'
    """
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__name__", None) or getattr(function, "name", None)
    return name if isinstance(name, str) else snake_case(type(function).__name__)


def _is_array(y: Any) -> bool:
    """Tell whether targets or predictions are one array, or what will be: a list of numbers is.

    A dict, a tuple and a list of arrays with rows are several.
    """
    if isinstance(y, list) and y:
        return not all(isinstance(part, jax.Array) and part.ndim for part in y)
    return not isinstance(y, (dict, tuple))


def reduce_weighted(
    values: jax.Array,
    sample_weight: Any = None,
    mask: Any = None,
    reduction: str | None = "sum_over_batch_size",
) -> jax.Array:
    """Weight, mask and reduce the values of a loss as Keras 3 does.

    Args:
        values: the values.
        sample_weight: one weight for each row or each value, or None.
        mask: true where a value counts, or None.
        reduction: see `Loss`.

    >>> float(reduce_weighted(jnp.array([1.0, 3.0]), mask=[True, False]))
    1.0
    """
    weights = combine_weights(sample_weight, mask, reduction, values.dtype)
    if weights is not None:
        values, weights = fit_weights(values, weights)
        values = values * weights
    if reduction in (None, "none") or values.ndim == 0:
        return values
    total = jnp.sum(values)
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weights is not None:
        return divide_no_nan(total, jnp.sum(weights))
    return total / max(values.size, 1)


def combine_weights(
    sample_weight: Any, mask: Any, reduction: str | None = "sum", dtype: Any = "float32"
) -> jax.Array | None:
    """Return weights that count both; for a mean, those that the mask leaves weigh for all."""
    weights = None if sample_weight is None else as_array(sample_weight, dtype)
    if mask is None:
        return weights
    kept = jnp.asarray(mask, dtype)
    if reduction in ("mean", "sum_over_batch_size"):
        kept = kept * divide_no_nan(jnp.asarray(kept.size, dtype), jnp.sum(kept))
    if weights is None:
        return kept
    larger, smaller = sorted((kept, weights), key=lambda array: array.ndim, reverse=True)
    larger, smaller = fit_weights(larger, smaller)
    return larger * smaller


class WrapsFunction:
    """What holds a function ``fn`` of targets and predictions, and its other arguments.

    Those are attributes by their names, so that they can be changed. A class of one function,
    ``class Hinge(FunctionLoss, of=hinge)``, takes the other arguments of its base and those of the
    function besides targets and predictions, ``first`` of all those named so, with other defaults
    if they are given.
    """

    fn: Callable[..., Any]
    _names: tuple[str, ...]
    own_first = False  # whether the arguments of the function come first

    def __init_subclass__(
        cls,
        of: Callable[..., Any] | None = None,
        name: str = "",
        first: Sequence[str] = (),
        **defaults: Any,
    ) -> None:
        if of is not None:
            init = _init_of(cls, of, {"name": name or of.__name__, **defaults}, first)
            cls.__init__ = init  # type: ignore[method-assign]
        super().__init_subclass__()

    def _wrap(self, fn: Callable[..., Any], arguments: dict[str, Any]) -> None:
        self.fn, self._names = fn, tuple(arguments)
        vars(self).update(arguments)

    @property
    def fn_arguments(self) -> dict[str, Any]:
        """The arguments of the function besides targets and predictions."""
        return {name: vars(self)[name] for name in self._names}


def _init_of(
    cls: Any, function: Callable[..., Any], defaults: dict[str, Any], first: Sequence[str]
) -> Callable[..., None]:
    """Return the ``__init__`` of a class of one function; the arguments ``first`` come first."""
    this, _fn, *rest, _kwargs = inspect.signature(cls.__init__).parameters.values()
    own = list(inspect.signature(function).parameters.values())[2:]
    parameters = [*own, *rest] if cls.own_first else [*rest, *own]
    parameters = [p.replace(default=defaults.get(p.name, p.default)) for p in parameters]
    order = {name: place for place, name in enumerate(first)}
    parameters.sort(key=lambda p: order.get(p.name, len(first)))
    signature = inspect.Signature([this, *parameters])

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        given = signature.bind(self, *args, **kwargs)
        given.apply_defaults()
        super(cls, self).__init__(function, **dict(list(given.arguments.items())[1:]))

    __init__.__signature__ = signature  # type: ignore[attr-defined]
    __init__.__module__, __init__.__qualname__ = cls.__module__, f"{cls.__qualname__}.__init__"
    return __init__


class LossFunctionWrapper(WrapsFunction, Loss):
    """A loss made of a function ``(y_true, y_pred)``.

    Args:
        fn: the function; returns a value for each sample, or a single number.
        reduction: see `Loss`.
        name: the loss's name; the function's by default.
        dtype: see `Loss`.
        **kwargs: handed to the function.

    Example:
        >>> loss = LossFunctionWrapper(lambda y_true, y_pred: jnp.abs(y_true - y_pred))
        >>> float(loss([1.0, 2.0], [2.0, 4.0]))
        1.5
    """

    any_argument = True

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ):
        super().__init__(name or name_of_function(fn), reduction, dtype)
        self._wrap(fn, kwargs)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return what the function returns for targets and predictions of one rank."""
        if _is_array(y_pred) and _is_array(y_true):
            y_true, y_pred = same_rank(y_true, y_pred)
        return self.fn(y_true, y_pred, **self.fn_arguments)


class FunctionLoss(LossFunctionWrapper):
    """Base of the losses of one function each: ``class Hinge(FunctionLoss, of=hinge)``.

    They take the function's other arguments, then ``reduction``, ``name`` (by default that of the
    function) and ``dtype``.
    """

    own_first = True

    if TYPE_CHECKING:

        def __init__(self, *args: Any, **kwargs: Any): ...
