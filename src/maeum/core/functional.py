"""The one bridge from objects to functions.

`apply` runs a built model as a pure function of the values of its variables. Training, ensembles,
inspection and export all go through it, so ``jax.jit``, ``jax.grad`` and ``jax.vmap`` work on
every model.

Example:
    >>> import jax, numpy as np
    >>> import maeum as mm
    >>> from maeum.core import functional
    >>> model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(2)])
    >>> values = functional.values(model)
    >>> def loss(values, x):
    ...     outputs, updates = functional.apply(model, values, x)
    ...     return (outputs**2).mean()
    >>> sorted(jax.grad(loss)(values, np.ones((4, 3), "float32")))
    ['dense/bias', 'dense/kernel']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError, NotBuiltError, UnknownNameError, nearest
from maeum.core.scope import Scope, current_scope
from maeum.core.variable import Variable, materialize

Values = dict[str, jax.Array]


def values(model: Any) -> Values:
    """Return a copy of the value of every variable of ``model``, by path."""
    variables = built_variables(model)
    materialize(variables.values())
    return {path: jnp.copy(variable.value) for path, variable in variables.items()}


def init(model: Any, seed: int | jax.Array) -> Values:
    """Return the first values that ``model`` has with another seed: pure, so ``vmap`` works."""
    return {path: v.initial_value(seed, path) for path, v in built_variables(model).items()}


def built_variables(model: Any) -> dict[str, Variable]:
    """Return ``model.named_variables()``, or raise `NotBuiltError`."""
    if not model.built:
        raise NotBuiltError(
            "{name!r} has no weights yet: give it an Input, call it on data, or call "
            "build(input_shape) first.",
            name=model.name,
        )
    return model.named_variables()


def apply(
    model: Any,
    values: Mapping[str, Any],
    inputs: Any,
    *,
    training: bool = False,
    key: jax.Array | None = None,
) -> tuple[Any, Values]:
    """Run ``model`` on ``inputs`` as a pure function.

    Args:
        model: a built model or layer.
        values: the values of its variables by path, as `values` returns them; those that are
            left out keep their own.
        inputs: what the model takes.
        training: whether it runs as in training.
        key: the key for its random numbers.

    Returns:
        The outputs, and the values that the run assigned (such as moving averages), by path.

    Raises:
        UnknownNameError: for a path that the model does not have.
    """
    outputs, scope = run(model, lambda: model(inputs), values, training=training, key=key)
    path_of = {variable: path for path, variable in model.named_variables().items()}
    return outputs, {path_of[v]: value for v, value in scope.updates.items() if v in path_of}


def run(
    model: Any,
    function: Callable[[], Any],
    values: Mapping[str, Any],
    *,
    training: bool = False,
    key: jax.Array | None = None,
    carried: Mapping[str, Any] | None = None,
) -> tuple[Any, Scope]:
    """Return what ``function()`` returns where the model's variables have values, and its scope.

    Args:
        model: a built model or layer.
        function: takes nothing, and calls the model or parts of it.
        values: the values of its variables by path; those that are left out keep their own.
        training: whether layers run as in training.
        key: the key for random numbers.
        carried: the states that recurrent layers go on from, by path; the scope's ``left`` holds
            those that they end with.

    Raises:
        UnknownNameError: for a path that the model does not have.
    """
    variables = built_variables(model)
    unknown = [path for path in values if path not in variables]
    if unknown:
        raise UnknownNameError(
            "{model!r} has no variable {name!r}.{hint}",
            model=model.name,
            name=unknown[0],
            hint=nearest(unknown[0], variables),
        )
    if key is not None and jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        key = jax.random.key_data(key)
    given = {variables[path]: value for path, value in values.items()}
    with scope_of(model, given, training=training, key=key) as scope:
        scope.carried = carried
        return function(), scope


def scope_of(
    model: Any, given: Mapping[Variable, Any], *, training: bool | None, key: jax.Array | None
) -> Scope:
    """Return a pure scope in which variables have the ``given`` values, and layers their paths."""
    paths = {id(layer): path for path, layer in model.named_layers().items()}
    return Scope(given, training=training, key=key, paths=paths)


def with_values(
    variables: Sequence[Variable], values: Sequence[Any], function: Callable[[], Any]
) -> tuple[Any, list[jax.Array]]:
    """Return what ``function()`` returns where variables have values, and their new ones: purely.

    Raises:
        ConfigError: unless there is one value for each variable.
    """
    if len(values) != len(variables):
        raise ConfigError(
            "There are {variables} variables, and {values} values were given for them.",
            variables=len(variables),
            values=len(values),
        )
    given = {v: jnp.asarray(value, v.dtype) for v, value in zip(variables, values)}
    outer = current_scope() or Scope()
    with outer.child(given) as inner:
        result = function()
    return result, [inner.updates.get(v, value) for v, value in given.items()]


def value_and_grad(
    function: Callable[[], Any], variables: Sequence[Variable]
) -> tuple[Any, list[jax.Array]]:
    """Return what ``function()`` returns, and the gradients of its loss.

    Args:
        function: takes nothing; returns the loss, or a tuple whose first entry is the loss.
        variables: what to differentiate by.

    Returns:
        ``function``'s result, and one gradient for each variable.

    Example:
        >>> import maeum as mm
        >>> w = Variable(3.0)
        >>> loss, (slope,) = value_and_grad(lambda: w.value**2, [w])
        >>> float(loss), float(slope)
        (9.0, 6.0)
    """
    if _abstract():  # only shapes are wanted, and a gradient has that of its variable
        return function(), [v.value for v in variables]
    return _differentiated(
        lambda values: (dict(zip(variables, values)), function), [v.value for v in variables]
    )


def value_and_input_grad(function: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    """Return what ``function(x)`` returns, and the gradient of its loss with respect to ``x``.

    It can stand inside the function of `value_and_grad`, whose gradients are then those of a
    gradient, too: so a penalty on the slope of a network is written.

    Args:
        function: takes an array and may run layers; returns the loss, or a tuple whose first entry
            is the loss.
        x: what to differentiate by: an array, or a structure of arrays.

    Returns:
        ``function``'s result, and a gradient shaped like ``x``.

    Example:
        >>> w = Variable(3.0)
        >>> def steepness():
        ...     _value, slope = value_and_input_grad(lambda x: w.value * x**2, jnp.float32(2.0))
        ...     return slope**2  # (2 w x)^2, whose derivative by w is 8 w x^2
        >>> square, (change,) = value_and_grad(steepness, [w])
        >>> float(square), float(change)
        (144.0, 96.0)
    """
    if _abstract():
        return function(x), x
    return _differentiated(lambda x: ({}, lambda: function(x)), x)


def _abstract() -> bool:
    scope = current_scope()
    return scope is not None and scope.abstract


def _differentiated(
    given: Callable[[Any], tuple[dict[Variable, Any], Callable[[], Any]]], at: Any
) -> tuple[Any, Any]:
    """Return a function's result and the gradient of its loss; what it assigns is passed on.

    Args:
        given: returns, for what is differentiated by, the values of variables and the function.
        at: where to differentiate.
    """
    outer = current_scope() or Scope()
    updated: list[Variable] = []  # JAX would sort the keys of a dict, and variables have no order

    def pure(at: Any) -> tuple[jax.Array, tuple]:
        values, function = given(at)
        with outer.child(values) as inner:
            result = function()
        loss = result[0] if isinstance(result, tuple) else result
        updated[:] = inner.updates
        return loss, (result, list(inner.updates.values()), inner.losses, inner.left)

    gradients, (result, updates, losses, left) = jax.grad(pure, has_aux=True)(at)
    outer.assign(updated, updates)
    outer.losses.extend(losses)
    outer.left.update(left)
    return result, gradients
