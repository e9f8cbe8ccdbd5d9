"""The base of the layers that change images, and what belongs to them: labels, boxes, masks.

What a layer does has two parts, as in Keras: what is drawn, a dict of arrays, and what is done with
it. So everything that belongs to an image is changed together with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from maeum.core import graph
from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError, ShapeError, not_implemented
from maeum.core.messages import _
from maeum.layers.checks import argument, check_data_format, is_shape, title
from maeum.layers.layer import Layer
from maeum.ops.boxes import FORMATS, clip_to_image_size, convert_format, dense, filling
from maeum.ops.images import batch_shape, channels_last_batch

# What a dict of inputs may have, and what each is called of one image.
_PARTS = {
    "images": "image",
    "labels": "label",
    "bounding_boxes": "bounding_box",
    "segmentation_masks": "segmentation_mask",
}


class ImageLayer(Layer):
    """Base of the layers that take images and return images.

    It may be called on one image, on a batch, or on a dict with ``"images"`` and perhaps
    ``"labels"``, ``"bounding_boxes"`` (a dict of ``"boxes"`` ``(batch, n, 4)`` and ``"labels"``
    ``(batch, n)``) and ``"segmentation_masks"``, which are changed with the images. Whole numbers
    become numbers of the layer's dtype; masks keep theirs.

    A layer writes, for a batch with the channels last:

    - ``draw_transformation(key, shape)``, a dict of what is drawn, if anything is;
    - ``apply(x, transformation)``, which returns the changed images;
    - ``apply_to_masks(x, transformation)``, if masks change otherwise than images, and
      ``apply_to_boxes(boxes, transformation, height, width)`` for boxes ``"xyxy"``; or
      ``moves = False`` if pixels stay where they are, and so do masks and boxes.

    Instead it may write ``augment(x, key)``, which draws and changes at once, or override Keras's
    methods: `get_random_transformation`, `transform_images` and so on.

    Args:
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        bounding_box_format: what the numbers of boxes are, such as ``"xyxy"`` or ``"rel_xywh"``;
            see `maeum.utils.bounding_boxes`. Needed only if boxes come with the images.
    """

    weightless = True
    casts_inputs = False  # boxes keep their digits
    keys: tuple[str, ...] = tuple(_PARTS)
    # Whether pixels move, and boxes and masks with them; whether outside of training, too.
    moves = True
    always = False
    blends = False  # whether values of masks are mixed, too, which are one-hot or soft then
    # What `transform_...` by hand returns as a batch of one, as Keras does, even for a single one.
    batch_of_one: tuple[str, ...] = ()
    # What the class writes: "apply", or one of the methods that draw and change at once.
    _written: ClassVar[str] = "apply"

    def __init__(
        self,
        data_format: str | None = None,
        bounding_box_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.data_format = check_data_format(data_format)
        if bounding_box_format is not None:
            what = argument("bounding_box_format", self)
            check_choice(str(bounding_box_format).lower(), FORMATS, what)
        self.bounding_box_format = bounding_box_format

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        ways = ("apply", "augment", "transform")
        cls._written = next((way for way in ways if way in vars(cls)), cls._written)

    def build(self, input_shape: Any) -> None:
        """Check that the inputs are images."""
        shape = input_shape
        if isinstance(input_shape, Mapping):
            self._check_keys(input_shape)
            shape = input_shape["images"]
        if len(shape) not in (3, 4) or (len(shape) == 3 and shape[0] is None):
            raise ShapeError("{layer} takes images with 3 axes, or 4 with the batch in front; got "
                             "shape {shape}. Grayscale images need an axis for their one channel, "
                             "too: Input((28, 28, 1)) and x[..., None].", layer=title(self),
                             shape=tuple(shape))  # fmt: skip

    def call(self, inputs: Any, training: bool = True) -> Any:
        """Transform the images, and what comes with them; called by hand, as in training."""
        if not isinstance(inputs, Mapping):
            drawn = self.get_random_transformation(inputs, training=training)
            return self._part("images", jnp.ndim(inputs) == 4)(inputs, drawn, training)
        self._check_keys(inputs)
        drawn = self.get_random_transformation(inputs, training=training)
        images, changed = inputs["images"], dict(inputs)
        for key in (key for key in _PARTS if key in inputs):
            change = self._part(key, jnp.ndim(images) == 4)
            if key == "segmentation_masks":
                change = self._beside(images, change)
            value = dense(inputs[key]) if key == "bounding_boxes" else inputs[key]
            changed[key] = change(value, drawn, training)
        return changed

    def _part(self, key: str, batched: bool) -> Callable[..., Any]:
        """Return what changes a part of the inputs, by the arguments' names as Keras gives them."""
        name = f"transform_{key}" if batched else f"transform_single_{_PARTS[key]}"
        change = getattr(self, name)
        return lambda x, drawn, training: change(x, transformation=drawn, training=training)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs for inputs of ``input_shape``."""
        if not isinstance(input_shape, Mapping):
            return super().compute_output_shape(input_shape)

        def symbolic(shape: Any) -> Any:
            if isinstance(shape, Mapping):
                return {key: symbolic(part) for key, part in shape.items()}
            return graph.SymbolicTensor(tuple(shape), self.dtype) if is_shape(shape) else shape

        outputs = self._infer((symbolic(input_shape),), {})
        return graph.map_structure(lambda tensor: tensor.shape, outputs)

    # ---- what is drawn, and what is done with it --------------------------------------------

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return what is to be done: a dict of arrays, and the ``"input_shape"`` of the images.

        Args:
            data: images, or a dict with ``"images"``.
            training: whether it is a training; outside of it most layers return None.
            seed: what to draw from: a whole number or a key; by default the run's key.
        """
        if not (training or self.always):
            return None
        return {"input_shape": jnp.shape(data["images"] if isinstance(data, Mapping) else data)}

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Return what is drawn from the key for images ``(batch, rows, columns, channels)``."""
        return {}

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Return what becomes of the images."""
        raise not_implemented(self, "apply(x, transformation)")

    def apply_to_masks(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Return what becomes of masks, whose values are never mixed."""
        return self.apply(x, transformation)

    def apply_to_boxes(
        self, boxes: jax.Array, transformation: Any, height: int, width: int
    ) -> jax.Array:
        """Return what becomes of boxes ``"xyxy"``, ``(batch, n, 4)``; they are cut off later."""
        raise self._unknown("bounding_boxes")

    def output_size(self, height: int, width: int) -> tuple[int, int]:
        """Return the height and the width that images of such a size get."""
        return height, width

    def augment(self, x: jax.Array, key: Any = None) -> jax.Array:
        """Return the images with what is drawn from ``key``."""
        return self.apply(x, self.draw_transformation(key, x.shape))

    # ---- Keras's protocol ------------------------------------------------------------------

    def transform_images(
        self, images: Any, transformation: Any = None, training: bool = True
    ) -> jax.Array:
        """Return images as ``transformation`` says."""
        return self._change_images(images, lambda x: self._changed(x, transformation, training))

    def transform_labels(
        self, labels: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return the labels of the images."""
        return labels

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return boxes as their images are moved; labels of those outside become -1.

        Args:
            bounding_boxes: a dict with ``"boxes"``, ``(batch, n, 4)`` or ``(n, 4)`` in the layer's
                format, and ``"labels"``.
            transformation: what `get_random_transformation` returned.
            training: whether it is a training.

        Raises:
            ConfigError: if the layer was not told a ``bounding_box_format``.
            NotImplementedError: if the layer does not know what becomes of boxes.
        """
        if not self._moves(transformation, training, "bounding_boxes"):
            return bounding_boxes
        if self.bounding_box_format is None:
            raise ConfigError("{layer} has to know what the four numbers of a box are: give it, "
                              "for example, bounding_box_format='xyxy' (left, top, right, bottom).",
                              layer=title(self))  # fmt: skip
        boxes = jnp.asarray(bounding_boxes["boxes"])
        size = batch_shape(transformation["input_shape"], self.data_format)[1:3]
        corners = convert_format(boxes, self.bounding_box_format, "xyxy", *size)
        corners = corners if corners.ndim == 3 else corners[None]
        moved = self.apply_to_boxes(corners, transformation, *size)
        keeps = boxes.ndim == 3 or "bounding_boxes" in self.batch_of_one
        moved = jnp.where(filling(boxes), 0, moved if keeps else moved[0])
        new_size = self.output_size(*size)
        found = clip_to_image_size({**bounding_boxes, "boxes": moved}, *new_size)
        return convert_format(found, "xyxy", self.bounding_box_format, *new_size)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return masks as their images are moved; only layers that blend mix their values."""
        if not self._moves(transformation, training, "segmentation_masks"):
            return segmentation_masks
        x, undo = channels_last_batch(segmentation_masks, self.data_format)
        made = self.apply_to_masks(self.mask_values(x), transformation or {})
        return undo(made if self.blends else made.astype(x.dtype))

    def mask_values(self, x: jax.Array) -> jax.Array:
        """Return masks as numbers that can be changed."""
        if self.blends:
            return blendable(x, self)
        return x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(jnp.float32)

    def transform_single_image(self, image: Any, transformation: Any, training: bool = True) -> Any:
        """Return one image as ``transformation`` says."""
        return self._single("images", image, transformation, training)

    def transform_single_label(self, label: Any, transformation: Any, training: bool = True) -> Any:
        """Return the label of one image."""
        return self._single("labels", label, transformation, training)

    def transform_single_bounding_box(
        self, bounding_box: Any, transformation: Any, training: bool = True
    ) -> Any:
        """Return the boxes of one image."""
        return self._single("bounding_boxes", bounding_box, transformation, training)

    def transform_single_segmentation_mask(
        self, segmentation_mask: Any, transformation: Any, training: bool = True
    ) -> Any:
        """Return the mask of one image."""
        return self._single("segmentation_masks", segmentation_mask, transformation, training)

    def _single(self, key: str, value: Any, transformation: Any, training: bool) -> Any:
        batch = jax.tree.map(lambda x: jnp.asarray(x)[None], value)
        changed = self._part(key, batched=True)(batch, transformation, training)
        return jax.tree.map(lambda x: x[0], changed)

    # ---- how -------------------------------------------------------------------------------

    def _acts(self, transformation: Any, training: bool) -> bool:
        return self.always or (training and transformation is not None)

    def _changed(self, x: jax.Array, transformation: Any, training: bool) -> jax.Array:
        if self._written == "transform":
            return self.transform(x, training)  # type: ignore[attr-defined]
        if not self._acts(transformation, training):
            return x
        if self._written == "augment":
            return self.augment(x, transformation["key"])
        return self.apply(x, transformation or {})

    def _moves(self, transformation: Any, training: bool, what: str) -> bool:
        """Return whether boxes and masks move, if it is known what becomes of them."""
        if self._written != "apply" and (training or self.always):
            raise self._unknown(what)
        return self.moves and self._acts(transformation, training)

    def _unknown(self, what: str) -> NotImplementedError:
        method = "transform_" + what
        return NotImplementedError(_(
            "{layer} does not say what becomes of {what}. Leave them out, or write its method "
            "{method}(self, {what}, transformation, training=True).",
            layer=title(self), what=what, method=method,
        ))  # fmt: skip

    def _change_images(self, images: Any, change: Callable[[jax.Array], jax.Array]) -> jax.Array:
        images = jnp.asarray(images)
        if images.ndim == 3 and "images" in self.batch_of_one:
            images = images[None]
        x, undo = channels_last_batch(images, self.data_format)
        if self.autocast and jnp.issubdtype(x.dtype, jnp.floating):
            x = x.astype(self.compute_dtype)
        return undo(change(x.astype(self.dtype)))

    def _beside(self, images: Any, change: Callable[..., Any]) -> Callable[..., Any]:
        """Return what changes masks of such images, which need no axis of one channel."""
        size = batch_shape(jnp.shape(images), self.data_format)[1:3]

        def checked(masks: Any, transformation: Any, training: bool) -> Any:
            masks = jnp.asarray(masks)
            flat = masks.ndim == jnp.ndim(images) - 1
            axis = -3 if self.data_format == "channels_first" else -1
            wide = jnp.expand_dims(masks, axis) if flat else masks
            if self.moves and batch_shape(wide.shape, self.data_format)[1:3] != size:
                raise ShapeError("Each pixel of an image has its place in the mask; got images of "
                                 "shape {images} and masks of shape {masks}.",
                                 images=jnp.shape(images), masks=masks.shape)  # fmt: skip
            made = change(wide, transformation, training)
            return jnp.squeeze(made, axis) if flat else made

        return checked

    def _check_keys(self, inputs: Mapping) -> None:
        if "images" not in inputs or not set(inputs) <= set(self.keys):
            raise DataError("{layer} takes images, or a dict with {known}; got a dict with {keys}.",
                            layer=title(self), known=list(self.keys),
                            keys=sorted(map(str, inputs)))  # fmt: skip


def blendable(values: jax.Array, layer: Any) -> jax.Array:
    """Return labels or masks as numbers that can be blended, or raise `DataError`."""
    if jnp.issubdtype(values.dtype, jnp.floating):
        return values
    if values.ndim == 1 or values.shape[-1] == 1:
        raise DataError("{layer} cannot mix class numbers: half a 2 and half a 4 is not a 3. "
                        "Give one-hot labels, maeum.utils.to_categorical(y), with the loss "
                        "'categorical_crossentropy' (or floats, where there are only 0 and 1).",
                        layer=type(layer).__name__)  # fmt: skip
    return values.astype(layer.dtype)
