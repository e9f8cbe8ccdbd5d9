"""Transformations of one image in NumPy, for `ImageDataGenerator`."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, ShapeError
from maeum.ops.layout import channels_first

FILL_MODES = ("nearest", "constant", "reflect", "wrap")


def apply_affine_transform(
    x: np.ndarray,
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    order: int = 1,
) -> np.ndarray:
    """Rotate, shift, shear and zoom an image about its center.

    The arguments say where the pixel of a place comes from: ``zx=2`` shows twice as much, and
    ``tx=1`` moves the image by one pixel to the left. In homogeneous coordinates (x, y) the
    place is multiplied by rotation, shift, shear and zoom, in this order of the matrices.

    Args:
        x: an image with three axes; which is which say the last arguments.
        theta: angle in degrees.
        tx: pixels along the columns' axis (x).
        ty: pixels along the rows' axis (y).
        shear: angle in degrees.
        zx: factor along x.
        zy: factor along y.
        row_axis: the axis of y.
        col_axis: the axis of x.
        channel_axis: the axis of the channels.
        fill_mode: what is beyond the edges: ``"nearest"``, ``"constant"``, ``"reflect"`` or
            ``"wrap"``, as in SciPy.
        cval: the constant.
        order: of the splines that interpolate, 0 to 5.

    Raises:
        ShapeError: if the axes are not those of one image.

    Example:
        >>> apply_affine_transform(np.array([[[1, 2, 3]]]), tx=1).tolist()
        [[[2, 3, 3]]]
    """
    from scipy import ndimage

    if x.ndim != 3 or {row_axis, col_axis, channel_axis} != {0, 1, 2}:
        raise ShapeError("An image has three axes, and row_axis, col_axis and channel_axis are 0, "
                         "1 and 2 in some order; got shape {shape} and {axes}.", shape=x.shape,
                         axes=(row_axis, col_axis, channel_axis))  # fmt: skip
    check_choice(fill_mode, FILL_MODES, "fill_mode")
    if (theta, tx, ty, shear, zx, zy) == (0, 0, 0, 0, 1, 1):
        return x
    a, s = np.deg2rad(theta), np.deg2rad(shear)
    turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    rest = np.array([[1, -np.sin(s)], [0, np.cos(s)]]) @ np.diag([zx, zy])
    # From (x, y) to (row, column): both axes of the matrix are read backwards.
    matrix = (turn @ rest)[::-1, ::-1]
    shift = (turn @ [tx, ty])[::-1]
    planes = np.moveaxis(x, (channel_axis, row_axis, col_axis), (0, 1, 2))
    middle = (np.array(planes.shape[1:]) - 1) / 2
    offset = middle + shift - matrix @ middle
    done = [
        ndimage.affine_transform(plane, matrix, offset, order=order, mode=fill_mode, cval=cval)
        for plane in planes
    ]
    return np.moveaxis(np.stack(done), (0, 1, 2), (channel_axis, row_axis, col_axis))


def apply_channel_shift(x: np.ndarray, intensity: float, channel_axis: int = 0) -> np.ndarray:
    """Add a number to all channels, within the range that the image has already."""
    return np.clip(x + intensity, x.min(), x.max()).astype(x.dtype)


def apply_brightness_shift(x: np.ndarray, brightness: float, scale: bool = True) -> np.ndarray:
    """Multiply the brightness of an image, in whole steps of 0 ... 255.

    Args:
        x: an image; numbers beyond 0 ... 255 are rescaled to these temporarily.
        brightness: the factor; 1 changes nothing.
        scale: whether the result is rescaled to 0 ... 255 in any case.

    Returns:
        The image in float32.
    """
    if brightness < 0:
        raise ConfigError("The brightness is a factor of 0 or more; got {given!r}.",
                          given=brightness)  # fmt: skip
    x = np.asarray(x, np.float32)
    low, high = x.min(), x.max()
    beyond = low < 0 or high > 255
    if beyond or scale:
        x = x - low
        x = x / (x.max() or 1) * 255
    whole = x.astype(np.uint8).astype(np.float32)
    bright = np.clip(np.trunc(whole * np.float32(brightness)), 0, 255)
    return bright / 255 * (high - low) + low if beyond and not scale else bright


def smart_resize(
    x: Any,
    size: tuple[int, int],
    interpolation: str = "bilinear",
    data_format: str | None = "channels_last",
) -> Any:
    """Resize images without distorting them: cut to the aspect ratio around the middle first.

    Args:
        x: ``(height, width, channels)``, or with a batch axis in front; the channels first for
            ``data_format="channels_first"``.
        size: ``(height, width)``.
        interpolation: see `maeum.ops.image.resize`.
        data_format: where the channels are.

    Returns:
        The images, in NumPy if they were.

    Raises:
        ShapeError: for another number of axes.

    Example:
        >>> smart_resize(np.zeros((20, 40, 3), "float32"), (10, 10)).shape
        (10, 10, 3)
    """
    from maeum import ops

    if len(size) != 2:
        raise ConfigError("size is (height, width); got {size!r}.", size=size)
    image = ops.convert_to_tensor(x)
    if image.ndim not in (3, 4):
        raise ShapeError("Images have the shape (height, width, channels), or that with a batch "
                         "axis in front; got {shape}.", shape=tuple(image.shape))  # fmt: skip
    first = channels_first(data_format)
    height, width = image.shape[-2:] if first else image.shape[-3:-1]
    rows = max(min(height, int(width * size[0] / size[1])), 1)
    columns = max(min(width, int(height * size[1] / size[0])), 1)
    top, left = (height - rows) // 2, (width - columns) // 2
    part = (..., slice(top, top + rows), slice(left, left + columns))
    cut = image[part if first else (*part, slice(None))]
    resized = ops.image.resize(cut, size, interpolation, data_format=data_format)
    return np.array(resized) if isinstance(x, np.ndarray) else resized
