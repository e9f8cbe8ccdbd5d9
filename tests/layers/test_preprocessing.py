"""Resizing, CenterCrop and Rescaling, compared with Keras."""

import numpy as np
import pytest

import maeum as mm
from maeum import layers
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.testing import check_layer

RNG = np.random.default_rng(1)
PICTURES = RNG.uniform(0, 255, (2, 7, 5, 3)).astype("float32")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"interpolation": "nearest"},
        {"interpolation": "bicubic", "antialias": True},
        {"interpolation": "lanczos3", "crop_to_aspect_ratio": True},
        {"pad_to_aspect_ratio": True, "fill_value": 7.0},
        {"data_format": "channels_first"},
    ],
)
def test_resizing_agrees_with_keras(k, options):
    x = np.moveaxis(PICTURES, -1, 1) if "data_format" in options else PICTURES
    ours, theirs = layers.Resizing(4, 6, **options), k.Resizing(4, 6, **options)
    for inputs in (x, x[0]):
        np.testing.assert_allclose(ours(inputs), theirs(inputs), atol=1e-3)


@pytest.mark.parametrize("size", [(3, 3), (7, 5), (4, 5), (2, 9), (9, 3), (10, 10)])
def test_center_crop_agrees_with_keras(k, size):
    np.testing.assert_allclose(
        layers.CenterCrop(*size)(PICTURES), k.CenterCrop(*size)(PICTURES), atol=1e-3
    )


def test_rescaling_agrees_with_keras(k, agree):
    agree(layers.Rescaling(0.5, offset=-1), k.Rescaling(0.5, offset=-1), PICTURES)
    scale, offset = [1.0, 2.0, 3.0], [0.5, 0.0, -1.0]
    agree(layers.Rescaling(scale, offset), k.Rescaling(scale, offset), PICTURES)


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.Resizing(4, 6),
        lambda: layers.CenterCrop(3, 3),
        lambda: layers.CenterCrop(9, 4),
        lambda: layers.Rescaling([1.0, 2.0, 3.0], 0.5),
    ],
)
def test_the_contract_of_layers_is_kept(make):
    check_layer(make, (6, 5, 3))


@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool"])
def test_whole_numbers_become_numbers_of_the_layers_dtype(dtype):
    x = np.ones((1, 6, 6, 1), dtype)
    for make in (lambda **k: layers.Resizing(3, 3, **k), lambda **k: layers.CenterCrop(3, 3, **k),
                 lambda **k: layers.Rescaling(2.0, **k)):  # fmt: skip
        assert make()(x).dtype == "float32"
        assert make(dtype="bfloat16")(x).dtype == "bfloat16"


def test_pictures_of_any_size_meet_in_one_model(tmp_path):
    model = mm.Sequential(
        [mm.Input((None, None, 3)), layers.Resizing(4, 4), layers.Rescaling(1 / 255)]
    )
    assert model.output_shape == (None, 4, 4, 3)
    model.save(tmp_path / "m.maeum")
    loaded = mm.load_model(tmp_path / "m.maeum")
    for x in (PICTURES, PICTURES[:, :3]):
        np.testing.assert_array_equal(loaded.predict(x), model.predict(x))


def test_a_dict_keeps_its_labels():
    labels = np.array([1, 0])
    out = layers.Resizing(2, 2)({"images": PICTURES, "labels": labels})
    assert out["images"].shape == (2, 2, 2, 3)
    np.testing.assert_array_equal(out["labels"], labels)
    shapes = layers.Resizing(2, 2).compute_output_shape(
        {"images": (None, 9, 9, 3), "labels": (None,)}
    )
    assert shapes == {"images": (None, 2, 2, 3), "labels": (None,)}


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: layers.Resizing(0, 4), ConfigError, "height of Resizing"),
        (lambda: layers.Resizing(4, 2.5), ConfigError, "width of Resizing"),
        (lambda: layers.Resizing(4, 4, "bilinaer"), ConfigError, "bilinear"),
        (lambda: layers.Resizing(4, 4, fill_mode="wrap"), ConfigError, "constant"),
        (lambda: layers.Resizing(4, 4, fill_value="white"), ConfigError, "fill_value"),
        (lambda: layers.Resizing(4, 4, data_format="last"), ConfigError, "channels_first"),
        (
            lambda: layers.Resizing(4, 4, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True),
            ConfigError,
            "Choose one",
        ),
        (lambda: layers.CenterCrop(4, -1), ConfigError, "width of CenterCrop"),
        (lambda: layers.Rescaling("255"), ConfigError, "a number"),
        (lambda: layers.Rescaling(np.nan), ConfigError, "a number"),
        (lambda: layers.Rescaling(True), ConfigError, "a number"),
        (lambda: layers.Rescaling(1, offset=[[1], [2, 3]]), ConfigError, "offset"),
        (lambda: layers.Resizing(4, 4)(np.ones((4, 4))), ShapeError, "axes"),
        (lambda: layers.Resizing(4, 4)(mm.Input((28, 28))), ShapeError, "one channel"),
        (lambda: layers.Resizing(4, 4)(np.ones((1, 0, 4, 3))), ShapeError, "one pixel at least"),
        (lambda: layers.CenterCrop(4, 4)({"image": PICTURES}), DataError, "images"),
        (
            lambda: layers.CenterCrop(4, 4)({"images": PICTURES, "boxes": PICTURES}),
            DataError,
            "boxes",
        ),
    ],
)
def test_bad_input_is_explained(call, error, words):
    with pytest.raises(error, match=words):
        call()
