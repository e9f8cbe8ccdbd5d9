"""Variables: the named values that a model learns or keeps."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core import registry
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.randomness import make_key, next_seed
from maeum.core.runtime import compiled_soon
from maeum.core.scope import current_scope
from maeum.core.settings import settings
from maeum.core.threads import check_process, one_at_a_time, with_arrays

# The names of the scopes that free variables are made in; see `maeum.name_scope`.
scope_names: ContextVar[tuple[str, ...]] = ContextVar("scope_names", default=())


@dataclass(eq=False, repr=False)
class Variable:
    """A named array that can be assigned.

    Its value is made on first use, from its initializer, a seed and its path, so that a whole
    model can be described without computing anything.

    Args:
        initializer: a number or an array; or ``initializer(shape, dtype, key)``, or its name.
        shape: its shape, a tuple of ints; that of the array by default.
        dtype: its dtype; that of a number or array by default, of 32 bits rather than 64.
        trainable: whether an optimizer may change it.
        autocast, aggregation, synchronization: accepted as Keras's. A variable is read with the
            dtype that it has, and one value is that of all devices.
        name: its name within its layer.
        regularizer: a function of the value whose result is added to the loss.
        constraint: a function applied to the value after each step of the optimizer.

    Raises:
        ConfigError: for an initializer without a shape, or a shape that is none.

    Example:
        >>> step = Variable(1.0)
        >>> step.assign_add(2.0).item(), step.shape
        (3.0, ())
    """

    initializer: Callable[..., Any] | Any
    shape: Any = None
    dtype: Any = None
    trainable: bool = True
    autocast: bool = True
    aggregation: str = "none"
    synchronization: str = "auto"
    name: Any = None
    regularizer: Callable[[jax.Array], jax.Array] | None = None
    constraint: Callable[[jax.Array], jax.Array] | None = None
    seed: int | None = field(default=None, init=False)
    _value: jax.Array | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.name = self.name or "variable"
        if _is_shape(self.initializer) and self.shape is not None and not _is_shape(self.shape):
            self.initializer, self.shape = self.shape, self.initializer  # their former order
            self.dtype = self.dtype or settings.floatx
        if isinstance(self.initializer, str):  # such as "glorot_uniform"
            words = self.initializer.title().replace("_", "")
            self.initializer = registry.find(f"initializers.{words}")()
        if callable(self.initializer) and self.shape is None:
            raise ConfigError(
                "A variable with an initializer needs a shape: Variable(initializer, shape=(3, 4))."
            )
        if self.shape is not None and not _is_shape(self.shape):
            raise ConfigError(
                "The shape of a variable is a tuple of whole numbers; got {shape!r}.",
                shape=self.shape,
            )
        if not callable(self.initializer):
            value = np.asarray(self.initializer)
            self.shape = value.shape if self.shape is None else self.shape
            dtype = value.dtype if self.dtype is None else self.dtype
            self.dtype = jax.dtypes.canonicalize_dtype(dtype)
        self.shape = tuple(int(n) for n in self.shape)
        self.dtype = np.dtype(self.dtype or settings.floatx)
        self.path = "/".join([*scope_names.get(), self.name])

    @classmethod
    def holding(cls, value: Any, name: str = "variable") -> Variable:
        """Return a variable that has this value from the beginning; the array becomes its own."""
        value = value if isinstance(value, jax.Array) else jax.device_put(np.asarray(value))
        made = cls(value, value.shape, value.dtype.name, False, name=name)
        made._value = value
        return made

    @property
    def value(self) -> jax.Array:
        """The value: the one of the scope if it has one, else the variable's own."""
        scope = current_scope()
        if scope is not None:
            value = scope.read(self)
            if value is not None:
                return value if scope.cast_to is None else self._cast(value, scope.cast_to)
        if self._value is None:
            materialize([self])
        if self._value.is_deleted():  # type: ignore[union-attr]
            return with_arrays(lambda: [self._value], lambda arrays: jnp.copy(arrays[0]))
        if scope is not None and scope.cast_to is not None:
            return self._cast(self._value, scope.cast_to)
        return self._value  # type: ignore[return-value]

    def _cast(self, value: Any, dtype: str) -> jax.Array:
        """Return a weight as a layer computes with it; what is only kept keeps its digits."""
        whole = not self.trainable or not jnp.issubdtype(self.dtype, jnp.floating)
        return value if whole else value.astype(dtype)

    def assign(self, value: Any) -> jax.Array:
        """Replace the value; shapes must agree.

        Raises:
            ShapeError: if the shapes differ.
        """
        held = isinstance(value, (jax.Array, Variable))  # by someone else, too
        if isinstance(value, np.ndarray):  # several times faster than jnp.asarray
            value = jax.device_put(np.array(value, self.dtype))  # which may share the memory
        else:
            value = jnp.asarray(value, self.dtype)
        if value.shape != self.shape:
            raise ShapeError(
                "The variable {path!r} has shape {shape}; a value of shape {given} cannot be "
                "assigned to it.",
                path=self.path,
                shape=self.shape,
                given=value.shape,
            )
        scope = current_scope()
        if scope is None or not scope.write(self, value):
            # A training step gives its variables' arrays away, so they are not shared.
            self._value = jnp.copy(value) if held else value
        return value

    def own(self, value: jax.Array) -> None:
        """Make an array that nobody else holds the variable's own value."""
        self._value = value

    def assign_add(self, value: Any) -> jax.Array:
        """Add to the value."""
        return self.assign(self.value + jnp.asarray(value))

    def assign_sub(self, value: Any) -> jax.Array:
        """Subtract from the value."""
        return self.assign(self.value - jnp.asarray(value))

    def numpy(self) -> np.ndarray:
        """Return a copy of the value as a NumPy array."""
        if current_scope() is not None or self._value is None:
            return np.array(self.value)
        return with_arrays(lambda: held_values([self]), lambda arrays: np.array(arrays[0]))

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of entries."""
        return int(np.prod(self.shape, dtype=np.int64))

    def initial_value(self, seed: int | jax.Array, path: str | None = None) -> jax.Array:
        """Return the value that the initializer gives for ``seed`` and a path: a pure function."""
        key = make_key(seed, path or self.path)
        return _initial_value(self.initializer, self.shape, self.dtype, key)

    __array_priority__ = 100  # so that `array * variable` is left to the variable

    def __jax_array__(self) -> jax.Array:
        return self.value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.value, dtype)

    def __getitem__(self, index: Any) -> jax.Array:
        return self.value[index]

    def __len__(self) -> int:
        return self.shape[0]

    def __eq__(self, other: object) -> Any:
        """Compare the entries with a number or an array; a variable equals only itself."""
        if isinstance(other, _COMPARED):
            return self.value == jnp.asarray(other)
        return self is other

    def __ne__(self, other: object) -> Any:
        if isinstance(other, _COMPARED):
            return self.value != jnp.asarray(other)
        return self is not other

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<Variable {self.path} shape={self.shape} dtype={self.dtype.name}>"


_COMPARED = (bool, int, float, complex, np.generic, np.ndarray, jax.Array, list)


def _is_shape(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and all(
        isinstance(n, (int, np.integer)) and not isinstance(n, bool) and n >= 0 for n in value
    )


def _forward(name: str) -> Callable[..., jax.Array]:
    """Make an operator that works on the variable's value."""

    def method(self: Variable, *others: Any) -> jax.Array:
        priority = max((getattr(o, "__array_priority__", 0) for o in others), default=0)
        if priority > self.__array_priority__:  # a symbolic tensor's own operator comes first
            return NotImplemented
        return getattr(self.value, name)(*(getattr(o, "value", o) for o in others))

    return method


def _logical(function: Callable, reflected: bool = False) -> Callable[..., jax.Array]:
    """Make an operator of truth values, which are taken entry by entry."""

    def method(self: Variable, other: Any) -> jax.Array:
        if getattr(other, "__array_priority__", 0) > self.__array_priority__:
            return NotImplemented
        pair = (self.value, jnp.asarray(getattr(other, "value", other)))
        return function(*(pair[::-1] if reflected else pair))

    return method


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(Variable, f"__{_name}__", _forward(f"__{_name}__"))
    setattr(Variable, f"__r{_name}__", _forward(f"__r{_name}__"))
_truths = {"and": jnp.logical_and, "or": jnp.logical_or, "xor": jnp.logical_xor}
for _name, _function in _truths.items():
    setattr(Variable, f"__{_name}__", _logical(_function))
    setattr(Variable, f"__r{_name}__", _logical(_function, reflected=True))
for _name in (
    "neg",
    "pos",
    "abs",
    "invert",
    "round",
    "lt",
    "le",
    "gt",
    "ge",
    "float",
    "int",
    "bool",
):
    setattr(Variable, f"__{_name}__", _forward(f"__{_name}__"))


def take_values(variables: Collection[Variable]) -> list[jax.Array]:
    """Return the variables' own arrays, not copies: the state that a compiled program is given."""
    materialize(variables)
    return held_values(variables)


def held_values(variables: Iterable[Variable]) -> list[jax.Array]:
    """Do what `take_values` does, for variables that are known to have values already."""
    return [variable._value for variable in variables]  # type: ignore[misc]


def put_values(variables: Iterable[Variable], values: Iterable[jax.Array]) -> None:
    """Make arrays the variables' own: the state that a compiled program returned."""
    for variable, value in zip(variables, values):
        variable.own(value)


def has_value(variable: Variable) -> bool:
    """Tell whether a variable has a value already, rather than only the way to make one."""
    return variable._value is not None


_FEW = 64  # variables that are made by one program


def _initial_value(initializer: Any, shape: tuple, dtype: np.dtype, key: jax.Array) -> jax.Array:
    if not callable(initializer):
        return jnp.broadcast_to(jnp.asarray(initializer, dtype), shape)
    if _takes_key(initializer):
        return jnp.asarray(initializer(shape, dtype=dtype, key=key), dtype)
    if hasattr(initializer, "get_config"):
        return jnp.asarray(initializer(shape, dtype=dtype), dtype)
    with jax.ensure_compile_time_eval():  # a user's function may need the values
        return jnp.asarray(initializer(shape, dtype=dtype), dtype)


@functools.lru_cache(maxsize=256)
def _takes_key(initializer: Callable) -> bool:
    import inspect

    try:
        return "key" in inspect.signature(initializer).parameters
    except (TypeError, ValueError):
        return False


@one_at_a_time
def materialize(variables: Iterable[Variable]) -> None:
    """Give every variable that has no value yet its initial one, in compiled programs.

    A few variables are made by one program. The time to compile it grows with their number, so
    that of many, all that are made alike share a small program.
    """
    waiting = [v for v in variables if v._value is None]
    if not waiting:
        return
    check_process()
    for variable in waiting:
        if variable.seed is None:
            variable.seed = next_seed()
    recipes = [(_recipe(v.initializer), v.shape, v.dtype) for v in waiting]
    keys = [make_key(v.seed, v.path) for v in waiting]  # type: ignore[arg-type]
    if len(waiting) <= _FEW:
        values = _initial_values(tuple(recipes), keys)
    else:
        values = [_initial_values((r,), [key])[0] for r, key in zip(recipes, keys)]
    for variable, value in zip(waiting, values):
        variable._value = value


@dataclass(frozen=True)
class _Recipe:
    """An initializer that equals every other one with the same class and arguments.

    Models of one architecture then share one compiled program for their initial values.
    """

    initializer: Any = field(compare=False)
    description: str

    @property
    def in_two(self) -> bool:
        """Whether the program only begins it, see `maeum.initializers.Orthogonal`."""
        return getattr(self.initializer, "in_two", False)


def _recipe(initializer: Any) -> _Recipe:
    if hasattr(initializer, "get_config"):
        return _Recipe(initializer, f"{type(initializer)} {initializer.get_config()}")
    return _Recipe(initializer, f"object {id(initializer)}")


def _initial_values(recipes: tuple, keys: list[Any]) -> list[jax.Array]:
    settings = jax.config.jax_enable_x64, jax.config.jax_default_device  # type: ignore[attr-defined]
    values = _initial_program(recipes, settings)(keys)
    with jax.ensure_compile_time_eval():  # also in the middle of a trace
        return [
            jnp.asarray(item.initializer.finish(np.asarray(value), shape, dtype))
            if item.in_two
            else value
            for value, (item, shape, dtype) in zip(values, recipes)
        ]


@functools.lru_cache(maxsize=512)
def _initial_program(recipes: tuple, settings: tuple) -> Callable[[list], list[jax.Array]]:
    def initial_values(keys: list[jax.Array]) -> list[jax.Array]:
        return [
            item.initializer.begin(item.initializer.own_key(key), shape, dtype) if item.in_two
            else _initial_value(item.initializer, shape, dtype, key)
            for (item, shape, dtype), key in zip(recipes, keys)
        ]  # fmt: skip

    # Compiled beforehand, it also runs in the middle of a trace, and not as a part of it.
    keys = [jax.ShapeDtypeStruct((2,), np.uint32)] * len(recipes)
    return compiled_soon(jax.jit(initial_values).lower(keys))
