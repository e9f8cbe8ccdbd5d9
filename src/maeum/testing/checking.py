"""The checks of a layer, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from maeum.core.errors import ConfigError, MaeumError, nearest
from maeum.layers import Layer
from maeum.testing import computed, kept
from maeum.testing.slopes import check_gradients
from maeum.testing.subject import Broken, Subject


class LayerCheckError(MaeumError, AssertionError):
    """A layer does not keep the contract; the message says which part and how to mend it."""


def check_layer(
    layer: Layer | type[Layer] | Callable[[], Layer],
    input_shape: Any = (5,),
    *,
    inputs: Any = None,
    init: Mapping[str, Any] | None = None,
    skip: Iterable[str] = (),
) -> None:
    """Check that a layer does what the rest of Maeum expects of it.

    It is called with two batch sizes and with symbolic inputs, eagerly and compiled, in training
    and otherwise; it is described, made again, saved and loaded, with changed
    attributes, too; its gradients are compared with
    finite differences in double precision; and ``vmap`` over its weights with a loop.

    Args:
        layer: a layer class, a function that returns a layer, or a layer (which stays unbuilt).
        input_shape: the shape of one input without the batch axis, or a list of such shapes for
            a layer that takes a list.
        inputs: arrays to call it with, instead of numbers drawn for ``input_shape``: give whole
            numbers to a layer that looks something up.
        init: arguments for a layer class.
        skip: names of checks to leave out: "configuration", "weights", "determinism",
            "compilation", "shapes", "dtypes", "gradients", "vmap", "masks", "freezing", "saving",
            "attributes".

    Raises:
        LayerCheckError: (an `AssertionError`) for the first part of the contract that is broken.
        ConfigError: for a check to skip that does not exist.

    Example:
        >>> import maeum as mm
        >>> import numpy as np
        >>> check_layer(mm.layers.Dense, (3,), init={"units": 2})
        >>> check_layer(lambda: mm.layers.Embedding(9, 4), inputs=np.array([[1, 8], [0, 3]]))
    """
    skip = {skip} if isinstance(skip, str) else set(skip)
    for name in skip - set(_CHECKS):
        known = ", ".join(_CHECKS)
        raise ConfigError(f"There is no check {name!r}.{nearest(name, _CHECKS)} Known: {known}.")
    subject = Subject(layer, input_shape, inputs, init)
    for name, check in _CHECKS.items():
        if name in skip:
            continue
        try:
            check(subject)
        except Broken as defect:
            raise LayerCheckError(f"{subject.title} fails the check {name!r}: {defect}") from None
        except Exception as error:
            raise LayerCheckError(
                f"{subject.title} fails the check {name!r} with {type(error).__name__}: {error} "
                f"({check.__doc__})"
            ) from error


_CHECKS: dict[str, Callable[[Subject], None]] = {
    "configuration": kept.check_configuration,
    "weights": kept.check_weights,
    "determinism": computed.check_determinism,
    "compilation": computed.check_compilation,
    "shapes": computed.check_shapes,
    "dtypes": computed.check_dtypes,
    "gradients": check_gradients,
    "vmap": computed.check_vmap,
    "masks": kept.check_masks,
    "freezing": kept.check_freezing,
    "saving": kept.check_saving,
    "attributes": kept.check_attributes,
}
