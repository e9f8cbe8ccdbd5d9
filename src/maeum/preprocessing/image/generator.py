"""Augmentation on the host, in the style of Keras 2: `ImageDataGenerator`.

The layers RandomFlip, RandomRotation ... do the same inside the compiled program, and faster; this
is for code that was written with the generator.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from maeum.core.checks import check_choice, check_fraction, is_number
from maeum.core.config import Configurable
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.messages import _
from maeum.core.randomness import generator, next_seed
from maeum.images.conversion import check_format
from maeum.preprocessing.image.file_iterators import DataFrameIterator, DirectoryIterator
from maeum.preprocessing.image.iterators import NumpyArrayIterator
from maeum.preprocessing.image.transforms import (
    FILL_MODES,
    apply_affine_transform,
    apply_brightness_shift,
    apply_channel_shift,
)


class ImageDataGenerator(Configurable):
    """Images that are rotated, shifted, zoomed ... at random, differently in every epoch.

    The random numbers of an image are a function of (seed, epoch, number of the image), so a
    run can be repeated whatever threads it has. ``height_shift_range`` moves up and down and
    ``width_shift_range`` left and right, and transformations are about the middle of the image
    also if it is not a square.

    Args:
        featurewise_center: subtract the mean of the data (needs `fit`).
        samplewise_center: subtract the image's own mean.
        featurewise_std_normalization: divide by the deviation of the data (needs `fit`).
        samplewise_std_normalization: divide by the image's own deviation.
        zca_whitening: decorrelate the pixels (needs `fit`; for small images).
        zca_epsilon: what is added to the singular values.
        rotation_range: degrees, to either side.
        width_shift_range: below 1 a fraction of the width; a whole number of pixels, to either
            side; or a list of values to choose from.
        height_shift_range: likewise.
        brightness_range: ``(lowest, highest)`` factor.
        shear_range: degrees, to either side.
        zoom_range: ``(lowest, highest)`` factor, or z for ``(1 - z, 1 + z)``.
        channel_shift_range: what is added to or subtracted from all channels at most.
        fill_mode: what is beyond the edges; see `apply_affine_transform`.
        cval: the constant of ``fill_mode="constant"``.
        horizontal_flip: whether to mirror left and right, at random.
        vertical_flip: whether to mirror up and down, at random.
        rescale: a factor for all numbers, such as ``1 / 255``.
        preprocessing_function: called with each image ``(height, width, channels)`` after the
            transformations and before the rescaling.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        validation_split: the fraction of ``subset="validation"``.
        interpolation_order: see `apply_affine_transform`.
        dtype: of the batches; float32 by default.

    Raises:
        ConfigError: for ranges that make no sense.

    Example:
        >>> generator = ImageDataGenerator(rotation_range=20, horizontal_flip=True, rescale=1/255)
        >>> batches = generator.flow(np.ones((5, 8, 8, 3)), np.arange(5), batch_size=2, seed=1)
        >>> len(batches), next(batches)[0].shape
        (3, (2, 8, 8, 3))
    """

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: Any = 0.0,
        height_shift_range: Any = 0.0,
        brightness_range: Any = None,
        shear_range: float = 0.0,
        zoom_range: Any = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[np.ndarray], np.ndarray] | None = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: Any = None,
    ):
        self.samplewise_center = samplewise_center or samplewise_std_normalization
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening = zca_whitening
        self.zca_epsilon = zca_epsilon
        # To whiten is more than to normalise; and neither makes sense around another point.
        self.featurewise_std_normalization = featurewise_std_normalization and not zca_whitening
        centered = featurewise_center or featurewise_std_normalization
        self.featurewise_center = centered or zca_whitening
        self.rotation_range = rotation_range
        self.width_shift_range = width_shift_range
        self.height_shift_range = height_shift_range
        self.brightness_range = _pair(brightness_range, "brightness_range")
        self.shear_range = shear_range
        if is_number(zoom_range):
            zoom_range = (1 - zoom_range, 1 + zoom_range)
        self.zoom_range = _pair(zoom_range, "zoom_range")
        self.channel_shift_range = channel_shift_range
        self.fill_mode = check_choice(fill_mode, FILL_MODES, "fill_mode")
        self.cval = cval
        self.horizontal_flip = horizontal_flip
        self.vertical_flip = vertical_flip
        self.rescale = rescale
        self.preprocessing_function = preprocessing_function
        self.data_format = check_format(data_format)
        self.validation_split = check_fraction(validation_split, "validation_split")
        self.interpolation_order = interpolation_order
        self.dtype = np.dtype(dtype or np.float32)
        last = self.data_format == "channels_last"
        self.row_axis, self.col_axis, self.channel_axis = (1, 2, 3) if last else (2, 3, 1)
        self.mean: np.ndarray | None = None
        self.std: np.ndarray | None = None
        self.zca_whitening_matrix: np.ndarray | None = None

    def flow(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        seed: int | None = None,
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        ignore_class_split: bool = False,
        subset: str | None = None,
    ) -> NumpyArrayIterator:
        """Return batches of augmented images of an array; see `NumpyArrayIterator`."""
        return self._batches(NumpyArrayIterator, locals())

    def flow_from_directory(
        self,
        directory: Any,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Any = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
    ) -> DirectoryIterator:
        """Return batches of augmented images of a folder; see `DirectoryIterator`."""
        return self._batches(DirectoryIterator, locals())

    def flow_from_dataframe(
        self,
        dataframe: Any,
        directory: Any = None,
        x_col: str = "filename",
        y_col: Any = "class",
        weight_col: str | None = None,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Any = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        validate_filenames: bool = True,
        keep_aspect_ratio: bool = False,
    ) -> DataFrameIterator:
        """Return batches of augmented images of a table; see `DataFrameIterator`."""
        return self._batches(DataFrameIterator, locals())

    def _batches(self, kind: type, given: dict[str, Any]) -> Any:
        """Return batches that this generator augments; ``given`` are the arguments of a flow."""
        given["image_data_generator"] = given.pop("self")
        return kind(**given, data_format=self.data_format, dtype=self.dtype)

    def standardize(self, x: Any) -> np.ndarray:
        """Rescale and normalise an image, or a batch of them, as the arguments say."""
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        x = np.asarray(x, self.dtype)
        if self.rescale:
            x = x * self.dtype.type(self.rescale)
        if self.samplewise_center:
            x = x - x.mean()
        if self.samplewise_std_normalization:
            x = x / (x.std() + 1e-6)
        if self._fitted("featurewise_center", self.mean):
            x = x - self.mean
        if self._fitted("featurewise_std_normalization", self.std):
            x = x / (self.std + 1e-6)  # type: ignore[operator]
        if self._fitted("zca_whitening", self.zca_whitening_matrix):
            flat = x.reshape(-1, int(np.prod(x.shape[-3:])))
            x = (flat @ self.zca_whitening_matrix).reshape(x.shape)
        return x

    def get_random_transform(
        self, img_shape: tuple[int, ...], seed: int | np.random.Generator | None = None
    ) -> dict[str, Any]:
        """Draw the parameters of one transformation; `apply_transform` takes them.

        Args:
            img_shape: the shape of the image.
            seed: a number, or a generator of random numbers; by default another every time.
        """
        if not isinstance(seed, np.random.Generator):
            seed = generator(next_seed() if seed is None else seed, "image", 0)
        draw = seed

        def about_zero(reach: float) -> float:
            return draw.uniform(-reach, reach) if reach else 0

        height, width = img_shape[self.row_axis - 1], img_shape[self.col_axis - 1]
        theta = about_zero(self.rotation_range)
        ty = _shift(self.height_shift_range, height, draw)
        tx = _shift(self.width_shift_range, width, draw)
        shear = about_zero(self.shear_range)
        low, high = self.zoom_range or (1, 1)
        zx, zy = draw.uniform(low, high, 2) if (low, high) != (1, 1) else (1, 1)
        mirror, turn_over = draw.random(2) < 0.5
        return {
            **dict(zip(_AFFINE, (theta, tx, ty, shear, zx, zy))),
            "flip_horizontal": bool(mirror and self.horizontal_flip),
            "flip_vertical": bool(turn_over and self.vertical_flip),
            "channel_shift_intensity": about_zero(self.channel_shift_range) or None,
            "brightness": draw.uniform(*self.brightness_range) if self.brightness_range else None,
        }

    def apply_transform(self, x: np.ndarray, transform_parameters: dict[str, Any]) -> np.ndarray:
        """Transform one image by parameters as `get_random_transform` gives them.

        Args:
            x: ``(height, width, channels)``, or with the channels first.
            transform_parameters: any of ``theta`` (degrees), ``tx`` and ``ty`` (pixels along the
                width and the height), ``shear`` (degrees), ``zx``, ``zy``, ``flip_horizontal``,
                ``flip_vertical``, ``channel_shift_intensity`` and ``brightness``.
        """
        given = transform_parameters
        rows, columns, channels = self.row_axis - 1, self.col_axis - 1, self.channel_axis - 1
        x = apply_affine_transform(
            np.asarray(x),
            **{name: given[name] for name in _AFFINE if name in given},
            row_axis=rows,
            col_axis=columns,
            channel_axis=channels,
            fill_mode=self.fill_mode,
            cval=self.cval,
            order=self.interpolation_order,
        )
        if given.get("channel_shift_intensity") is not None:
            x = apply_channel_shift(x, given["channel_shift_intensity"], channels)
        if given.get("flip_horizontal"):
            x = np.flip(x, columns)
        if given.get("flip_vertical"):
            x = np.flip(x, rows)
        if given.get("brightness") is not None:
            x = apply_brightness_shift(x, given["brightness"], False)
        return x

    def random_transform(
        self, x: np.ndarray, seed: int | np.random.Generator | None = None
    ) -> np.ndarray:
        """Return one image transformed at random; see `get_random_transform`."""
        return self.apply_transform(x, self.get_random_transform(np.shape(x), seed))

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Compute the mean, the deviation and the whitening of the data, where they are needed.

        Args:
            x: ``(n, height, width, channels)``, or with the channels first.
            augment: whether to compute them from augmented images.
            rounds: how many of each, if so.
            seed: of the augmentation.

        Raises:
            ShapeError: if ``x`` does not have four axes.
        """
        x = np.array(x, self.dtype)
        if x.ndim != 4:
            raise ShapeError("fit takes images with four axes; got shape {shape}.", shape=x.shape)
        if self.rescale:
            x = x * self.dtype.type(self.rescale)
        if augment:
            base = next_seed() if seed is None else seed
            turns = itertools.product(range(rounds), enumerate(x))
            draws = ((image, generator(base, "fit", turn, i)) for turn, (i, image) in turns)
            x = np.stack([self.random_transform(image, draw) for image, draw in draws])
        axes = (0, self.row_axis, self.col_axis)
        if self.featurewise_center:
            self.mean = x.mean(axes, keepdims=True)[0]
            x = x - self.mean
        if self.featurewise_std_normalization:
            self.std = x.std(axes, keepdims=True)[0]
            x = x / (self.std + 1e-6)
        if self.zca_whitening:
            flat = x.reshape(len(x), -1)
            u, s = np.linalg.svd(flat.T, full_matrices=False)[:2]
            self.zca_whitening_matrix = (u * (np.sqrt(len(x)) / (s + self.zca_epsilon))) @ u.T

    def _fitted(self, what: str, value: Any) -> bool:
        """Say whether to do this; warn if `fit` has not computed what it needs."""
        if getattr(self, what) and value is None:
            warnings.warn(
                _("{what} does nothing before fit: call generator.fit(x) with training data.",
                  what=what), stacklevel=3
            )  # fmt: skip
        return bool(getattr(self, what)) and value is not None


_AFFINE = ("theta", "tx", "ty", "shear", "zx", "zy")


def _pair(value: Any, what: str) -> tuple[float, float] | None:
    if value is None:
        return None
    pair = tuple(value) if isinstance(value, (tuple, list)) else ()
    if len(pair) != 2 or not all(map(is_number, pair)) or pair[0] > pair[1]:
        raise ConfigError("{what} is (lowest, highest); got {value!r}.", what=what, value=value)
    return pair  # type: ignore[return-value]


def _shift(reach: Any, length: int, draw: np.random.Generator) -> float:
    """Draw a shift in pixels: from a list, of whole pixels below a number, or of a fraction."""
    if isinstance(reach, (list, tuple, np.ndarray)):
        shift = float(draw.choice(reach)) * draw.choice([-1, 1])
        return shift * length if np.max(reach) < 1 else shift
    if isinstance(reach, (int, np.integer)):
        return int(draw.integers(-reach + 1, reach)) if reach > 0 else 0
    return draw.uniform(-reach, reach) * (length if reach < 1 else 1) if reach else 0
