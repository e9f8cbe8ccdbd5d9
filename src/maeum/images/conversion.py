"""Pillow's images, as Keras's utilities hand them out and take them."""

from __future__ import annotations

import io
import os
import warnings
from typing import Any

import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.files import write_atomically
from maeum.core.messages import _
from maeum.images.reading import ImageError, find_file
from maeum.images.resizing import check_interpolation, check_size, resized

_MODES = {"rgb": "RGB", "rgba": "RGBA", "grayscale": "L"}
_FORMATS = ("channels_last", "channels_first")


def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: int | tuple[int, int] | None = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Any:
    """Read an image as a Pillow ``Image``, the way Keras does.

    `load_image` is the better choice where no Keras code waits for the result: this one neither
    turns a photograph upright nor puts transparent parts on white, and its default interpolation
    leaves pixels out.

    Args:
        path: a file, or an open one (``io.BytesIO``).
        color_mode: ``"rgb"``, ``"rgba"`` or ``"grayscale"`` (which keeps 16 and 32 bits).
        target_size: ``(height, width)``.
        interpolation: see `load_image`.
        keep_aspect_ratio: whether to crop, rather than to distort.

    Raises:
        ImageError: if it is not an image, or is damaged.
        ConfigError: for another colour mode, size or interpolation.
    """
    from PIL import Image

    check_choice(color_mode, _MODES, "color_mode")
    method = check_interpolation(interpolation)
    source = path if hasattr(path, "read") else find_file(os.fsdecode(path))
    try:
        image = Image.open(source)
        image.load()
    except Exception as error:  # decoders of damaged data raise whatever they run into
        name = source if isinstance(source, str) else repr(path)
        said = _("it is not an image, or is damaged ({error})", error=error)
        raise ImageError(name, said) from error
    kept = color_mode == "grayscale" and image.mode in ("I;16", "I")
    result = image if kept else image.convert(_MODES[color_mode])
    if target_size is None:
        return result
    size = check_size(target_size, "target_size")
    return resized(result, size, "crop" if keep_aspect_ratio else "stretch", method)


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """Return the pixels of a Pillow image.

    Args:
        img: the image, or an array of one.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        dtype: float32 by default.

    Returns:
        ``(height, width, channels)``, or ``(channels, height, width)``.

    Raises:
        ShapeError: if it is not an image.

    Example:
        >>> from PIL import Image
        >>> img_to_array(Image.new("L", (3, 2), 7)).shape
        (2, 3, 1)
    """
    data_format = check_format(data_format)
    pixels = np.asarray(img, dtype or np.float32)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    elif pixels.ndim != 3:
        raise ShapeError("An image has two or three axes; got shape {shape}.", shape=pixels.shape)
    elif data_format == "channels_last":
        return pixels
    return np.moveaxis(pixels, -1, 0) if data_format == "channels_first" else pixels


def array_to_img(
    x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None
) -> Any:
    """Return a Pillow image of an array ``(height, width, channels)``.

    Args:
        x: 1, 3 or 4 channels.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        scale: whether the numbers are stretched to 0 ... 255.
        dtype: to compute in; float32 by default.

    Raises:
        ShapeError: for another number of axes or channels.

    Example:
        >>> array_to_img(np.zeros((2, 3, 1))).size
        (3, 2)
    """
    from PIL import Image

    data_format = check_format(data_format)
    pixels = np.asarray(x, dtype or np.float32)
    if pixels.ndim != 3:
        raise ShapeError("An image has three axes, (height, width, channels); got shape {shape}.",
                         shape=pixels.shape)  # fmt: skip
    if data_format == "channels_first":
        pixels = np.moveaxis(pixels, 0, -1)
    channels = pixels.shape[2]
    if channels not in (1, 3, 4):
        raise ShapeError("An image has 1, 3 or 4 channels; got {channels}.", channels=channels)
    if scale:
        pixels = pixels - pixels.min()
        highest = pixels.max()
        pixels = (pixels / highest if highest else pixels) * 255
    if channels > 1:
        return Image.fromarray(np.ascontiguousarray(pixels.astype(np.uint8)))
    deep = pixels.max() > 255
    return Image.fromarray(pixels[:, :, 0].astype(np.int32 if deep else np.uint8))


def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array to an image file.

    Args:
        path: the file, or an open one.
        x: see `array_to_img`.
        data_format: see `array_to_img`.
        file_format: such as ``"png"``; by default what the suffix says.
        scale: see `array_to_img`.
        **kwargs: for Pillow's ``Image.save``, such as ``quality=90``.

    Raises:
        ConfigError: for a format that Pillow does not know.
        SaveError: if the file cannot be written; what was there before is still whole.
    """
    is_path = isinstance(path, (str, os.PathLike))
    if file_format is None and is_path:
        file_format = os.path.splitext(os.fspath(path))[1][1:]
    kind = {"jpg": "jpeg", "tif": "tiff"}.get(str(file_format).lower(), str(file_format))
    image = array_to_img(x, data_format, scale)
    if image.mode == "RGBA" and kind == "jpeg":
        warnings.warn(_("JPEG has no transparency: saved as RGB."), stacklevel=2)
        image = image.convert("RGB")
    target = io.BytesIO() if is_path else path
    try:
        image.save(target, format=kind, **kwargs)
    except KeyError:
        raise ConfigError("{format!r} is not a format of images that Pillow writes; use png or "
                          "jpeg.", format=file_format) from None  # fmt: skip
    if is_path:
        write_atomically(path, target.getvalue())


def check_format(data_format: str | None) -> str:
    """Return where the channels are: last, unless ``data_format`` says otherwise."""
    return check_choice(data_format or "channels_last", _FORMATS, "data_format")
