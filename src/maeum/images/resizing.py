"""What is chosen for reading an image, and how one of one size becomes one of another."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, UnknownNameError

if TYPE_CHECKING:
    from PIL import Image

CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}
RESIZES = ("crop", "pad", "stretch")
INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos", "box", "hamming")
_SAME = {"lanczos3": "lanczos", "area": "box"}


def check_size(size: Any, what: str = "size") -> tuple[int, int]:
    """Return ``(height, width)`` of a pair of whole numbers, or of one for a square.

    >>> check_size(64), check_size((32, 48)), check_size("48x64")
    ((64, 64), (32, 48), (48, 64))
    """
    pair = (size, size) if isinstance(size, numbers.Integral) else size
    try:
        if isinstance(size, str):
            sides = [int(side) for side in size.lower().replace(",", "x").split("x")]
            pair = sides * 2 if len(sides) == 1 else sides
        height, width = (int(n) for n in pair if not isinstance(n, bool) and n == int(n))
        if min(height, width) < 1:
            raise ValueError
    except (TypeError, ValueError):
        raise ConfigError("{what} is (height, width) in pixels, such as (48, 64) or 48x64, or one "
                          "number for a square; got {size!r}.", what=what,
                          size=size) from None  # fmt: skip
    return height, width


def check_interpolation(name: Any) -> str:
    """Return the name of an interpolation as `load_image` knows it.

    >>> check_interpolation("Area")
    'box'

    Raises:
        UnknownNameError: for one that Pillow does not have.
    """
    lowered = str(name).lower()
    if lowered in ("lanczos5", "gaussian", "mitchellcubic"):
        raise UnknownNameError("The interpolation {name!r} is not at hand; 'bicubic' and 'lanczos' "
                               "come closest.", name=name)  # fmt: skip
    return check_choice(_SAME.get(lowered, lowered), INTERPOLATIONS, "interpolation")


@dataclass(frozen=True)
class Reading:
    """How an image becomes pixels; see `load_image`.

    Attributes:
        size: its ``(height, width)``, or one number for a square; None keeps its own.
        color_mode: ``"rgb"``, ``"grayscale"`` or ``"rgba"``.
        resize: ``"crop"``, ``"pad"`` or ``"stretch"``.
        interpolation: a name that `check_interpolation` knows.
    """

    size: Any = None
    color_mode: str = "rgb"
    resize: str = "crop"
    interpolation: str = "bilinear"

    def __post_init__(self) -> None:
        if self.size is not None:
            object.__setattr__(self, "size", check_size(self.size))
        check_choice(self.color_mode, CHANNELS, "color_mode")
        check_choice(self.resize, RESIZES, "resize")
        object.__setattr__(self, "interpolation", check_interpolation(self.interpolation))


def resized(
    image: Image.Image,
    size: tuple[int, int],
    resize: str,
    interpolation: str,
    area: tuple[float, float] | None = None,
) -> Image.Image:
    """Return the image in a size; see `load_image` for how.

    Args:
        image: any image.
        size: ``(height, width)``.
        resize: ``"crop"``, ``"pad"`` or ``"stretch"``.
        interpolation: a name that `check_interpolation` returned.
        area: the width and height of the part from the upper left corner that counts.
    """
    from PIL import Image

    height, width = size
    wide, high = area or image.size
    if image.size == (wide, high) == (width, height):
        return image
    method = Image.Resampling[interpolation.upper()]
    box = (0.0, 0.0, wide, high)
    if resize == "crop":
        part = min(wide, high * width / height), min(high, wide * height / width)
        left, top = (wide - part[0]) / 2, (high - part[1]) / 2
        if image.size == (wide, high):  # whole pixels, as Keras cuts them
            part = max(1, part[0] // 1), max(1, part[1] // 1)
            left, top = (wide - part[0]) // 2, (high - part[1]) // 2
        box = (left, top, left + part[0], top + part[1])
    if resize != "pad":
        return image.resize((width, height), method, box=box)
    factor = min(width / wide, height / high)
    inner = [max(1, min(round(n * factor), most)) for n, most in [(wide, width), (high, height)]]
    whole = Image.new(image.mode, (width, height))
    place = ((width - inner[0]) // 2, (height - inner[1]) // 2)
    whole.paste(image.resize((inner[0], inner[1]), method, box=box), place)
    return whole
