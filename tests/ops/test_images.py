"""Functions on pictures, compared with Keras, SciPy and plain NumPy."""

import os
from functools import partial

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

import maeum as mm
from maeum import ops
from maeum.core.errors import ConfigError, ShapeError
from maeum.ops import image, images

RNG = np.random.default_rng(0)
PICTURES = RNG.normal(size=(2, 7, 5, 3)).astype("float32")
INTERPOLATIONS = ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]


@pytest.fixture(scope="module")
def keras_image():
    import keras

    return keras.ops.image


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_resize_agrees_with_keras(keras_image, interpolation, antialias):
    for size in ((3, 4), (14, 9), (7, 2)):
        options = {"interpolation": interpolation, "antialias": antialias}
        np.testing.assert_allclose(
            images.resize(PICTURES, size, **options),
            jax.jit(partial(keras_image.resize, size=size, **options))(PICTURES),
            atol=1e-5,
        )


@pytest.mark.parametrize("option", ["crop_to_aspect_ratio", "pad_to_aspect_ratio"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("rank", [3, 4])
def test_proportions_are_kept_as_in_keras(keras_image, option, data_format, rank):
    x = PICTURES if rank == 4 else PICTURES[0]
    x = np.moveaxis(x, -1, -3) if data_format == "channels_first" else x
    for size in ((4, 4), (3, 8), (9, 2)):
        options = {option: True, "fill_value": 2.5, "data_format": data_format}
        got = images.resize(x, size, **options)
        expected = jax.jit(partial(keras_image.resize, size=size, **options))(x)
        np.testing.assert_allclose(got, expected, atol=1e-5)


def test_resize_to_the_same_size_changes_nothing():
    np.testing.assert_array_equal(images.resize(PICTURES, (7, 5), "lanczos3"), PICTURES)


def test_whole_numbers_become_floats_but_nearest_only_picks():
    x = np.array([[[10], [20]]], "uint8")
    assert images.resize(x, (1, 4)).dtype == "float32"
    picked = images.resize(x, (1, 4), "nearest")
    assert picked.dtype == "uint8"
    assert picked[0, :, 0].tolist() == [10, 10, 20, 20]


def test_resize_has_gradients():
    slopes = jax.grad(lambda x: images.resize(x, (14, 10)).sum())(jnp.asarray(PICTURES))
    assert float(slopes.sum()) == pytest.approx(2 * 14 * 10 * 3, rel=1e-4)


# ---- affine transforms --------------------------------------------------------------------------


@pytest.mark.parametrize("fill_mode", ["reflect", "wrap", "constant", "nearest", "mirror"])
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_affine_transform_agrees_with_keras(keras_image, interpolation, fill_mode):
    transform = RNG.normal(size=(2, 8)).astype("float32") * [1, 1, 4, 1, 1, 4, 0, 0]
    options = {"interpolation": interpolation, "fill_mode": fill_mode, "fill_value": 1.5}
    np.testing.assert_allclose(
        images.affine_transform(PICTURES, transform, **options),
        jax.jit(partial(keras_image.affine_transform, **options))(
            PICTURES, transform.astype("float32")
        ),
        atol=1e-4,
    )


SCIPY = {"reflect": "reflect", "wrap": "grid-wrap", "nearest": "nearest", "mirror": "mirror"}


@settings(max_examples=8)
@given(
    mode=st.sampled_from(sorted(SCIPY)),
    rows=st.sampled_from([1, 2, 5]),
    columns=st.sampled_from([1, 2, 5]),
    seed=st.integers(0, 99),
)
def test_affine_transform_agrees_with_scipy(mode, rows, columns, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, columns))
    # Multiples of 1/4 are exact in both precisions, so that both take the same neighbours.
    a0, a1, a2, b0, b1, b2 = rng.integers(-8, 9, 6) / 4
    move = jax.jit(images.affine_transform, static_argnums=(2, 3))
    got = move(x[..., None], np.array([a0, a1, a2, b0, b1, b2]), "bilinear", mode)
    expected = ndimage.affine_transform(
        x, [[b1, b0], [a1, a0]], [b2, a2], order=1, mode=SCIPY[mode]
    )
    np.testing.assert_allclose(got[..., 0], expected, atol=1e-5)


def test_a_constant_border_mixes_with_the_edge():
    row = np.array([1.0, 2.0]).reshape(1, 2, 1)
    half = images.affine_transform(row, [1, 0, -0.5, 0, 1, 0], fill_value=9.0)
    assert half[0, :, 0].tolist() == [5.0, 1.5]  # (9 + 1) / 2 and (1 + 2) / 2


def test_a_projective_transform_divides():
    row = np.arange(4.0).reshape(1, 4, 1)
    got = images.affine_transform(row, [2, 0, 0, 0, 1, 0, 1, 0], fill_mode="nearest")
    np.testing.assert_allclose(got[0, :, 0], [2 * x / (x + 1) for x in range(4)], rtol=1e-6)


def test_one_transform_serves_the_batch_and_channels_may_come_first():
    turn = [0, 1, 0, 1, 0, 0]
    expected = np.stack([images.affine_transform(p, turn) for p in PICTURES])
    np.testing.assert_array_equal(images.affine_transform(PICTURES, turn), expected)
    first = images.affine_transform(
        np.moveaxis(PICTURES, -1, 1), turn, data_format="channels_first"
    )
    np.testing.assert_array_equal(np.moveaxis(first, 1, -1), expected)


def test_affine_transform_has_gradients():
    x = jnp.asarray(PICTURES[:1])
    shift = [1, 0, 0.25, 0, 1, 0.5]
    slopes = jax.grad(lambda x: images.affine_transform(x, shift, fill_mode="wrap").sum())(x)
    np.testing.assert_allclose(slopes, np.ones_like(x), atol=1e-5)


# ---- colours and windows ------------------------------------------------------------------------


def test_grey_and_colour(keras_image):
    grey = image.rgb_to_grayscale(PICTURES)
    np.testing.assert_allclose(grey, keras_image.rgb_to_grayscale(PICTURES), atol=1e-6)
    np.testing.assert_array_equal(image.rgb_to_grayscale(grey), grey)
    back = image.grayscale_to_rgb(np.moveaxis(grey, -1, 1), "channels_first")
    np.testing.assert_array_equal(back, np.repeat(np.moveaxis(grey, -1, 1), 3, axis=1))


def test_windows_are_cut_at_a_place_for_each_picture():
    cut = images.crop_windows(jnp.asarray(PICTURES), jnp.array([0, 3]), jnp.array([2, 1]), 4, 3)
    np.testing.assert_array_equal(cut[0], PICTURES[0, :4, 2:5])
    np.testing.assert_array_equal(cut[1], PICTURES[1, 3:7, 1:4])


def test_ops_stand_between_the_layers_of_a_model_and_are_saved(tmp_path):
    x = mm.Input((None, None, 3))
    small = ops.image.resize(ops.image.rgb_to_grayscale(x), (4, 4))
    assert small.shape == (None, 4, 4, 1)
    model = mm.Model(x, mm.layers.Flatten()(small))
    model.save(tmp_path / "m.maeum")
    np.testing.assert_array_equal(
        mm.load_model(tmp_path / "m.maeum").predict(PICTURES), model.predict(PICTURES)
    )


# ---- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: images.resize(PICTURES, (2, 2), "cubic"), ConfigError, "bicubic"),
        (lambda: images.resize(PICTURES, (0, 2)), ConfigError, "at least 1"),
        (lambda: images.resize(PICTURES, (2.5, 2)), ConfigError, "at least 1"),
        (lambda: images.resize(PICTURES, 2), ConfigError, "rows, columns"),
        (lambda: images.resize(PICTURES, (2, 2), fill_mode="wrap"), ConfigError, "constant"),
        (
            lambda: images.resize(
                PICTURES, (2, 2), crop_to_aspect_ratio=True, pad_to_aspect_ratio=True
            ),
            ConfigError,
            "Choose one",
        ),
        (lambda: images.resize(PICTURES[0, 0], (2, 2)), ShapeError, "Grayscale ones"),
        (lambda: images.resize(PICTURES[:, :0], (2, 2)), ShapeError, "one pixel at least"),
        (lambda: images.resize(PICTURES, (2, 2), data_format="nhwc"), ConfigError, "data_format"),
        (lambda: images.affine_transform(PICTURES, [1, 0, 0]), ShapeError, "6 numbers"),
        (lambda: images.affine_transform(PICTURES, np.ones((3, 6))), ShapeError, "2 images"),
        (lambda: images.affine_transform(PICTURES, [1] * 6, "cubic"), ConfigError, "bilinear"),
        (lambda: images.affine_transform(PICTURES, [1] * 6, fill_mode="edge"), ConfigError, "wrap"),
        (lambda: image.rgb_to_grayscale(PICTURES[..., :2]), ShapeError, "3 channels"),
        (lambda: image.grayscale_to_rgb(PICTURES), ShapeError, "1 channel;"),
    ],
)  # fmt: skip
def test_bad_input_is_explained(call, error, words):
    with pytest.raises(error, match=words):
        call()
