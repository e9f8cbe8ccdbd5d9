"""Contrast, brightness and erasing: the ranges of what they draw, and Keras for what they do."""

import jax
import numpy as np
import pytest

from maeum import layers
from maeum.core import functional
from maeum.core.errors import ConfigError, ShapeError

KEY = jax.random.PRNGKey(3)
RNG = np.random.default_rng(3)
PICTURES = RNG.uniform(0, 255, (64, 6, 8, 3)).astype("float32")


def train(layer, x, key=KEY):
    jax.eval_shape(layer, x)  # builds
    run = jax.jit(lambda x, key: functional.apply(layer, {}, x, training=True, key=key)[0])
    return np.asarray(run(x, key))


@pytest.mark.parametrize(
    ("factor", "low", "high"), [(0.4, 0.6, 1.4), ((0.1, 0.9), 0.9, 1.9), ((0, 0), 1, 1)]
)
def test_contrast_moves_pixels_away_from_their_mean_as_in_keras(k, factor, low, high):
    wide = (-1e4, 1e4)
    out = train(layers.RandomContrast(factor, value_range=wide), PICTURES)
    mean = PICTURES.mean((1, 2), keepdims=True)
    factors = ((out - mean) * (PICTURES - mean)).sum((1, 2, 3)) / ((PICTURES - mean) ** 2).sum(
        (1, 2, 3)
    )
    assert factors.min() >= low - 1e-4
    assert factors.max() <= high + 1e-4
    assert np.ptp(factors) >= 0.8 * (high - low)
    theirs = k.RandomContrast(0.5).transform_images(
        PICTURES, {"contrast_factor": factors[:, None, None, None]}
    )
    cut = train(layers.RandomContrast(factor), PICTURES)
    np.testing.assert_allclose(cut, theirs, atol=0.05)


def test_fixed_brightness_agrees_with_keras(k):
    for factor, value_range in (((0.3, 0.3), (0, 255)), ((-0.2, -0.2), (50, 200))):
        ours = layers.RandomBrightness(factor, value_range)
        theirs = k.RandomBrightness(factor, value_range)
        np.testing.assert_allclose(
            train(ours, PICTURES), theirs(PICTURES, training=True), rtol=1e-5
        )


def test_brightness_is_drawn_from_its_range():
    grey = np.full((500, 1, 1, 1), 0.5)
    out = train(layers.RandomBrightness(0.2, value_range=(0, 1)), grey) - 0.5
    assert np.abs(out).max() <= 0.2 + 1e-6
    assert np.ptp(out) > 0.38


# ---- erasing ------------------------------------------------------------------------------------


def test_erased_boxes_have_sizes_from_the_range_and_the_rest_stays():
    x = np.ones((300, 20, 30, 2), "float32")
    out = train(layers.RandomErasing((1, 1), scale=(0.1, 0.4), fill_value=0), x)
    gone = out == 0
    assert ((out == 1) | gone).all()
    assert (gone[..., 0] == gone[..., 1]).all()
    rows, columns = gone.any((2, 3)), gone.any((1, 3))
    for size, extent in ((20, rows), (30, columns)):
        ends = extent.sum(1)
        assert ends.min() >= np.floor(0.1**0.5 * size)
        assert ends.max() <= np.ceil(0.4**0.5 * size)
        assert extent.any(0).all()  # every row and column is met
    assert (gone[..., 0].sum((1, 2)) == rows.sum(1) * columns.sum(1)).all()  # a box


@pytest.mark.parametrize(("factor", "chance"), [(1.0, 0.5), ((0.8, 1), 0.9), (0, 0), ((1, 1), 1)])
def test_the_share_of_erased_pictures(factor, chance):
    x = np.ones((2000, 4, 4, 1), "float32")
    out = train(layers.Cutout(factor, scale=(1, 1), fill_value=0), x)
    changed = (out == 0).all((1, 2, 3)).mean()
    assert changed == pytest.approx(chance, abs=4.2 * (chance * (1 - chance) / 2000) ** 0.5)


def test_what_covers_the_box():
    x = np.full((8, 6, 6, 3), 100.0)
    covered = train(layers.Cutout((1, 1), (1, 1), fill_value=[10, 20, 300]), x)
    assert np.unique(covered.reshape(-1, 3), axis=0).tolist() == [[10, 20, 255]]
    noise = train(layers.Cutout((1, 1), (1, 1)), x)
    assert noise.min() == 0
    assert noise.max() == 255
    # Half of the normal numbers are below 0, and 16% above one standard deviation.
    assert (noise == 0).mean() == pytest.approx(0.5, abs=0.08)
    assert (noise == 255).mean() == pytest.approx(0.16, abs=0.06)


def test_cutout_is_the_other_name_of_random_erasing():
    assert layers.Cutout is layers.RandomErasing


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: layers.RandomContrast(-0.1), "between 0 and 1"),
        (lambda: layers.RandomContrast(0.1, value_range=255), "pair of different numbers"),
        (lambda: layers.RandomContrast(0.1, value_range=(1, 1)), "pair of different numbers"),
        (lambda: layers.RandomContrast(0.1, value_range=("a", 1)), "value_range"),
        (lambda: layers.RandomBrightness(2), "between -1 and 1"),
        (lambda: layers.RandomBrightness(0.1, value_range=(0, 1, 2)), "pair of different numbers"),
        (lambda: layers.RandomErasing(1.5), "factor of RandomErasing"),
        (lambda: layers.RandomErasing(scale=(-1, 1)), "scale of RandomErasing"),
        (lambda: layers.RandomErasing(fill_value="noise"), "fill_value of RandomErasing"),
        (lambda: layers.RandomErasing(fill_value=[1, "a"]), "fill_value of RandomErasing"),
    ],
)
def test_bad_arguments_are_explained(make, words):
    with pytest.raises(ConfigError, match=words):
        make()


def test_a_cover_for_other_channels_is_refused():
    with pytest.raises(ShapeError, match="3 channels"):
        train(layers.Cutout(fill_value=[1, 2]), PICTURES)
