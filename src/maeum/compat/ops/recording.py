"""How TensorFlow's functions are made: each computes at once, or is recorded in a graph.

`op` makes one of a Python function of arrays, `line` one of a function of JAX or of ``maeum.ops``.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.compat.graph.graph import Operation, Tensor, get_default_graph
from maeum.compat.graph.inferring import infer
from maeum.compat.graph.kinds import Kind, in_list
from maeum.compat.graph.modes import executing_eagerly
from maeum.compat.graph.types import as_dtype
from maeum.core.errors import ArgumentError, nearest
from maeum.core.randomness import make_key, next_seed
from maeum.core.symbolic import leaves, map_structure
from maeum.core.variable import Variable

_LARGE = 4096  # entries from which an array is an input of programs rather than a part of them


def op(
    name: str,
    *,
    arrays: int = 1,
    static: Sequence[str] = (),
    host: bool = False,
    random: bool = False,
    shape_only: bool = False,
    constant: bool = True,
    entries: bool = False,
    outputs: Callable[..., list | None] | None = None,
    wrap: Callable[[list], Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that makes one of TensorFlow's functions.

    The function is given its arguments without ``name`` and, if it is random, a key first.

    Args:
        name: TensorFlow's name of the operation, which names its operations, too.
        arrays: how many of its first arguments are tensors, or what becomes one.
        static: the arguments whose values decide shapes.
        host, random, shape_only, constant, entries, outputs: see `Kind`.
        wrap: what makes the result of several outputs; without it there is one.
    """

    where = _importing_module()

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(function)
        parameters = list(signature.parameters.values())
        shown = signature.replace(parameters=parameters[1:] if random else parameters)
        names = [p for p in shown.parameters if p != "name"]
        compute = _without_name(function, signature) if "name" in shown.parameters else function
        kind = Kind(name, compute, host, random, tuple(static), shape_only, constant, entries,
                    outputs)  # fmt: skip

        if where is not None:
            KINDS[f"{where}:{name}:{function.__name__}"] = kind

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            given = bound(called.__name__, shown, args, kwargs)
            own = given.pop("name", None)
            return call(kind, names, tuple(given.values()), own, arrays, wrap)

        called.__signature__ = shown  # type: ignore[attr-defined]
        called.kind = kind  # type: ignore[attr-defined]
        return called

    return decorate


# The kinds of modules of this room, by which files of graphs name them.
KINDS: dict[str, Kind] = {}


def _importing_module() -> str | None:
    """Return the module of this room that is being imported; None for what is made later."""
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_globals["__name__"] == __name__:
        frame = frame.f_back
    found = frame.f_globals["__name__"]
    spec = getattr(sys.modules.get(found), "__spec__", None)
    return found if getattr(spec, "_initializing", False) else None


def _without_name(function: Callable[..., Any], signature: inspect.Signature) -> Callable[..., Any]:
    place = list(signature.parameters).index("name")

    def compute(*args: Any) -> Any:
        return function(*args[:place], None, *args[place:])

    return compute


def line(name: str, function: Callable[..., Any], signature: str, doc: str, **options: Any) -> Any:
    """Return one of TensorFlow's functions in a line.

    Args:
        name: TensorFlow's name of the operation.
        function: what computes it; it is given all arguments but ``name`` by their position.
        signature: the parameters, as in ``"x, axis=None, name=None"``.
        doc: the docstring.
        options: those of `op`.
    """
    handed = [part.partition("=")[0] for part in signature.split(", ")]
    handed = [part for part in handed if part != "name"]
    made = eval(f"lambda {signature}: _function({', '.join(handed)})", {"_function": function})
    made.__name__ = made.__qualname__ = name
    made.__doc__ = doc
    return op(name, **options)(made)


def bound(name: str, signature: inspect.Signature, args: tuple, kwargs: dict) -> dict[str, Any]:
    """Return the arguments of a call by name, with the defaults.

    Raises:
        ArgumentError: for an argument that is not taken, or one that is missing.
    """
    try:
        found = signature.bind(*args, **kwargs)
    except TypeError as error:
        wrong = next((k for k in kwargs if k not in signature.parameters), None)
        hint = "" if wrong is None else nearest(wrong, signature.parameters)
        raise ArgumentError("{name}() does not take these arguments: {error}.{hint} It takes "
                            "{signature}.", name=name, error=error, hint=hint,
                            signature=signature) from None  # fmt: skip
    found.apply_defaults()
    return dict(found.arguments)


def call(
    kind: Any,
    names: Sequence[str],
    args: tuple,
    name: str | None = None,
    arrays: int = 1,
    wrap: Callable[[list], Any] | None = None,
) -> Any:
    """Compute an operation at once, or record it."""
    if executing_eagerly() and not any(isinstance(one, Tensor) for one in leaves(args)):
        return _computed(kind, names, args, wrap)
    outputs = recorded(kind, names, args, name, arrays).outputs
    return wrap(list(outputs)) if wrap else outputs[0] if outputs else None


def recorded(
    kind: Any, names: Sequence[str], args: tuple, name: str | None = None, arrays: int = 1
) -> Operation:
    """Add an operation to the default graph."""
    prepared = tuple(as_argument(a) if i < arrays else a for i, a in enumerate(args))
    outputs = infer(kind, prepared, {}, names)
    made = get_default_graph().add(kind, prepared, {}, outputs, name or kind.name)
    made.names = names  # type: ignore[attr-defined]
    if kind.random:
        made.seed = args[list(names).index("seed")] if "seed" in names else None  # type: ignore
    return made


def _computed(kind: Any, names: Sequence[str], args: tuple, wrap: Any) -> Any:
    if kind.random:
        seed = args[list(names).index("seed")] if "seed" in names else None
        args = (make_key(next_seed() if seed is None else seed, "eager"), *args)
    args = map_structure(lambda x: x.value if isinstance(x, Variable) else x, args)
    found = kind.function(*args)
    if not kind.host:
        found = jax.tree.map(lambda x: x if isinstance(x, jax.Array) else jnp.asarray(x), found)
    return wrap(in_list(found)) if wrap else found


def as_argument(value: Any) -> Any:
    """Return what is given for a tensor as an argument of an operation.

    Lists of numbers become arrays, large arrays operations of their own; plain numbers stay, so
    that they take the dtype of their partner.
    """
    if value is None or isinstance(value, (Tensor, bool, int, float, complex)):
        return value
    if isinstance(value, (list, tuple)) and any(isinstance(one, Tensor) for one in leaves(value)):
        return type(value)(map(as_argument, value)) if type(value) in (list, tuple) else value
    if isinstance(value, dict):
        return {key: as_argument(part) for key, part in value.items()}
    array = as_numpy(value)
    return constant_of(array) if array.size >= _LARGE else array


def as_numpy(value: Any, dtype: Any = None) -> np.ndarray:
    """Return an array of NumPy: of 32 bits, or of bytes for texts."""
    if dtype is not None:
        dtype = as_dtype(dtype)
    if hasattr(value, "numpy") and not isinstance(value, np.ndarray):
        value = value.numpy()
    array = np.asarray(value)
    if array.dtype.kind in "USO":
        return as_bytes(array)
    wanted = as_dtype(array.dtype).dtype if dtype is None else dtype.dtype
    return array if array.dtype == wanted else array.astype(wanted)


def as_bytes(array: np.ndarray) -> np.ndarray:
    """Return texts as an array of bytes, as TensorFlow has them."""
    found = np.empty(array.shape, object)
    for place, one in np.ndenumerate(array):
        found[place] = one.encode() if isinstance(one, str) else one
    return found


def constant_of(array: np.ndarray, name: str | None = None) -> Tensor:
    """Return a constant of the default graph."""
    output = Tensor(array.shape, array.dtype)
    kind = TEXT if array.dtype == object else CONSTANT
    return get_default_graph().add(kind, (array,), {}, [output], name or "Const").outputs[0]


CONSTANT = Kind("Const", lambda value: value)
TEXT = Kind("Const", lambda value: [value], host=True)


def is_large(operation: Operation) -> bool:
    """Tell whether an operation is a constant that programs are rather given."""
    return operation.operation is CONSTANT and operation.args[0].size >= _LARGE


def exported(names: dict[str, Any]) -> list[str]:
    """Return the names of TensorFlow's functions among those of a module."""
    own = names["__name__"]
    for name, value in names.items():
        if hasattr(value, "kind") and value.__name__ == value.kind.name:  # made by `line`
            value.__name__ = name
    return [
        name
        for name, value in names.items()
        if not name.startswith("_") and callable(value)
        and (hasattr(value, "kind") or getattr(value, "__module__", "") == own)
    ]  # fmt: skip
