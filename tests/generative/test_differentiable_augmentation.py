"""Changes of images that gradients go through: what each does, one image at a time."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from maeum.core.randomness import make_key
from maeum.generative.differentiable_augmentation import CHANGES, augment, check_changes

rng = np.random.default_rng(0)
KEY = make_key(1, "test")
X = jnp.asarray(rng.random((200, 16, 8, 3)) + 0.1, "float32")


def test_translation_shifts_by_up_to_an_eighth():
    moved = np.asarray(augment(X, ["translation"], KEY))
    seen = set()
    for image, original in zip(moved, np.asarray(X)):
        padded = np.pad(original, [(2, 2), (1, 1), (0, 0)])
        fitting = [
            (top, left)
            for top in range(5)
            for left in range(3)
            if np.array_equal(image, padded[top : top + 16, left : left + 8])
        ]
        assert len(fitting) == 1
        seen.update(fitting)
    assert len(seen) == 15  # every shift is drawn


def test_cutout_blanks_a_part_and_leaves_the_rest():
    cut = np.asarray(augment(X, ["cutout"], KEY))
    blank = (cut == 0).all(-1)
    np.testing.assert_array_equal(cut[~blank], np.asarray(X)[~blank])
    sizes = blank.sum((1, 2))
    assert sizes.max() == 8 * 4  # half of each side
    assert sizes.min() >= 4 * 2  # a corner at least
    for one in blank:  # a rectangle
        assert one.sum() == one.any(0).sum() * one.any(1).sum()


def test_colors_change_alike_within_an_image():
    changed = np.asarray(augment(X, ["color"], KEY), float)
    x = np.asarray(X, float)
    for image, original in zip(changed[:20], x):
        gray, was = image.mean(-1), original.mean(-1)
        slope, shift = np.polyfit(was.ravel(), gray.ravel(), 1)
        np.testing.assert_allclose(gray, slope * was + shift, atol=1e-5)
        assert 0.5 <= slope <= 1.5
        apart, before = image - gray[..., None], original - was[..., None]
        ratio = (apart * before).sum() / (before**2).sum()
        np.testing.assert_allclose(apart, ratio * before, atol=1e-5)
        assert 0 <= ratio <= 3
        assert abs(image.mean() - original.mean()) <= 0.5


@pytest.mark.parametrize("name", CHANGES)
def test_gradients_go_through(name):
    weights = jnp.asarray(rng.normal(size=(2, 16, 8, 3)), "float32")

    def value(x):
        return (augment(x, [name], KEY) * weights).sum()

    x, direction = X[:2], jnp.asarray(rng.normal(size=(2, 16, 8, 3)), "float32")
    slope = (jax.grad(value)(x) * direction).sum()
    expected = (value(x + direction) - value(x - direction)) / 2  # each is linear
    np.testing.assert_allclose(slope, expected, rtol=1e-3, atol=1e-2)


def test_names_are_taken_in_their_order():
    assert check_changes(True) == ("color", "translation", "cutout")
    assert check_changes("cutout") == ("cutout",)
    assert check_changes(None) == check_changes(False) == ()
