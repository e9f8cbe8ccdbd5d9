"""Names of dtypes, what two of them make together, and the dtype policies of layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core import registry
from maeum.core.errors import ConfigError, UnknownNameError
from maeum.core.messages import _
from maeum.core.settings import settings

_FLOATS = ("bfloat16", "float16", "float32", "float64")
_EIGHT_BITS = ("float8_e4m3fn", "float8_e5m2")
_KNOWN = frozenset({
    *_FLOATS, *_EIGHT_BITS, "bool", "string", "complex64", "complex128",
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
})  # fmt: skip
_PYTHON = {bool: "bool", int: "int32", float: "float32", complex: "complex64", str: "string",
           "int": "int32"}  # fmt: skip
_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}


def standardize_dtype(dtype: Any) -> str:
    """Return the name of a dtype; that of ``maeum.config.floatx()`` for None.

    >>> standardize_dtype(None), standardize_dtype(int), standardize_dtype(np.dtype("uint8"))
    ('float32', 'int32', 'uint8')

    Raises:
        ConfigError: for something that is no dtype of arrays.
    """
    if dtype is None:
        return settings.floatx
    name = _PYTHON.get(dtype, dtype) if isinstance(dtype, (type, str)) else dtype
    for attribute in ("name", "__name__"):
        name = getattr(name, attribute, name) if not isinstance(name, str) else name
    if not isinstance(name, str):
        name = str(name).rpartition(".")[2]  # torch.float32
    if name.startswith("str"):  # NumPy's, with or without a length
        return "string"
    if name not in _KNOWN:
        raise ConfigError("Invalid dtype: {dtype!r}. There are {known}.", dtype=dtype,
                          known=", ".join(sorted(_KNOWN)))  # fmt: skip
    return name


def is_float_dtype(dtype: Any) -> bool:
    """Tell whether a dtype is one of floating numbers."""
    return "float" in standardize_dtype(dtype)


def is_int_dtype(dtype: Any) -> bool:
    """Tell whether a dtype is one of whole numbers."""
    return standardize_dtype(dtype).startswith(("int", "uint"))


def result_type(*dtypes: Any) -> str:
    """Return the dtype of what is computed from arrays of these dtypes.

    The rules are JAX's: a Python type (``int``, ``float``) gives way to that of an array.

    >>> result_type("bfloat16", int), result_type("int32", "float32"), result_type("int8", float)
    ('bfloat16', 'float32', 'float32')

    Raises:
        ConfigError: for float8, which nothing is converted to or from unasked.
    """
    if not dtypes:
        return settings.floatx
    if any(isinstance(dtype, str) and dtype in _EIGHT_BITS for dtype in dtypes):
        raise ConfigError("float8 is never converted by itself; cast it first. Got {dtypes}.",
                          dtypes=dtypes)  # fmt: skip
    weak = (int, float, complex)
    given = [d if d in weak else np.dtype(standardize_dtype(d)) for d in dtypes]
    found, is_weak = jax.dtypes.result_type(*given, return_weak_type_flag=True)
    if is_weak and jnp.issubdtype(found, jnp.floating):
        return settings.floatx
    return np.dtype(jax.dtypes.canonicalize_dtype(found)).name


@registry.builtin
class DTypePolicy:
    """In which dtypes a layer keeps its variables, and computes.

    Args:
        name: a dtype, for both; or ``"mixed_bfloat16"`` or ``"mixed_float16"``, for variables of
            32 bits and a computation in 16. The one of `maeum.config.dtype_policy` by default.

    Raises:
        TypeError: for a name that is no string.
        ConfigError: for one that is no policy.

    Example:
        >>> policy = DTypePolicy("mixed_bfloat16")
        >>> policy.compute_dtype, policy.variable_dtype
        ('bfloat16', 'float32')
    """

    # Of policies for numbers of fewer bits, which Maeum has none of.
    quantization_mode = None

    def __init__(self, name: str | None = None):
        name = global_policy().name if name is None else name
        if not isinstance(name, str):
            raise TypeError(_("'name' must be a string, such as 'mixed_bfloat16'; got {name!r}.",
                              name=name))  # fmt: skip
        self._name = name
        try:
            self._compute_dtype = _MIXED.get(name) or standardize_dtype(name)
        except ConfigError:
            raise UnknownNameError(
                "Cannot convert {name!r} to a dtype policy. There are 'mixed_bfloat16', "
                "'mixed_float16', and the names of dtypes such as 'float32'.",
                name=name,
            ) from None

    @property
    def name(self) -> str:
        """The name of the policy."""
        return self._name

    @property
    def compute_dtype(self) -> str:
        """The dtype in which a layer computes."""
        return self._compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the variables."""
        return "float32" if self._name in _MIXED else self._compute_dtype

    def convert_input(self, x: Any, autocast: bool, dtype: Any) -> Any:
        """Return ``x`` as an array; floating numbers take a dtype if ``autocast`` says so."""
        if not hasattr(x, "__array__") and not isinstance(x, jax.Array):
            return x
        symbolic = hasattr(x, "node")
        x = x if symbolic else jnp.asarray(x)
        if not autocast or not is_float_dtype(x.dtype) or standardize_dtype(x.dtype) == dtype:
            return x
        if symbolic:
            return registry.find("ops.cast")(x, standardize_dtype(dtype))
        return x.astype(dtype)

    def get_config(self) -> dict[str, str]:
        """Return what makes this policy again."""
        return {"name": self._name}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> DTypePolicy:
        """Make a policy from what `get_config` returned."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and self._name == other._name

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self._name}">'


def global_policy() -> DTypePolicy:
    """Return the policy of layers that are given none."""
    chosen = settings.dtype_policy
    return DTypePolicy(settings.floatx) if chosen is None else chosen


def measuring_dtype(dtype: Any) -> str:
    """Return the dtype that a loss or a metric computes in: never half of one by a mixed policy."""
    return settings.floatx if dtype is None else policy_of(dtype).compute_dtype


def policy_of(dtype: Any) -> DTypePolicy:
    """Return the policy that a layer's ``dtype`` stands for.

    Args:
        dtype: a policy, its name or configuration, a dtype, or None for the global policy.

    Raises:
        ConfigError: if it is none of these.
    """
    if dtype is None:
        return global_policy()
    if isinstance(dtype, DTypePolicy):
        return dtype
    if isinstance(dtype, Mapping):
        config = dtype.get("config", dtype)
        if set(config) == {"name"}:
            return DTypePolicy(config["name"])
        raise ConfigError("There is no dtype policy {dtype!r}; Maeum has those of a name, such as "
                          "'mixed_bfloat16'.", dtype=dict(dtype))  # fmt: skip
    return DTypePolicy(dtype if isinstance(dtype, str) else standardize_dtype(dtype))
