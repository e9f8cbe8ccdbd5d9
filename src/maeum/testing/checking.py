"""The checks of a layer, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from maeum.core.checks import check_choice
from maeum.core.errors import MaeumError
from maeum.core.messages import N_, _
from maeum.layers import Layer
from maeum.testing import computed, kept
from maeum.testing.slopes import check_gradients
from maeum.testing.subject import Broken, Subject


class LayerCheckError(MaeumError, AssertionError):
    """A layer breaks the contract; the message says which part and how to fix it."""


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
    and otherwise; it is described, recreated, saved and loaded, with changed attributes, too; its
    gradients are compared with finite differences in double precision; and ``vmap`` over its
    weights with a loop.

    Args:
        layer: a layer class, a function that returns a layer, or a layer (which stays unbuilt).
        input_shape: the shape of one input without the batch axis, or a list of such shapes for
            a layer that takes a list.
        inputs: arrays to call it with, instead of numbers drawn for ``input_shape``: give whole
            numbers to a layer that looks something up.
        init: arguments for a layer class.
        skip: names of checks to skip: "configuration", "weights", "determinism",
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
    for name in skip:
        check_choice(name, _CHECKS, "A check to skip")
    subject = Subject(layer, input_shape, inputs, init)
    for name, (check, contract) in _CHECKS.items():
        if name in skip:
            continue
        said = {"layer": subject.title, "check": name}
        try:
            check(subject)
        except Broken as defect:
            raise LayerCheckError(
                _("{layer} fails the check {check!r}: {defect}", **said, defect=defect)
            ) from None
        except Exception as error:
            raise LayerCheckError(_(
                "{layer} fails the check {check!r} with {kind}: {error} ({contract})",
                **said, kind=type(error).__name__, error=error, contract=_(contract),
            )) from error  # fmt: skip


# Each check, and what the layer has to keep.
_CHECKS: dict[str, tuple[Callable[[Subject], None], str]] = {
    "configuration": (kept.check_configuration, N_("Arguments have to survive get_config().")),
    "weights": (kept.check_weights, N_("Weights are made once, in build(), with add_weight().")),
    "determinism": (computed.check_determinism, N_("Only inputs, weights and the key may matter.")),
    "compilation": (computed.check_compilation, N_("Do not use if, float() or NumPy on arrays.")),
    "shapes": (computed.check_shapes, N_("Batches of any size have to give the promised shapes.")),
    "dtypes": (
        computed.check_dtypes,
        N_("Outputs have the layer's dtype, and are finite numbers."),
    ),
    "gradients": (check_gradients, N_("Gradients have to agree with finite differences.")),
    "vmap": (computed.check_vmap, N_("Copies have to run at once: no code may depend on values.")),
    "masks": (kept.check_masks, N_("A mask has to be passed on, or to end here.")),
    "freezing": (kept.check_freezing, N_("trainable = False has to freeze every weight.")),
    "saving": (kept.check_saving, N_("A saved and loaded model has to be the same.")),
    "attributes": (kept.check_attributes, N_("Changed attributes have to be saved and loaded.")),
}
