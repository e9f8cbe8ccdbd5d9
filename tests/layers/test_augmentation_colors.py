"""Colors, tones and histograms: fixed factors beside Keras's layers, drawn ones in their ranges."""

from functools import partial

import jax
import numpy as np
import pytest

import maeum as mm
from maeum import layers
from maeum.core import functional
from maeum.core.errors import ConfigError, ShapeError
from maeum.testing import check_layer

KEY = jax.random.PRNGKey(3)
RNG = np.random.default_rng(3)
IMAGES = RNG.uniform(0, 255, (12, 7, 9, 3)).astype("float32")

# Layers whose draws these arguments fix, so that Keras's does the same.
FIXED = {
    "RandomSaturation": {"factor": (0.3, 0.3)},
    "RandomColorDegeneration": {"factor": (0.4, 0.4)},
    "RandomSharpness": {"factor": (0.8, 0.8)},
    "RandomPosterization": {"factor": (3, 3)},
    "RandomInvert": {"factor": (1, 1)},
    "RandomGrayscale": {"factor": 1.0},
    "RandomGaussianBlur": {"factor": (1, 1), "kernel_size": (5, 3), "sigma": (0.7, 0.7)},
    "RandomColorJitter": {
        "brightness_factor": (0.1, 0.1), "contrast_factor": (0.0, 0.0),
        "saturation_factor": (0.4, 0.4),
    },
    "Solarization": {"threshold_factor": (0.0, 0.0)},
    "AutoContrast": {},
    "ContrastLimitedAdaptiveHistogramEqualization": {"tile_grid_size": (2, 3), "clip_limit": 2.0},
}  # fmt: skip
DRAWN = {
    **FIXED,
    "RandomHue": {"factor": 0.5},
    "RandomSaturation": {"factor": 0.8},
    "RandomColorDegeneration": {"factor": 0.8},
    "RandomSharpness": {"factor": 0.9},
    "RandomPosterization": {"factor": (1, 8)},
    "RandomInvert": {},
    "RandomGrayscale": {},
    "RandomGaussianBlur": {"sigma": (0.3, 1)},
    "RandomColorJitter": {"brightness_factor": 0.2, "hue_factor": 0.3},
    "Solarization": {"addition_factor": 0.5, "threshold_factor": 0.5},
    "RandAugment": {},
    "AugMix": {},
    "RandomShear": {"x_factor": 0.3},
    "RandomPerspective": {},
    "RandomElasticTransform": {},
}
NOTHING_DRAWN = {"AutoContrast", "Equalization", "ContrastLimitedAdaptiveHistogramEqualization"}


def runner(layer, x):
    jax.eval_shape(layer, x)  # builds
    return jax.jit(lambda key: functional.apply(layer, {}, x, training=True, key=key)[0])


def run(layer, x):
    return np.asarray(runner(layer, x)(KEY))


def compiled(theirs, x):
    """Return what a layer of Keras makes of images, by one program instead of many small ones."""
    theirs.build(x.shape)
    values = [v.value for v in theirs.variables]
    return jax.jit(lambda x: theirs.stateless_call([], values, x, training=True)[0])(x)


@pytest.mark.parametrize("name", FIXED)
@pytest.mark.parametrize("value_range", [(0, 255), (0, 1)])
def test_fixed_changes_are_those_of_keras(k, name, value_range):
    x = IMAGES if value_range == (0, 255) else IMAGES / 255
    options = dict(FIXED[name])
    if name != "RandomGrayscale":
        options["value_range"] = value_range
    ours, theirs = (getattr(room, name)(**options) for room in (layers, k))
    expected = np.asarray(compiled(theirs, x))
    atol = 1e-3 * value_range[1] / 255
    if name == "RandomSaturation":  # Keras cuts the saturation off at 255 instead of 1
        assert expected.min() >= 0
    np.testing.assert_allclose(run(ours, x), expected, atol=max(atol, 2e-5), rtol=1e-4)


def test_equalization_is_keras_s_image_by_image(k):
    x = np.round(IMAGES)
    for options in ({}, {"bins": 32}):
        expected = [k.Equalization(**options)(image[None], training=True)[0] for image in x[:3]]
        got = run(layers.Equalization(**options), x[:3])
        np.testing.assert_allclose(got, expected, atol=1e-3)
    flat = np.full((1, 4, 4, 3), 128.0, "float32")
    np.testing.assert_array_equal(run(layers.Equalization(), flat), flat)
    np.testing.assert_array_equal(run(layers.AutoContrast(), flat), flat)


def test_a_hue_is_turned_forwards_or_backwards_as_in_keras(k):
    layer = layers.RandomHue((0.5, 0.5))
    got = run(layer, IMAGES)
    turned = jax.jit(k.RandomHue((0.5, 0.5)).transform_images)
    both = [
        np.asarray(turned(IMAGES, {"factor": np.full(12, turn, "float32")}))
        for turn in (0.25, -0.25)
    ]
    near = [np.abs(got - one).max((1, 2, 3)) < 0.1 for one in both]
    assert (near[0] | near[1]).all()
    assert near[0].any()
    assert near[1].any()


def test_solarization_adds_first_and_inverts_then():
    x = np.array([10.0, 100.0, 120.0, 250.0], "float32").reshape(1, 2, 2, 1)
    layer = layers.Solarization((0.1, 0.1), (0.5, 0.5))
    brighter = np.clip(x + 25.5, 0, 255)
    expected = np.where(brighter < 127.5, brighter, 255 - brighter)
    np.testing.assert_allclose(run(layer, x), expected, atol=1e-4)
    unit = layers.Solarization((0.1, 0.1), (0.5, 0.5), value_range=(0, 1))
    np.testing.assert_allclose(run(unit, x / 255), expected / 255, atol=1e-6)


# ---- warps -------------------------------------------------------------------------------------


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
@pytest.mark.parametrize("fill_mode", ["constant", "reflect", "nearest"])
def test_a_shear_is_that_of_keras_to_either_side(k, interpolation, fill_mode):
    options = {"interpolation": interpolation, "fill_mode": fill_mode, "fill_value": 7.0}
    ours, theirs = (room.RandomShear((0.3, 0.3), (0.1, 0.1), **options) for room in (layers, k))
    got = run(ours, IMAGES)
    sheared = jax.jit(theirs.transform_images)
    both = [
        np.asarray(
            sheared(
                IMAGES, {"shear_factor": side * np.tile([[0.3, 0.1]], (12, 1)).astype("float32")}
            )
        )
        for side in (1, -1)
    ]
    near = [np.isclose(got, one, atol=0.01).mean((1, 2, 3)) > 0.97 for one in both]
    assert (near[0] | near[1]).all()
    assert near[0].any()
    assert near[1].any()


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_a_perspective_is_that_of_keras(k, interpolation):
    from maeum.ops.warping import perspective_transform

    start = np.tile(np.array([[[0, 0], [8, 0], [0, 6], [8, 6]]], "float32"), (12, 1, 1))
    end = start * (1 + RNG.uniform(-0.2, 0.2, start.shape)).astype("float32")
    import keras

    theirs = partial(
        keras.ops.image.perspective_transform, interpolation=interpolation, fill_value=3
    )
    expected = jax.jit(theirs)(IMAGES, start, end)
    got = perspective_transform(IMAGES, start, end, interpolation, 3)
    assert np.isclose(got, expected, atol=0.05).mean() > 0.99
    same = run(layers.RandomPerspective((1, 1), scale=0.0), IMAGES)
    np.testing.assert_allclose(same, IMAGES, atol=0.01)


def test_rubber_moves_pixels_a_little_and_keeps_their_values():
    rows = np.tile(np.arange(40.0)[None, :, None, None] * 6, (8, 1, 40, 1)).astype("float32")
    out = run(layers.RandomElasticTransform((1, 1), (1, 1), fill_mode="nearest"), rows)
    moved = np.abs(out - rows) / 6
    assert 0.05 < moved.mean() < 4  # alpha is 4 rows, of a blurred noise
    assert out.min() >= rows.min()
    assert out.max() <= rows.max() + 1e-3
    np.testing.assert_array_equal(run(layers.RandomElasticTransform(scale=0), rows), rows)


# ---- what all of them share --------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWN)
def test_each_image_has_a_change_of_its_own_which_follows_from_the_key(name):
    layer = getattr(layers, name)(**DRAWN[name])
    same = np.repeat(IMAGES[:1], 24, axis=0)
    changed = runner(layer, same)
    first = np.asarray(changed(KEY))
    np.testing.assert_array_equal(first, changed(KEY))
    assert np.isfinite(first).all()
    if name in NOTHING_DRAWN:
        assert (first == first[0]).all()
        return
    assert len({image.tobytes() for image in first}) > 1
    assert (first != changed(jax.random.PRNGKey(5))).any()
    outside = functional.apply(layer, {}, same, training=False, key=KEY)[0]
    np.testing.assert_array_equal(outside, same)


@pytest.mark.parametrize("name", DRAWN)
def test_called_by_hand_they_augment_and_in_predict_they_do_not(name):
    layer = getattr(layers, name)(**DRAWN[name])
    assert (np.asarray(layer(IMAGES)) != IMAGES).any()
    if name not in NOTHING_DRAWN:
        model = mm.Sequential([mm.Input(IMAGES.shape[1:]), layer])
        np.testing.assert_array_equal(model.predict(IMAGES, verbose=0), IMAGES)


@pytest.mark.parametrize("name", sorted(set(DRAWN) - {"AugMix", "RandAugment"}))
def test_one_image_and_channels_first_are_taken(name):
    options = DRAWN[name]
    first = getattr(layers, name)(**options, data_format="channels_first")
    got = run(first, np.moveaxis(IMAGES, -1, 1))
    expected = run(getattr(layers, name)(**options), IMAGES)
    np.testing.assert_allclose(np.moveaxis(got, 1, -1), expected, rtol=1e-4, atol=0.05)
    one = run(getattr(layers, name)(**options), IMAGES[0].astype("uint8"))
    assert one.shape == IMAGES.shape[1:]
    assert one.dtype == "float32"


@pytest.mark.parametrize("name", ["RandomColorJitter", "RandomShear", "Solarization"])
def test_the_contract_of_layers_is_kept(name):
    def make(**more):
        return getattr(layers, name)(**DRAWN[name], **more)

    check_layer(make, (6, 5, 3), skip=["gradients"])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: layers.RandomHue(1.5), "factor of RandomHue"),
        (lambda: layers.RandomSaturation(1.1), "factor of RandomSaturation"),
        (lambda: layers.RandomPosterization(9), "factor of RandomPosterization"),
        (lambda: layers.RandomInvert(2), "factor of RandomInvert"),
        (lambda: layers.RandomGrayscale(2), "factor of RandomGrayscale"),
        (lambda: layers.RandomGaussianBlur(kernel_size=4), "odd"),
        (lambda: layers.RandomSharpness(0.5, value_range=1), "value_range"),
        (lambda: layers.Solarization("x"), "addition_factor"),
        (lambda: layers.RandomShear(x_factor=-0.5, y_factor=(0.1, 2)), "factor of RandomShear"),
        (lambda: layers.RandomPerspective(scale=2), "scale"),
        (lambda: layers.RandomElasticTransform(fill_mode="sideways"), "fill_mode"),
        (lambda: layers.AugMix(alpha=0), "alpha"),
        (lambda: layers.RandAugment(interpolation="bicubic"), "interpolation"),
        (lambda: layers.RandomHue(0.1)(np.ones((2, 4, 4, 2))), "3 channels"),
    ],
)
def test_bad_arguments_are_explained(make, words):
    with pytest.raises((ConfigError, ShapeError), match=words):
        make()
