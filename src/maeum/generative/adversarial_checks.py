"""What generators, discriminators, images and labels have to be, before anything is trained."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from maeum import activations
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.core.messages import N_, _
from maeum.layers import Flatten, Reshape
from maeum.models.model import Model

_RANGES = ((activations.sigmoid, 0.0, 1.0), (activations.tanh, -1.0, 1.0))


def check_model(part: Any, what: str) -> None:
    """Raise `ConfigError` for a part that is no model."""
    if not isinstance(part, Model):
        raise ConfigError("The {what} is a model, such as maeum.Sequential([...]); got {given!r}.",
                          what=what, given=part)  # fmt: skip


def check_parts(gan: Any) -> tuple[int, ...]:
    """Return the shape of an image, for which generator and discriminator fit together.

    Raises:
        ShapeError: if they do not; it names both shapes.
    """
    code, label = (None, gan.latent_size), (None, gan.classes)
    given = code if gan.classes is None else [code, label]
    made = _outputs(gan.generator, given, "generator")
    if not _is_shape(made) or len(made) < 2 or None in made[1:]:
        raise ShapeError("The generator has one output, images of a known shape; its outputs have "
                         "the shape {shape}.", shape=made)  # fmt: skip
    wanted: Any = gan.discriminator.input_shape if gan.discriminator.graph else None
    wanted = wanted[0] if isinstance(wanted, list) and wanted else wanted
    if _is_shape(wanted) and not _fit(made[1:], wanted[1:]):
        raise ShapeError("The generator makes images of shape {made}, but the discriminator takes "
                         "{wanted}. Change the last layers of the generator, or the Input of the "
                         "discriminator.", made=made[1:], wanted=wanted[1:])  # fmt: skip
    told = _outputs(
        gan.discriminator, made if gan.classes is None else [made, label], "discriminator"
    )
    if not _is_shape(told) or math.prod(n for n in told[1:] if n) != 1 or None in told[1:]:
        raise ShapeError("The discriminator gives one number for each image, a logit: end it with "
                         "Dense(1). Its outputs have the shape {shape}, for images of shape "
                         "{made}.", shape=told, made=made[1:])  # fmt: skip
    if range_of(gan.discriminator) is not None:
        raise ConfigError("The discriminator gives logits, from which the loss is computed: end it "
                          "with Dense(1), without an activation.")  # fmt: skip
    return tuple(made[1:])


def _outputs(part: Any, given: Any, what: str) -> Any:
    try:
        return part.compute_output_shape(given)
    except (TypeError, ValueError) as error:
        raise ShapeError("The {what} does not take inputs of shape {given}: {reason}",
                         what=what, given=given, reason=error) from error  # fmt: skip


def _is_shape(shape: Any) -> bool:
    return isinstance(shape, tuple) and all(n is None or isinstance(n, int) for n in shape)


def _fit(made: tuple, wanted: tuple) -> bool:
    return len(made) == len(wanted) and all(b is None or a == b for a, b in zip(made, wanted))


def range_of(part: Any) -> tuple[float, float] | None:
    """Return the bounds of what a model can give, by its last activation; None if it has none."""
    layers = part.layers if part.graph is not None else []
    last = next((one for one in reversed(layers) if not isinstance(one, (Reshape, Flatten))), None)
    activation = getattr(last, "activation", None)
    return next((bounds for known, *bounds in _RANGES if activation is known), None)  # type: ignore


def check_images(x: Any, gan: Any) -> Any:
    """Return images as the networks take them.

    Raises:
        ShapeError: for images of another shape than those that the generator makes.
        DataError: for one image, for what is not finite, or for pixels that no generator with
            such an activation can make.
    """
    if not hasattr(x, "shape"):
        raise DataError("{kind} takes one array of images; got {given}.",
                        kind=type(gan).__name__, given=type(x).__name__)  # fmt: skip
    shape = tuple(x.shape[1:])
    if (*shape, 1) == gan.image_shape:
        x, shape = x.reshape(*x.shape, 1), gan.image_shape
    if shape != gan.image_shape:
        raise ShapeError("The generator makes images of shape {made}, and the images in x have the "
                         "shape {given}. Resize them (maeum.ops.image.resize), or make networks "
                         "for them, GAN.convolutional({given}).", made=gan.image_shape,
                         given=shape)  # fmt: skip
    if len(x) < 2:
        raise DataError("A GAN learns what images have in common, and {n} is too few: give at "
                        "least two, better thousands.", n=len(x))  # fmt: skip
    values = np.asarray(x)
    wrong = ~np.isfinite(values.reshape(len(values), -1)).all(1)
    if wrong.any():
        raise DataError("x holds values that are not finite in {count} of {rows} rows; the "
                        "first is row {first}. Fill in or drop such values first.",
                        count=int(wrong.sum()), rows=len(values),
                        first=int(np.argmax(wrong)))  # fmt: skip
    bounds = range_of(gan.generator)
    low, high = float(values.min()), float(values.max())
    if bounds is not None and not bounds[0] <= low <= high <= bounds[1]:
        raise DataError("The generator makes pixels from {least:g} to {most:g}, and x holds values "
                        "from {low:g} to {high:g}, which it could never make. Scale them (bytes: "
                        "x / 255 for 'sigmoid', x / 127.5 - 1 for 'tanh'), or end the generator "
                        "with another activation.", least=bounds[0], most=bounds[1], low=low,
                        high=high)  # fmt: skip
    return x


def who_diverged(logs: Mapping[str, Any]) -> str:
    """Say which of the networks is to blame for a loss that is not finite, and what helps."""
    part, said = N_("generator"), _("Its images make the discriminator's logits infinite.")
    if not np.isfinite(logs.get("discriminator_loss", 0.0)):
        part, said = (
            N_("discriminator"),
            _("Stronger penalties (r1, r2) keep its slopes small."),
        )
        if not np.isfinite(logs.get("diversity", 0.0)):
            part, said = N_("generator"), _("The images that it makes are not finite.")
    return _("It was the {part}'s. {said} Try smaller learning rates: compile("
             "generator_optimizer=Adam(1e-4), discriminator_optimizer=Adam(1e-4)).",
             part=_(part), said=said)  # fmt: skip
