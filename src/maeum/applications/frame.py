"""What every network begins and ends with: its picture, its classifier and its weights."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any, TypeVar

from maeum.applications import files
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.graph import SymbolicTensor, check_shape, is_symbolic
from maeum.layers import Dense, GlobalAveragePooling2D, GlobalMaxPooling2D, Input
from maeum.layers.checks import whole_number
from maeum.models import Model

F = TypeVar("F", bound=Callable)

_BASE = "https://storage.googleapis.com/tensorflow/keras-applications"

# What `described` adds to the docstring of a network.
_ARGUMENTS = """
Arguments of every network:
    include_top: whether the network ends in its classifier; else it ends in its last feature
        maps, for a head of your own.
    weights: None for random ones; the path of a file with weights, Keras's (``*.h5``,
        ``*.weights.h5``, ``*.keras``) or Maeum's; or ``"imagenet"`` for the file that Keras
        publishes, which has to lie in the folder ``MAEUM_DATA`` or in ``~/.keras/models``.
    input_tensor: the symbolic tensor of the pictures, if there is one already.
    input_shape: the shape of a picture, ``(rows, columns, channels)``; rows and columns may be
        None where the network takes any size.
    pooling: what follows the last feature maps without the classifier: None, ``"avg"`` or
        ``"max"`` over all places.
    classes: how many classes the classifier knows.
    classifier_activation: the activation of the classifier; None for logits.
    name: the name of the model.

Returns:
    A `maeum.Model`, not compiled.

Raises:
    ShapeError: for pictures that are too small, or of a shape that is none.
    ConfigError: for an argument that makes no sense, or weights that are not there.
    ModelFileError: for weights that do not fit.
"""


def described(network: F) -> F:
    """Add the arguments that every network has to the docstring of this one."""
    network.__doc__ = f"{inspect.cleandoc(network.__doc__ or '')}\n{_ARGUMENTS}"
    return network


def published_name(folder: str, network: str) -> str:
    """Return how Keras calls its file with the weights of a network, for `Frame`."""
    return f"{folder}/{network}_weights_tf_dim_ordering_tf_kernels{{_notop}}.h5"


@dataclass
class Frame:
    """The arguments of a network, checked, with what it begins and ends with.

    Args:
        include_top: and what follows it, see `described`.
        size: the rows and columns of a picture unless given.
        least: the fewest rows and columns that the network takes.
        channels: the channels of a picture unless given.
        fixed: whether the classifier needs to know the size of the pictures.
        published: the folder and name of Keras's file with weights; what a name without the
            classifier has in addition stands in braces.
    """

    include_top: bool
    weights: str | os.PathLike | None
    input_tensor: SymbolicTensor | None
    input_shape: tuple | None
    pooling: str | None
    classes: int
    classifier_activation: Any
    name: str | None
    _: KW_ONLY
    size: int
    least: int
    channels: int = 3
    fixed: bool = False
    published: str = ""

    def __post_init__(self) -> None:
        self.classes = whole_number(self.classes, "number of classes", 1)
        if self.pooling not in (None, "avg", "max"):
            raise ConfigError(f"The pooling is None, 'avg' or 'max'; got {self.pooling!r}.")
        self._file = self._find_weights()
        self.image = self._make_image()

    def _make_image(self) -> SymbolicTensor:
        """Return the symbolic picture, its shape checked."""
        given = self.input_tensor
        if given is not None and not is_symbolic(given):
            raise ConfigError(
                f"The input_tensor is a symbolic tensor, such as maeum.Input((224, 224, 3)); got "
                f"{type(given).__name__}."
            )
        shape = given.shape[1:] if given is not None else self._wanted_shape()
        if len(shape) != 3 or shape[2] in (None, 0):
            raise ShapeError(
                "The shape of a picture is (rows, columns, channels), the channels known and no "
                f"batch axis; got {shape}."
            )
        if any(n is not None and n < self.least for n in shape[:2]):
            raise ShapeError(
                f"{self._title} takes pictures of at least {self.least}x{self.least}; got input "
                f"shape {shape}. Enlarge the pictures, or choose a network with fewer strides."
            )
        if self.fixed and self.include_top and None in shape:
            raise ShapeError(
                f"The classifier of {self._title} depends on the size of the pictures; got input "
                f"shape {shape}. Give the whole shape, or include_top=False."
            )
        if given is None:
            return Input(shape)
        if self.input_shape is not None and tuple(self.input_shape) != shape:
            raise ShapeError(
                f"The input_tensor has pictures of shape {shape}, but input_shape is "
                f"{tuple(self.input_shape)}. Give one of the two."
            )
        return given

    def _wanted_shape(self) -> tuple[int | None, ...]:
        if self.input_shape is not None:
            return check_shape(self.input_shape, "The input_shape")
        rows = self.size if self.include_top else None
        return (rows, rows, self.channels)

    @property
    def _title(self) -> str:
        return repr(self.name) if self.name else "This network"

    def _find_weights(self) -> Path | None:
        """Return the file with the weights: before anything is built, so that an error is quick."""
        if self.weights is None:
            return None
        if self.weights != "imagenet":
            path = Path(self.weights)
            if not path.is_file():
                raise ConfigError(
                    f"There is no file {str(path)!r}. The weights are None, 'imagenet' or the "
                    "path of a file with weights."
                )
            return path
        if not self.published:
            raise ConfigError(
                f"Keras publishes no weights for {self._title}; give weights=None or the path of "
                "a file."
            )
        if self.include_top and self.classes != 1000:
            raise ConfigError(
                f"The weights of ImageNet have 1,000 classes; got classes={self.classes}. Use "
                "include_top=False and put a head of your own on top."
            )
        name = re.sub(r"\{(.*)\}", "" if self.include_top else r"\1", self.published)
        return files.find(name.rpartition("/")[2], f"{_BASE}/{name}")

    def classifier(self, x: Any) -> Any:
        """Return the probabilities of the classes from a vector of features."""
        return Dense(self.classes, activation=self.classifier_activation, name="predictions")(x)

    def mean_and_classifier(self, x: Any) -> Any:
        """Return the probabilities from the mean of each feature map."""
        return self.classifier(GlobalAveragePooling2D(name="avg_pool")(x))

    def model(self, x: Any, top: Callable[[Any], Any] | None = None) -> Model:
        """Return the model that ends in ``top(x)``, or without a top in the feature maps ``x``."""
        if self.include_top:
            x = (top or self.mean_and_classifier)(x)
        elif self.pooling == "avg":
            x = GlobalAveragePooling2D(name="avg_pool")(x)
        elif self.pooling == "max":
            x = GlobalMaxPooling2D(name="max_pool")(x)
        model = Model(_sources(self.image), x, name=self.name)
        if self._file is not None:
            model.load_weights(self._file)
        return model


def _sources(tensor: SymbolicTensor) -> list[SymbolicTensor]:
    """Return the inputs that ``tensor`` is computed from; an input is its own source."""
    found: dict[int, SymbolicTensor] = {}
    seen: set[int] = set()
    waiting = [tensor]
    while waiting:
        here = waiting.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        before = here.node.inputs if here.node is not None else []
        if not before:
            found[id(here)] = here
        waiting.extend(reversed(before))
    return list(found.values())
