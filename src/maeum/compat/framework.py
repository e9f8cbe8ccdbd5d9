"""The rest of ``tf.*``: variables of either kind, modes, flags, and what is only accepted."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from maeum.compat.graph import modes
from maeum.compat.graph.graph import Tensor as GraphTensor
from maeum.compat.graph.graph import get_default_graph
from maeum.compat.graph.kinds import Kind
from maeum.compat.graph.types import as_dtype
from maeum.compat.ops.convert import convert_to_tensor
from maeum.compat.ops.ignoring import check_others
from maeum.compat.ops.random import set_random_seed
from maeum.compat.ops.recording import op
from maeum.compat.ops.variables import (
    GraphVariable,
    assign,
    assign_add,
    assign_sub,
    scatter_add,
    scatter_sub,
    scatter_update,
)
from maeum.compat.train.gradients import gradients, hessians
from maeum.core.module import Module as OurModule
from maeum.core.variable import Variable as CoreVariable

__all__ = [
    "FLAGS",
    "ConfigProto",
    "GPUOptions",
    "GraphDef",
    "Print",
    "RunMetadata",
    "RunOptions",
    "Summary",
    "Tensor",
    "Variable",
    "add_check_numerics_ops",
    "add_to_collection",
    "assign",
    "assign_add",
    "assign_sub",
    "device",
    "flags",
    "get_collection",
    "get_collection_ref",
    "gradients",
    "hessians",
    "py_func",
    "run_app",
    "scatter_add",
    "scatter_sub",
    "scatter_update",
    "set_random_seed",
]  # fmt: skip

GIT_VERSION = "maeum"


def __getattr__(name: str) -> Any:
    """Return the version that scripts ask for: the last of the kind that they are written for."""
    if name in ("VERSION", "__version__"):
        return "2.16.1" if modes.executing_eagerly() else "1.15.5"
    if name == "KERAS_VERSION":
        return "2.2.5" if modes.keras2() else "2.15.0"
    raise AttributeError(name)


executing_eagerly = modes.executing_eagerly
enable_eager_execution = enable_v2_behavior = lambda *args, **options: modes.compute_eagerly()
disable_eager_execution = disable_v2_behavior = lambda *args, **options: modes.record_graphs()


def _nothing(*args: Any, **options: Any) -> None:
    """Accept, and do nothing."""


disable_resource_variables = enable_resource_variables = disable_tensor_equality = _nothing
add_check_numerics_ops = _nothing


class _EitherVariable(type):
    def __call__(cls, *args: Any, **options: Any) -> Any:
        if modes.executing_eagerly():
            from maeum.compat.eager import EagerVariable

            return EagerVariable(*args, **options)
        return GraphVariable(*args, **options)

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, (GraphVariable, CoreVariable))


class Variable(metaclass=_EitherVariable):
    """A variable of a graph, or one that has a value at once."""


class Module(OurModule):
    """Variables, and modules inside, found wherever attributes hold them."""

    def __init__(self, name: str | None = None):
        self._name = name


class _AnyTensor(type):
    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, (GraphTensor, jax.Array))


class Tensor(metaclass=_AnyTensor):
    """What every tensor is, of a graph or with a value."""


def is_variable_initialized(variable: Any, name: str | None = None) -> Any:
    """Return whether a variable has a value in the session that runs it."""
    kind = _Initialized(variable)
    return get_default_graph().add(kind, (), {}, [GraphTensor((), "bool")],
                                   name or "IsVariableInitialized").outputs[0]  # fmt: skip


class _Initialized(Kind):
    def __init__(self, variable: Any):
        super().__init__("IsVariableInitialized", lambda: None, host=True)
        object.__setattr__(self, "variable", variable)

    def evaluate(self, operation: Any, run: Any) -> list:
        """Ask the session."""
        return [np.bool_(self.variable in run.session.state)]  # type: ignore[attr-defined]


# ---- collections, devices ------------------------------------------------------------------------


def add_to_collection(name: Any, value: Any) -> None:
    """Add a thing to a collection of the default graph."""
    get_default_graph().add_to_collection(name, value)


def get_collection(key: Any, scope: Any = None) -> list:
    """Return what a collection of the default graph has."""
    return get_default_graph().get_collection(key, scope)


def get_collection_ref(key: Any) -> list:
    """Return a collection of the default graph itself."""
    return get_default_graph().get_collection_ref(key)


def device(device_name: Any = None) -> Any:
    """Accept a device; XLA chooses where things run."""
    return contextlib.nullcontext()


def is_gpu_available(*args: Any, **options: Any) -> bool:
    """Tell whether there is a GPU."""
    return any(one.platform == "gpu" for one in jax.devices())


class _Accepted:
    """Settings that are accepted, whatever they are; XLA decides."""

    def __init__(self, *args: Any, **options: Any):
        vars(self).update(options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = _Accepted()
        vars(self)[name] = made
        return made


class ConfigProto(_Accepted):
    """The settings of a session."""


class GPUOptions(_Accepted):
    """The settings of GPUs."""


class RunOptions(_Accepted):
    """The settings of a run."""

    NO_TRACE, SOFTWARE_TRACE, HARDWARE_TRACE, FULL_TRACE = range(4)


class RunMetadata(_Accepted):
    """What a run tells of itself, which is nothing."""


class GraphDef(_Accepted):
    """The description of a graph."""


class Summary:
    """A summary made by hand: ``Summary(value=[Summary.Value(tag=..., simple_value=...)])``."""

    class Value:
        """A value of a summary."""

        def __init__(self, tag: str = "", simple_value: float = 0.0):
            self.tag, self.simple_value = tag, simple_value

    def __init__(self, value: Any = ()):
        self.value = list(value)

    @property
    def data(self) -> bytes:
        """The summary as it is written."""
        from maeum.core import event_files

        return event_files.summary(event_files.scalar(v.tag, v.simple_value) for v in self.value)


# ---- flags and main ------------------------------------------------------------------------------


class _Flags:
    """The values of flags: those of the command line, or the defaults."""

    def __init__(self) -> None:
        self.__dict__["_defined"] = {}
        self.__dict__["_given"] = {}

    def __getattr__(self, name: str) -> Any:
        if name not in self._defined:
            raise AttributeError(name)
        read, default = self._defined[name]
        given = _given_flags().get(name)
        if name in self._given:
            return self._given[name]
        return default if given is None else read(given)

    def __setattr__(self, name: str, value: Any) -> None:
        self._given[name] = value

    def flag_values_dict(self) -> dict[str, Any]:
        """Return all values by name."""
        return {name: getattr(self, name) for name in self._defined}


FLAGS = _Flags()


def _given_flags() -> dict[str, str]:
    found = {}
    arguments = sys.argv[1:]
    for place, argument in enumerate(arguments):
        if argument.startswith("-"):
            name, equals, value = argument.lstrip("-").partition("=")
            if not equals:
                after = arguments[place + 1 : place + 2]
                value = after[0] if after and not after[0].startswith("--") else "true"
            found[name] = value
    return found


def _truth(text: str) -> bool:
    return text.strip().lower() in ("1", "true", "t", "yes", "y")


def _define(read: Callable) -> Callable:
    def define(name: str, default: Any = None, help: str = "", **others: Any) -> None:
        check_others("define", others)
        FLAGS._defined[name] = (read, default)

    return define


class flags:
    """Values that may be given on the command line."""

    FLAGS = FLAGS
    DEFINE_string, DEFINE_integer, DEFINE_float = map(staticmethod, map(_define, (str, int, float)))
    DEFINE_boolean = DEFINE_bool = staticmethod(_define(_truth))
    DEFINE_list = staticmethod(_define(lambda text: text.split(",")))
    DEFINE_enum = staticmethod(
        lambda name, default, enum_values, help="", **others: flags.DEFINE_string(
            name, default, help, **others
        )
    )


def run_app(main: Callable | None = None, argv: Any = None) -> None:
    """Call the main function of a script, and end."""
    given = sys.argv if argv is None else argv
    main = main or sys.modules["__main__"].main
    sys.exit(main(given))


# ---- on the way ----------------------------------------------------------------------------------


@op("Print", arrays=2, constant=False)
def Print(
    input_: Any, data: Any, message: Any = None, first_n: Any = None, summarize: Any = None,
    name: Any = None,
) -> Any:  # fmt: skip
    """The input, and whenever it is computed, some values are printed."""

    def show(*values: Any) -> None:
        said = "".join(f"[{' '.join(map(str, np.ravel(v)[: summarize or 3]))}]" for v in values)
        print(f"{message or ''}{said}", file=sys.stderr)

    jax.debug.callback(show, *data)
    return input_


def py_func(func: Callable, inp: Any, Tout: Any, stateful: bool = True, name: Any = None) -> Any:
    """What a function of Python's makes of arrays; it runs on the host, and has no gradient."""
    types = list(Tout) if isinstance(Tout, (list, tuple)) else [Tout]

    def compute(*values: Any) -> list:
        found = func(*(np.asarray(v) for v in values))
        parts = found if isinstance(found, (list, tuple)) else [found]
        return [np.asarray(part, as_dtype(d).dtype) for part, d in zip(parts, types)]

    args = tuple(convert_to_tensor(one) for one in inp)
    if modes.executing_eagerly():
        found = compute(*args)
        return found if isinstance(Tout, (list, tuple)) else found[0]
    outputs = [GraphTensor(None, d) for d in types]
    kind = Kind("PyFunc", compute, host=True)
    made = get_default_graph().add(kind, args, {}, outputs, name or "PyFunc").outputs
    return made if isinstance(Tout, (list, tuple)) else made[0]


numpy_function = py_func
