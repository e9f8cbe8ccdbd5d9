"""``tf.function``: a function of arrays and variables, compiled as a whole where that can be."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from maeum.compat.ops.ignoring import check_others
from maeum.core.randomness import make_key, next_seed
from maeum.core.scope import Scope, current_scope
from maeum.core.symbolic import SymbolicTensor, leaves, map_structure
from maeum.core.variable import Variable, materialize, put_values, take_values


def function(func: Callable | None = None, *_: Any, **options: Any) -> Any:
    """Let a function be compiled, once for the shapes of its arrays and its other arguments.

    Variables that it reads and assigns (of models, optimizers and metrics, too) are found by
    tracing it. A function that decides by the values of arrays is run as it is, step by step.

    Example:
        >>> @function
        ... def double(x):
        ...     return 2 * x
        >>> double(np.float32(3.0)).tolist()
        6.0
    """
    if func is None:
        return functools.partial(function, **options)
    return Function(func)


class Function:
    """A function that is compiled when it is called."""

    def __init__(self, python_function: Callable):
        self.python_function = python_function
        self._programs: dict[Any, _Program | None] = {}
        self._bound: dict[int, Function] = {}
        functools.update_wrapper(self, python_function)

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        if owner is None:
            return self
        if id(owner) not in self._bound:
            self._bound[id(owner)] = Function(functools.partial(self.python_function, owner))
        return self._bound[id(owner)]

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Call the function."""
        flat = list(leaves((args, options)))
        plain = current_scope() is None and not any(
            isinstance(x, (SymbolicTensor, jax.core.Tracer)) for x in flat
        )
        key = _key(args, options) if plain else None
        if key is None:
            return self.python_function(*args, **options)
        if key not in self._programs:
            self._programs[key] = _Program.of(self.python_function, args, options)
        program = self._programs[key]
        if program is None:
            return self.python_function(*args, **options)
        return program([x for x in flat if _is_array(x)])

    def get_concrete_function(self, *_: Any, **others: Any) -> Callable:
        """Return the function."""
        check_others("get_concrete_function", others)
        return self

    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.signature(self.python_function)


class _Program:
    """A function, compiled with the variables that it reads and assigns."""

    def __init__(self, run: Callable, assigned: list[Variable], read: list[Variable], draws: bool):
        self.assigned, self.read, self.draws = assigned, read, draws
        count = len(assigned)

        def program(held: list, key: Any, arrays: list) -> tuple[Any, list]:
            values = dict(zip((*assigned, *read), held))
            with Scope(values, training=None, key=key) as scope:
                outputs = run(arrays)
            return outputs, [scope.updates.get(v, x) for v, x in zip(assigned, held[:count])]

        self.run = jax.jit(program)

    @classmethod
    def of(cls, function: Callable, args: tuple, options: dict) -> _Program | None:
        """Return a function as a program; None if it needs the values of arrays."""

        def run(arrays: list) -> Any:
            left = iter(arrays)
            own_args, own_options = map_structure(
                lambda leaf: next(left) if _is_array(leaf) else leaf, (args, options)
            )
            return function(*own_args, **own_options)

        arrays = [x for x in leaves((args, options)) if _is_array(x)]
        try:
            for _attempt in range(2):  # the first may make variables
                scope = Scope(training=None, abstract=True)

                def traced(arrays: list, scope: Scope = scope) -> Any:
                    with scope:
                        return run(arrays)

                jax.eval_shape(traced, arrays)
        except (TypeError, jax.errors.JAXTypeError, jax.errors.UnexpectedTracerError):
            return None
        assigned = list(scope.updates)
        read = [v for v in scope.reads if v not in scope.updates]
        materialize([*assigned, *read])
        return cls(run, assigned, read, scope.drew)

    def __call__(self, arrays: list) -> Any:
        """Run the program, and assign what it changed."""
        key = make_key(next_seed() if self.draws else 0, "function")
        outputs, new = self.run(take_values([*self.assigned, *self.read]), key, arrays)
        put_values(self.assigned, new)
        return outputs


def _is_array(leaf: Any) -> bool:
    return isinstance(leaf, (jax.Array, np.ndarray, np.generic))


def _key(args: tuple, options: dict) -> Any:
    """Return what tells programs from others: shapes and dtypes, and other values themselves."""
    said = [
        (leaf.shape, str(leaf.dtype)) if _is_array(leaf) else (type(leaf), leaf)
        for leaf in leaves((args, options))
    ]
    if any(_is_array(x) and x.dtype == object for x in leaves((args, options))):
        return None
    shape = str(map_structure(lambda leaf: None, (args, options)))
    try:
        hash(found := (shape, tuple(said)))
    except TypeError:
        return None
    return found
