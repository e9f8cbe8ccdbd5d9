"""Layers that mirror, turn, move and cut pictures: what they draw, and Keras with fixed ranges."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import ndimage

import maeum as mm
from maeum import layers
from maeum.core import functional
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.scope import Scope
from maeum.testing import check_layer

KEY = jax.random.PRNGKey(3)
RNG = np.random.default_rng(3)
PICTURES = RNG.uniform(0, 255, (64, 6, 8, 3)).astype("float32")
LAYERS = {
    "RandomFlip": lambda **k: layers.RandomFlip(**k),
    "RandomRotation": lambda **k: layers.RandomRotation(0.3, **k),
    "RandomZoom": lambda **k: layers.RandomZoom(0.3, **k),
    "RandomTranslation": lambda **k: layers.RandomTranslation(0.3, 0.3, **k),
    "RandomCrop": lambda **k: layers.RandomCrop(4, 3, **k),
    "RandomContrast": lambda **k: layers.RandomContrast(0.5, **k),
    "RandomBrightness": lambda **k: layers.RandomBrightness(0.5, **k),
    "RandomErasing": lambda **k: layers.RandomErasing(**k),
}
each_layer = pytest.mark.parametrize("name", LAYERS)


def runner(layer, x):
    jax.eval_shape(layer, x)  # builds
    return jax.jit(lambda key: functional.apply(layer, {}, x, training=True, key=key)[0])


def train(layer, x, key=KEY):
    return np.asarray(runner(layer, x)(key))


@cache
def plain(name):
    """Return the compiled layer with its defaults, which several tests run, for `PICTURES`."""
    return runner(LAYERS[name](), PICTURES)


# ---- what all of them share ---------------------------------------------------------------------


@each_layer
def test_draws_are_a_function_of_the_key_and_the_layer(name):
    make = LAYERS[name]
    run, seeded = plain(name), train(make(seed=5), PICTURES)
    first = np.asarray(run(KEY))
    np.testing.assert_array_equal(first, run(KEY))
    np.testing.assert_array_equal(first, train(make(), PICTURES))
    assert (first != np.asarray(run(jax.random.PRNGKey(4)))).any()
    assert (first != seeded).any()
    with Scope(training=True, key=KEY):
        draws = [np.asarray(make(name=name)(PICTURES)) for name in ("one", "two")]
    assert (draws[0] != draws[1]).any()


@each_layer
def test_each_picture_of_a_batch_draws_its_own(name):
    changed = train(LAYERS[name](), np.repeat(PICTURES[:1], 64, axis=0))
    assert len({picture.tobytes() for picture in changed}) > 1


@each_layer
def test_nothing_is_drawn_outside_of_training(name):
    layer = LAYERS[name]()
    with Scope(key=KEY) as scope:
        out = layer(PICTURES)
    assert not scope.drew
    if name != "RandomCrop":
        np.testing.assert_array_equal(out, PICTURES)
    assert layer(PICTURES, training=True).dtype == "float32"


@each_layer
def test_vmap_over_keys(name):
    run = plain(name)
    keys = jax.random.split(KEY, 3)
    for key, one in zip(keys, jax.jit(jax.vmap(run))(keys)):
        np.testing.assert_allclose(one, run(key), rtol=1e-4, atol=1e-2)


@each_layer
def test_channels_first_changes_the_same(name):
    first = train(LAYERS[name](data_format="channels_first"), np.moveaxis(PICTURES, -1, 1))
    expected = np.asarray(plain(name)(KEY))
    np.testing.assert_allclose(np.moveaxis(first, 1, -1), expected, rtol=1e-5, atol=1e-3)


@each_layer
def test_one_picture_and_whole_numbers_are_taken(name):
    one = LAYERS[name](dtype="bfloat16")(PICTURES[0].astype("uint8"), training=True)
    assert one.dtype == "bfloat16"
    assert one.ndim == 3


@each_layer
def test_labels_are_handed_on(name):
    labels = np.arange(64)
    out = LAYERS[name]()({"images": PICTURES, "labels": labels}, training=True)
    np.testing.assert_array_equal(out["labels"], labels)
    same = LAYERS[name]()(PICTURES, training=False)
    assert (np.asarray(out["images"]) != np.asarray(same)).any()


@each_layer
def test_the_contract_of_layers_is_kept(name):
    check_layer(LAYERS[name], (6, 5, 3))


@each_layer
def test_a_saved_layer_is_the_same(name, tmp_path):
    model = mm.Sequential([mm.Input((6, 8, 3)), LAYERS[name](seed=7)])
    model.save(tmp_path / "m.maeum")
    loaded = mm.load_model(tmp_path / "m.maeum")
    np.testing.assert_array_equal(train(loaded, PICTURES), train(model, PICTURES))


@each_layer
def test_something_else_than_pictures_is_refused(name):
    with pytest.raises(ShapeError, match="axes"):
        LAYERS[name]()(np.ones((4, 4)))
    with pytest.raises(ShapeError, match="one channel"):
        LAYERS[name]()(mm.Input((28, 28)))
    with pytest.raises(ConfigError, match="seed"):
        LAYERS[name](seed="x")


# ---- each of them -------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["horizontal", "vertical", "horizontal_and_vertical"])
def test_flipped_pictures_are_mirror_images_about_half_of_the_time(mode):
    out = train(layers.RandomFlip(mode), PICTURES)
    mirrors = {"as it was": PICTURES}
    if mode != "vertical":
        mirrors["horizontal"] = PICTURES[:, :, ::-1]
    if mode != "horizontal":
        mirrors["vertical"] = PICTURES[:, ::-1]
    if mode == "horizontal_and_vertical":
        mirrors["both"] = PICTURES[:, ::-1, ::-1]
    found = [(out == mirror).all((1, 2, 3)) for mirror in mirrors.values()]
    assert (np.sum(found, axis=0) == 1).all()
    for hits in found:  # 64 draws: more than 4 standard deviations to either side
        share = 1 / len(mirrors)
        assert hits.mean() == pytest.approx(share, abs=4.2 * (share * (1 - share) / 64) ** 0.5)


@pytest.mark.parametrize(
    ("fill_mode", "interpolation"), [("reflect", "bilinear"), ("constant", "nearest")]
)
def test_fixed_turns_zooms_and_shifts_agree_with_keras(k, fill_mode, interpolation):
    options = {"fill_mode": fill_mode, "interpolation": interpolation, "fill_value": 9.0}
    x = PICTURES[:2]
    for name, factors in {
        "RandomRotation": [(0.13, 0.13)],
        "RandomZoom": [(-0.3, -0.3), (0.4, 0.4)],
        "RandomTranslation": [(0.21, 0.21), (-0.37, -0.37)],
    }.items():
        ours, theirs = getattr(layers, name), getattr(k, name)
        np.testing.assert_allclose(
            train(ours(*factors, **options), x),
            theirs(*factors, **options)(x, training=True),
            atol=0.02,
        )


def test_a_zoom_without_a_width_keeps_the_proportions(k):
    x = PICTURES[:2]
    expected = k.RandomZoom((0.3, 0.3))(x, training=True)
    np.testing.assert_allclose(train(layers.RandomZoom((0.3, 0.3)), x), expected, atol=0.02)
    drawn = layers.RandomZoom(0.4).draw_transformation(jnp.asarray(KEY), (9, 5, 5, 1))
    np.testing.assert_array_equal(drawn["height_zoom"], drawn["width_zoom"])


def test_a_turn_is_that_of_scipy():
    x = PICTURES[:1, :, :6, :1]  # a square
    turned = train(layers.RandomRotation((0.1, 0.1), fill_mode="constant"), x)
    expected = ndimage.rotate(x[0, :, :, 0], 36, reshape=False, order=1, mode="grid-constant")
    np.testing.assert_allclose(turned[0, :, :, 0], expected, atol=0.05)


def test_draws_stay_in_their_ranges():
    shape = (500, 9, 9, 1)
    drawn = layers.RandomRotation((-0.05, 0.2)).draw_transformation(KEY, shape)
    cos, minus_sin = drawn["rotation_matrix"][:, 0], drawn["rotation_matrix"][:, 1]
    turns = np.arctan2(-minus_sin, cos) / (2 * np.pi)
    np.testing.assert_allclose(drawn["angle"], turns * 360, atol=1e-3)
    assert turns.min() == pytest.approx(-0.05, abs=0.01)
    assert turns.max() == pytest.approx(0.2, abs=0.01)
    right = layers.RandomZoom(0.3, (0.1, 0.2)).draw_transformation(KEY, shape)["width_zoom"]
    assert right.min() >= 1.1
    assert right.max() <= 1.2
    assert np.ptp(right) > 0.09
    shifts = layers.RandomTranslation(0.5, 1).draw_transformation(KEY, shape)["translations"]
    assert np.abs(shifts[:, 0]).max() == pytest.approx(9, abs=0.2)
    assert np.abs(shifts[:, 1]).max() == pytest.approx(4.5, abs=0.1)


def test_crops_are_windows_and_every_place_is_met():
    windows = np.lib.stride_tricks.sliding_window_view(PICTURES, (4, 3), (1, 2))
    windows = np.moveaxis(windows, 3, -1)  # batch, top, left, rows, columns, channels
    out = train(layers.RandomCrop(4, 3), PICTURES)
    same = (windows == out[:, None, None]).all((3, 4, 5))
    assert (same.sum((1, 2)) == 1).all()
    assert (same.sum(0) > 0).all()  # each of the 18 places, by 64 pictures
    np.testing.assert_array_equal(train(layers.RandomCrop(6, 8), PICTURES), PICTURES)


@pytest.mark.parametrize("size", [(4, 3), (9, 4), (12, 16)])
def test_outside_of_training_crops_are_the_middle_resized(size):
    import keras

    expected = keras.ops.image.resize(PICTURES, size, crop_to_aspect_ratio=True)
    layer = layers.RandomCrop(*size)
    np.testing.assert_allclose(layer(PICTURES, training=False), expected, atol=1e-3)
    if size != (4, 3):  # too large to be cut out
        np.testing.assert_allclose(layer(PICTURES, training=True), expected, atol=1e-3)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: layers.RandomFlip("sideways"), "horizontal"),
        (lambda: layers.RandomRotation(1.5), "between -1 and 1"),
        (lambda: layers.RandomRotation((0.1, 0.2, 0.3)), "pair"),
        (lambda: layers.RandomRotation("0.1"), "pair"),
        (lambda: layers.RandomRotation(None), "pair"),
        (lambda: layers.RandomRotation(float("nan")), "pair"),
        (lambda: layers.RandomRotation(0.1, fill_mode="mirror"), "fill_mode of RandomRotation"),
        (lambda: layers.RandomRotation(0.1, interpolation="bicubic"), "bilinear"),
        (lambda: layers.RandomRotation(0.1, fill_value="black"), "fill_value"),
        (lambda: layers.RandomZoom((-2, 0)), "height_factor of RandomZoom"),
        (lambda: layers.RandomZoom(0.1, 2), "width_factor of RandomZoom"),
        (lambda: layers.RandomTranslation(0.1, [0.1]), "width_factor of RandomTranslation"),
        (lambda: layers.RandomCrop(0, 3), "height of RandomCrop"),
        (lambda: layers.RandomCrop(3, 1.5), "width of RandomCrop"),
    ],
)
def test_bad_arguments_are_explained(make, words):
    with pytest.raises(ConfigError, match=words):
        make()


def test_a_range_is_checked_when_it_is_assigned():
    zoom = layers.RandomZoom(0.1)
    with pytest.raises(ConfigError, match="width_factor of RandomZoom"):
        zoom.width_factor = 2
    zoom.width_factor = (0.2, 0.1)
    assert (zoom.ends("height_factor"), zoom.ends("width_factor")) == ((-0.1, 0.1), (0.1, 0.2))
