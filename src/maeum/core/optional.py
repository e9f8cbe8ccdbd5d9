"""Libraries that only some users need: imported where they are used, or a clear error."""

from __future__ import annotations

import importlib
from types import ModuleType

from maeum.core.messages import _


def require(module: str, purpose: str, extra: str | None = None) -> ModuleType:
    """Import an optional library.

    Args:
        module: its name, such as ``"h5py"``.
        purpose: what it is needed for, as the beginning of a sentence: ``"Reading HDF5 files"``.
        extra: the extra of Maeum that installs it; the library itself is named without one.

    Raises:
        ImportError: if it is not installed, with the command that installs it.

    Example:
        >>> require("json", "Reading JSON").loads("[1]")
        [1]
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = f"'maeum[{extra}]'" if extra else module
        message = _("{purpose} needs {module}, which cannot be imported ({error}). Install it: "
                    "pip install {package}", purpose=purpose, module=module, error=error,
                    package=package)  # fmt: skip
        raise ImportError(message) from error
