"""What the networks share: how pixels are scaled, and what the classes are called."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from maeum.applications import files
from maeum.core.checks import check_choice
from maeum.core.errors import DataError, ShapeError
from maeum.core.graph import is_symbolic
from maeum.core.messages import _
from maeum.layers.checks import check_data_format, whole_number
from maeum.ops.pixels import scale_pixels

_MODES = ("caffe", "tf", "torch", "unit", "lenet")
_CLASS_INDEX = "imagenet_class_index.json"
_CLASS_INDEX_ADDRESS = f"https://storage.googleapis.com/download.tensorflow.org/data/{_CLASS_INDEX}"


def preprocess_input(x: Any, data_format: str | None = None, mode: str = "caffe") -> Any:
    """Scale the pixels of images as a network expects them.

    Args:
        x: pixels from 0 to 255 in the order red, green, blue: a NumPy or JAX array or a symbolic
            tensor of shape ``(rows, columns, 3)``, or with a batch axis in front. It is not
            changed.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        mode: ``"caffe"``: blue, green, red, each minus its mean over ImageNet;
            ``"tf"``: from -1 to 1; ``"torch"``: from 0 to 1, then standardized with the means and
            deviations of ImageNet; ``"unit"``: from 0 to 1; ``"lenet"``: from -0.1 to 1.175.
            Those but ``"caffe"`` and ``"torch"`` take any number of channels.

    Returns:
        Floating numbers of the same shape: a NumPy array for a NumPy array.

    Raises:
        ConfigError: for another mode or data format.
        ShapeError: if ``x`` is not an image, or does not have the 3 channels that the mode needs.
        DataError: if ``x`` does not hold numbers.

    Example:
        >>> white = np.full((1, 1, 3), 255, "uint8")
        >>> preprocess_input(white, mode="tf").tolist()
        [[[1.0, 1.0, 1.0]]]
    """
    data_format = check_data_format(data_format)
    check_choice(mode, _MODES, "mode")
    if not is_symbolic(x) and not isinstance(x, jax.Array):
        x = np.asarray(x)
        if x.dtype.kind not in "uifb":
            raise DataError("Pixels are numbers from 0 to 255; got an array of {dtype}.",
                            dtype=x.dtype)  # fmt: skip
    if len(x.shape) not in (3, 4):
        raise ShapeError("An image has the shape (rows, columns, channels), several have a batch "
                         "axis in front; got shape {shape}.", shape=tuple(x.shape))  # fmt: skip
    channels = x.shape[-1 if data_format == "channels_last" else -3]
    if mode in ("caffe", "torch") and channels != 3:
        raise ShapeError("The pixels are scaled channel by channel, for red, green and blue; got "
                         "{channels} channels in shape {shape} ({data_format}).", channels=channels,
                         shape=tuple(x.shape), data_format=data_format)  # fmt: skip
    return scale_pixels(x, mode, data_format)


def caffe_pixels(x: Any, data_format: str | None = None) -> Any:
    """Scale pixels from 0 ... 255: blue, green, red, each minus its mean over ImageNet.

    See `maeum.applications.imagenet_utils.preprocess_input`.
    """
    return preprocess_input(x, data_format, "caffe")


def tf_pixels(x: Any, data_format: str | None = None) -> Any:
    """Scale pixels from 0 ... 255 to -1 ... 1.

    See `maeum.applications.imagenet_utils.preprocess_input`.
    """
    return preprocess_input(x, data_format, "tf")


def torch_pixels(x: Any, data_format: str | None = None) -> Any:
    """Scale pixels from 0 ... 255: to 0 ... 1, then standardized as over ImageNet.

    See `maeum.applications.imagenet_utils.preprocess_input`.
    """
    return preprocess_input(x, data_format, "torch")


def unit_pixels(x: Any, data_format: str | None = None) -> Any:
    """Scale pixels from 0 ... 255 to 0 ... 1.

    See `maeum.applications.imagenet_utils.preprocess_input`.
    """
    return preprocess_input(x, data_format, "unit")


def raw_pixels(x: Any, data_format: str | None = None) -> Any:
    """Return the pixels ``x`` as they are, from 0 to 255: the network itself scales them.

    Example:
        >>> raw_pixels(np.full((1, 1, 3), 255)).tolist()
        [[[255, 255, 255]]]
    """
    return x


def lenet_pixels(x: Any, data_format: str | None = None) -> Any:
    """Scale pixels from 0 (paper) ... 255 (ink) to -0.1 ... 1.175.

    The mean of digits is then about 0 and their variance about 1, as LeNet's authors advise.
    """
    return preprocess_input(x, data_format, "lenet")


def decode_predictions(
    preds: Any, top: int = 5, class_names: Sequence[str] | None = None
) -> list[list[tuple[Any, str, Any]]]:
    """Name the most probable classes of each image.

    Args:
        preds: probabilities of shape ``(images, classes)``.
        top: how many classes to name (all if there are fewer).
        class_names: the names of your own classes, in their order. Without them the classes are
            the 1,000 of ImageNet, whose names are read from Keras's file
            ``imagenet_class_index.json``.

    Returns:
        For each image a list of ``(identifier, name, score)``, the best first. The identifier
        is WordNet's (``"n02123045"``), or the number of one of your own classes.

    Raises:
        ShapeError: if ``preds`` does not have one column for each class.
        ConfigError: if ImageNet's names are wanted and their file is missing.
        DataError: if that file is broken.

    Example:
        >>> decode_predictions(np.array([[0.1, 0.7, 0.2]]), 1, class_names=["cat", "dog", "cow"])
        [[(1, 'dog', np.float64(0.7))]]
    """
    top = whole_number(top, "number of classes to name (top)", 1)
    scores = np.asarray(preds)
    count = 1000 if class_names is None else len(class_names)
    if scores.ndim != 2 or scores.shape[1] != count:
        own = _(" Give the names of your own classes as class_names.")
        raise ShapeError("The predictions have the shape (images, {count}), a column for each "
                         "class; got {shape}.{hint}", count=count, shape=scores.shape,
                         hint=own if class_names is None else "")  # fmt: skip
    classes = _imagenet_classes() if class_names is None else list(enumerate(class_names))
    best = np.argsort(-scores, axis=1, kind="stable")[:, :top]
    return [[(*classes[i], row[i]) for i in order] for row, order in zip(scores, best)]


def _imagenet_classes() -> list[tuple[str, str]]:
    """Return WordNet's identifier and the name of each class of ImageNet."""
    path = files.find([_CLASS_INDEX], _CLASS_INDEX_ADDRESS)
    try:
        table = json.loads(Path(path).read_text(encoding="utf-8"))
        pairs = [tuple(table[str(i)]) for i in range(1000)]
        if any(not isinstance(text, str) for pair in pairs for text in pair):
            raise TypeError(_("an entry is not a text"))
        return [(identifier, name) for identifier, name in pairs]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError("{path} is not the list of ImageNet's 1,000 classes ({kind}: {error}), "
                        "which looks like {example}. Download it again from {address}.", path=path,
                        kind=type(error).__name__, error=error, address=_CLASS_INDEX_ADDRESS,
                        example='{"0": ["n01440764", "tench"], ...}') from error  # fmt: skip
