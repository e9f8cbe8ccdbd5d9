"""What every network begins and ends with: its image, its classifier and its weights."""

from __future__ import annotations

import functools
import inspect
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import urljoin

from maeum import activations
from maeum.applications import files
from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.graph import SymbolicTensor, check_shape, is_symbolic
from maeum.core.messages import _
from maeum.layers import Dense, GlobalAveragePooling2D, GlobalMaxPooling2D, Input
from maeum.layers.checks import whole_number
from maeum.models import Model

F = TypeVar("F", bound=Callable)

_BASE = "https://storage.googleapis.com/tensorflow/keras-applications/"
_USUAL = "{name}_weights_tf_dim_ordering_tf_kernels{_notop}.h5"

# What `_described` adds to the docstring of a network.
_ARGUMENTS = """
Arguments of every network:
    include_top: whether the network ends in its classifier; otherwise it ends in its last feature
        maps, for a head of your own.
    weights: None for random ones; the path of a file with weights, Keras's (``*.h5``,
        ``*.weights.h5``, ``*.keras``) or Maeum's; or ``"imagenet"`` for the file that Keras
        publishes, which has to be in the folder ``MAEUM_DATA`` or in ``~/.keras/models``.
    input_tensor: the symbolic tensor of the images, if there is one already.
    input_shape: the shape of an image, ``(rows, columns, channels)``; rows and columns may be
        None where the network takes any size.
    pooling: what follows the last feature maps without the classifier: None, ``"avg"`` or
        ``"max"`` over all positions.
    classes: the number of classes of the classifier.
    classifier_activation: the activation of the classifier; None for logits.
    name: the name of the model.

Returns:
    A `maeum.Model`, not compiled.

Raises:
    ShapeError: for images that are too small, or a shape that is not one of an image.
    ConfigError: for an argument that makes no sense, or weights that are not there.
    ModelFileError: for weights that do not fit.
"""


def _described(network: F) -> F:
    """Add the arguments that every network has to the docstring of this one."""
    network.__doc__ = f"{inspect.cleandoc(network.__doc__ or '')}\n{_ARGUMENTS}"
    return network


class Network(Protocol):
    """A function that returns a well-known network; see its docstring for its own arguments."""

    __name__: str

    def __call__(
        self,
        include_top: bool = True,
        weights: Any = None,
        input_tensor: Any = None,
        input_shape: tuple | None = None,
        pooling: str | None = None,
        classes: int = 1000,
        classifier_activation: Any = "softmax",
        name: str | None = None,
        **own: Any,
    ) -> Model:
        """Return the network."""


def network(
    name: str | None,
    *,
    published: str | Callable[[Mapping[str, Any]], str] = "",
    order: str = "",
    classes: int = 1000,
    **options: Any,
) -> Callable[[Callable[..., Model]], Network]:
    """Turn a function of a `Frame` into one with the arguments that Keras gives every network.

    Args:
        name: the name of the model, and of Keras's file with its weights.
        published: where Keras publishes that file, as a relative address: a folder for a file with
            Keras's usual name, or a file, in which ``{name}`` stands for the name, and other braces
            for what the file without the classifier has in addition; empty if there is none. Or a
            function of all arguments that returns the address.
        order: the names of all arguments, where Keras does not let the function's own ones follow
            the common ones.
        classes: the number of classes unless given.
        **options: what else `Frame` takes.
    """
    address = published
    if isinstance(address, str) and address:
        address = address if "{" in address else f"{address}/{_USUAL}"
        address = address.replace("{name}", str(name))
    defaults = {"classes": classes, "name": name}
    shared = {
        p.name: p.replace(default=defaults.get(p.name, p.default))
        for p in [*inspect.signature(Network.__call__).parameters.values()][1:-1]
    }

    def decorate(build: Callable[..., Model]) -> Network:
        known = shared | dict([*inspect.signature(build).parameters.items()][1:])
        signature = inspect.Signature(
            [known[each] for each in order.split() or known], return_annotation=Model
        )

        @functools.wraps(build)
        def make(*args: Any, **kwargs: Any) -> Model:
            given = signature.bind(*args, **kwargs)
            given.apply_defaults()
            file = address
            if callable(file):
                file = file(given.arguments) if given.arguments["weights"] == "imagenet" else ""
            common = {each: given.arguments.pop(each) for each in shared}
            return build(Frame(**common, published=file, **options), **given.arguments)

        make.__signature__ = signature  # type: ignore[attr-defined]
        return cast(Network, _described(make))

    return decorate


@dataclass
class Frame:
    """The arguments of a network, checked, with what it begins and ends with.

    Args:
        include_top: and what follows it, see `_described`.
        size: the rows and columns of an image unless given; None for any.
        sized: whether that is so without the classifier, too, which takes any size otherwise.
        least: the fewest rows and columns that the network takes.
        channels: the channels of an image unless given.
        fixed: whether the classifier needs to know the size of the images.
        published: the address of Keras's file with weights; in braces what that of the file
            without the classifier has in addition.
        saved: the name that Keras gives this file at home, if it is another.
    """

    include_top: bool
    weights: str | os.PathLike | None
    input_tensor: SymbolicTensor | None
    input_shape: tuple | None
    pooling: str | None
    classes: int
    classifier_activation: Any
    name: str | None
    by_keyword: KW_ONLY
    size: int | None = 224
    sized: bool = False
    least: int = 32
    channels: int = 3
    fixed: bool = False
    published: str = ""
    saved: str = ""

    def __post_init__(self) -> None:
        self.classes = whole_number(self.classes, "number of classes", 1)
        check_choice(self.pooling, (None, "avg", "max"), "pooling")
        self._file = self._find_weights()
        self.image = self._make_image()

    def _make_image(self) -> SymbolicTensor:
        """Return the symbolic image, its shape checked."""
        given = self.input_tensor
        if given is not None and not is_symbolic(given):
            raise ConfigError("The input_tensor is a symbolic tensor, such as maeum.Input((224, "
                              "224, 3)); got {kind}.", kind=type(given).__name__)  # fmt: skip
        shape = given.shape[1:] if given is not None else self._wanted_shape()
        if len(shape) != 3 or shape[2] in (None, 0):
            raise ShapeError("The shape of an image is (rows, columns, channels), the channels "
                             "known and no batch axis; got {shape}.", shape=shape)  # fmt: skip
        self.check_size(shape, self.least, self.fixed)
        if given is None:
            return Input(shape)
        if self.input_shape is not None and tuple(self.input_shape) != shape:
            raise ShapeError("The input_tensor has images of shape {shape}, but input_shape is "
                             "{input_shape}. Give one of the two.", shape=shape,
                             input_shape=tuple(self.input_shape))  # fmt: skip
        return given

    def check_size(self, shape: tuple[int | None, ...], least: int, fixed: bool) -> None:
        """Raise `ShapeError` for images that are too small, or of a size that has to be known."""
        if any(n is not None and n < least for n in shape[:2]):
            raise ShapeError("{network} takes images of at least {least}x{least}; got input shape "
                             "{shape}. Enlarge the images, or choose a network with fewer strides.",
                             network=self._title, least=least, shape=shape)  # fmt: skip
        if fixed and self.include_top and None in shape:
            raise ShapeError("The classifier of {network} depends on the size of the images; got "
                             "input shape {shape}. Give the whole shape, or include_top=False.",
                             network=self._title, shape=shape)  # fmt: skip

    def _wanted_shape(self) -> tuple[int | None, ...]:
        if self.input_shape is not None:
            return check_shape(self.input_shape, "The input_shape")
        rows = self.size if self.include_top or self.sized else None
        return (rows, rows, self.channels)

    @property
    def _title(self) -> str:
        return repr(self.name) if self.name else _("This network")

    def _find_weights(self) -> Path | None:
        """Return the file with the weights: before anything is built, so that an error is quick."""
        if self.weights is None:
            return None
        if self.weights != "imagenet":
            path = Path(self.weights)
            if not path.is_file():
                raise ConfigError("There is no file {path!r}. The weights are None, 'imagenet' or "
                                  "the path of a file with weights.", path=str(path))  # fmt: skip
            return path
        if not self.published:
            raise ConfigError("Keras publishes no weights for {network}; give weights=None or the "
                              "path of a file.", network=self._title)  # fmt: skip
        if self.include_top and self.classes != 1000:
            raise ConfigError("The weights of ImageNet have 1,000 classes; got classes={classes}. "
                              "Use include_top=False and put a head of your own on top.",
                              classes=self.classes)  # fmt: skip
        usual = (activations.softmax, activations.linear)
        if self.include_top and activations.get(self.classifier_activation) not in usual:
            raise ConfigError("The weights of ImageNet were learnt with classifier_activation="
                              "'softmax', and give logits with None; got {activation!r}.",
                              activation=self.classifier_activation)  # fmt: skip
        address, saved = (
            re.sub(r"\{(.*)\}", "" if self.include_top else r"\1", file)
            for file in (self.published, self.saved)
        )
        names = (address.rpartition("/")[2], *([saved] if saved else []))
        return files.find(names, urljoin(_BASE, address))

    def classifier(self, x: Any, name: str = "predictions", **options: Any) -> Any:
        """Return the probabilities of the classes from a vector of features."""
        activation = self.classifier_activation
        return Dense(self.classes, activation=activation, name=name, **options)(x)

    def mean_and_classifier(self, x: Any) -> Any:
        """Return the probabilities from the mean of each feature map."""
        return self.classifier(GlobalAveragePooling2D(name="avg_pool")(x))

    def model(
        self,
        x: Any,
        top: Callable[[Any], Any] | None = None,
        bare: Callable[[Any], Any] | None = None,
    ) -> Model:
        """Return the model that ends in ``top(x)``.

        Without a top it ends in the feature maps ``x``, pooled as asked for, and in ``bare`` of
        them, if that is given.
        """
        if self.include_top:
            x = (top or self.mean_and_classifier)(x)
        elif self.pooling == "avg":
            x = GlobalAveragePooling2D(name="avg_pool")(x)
        elif self.pooling == "max":
            x = GlobalMaxPooling2D(name="max_pool")(x)
        if bare is not None and not self.include_top:
            x = bare(x)
        model = Model(_sources(self.image), x, name=self.name)
        if self._file is not None:
            model.load_weights(self._file)
        return model


def _sources(tensor: SymbolicTensor) -> list[SymbolicTensor]:
    """Return the inputs that ``tensor`` is computed from; an input is its own source."""
    seen: dict[int, SymbolicTensor] = {}
    waiting = [tensor]
    while waiting:
        here = waiting.pop()
        if id(here) not in seen:
            seen[id(here)] = here
            waiting.extend(reversed(_before(here)))
    return [each for each in seen.values() if not _before(each)]


def _before(tensor: SymbolicTensor) -> list[SymbolicTensor]:
    return [] if tensor.node is None else tensor.node.inputs
