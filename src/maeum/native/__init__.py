"""The native kernels: C++ behind XLA's foreign-function interface, for CPUs.

They are compiled when the package is installed, if there is a compiler; without them everything
works, and convolutions take a few times longer. ``MAEUM_NATIVE=0`` turns them off
(``MAEUM_NATIVE=avx2`` or ``plain`` asks for an older instruction set).

Example:
    >>> from maeum import native
    >>> status = native.status()
    >>> status.present or bool(status.reason)
    True
"""

from __future__ import annotations

import ctypes
import functools
import importlib.machinery
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from maeum.core.messages import _

SEQUENTIAL = "sequential"  # what JAX calls a kernel that works on one entry at a time

_NOTHING = np.zeros(0, np.float32)
_FORWARD = [
    "Attention",
    "BatchNormalization",
    "Convolution",
    "Depthwise",
    "Gelu",
    "Gru",
    "LayerNormalization",
    "Lstm",
    "MaxPool",
    "Silu",
    "SimpleRnnRelu",
    "SimpleRnnTanh",
    "SumPool",
]
_TARGETS = (
    "MaeumAdam",
    "MaeumConvolutionTransposed",
    "MaeumKeep",
    "MaeumPieces",
    "MaeumProducts",
    *(f"Maeum{name}{suffix}" for name in _FORWARD for suffix in ("", "Gradient")),
)


@dataclass(frozen=True)
class Status:
    """Whether the kernels are there.

    Attributes:
        present: whether they are used.
        reason: why not, if they are not.
        instruction_set: which of the processor's instructions they use.
    """

    present: bool
    reason: str = ""
    instruction_set: str = ""


@functools.cache
def status() -> Status:
    """Load the kernels, and tell whether they are there."""
    if os.environ.get("MAEUM_NATIVE", "") == "0":
        return Status(False, _("turned off by MAEUM_NATIVE=0"))
    path = _library()
    if path is None:
        reason = _(
            "not compiled when the package was installed (no C++ compiler?); install a compiler "
            "such as g++ and install maeum again"
        )
        return Status(False, reason)
    try:
        library = ctypes.CDLL(str(path))
        for name in _TARGETS:
            capsule = jax.ffi.pycapsule(getattr(library, name))
            jax.ffi.register_ffi_target(name, capsule, platform="cpu")
    except (OSError, AttributeError) as error:
        reason = _("{file} cannot be loaded: {error}", file=path.name, error=error)
        return Status(False, reason)
    instruction_set = library.MaeumInstructionSet
    instruction_set.restype = ctypes.c_char_p
    return Status(True, instruction_set=instruction_set().decode())


@functools.cache
def library() -> ctypes.CDLL | None:
    """Return the kernels as a plain C library, for those that are called outside of XLA."""
    return ctypes.CDLL(str(_library())) if status().present else None


def _library() -> Path | None:
    folder = Path(__file__).parent
    paths = (folder / f"_kernels{suffix}" for suffix in importlib.machinery.EXTENSION_SUFFIXES)
    return next((path for path in paths if path.exists()), None)


def float32(*sizes: int) -> jax.ShapeDtypeStruct:
    """Return the shape of an array of single precision."""
    return jax.ShapeDtypeStruct(sizes, np.float32)


def call(
    target: str,
    outputs: Any,
    *inputs: Any,
    in_place: dict[int, int] | None = None,
    batches: bool = False,
    **attributes: Any,
) -> Any:
    """Call a kernel on arrays; ``outputs`` is the shape of what it returns, or a tuple of shapes.

    An input that is None is an empty array for the kernel.
    ``in_place`` names inputs whose memory an output may take, by their numbers; where an input is
    needed further on, XLA copies it first. Under ``vmap`` it is called once for each entry, unless
    it ``batches``: then all inputs have further axes in front.
    """
    method = "broadcast_all" if batches else SEQUENTIAL
    kernel = jax.ffi.ffi_call(target, outputs, vmap_method=method, input_output_aliases=in_place)
    results = kernel(*(_NOTHING if x is None else x for x in inputs), **attributes)
    return tuple(results) if isinstance(outputs, tuple) else results
