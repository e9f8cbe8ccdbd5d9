"""Digits: 1,797 handwritten digits of 8 x 8 pixels, which come with scikit-learn.

No file is needed and nothing is downloaded, so it works offline. It is the test part
of "Optical Recognition of Handwritten Digits" (E. Alpaydin, C. Kaynak; UCI, 1998).
"""

from __future__ import annotations

import numpy as np

from maeum.core.errors import ConfigError
from maeum.datasets.files import DataFile, Split

CLASS_NAMES = tuple("0123456789")
FILES: tuple[DataFile, ...] = ()
_TEST = 360


def load_data(size: int | tuple[int, int] | None = None) -> tuple[Split, Split]:
    """Return ``(x_train, y_train), (x_test, y_test)``: 1,437 and 360 images.

    Images are uint8 of shape ``(n, 8, 8)``, from 0 (paper) to 255 (ink), as in MNIST; labels are
    uint8 of shape ``(n,)``. The last 360 images are those to test with.

    Args:
        size: another height and width, such as ``(28, 28)`` for what takes MNIST.

    Example:
        >>> (x, y), (x_test, y_test) = load_data(size=28)
        >>> x.shape, y.shape, x_test.shape, x.max()
        ((1437, 28, 28), (1437,), (360, 28, 28), np.uint8(255))
    """
    from sklearn.datasets import load_digits

    height, width = _checked(size)
    digits = load_digits()
    images = digits.images * (255 / 16)  # their ink goes from 0 to 16
    if (height, width) != images.shape[1:]:
        import jax.image

        shape = (len(images), height, width)
        images = np.asarray(jax.image.resize(images.astype(np.float32), shape, "bilinear"))
    x, y = np.rint(images).astype(np.uint8), digits.target.astype(np.uint8)
    return (x[:-_TEST], y[:-_TEST]), (x[-_TEST:], y[-_TEST:])


def _checked(size: int | tuple[int, int] | None) -> tuple[int, int]:
    wanted = (8, 8) if size is None else (size, size) if isinstance(size, int) else tuple(size)
    if len(wanted) != 2 or not all(isinstance(n, (int, np.integer)) and n > 0 for n in wanted):
        raise ConfigError("size is a height and a width in pixels, such as (28, 28); got {size}.",
                          size=size)  # fmt: skip
    return wanted  # type: ignore[return-value]
