"""Boxes, masks and labels that come with images: against the pixels themselves, and Keras."""

import itertools

import jax
import numpy as np
import pytest

import maeum as mm
from maeum import layers
from maeum.core import functional
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.layers.augmentation import Augmentation
from maeum.ops.boxes import FORMATS

convert = mm.utils.bounding_boxes.convert_format
KEY = jax.random.PRNGKey(5)
HEIGHT, WIDTH = 48, 80
BOXES = np.array([[24, 16, 40, 26], [30, 20, 50, 30]], "float32")
# One painted box in each of two images, and its mask.
IMAGES = np.zeros((2, HEIGHT, WIDTH, 1), "float32")
for image, (left, top, right, bottom) in zip(IMAGES, BOXES.astype(int)):
    image[top:bottom, left:right] = 1
FILL = {"fill_mode": "constant"}
MOVING = {
    "flip": lambda **k: layers.RandomFlip(**k),
    "mirror": lambda **k: layers.RandomFlip("horizontal", **k),
    "rotation": lambda **k: layers.RandomRotation(0.1, **FILL, **k),
    "zoom": lambda **k: layers.RandomZoom(0.3, 0.2, **FILL, **k),
    "translation": lambda **k: layers.RandomTranslation(0.2, 0.2, **FILL, **k),
    "shear along": lambda **k: layers.RandomShear(0.4, **FILL, **k),
    "shear": lambda **k: layers.RandomShear(0.2, 0.3, **FILL, **k),
    "perspective": lambda **k: layers.RandomPerspective((1, 1), 0.3, **k),
    "crop": lambda **k: layers.RandomCrop(40, 70, **k),
    "crop of more": lambda **k: layers.RandomCrop(60, 70, **k),
    "center": lambda **k: layers.CenterCrop(36, 60, **k),
    "center of more": lambda **k: layers.CenterCrop(60, 70, **k),
    "resizing": lambda **k: layers.Resizing(24, 60, **k),
    "resizing by crop": lambda **k: layers.Resizing(24, 60, crop_to_aspect_ratio=True, **k),
    "resizing by borders": lambda **k: layers.Resizing(24, 60, pad_to_aspect_ratio=True, **k),
    "chain": lambda **k: layers.RandAugment((0, 1), factor=0.15, **k),
}
TONES = {
    "AutoContrast": {},
    "ContrastLimitedAdaptiveHistogramEqualization": {"tile_grid_size": (2, 2)},
    "Equalization": {},
    "RandomBrightness": {"factor": 0.2},
    "RandomContrast": {"factor": 0.2},
    "RandomColorDegeneration": {"factor": 0.2},
    "RandomErasing": {},
    "RandomGaussianBlur": {},
    "RandomGrayscale": {},
    "RandomHue": {"factor": 0.2},
    "RandomInvert": {},
    "RandomPosterization": {"factor": 4},
    "RandomSaturation": {"factor": 0.2},
    "RandomSharpness": {"factor": 0.2},
    "RandomColorJitter": {"brightness_factor": 0.2},
    "Solarization": {},
}


def batch(format="xyxy", **more):
    boxes = np.asarray(convert(BOXES[:, None], "xyxy", format, HEIGHT, WIDTH))
    return {
        "images": IMAGES,
        "bounding_boxes": {"boxes": boxes, "labels": np.array([[3], [4]])},
        "segmentation_masks": IMAGES.astype("uint8"),
        **more,
    }


def train(layer, data, key=KEY):
    jax.eval_shape(layer, data)  # builds
    run = jax.jit(lambda data: functional.apply(layer, {}, data, training=True, key=key)[0])
    return jax.tree.map(np.asarray, run(data))


def around(pixels):
    """Return the box around what is painted, as xyxy."""
    y, x = np.nonzero(pixels[..., 0] > 0.5)
    return [x.min(), y.min(), x.max() + 1, y.max() + 1]


# ---- with their images ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "format"), list(zip(MOVING, itertools.cycle(FORMATS))), ids=list(MOVING)
)
def test_boxes_and_masks_move_with_their_pixels(name, format):
    out = train(MOVING[name](bounding_box_format=format), batch(format))
    size = out["images"].shape[1:3]
    boxes = np.asarray(convert(out["bounding_boxes"]["boxes"], format, "xyxy", *size))[:, 0]
    assert out["segmentation_masks"].dtype == "uint8"
    masks = [around(mask) for mask in out["segmentation_masks"]]
    np.testing.assert_allclose(boxes, masks, atol=1.2)
    if name != "chain":  # which may invert the colors
        np.testing.assert_allclose([around(x) for x in out["images"]], masks, atol=1.01)
    np.testing.assert_array_equal(out["bounding_boxes"]["labels"], [[3], [4]])


@pytest.mark.parametrize("name", ["flip", "zoom", "crop", "resizing by borders"])
def test_every_format_means_the_same(name):
    drawn = MOVING[name]().get_random_transformation(IMAGES, seed=1)
    size = np.shape(MOVING[name]().transform_images(IMAGES, drawn))[1:3]

    def moved(format):
        boxes = batch(format)["bounding_boxes"]
        layer = MOVING[name](bounding_box_format=format)
        found = layer.transform_bounding_boxes(boxes, drawn)["boxes"]
        return np.asarray(convert(found, format, "xyxy", *size))

    for format in FORMATS:
        np.testing.assert_allclose(moved(format), moved("xyxy"), atol=1e-3)


KERAS = {
    "mirror": ("RandomFlip", ("horizontal",)),
    "rotation": ("RandomRotation", (0.1,)),
    "zoom": ("RandomZoom", (0.3, 0.2)),
    "translation": ("RandomTranslation", (0.2, 0.2)),
    "perspective": ("RandomPerspective", ()),
    "center": ("CenterCrop", (36, 60)),
}


@pytest.mark.parametrize("name", KERAS)
def test_boxes_are_keras_s_for_the_same_transformation(k, name):
    layer = MOVING[name](bounding_box_format="xyxy")
    drawn = layer.get_random_transformation(IMAGES, seed=3)
    names = {"image_height": HEIGHT, "image_width": WIDTH, "batch_size": 2}  # Keras's rotations
    class_name, arguments = KERAS[name]
    peer = getattr(k, class_name)(*arguments, bounding_box_format="xyxy")
    boxes = batch()["bounding_boxes"]
    expected = peer.transform_bounding_boxes(dict(boxes), {**drawn, **names})
    found = layer.transform_bounding_boxes(boxes, drawn)
    np.testing.assert_allclose(found["boxes"], expected["boxes"], atol=1e-3)
    np.testing.assert_array_equal(found["labels"], expected["labels"])


@pytest.mark.parametrize("name", TONES)
def test_tones_leave_boxes_and_masks_as_they_are(name):
    data = batch(labels=np.array([1, 2]))
    data["images"] = np.repeat(IMAGES, 3, -1)
    layer = getattr(layers, name)(**TONES[name])
    out = train(layer, data)
    for key in ("bounding_boxes", "segmentation_masks", "labels"):
        jax.tree.map(np.testing.assert_array_equal, out[key], data[key])


def test_images_are_the_same_with_and_without_boxes():
    for name in ("rotation", "crop"):
        layer = MOVING[name](bounding_box_format="xyxy")
        alone = train(layer, IMAGES)
        np.testing.assert_array_equal(train(layer, {"images": IMAGES})["images"], alone)
        np.testing.assert_array_equal(train(layer, batch())["images"], alone)


@pytest.mark.parametrize("name", ["zoom", "crop"])
def test_one_image_and_channels_first(name):
    data = batch()
    one = jax.tree.map(lambda x: x[0], data)
    expected = train(MOVING[name](bounding_box_format="xyxy"), jax.tree.map(lambda x: x[:1], data))
    found = train(MOVING[name](bounding_box_format="xyxy"), one)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b[0], atol=1e-5), found, expected)
    first = {**one, "segmentation_masks": one["segmentation_masks"][..., 0]}  # without its channel
    first["images"] = np.moveaxis(one["images"], -1, 0)
    layer = MOVING[name](bounding_box_format="xyxy", data_format="channels_first")
    found = train(layer, first)
    np.testing.assert_array_equal(
        found["segmentation_masks"], expected["segmentation_masks"][0, ..., 0]
    )
    np.testing.assert_allclose(
        found["bounding_boxes"]["boxes"], expected["bounding_boxes"]["boxes"][0], atol=1e-4
    )


def test_what_leaves_the_image_loses_its_label():
    layer = layers.RandomTranslation((0.0, 0.0), (-0.45, -0.45), bounding_box_format="xywh")
    boxes = {"boxes": [[[10, 5, 20, 10], [30, 5, 20, 10], [0, 0, 0, 0]]], "labels": [[1, 2, 3]]}
    out = layer({"images": IMAGES[:1], "bounding_boxes": boxes})["bounding_boxes"]
    np.testing.assert_allclose(out["boxes"], [[[0, 5, 0, 10], [0, 5, 14, 10], [0, 0, 0, 0]]])
    assert out["labels"].tolist() == [[-1, 2, -1]]
    classes = {**boxes, "labels": np.eye(3)[None]}
    out = layer({"images": IMAGES[:1], "bounding_boxes": classes})["bounding_boxes"]
    assert out["labels"].tolist() == [[[-1] * 3, [0, 1, 0], [-1] * 3]]


def test_lists_of_any_number_of_boxes():
    boxes = {"boxes": [[BOXES[0]], [BOXES[1], BOXES[0]]], "labels": [[7], [8, 9]]}
    layer = layers.RandomFlip("horizontal", bounding_box_format="xyxy")
    out = layer({"images": IMAGES, "bounding_boxes": boxes}, training=False)["bounding_boxes"]
    np.testing.assert_array_equal(out["boxes"][0], [BOXES[0], [0, 0, 0, 0]])
    assert out["labels"].tolist() == [[7, -1], [8, 9]]


def test_boxes_keep_their_digits_in_half_precision():
    layer = layers.RandomFlip("vertical", bounding_box_format="xyxy", dtype="mixed_bfloat16")
    data = batch()
    data["bounding_boxes"]["boxes"] = data["bounding_boxes"]["boxes"] + 0.0625
    out = train(layers.Pipeline([layer], dtype="mixed_bfloat16"), data)
    np.testing.assert_array_equal(out["bounding_boxes"]["boxes"][..., 0, 0], BOXES[:, 0] + 0.0625)


def test_the_inputs_are_left_as_they_are():
    data = batch()
    layers.RandomCrop(8, 8, bounding_box_format="xyxy")(data)
    assert data["images"] is IMAGES
    np.testing.assert_array_equal(data["bounding_boxes"]["boxes"][:, 0], BOXES)


def test_shapes_are_known_before():
    shapes = {
        "images": (None, 30, 40, 3),
        "bounding_boxes": {"boxes": (None, 5, 4), "labels": (None, 5)},
        "segmentation_masks": (None, 30, 40, 1),
    }
    out = layers.Resizing(8, 9, bounding_box_format="xyxy").compute_output_shape(shapes)
    changed = {"images": (None, 8, 9, 3), "segmentation_masks": (None, 8, 9, 1)}
    assert out == {**shapes, **changed}
    inputs = {
        "images": mm.Input((30, 40, 3)),
        "bounding_boxes": {"boxes": mm.Input((5, 4)), "labels": mm.Input((5,))},
    }
    found = layers.RandomZoom(0.2, bounding_box_format="xyxy")(inputs)
    assert found["bounding_boxes"]["boxes"].shape == (None, 5, 4)


# ---- several images together ---------------------------------------------------------------------


def test_mixed_images_have_the_boxes_of_both():
    data = batch(labels=np.eye(2, dtype="float32"))
    data["segmentation_masks"] = IMAGES
    drawn = {"permutation_order": [1, 0], "mix_weight": [0.75, 0.5]}
    layer = layers.MixUp()
    out = layer.transform_bounding_boxes(data["bounding_boxes"], drawn)
    np.testing.assert_array_equal(out["boxes"], [BOXES, BOXES[::-1]])
    assert out["labels"].tolist() == [[3, 4], [4, 3]]
    masks = layer.transform_segmentation_masks(IMAGES, drawn)
    np.testing.assert_allclose(masks[0], 0.75 * IMAGES[0] + 0.25 * IMAGES[1], atol=1e-6)
    whole = train(layer, data)
    np.testing.assert_allclose(whole["segmentation_masks"], whole["images"], atol=1e-6)


def test_pasted_images_have_pasted_masks():
    data = batch()
    del data["bounding_boxes"]
    out = train(layers.CutMix(), data)
    np.testing.assert_array_equal(out["segmentation_masks"], out["images"])


def test_blended_chains_blend_masks_and_leave_boxes():
    data = {**batch(), "segmentation_masks": IMAGES}
    out = train(layers.AugMix((0, 1), factor=0.1, all_ops=False), data)
    jax.tree.map(np.testing.assert_array_equal, out["bounding_boxes"], data["bounding_boxes"])
    soft = out["segmentation_masks"]
    assert 0 <= soft.min() <= soft.max() <= 1.001
    assert ((soft > 0) & (soft < 0.99)).any()


# ---- Keras's protocol, and layers of one's own ---------------------------------------------------


@pytest.mark.parametrize("name", ["flip", "shear", "crop"])
def test_a_transformation_is_a_function_of_its_seed(name):
    layer = MOVING[name](bounding_box_format="xyxy")
    one, two, other = (layer.get_random_transformation(IMAGES, seed=s) for s in (1, 1, 2))
    jax.tree.map(np.testing.assert_array_equal, one, two)
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other))
    assert any((np.asarray(a) != np.asarray(b)).any() for a, b in pairs)
    images = np.asarray(layer.transform_images(IMAGES, one))
    np.testing.assert_array_equal(images, layer.transform_images(IMAGES, two))
    assert layers.RandomZoom(0.1).get_random_transformation(IMAGES, training=False) is None


class Shifted(layers.BaseImagePreprocessingLayer):
    """A layer as one is written for Keras."""

    def __init__(self, factor, **kwargs):
        super().__init__(factor=factor, **kwargs)
        self.generator = mm.random.SeedGenerator(1)

    def get_random_transformation(self, data, training=True, seed=None):
        images = data["images"] if isinstance(data, dict) else data
        drawn = mm.random.uniform((), *self.factor, seed=seed or self.generator)
        return {"columns": mm.ops.cast(mm.ops.round(drawn * images.shape[-2]), "int32")}

    def transform_images(self, images, transformation, training=True):
        return mm.ops.roll(images, transformation["columns"], axis=-2) if training else images

    def transform_segmentation_masks(self, segmentation_masks, transformation, training=True):
        return self.transform_images(segmentation_masks, transformation, training)

    def transform_bounding_boxes(self, bounding_boxes, transformation, training=True):
        moved = bounding_boxes["boxes"] + transformation["columns"] * np.array([1, 0, 1, 0])
        return {**bounding_boxes, "boxes": moved if training else bounding_boxes["boxes"]}


def test_a_layer_written_for_keras():
    layer = Shifted((0.1, 0.3))
    out = layer(batch())
    boxes = np.asarray(out["bounding_boxes"]["boxes"])[:, 0]
    assert boxes[0, 0] >= BOXES[0, 0] + 8
    for key in ("images", "segmentation_masks"):
        np.testing.assert_array_equal([around(x) for x in np.asarray(out[key])], boxes)
    same = layer(batch(), training=False)
    np.testing.assert_array_equal(same["images"], IMAGES)
    one = layer({"images": IMAGES[0], "segmentation_masks": IMAGES[0]})
    np.testing.assert_array_equal(one["images"], one["segmentation_masks"])
    with pytest.raises(ConfigError, match="factor of Shifted"):
        Shifted(2)


class Dimmed(Augmentation):
    """A layer that draws and changes at once."""

    def augment(self, x, key):
        return x * mm.random.uniform((len(x), 1, 1, 1), seed=key)


class FlippedAndDimmed(layers.RandomFlip):
    """A layer that adds something to what another does."""

    def augment(self, x, key):
        return super().augment(x, key) * 0.5


class Doubled(layers.Resizing):
    """A layer that says what it does in and outside of training."""

    def transform(self, x, training):
        return x * 2 if training else x


def test_layers_that_draw_and_change_at_once():
    dimmed = train(Dimmed(), {"images": IMAGES, "labels": np.array([1, 2])})
    assert 0 < dimmed["images"].max() < 1
    np.testing.assert_array_equal(Dimmed()(IMAGES, training=False), IMAGES)
    flip, half = (kind(seed=3, name="one") for kind in (layers.RandomFlip, FlippedAndDimmed))
    np.testing.assert_array_equal(train(half, IMAGES), train(flip, IMAGES) / 2)
    np.testing.assert_array_equal(Doubled(8, 8)(IMAGES), IMAGES * 2)
    np.testing.assert_array_equal(Doubled(8, 8)(IMAGES, training=False), IMAGES)
    for layer in (Dimmed(), FlippedAndDimmed(bounding_box_format="xyxy")):
        with pytest.raises(NotImplementedError, match="transform_bounding_boxes"):
            layer({"images": IMAGES, "bounding_boxes": batch()["bounding_boxes"]})


# ---- bad input -----------------------------------------------------------------------------------

_BOXES = batch()["bounding_boxes"]


@pytest.mark.parametrize(
    ("make", "more", "error", "words"),
    [
        (lambda: layers.RandomFlip(), {"bounding_boxes": _BOXES}, ConfigError, "'xyxy'"),
        (lambda: layers.RandomFlip(bounding_box_format="xy"), {}, ConfigError, "rel_xywh"),
        (
            lambda: layers.RandomElasticTransform(bounding_box_format="xyxy"),
            {"bounding_boxes": _BOXES}, NotImplementedError, "what becomes of bounding_boxes",
        ),
        (
            lambda: layers.CutMix(bounding_box_format="xyxy"),
            {"bounding_boxes": _BOXES}, NotImplementedError, "what becomes of bounding_boxes",
        ),
        (
            lambda: layers.RandomZoom(0.1, bounding_box_format="xyxy"),
            {"bounding_boxes": {"boxes": BOXES}}, DataError, "labels",
        ),
        (
            lambda: layers.RandomZoom(0.1, bounding_box_format="xyxy"),
            {"bounding_boxes": {**_BOXES, "boxes": BOXES[0]}}, ShapeError, "(n, 4)",
        ),
        (
            lambda: layers.RandomZoom(0.1),
            {"segmentation_masks": IMAGES[:, ::2]}, ShapeError, "place in the mask",
        ),
        (
            lambda: layers.MixUp(),
            {"segmentation_masks": IMAGES.astype(int)}, DataError, "class numbers",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_explained(make, more, error, words):
    with pytest.raises(error, match=words.replace("(", r"\(").replace(")", r"\)")):
        make()({"images": IMAGES, **more})
