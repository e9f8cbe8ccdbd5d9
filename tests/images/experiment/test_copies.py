"""Copies among images: the same, nearly the same, and what only looks alike."""

import io

import numpy as np
import pytest
from PIL import Image
from tests.images.experiment.conftest import draw

from maeum.images import ImageSet
from maeum.images.experiment.copies import find_copies, mirrors_alike
from maeum.images.experiment.part import Part
from maeum.images.resizing import Reading


def photos(n=40, size=48, seed=0):
    """Smooth images of many colours."""
    small = np.random.default_rng(seed).integers(0, 256, (n, 5, 5, 3), dtype=np.uint8)
    large = [Image.fromarray(p).resize((size, size), Image.Resampling.BICUBIC) for p in small]
    return np.stack([np.asarray(image) for image in large])


def jpeg(image, quality=50):
    stream = io.BytesIO()
    image.save(stream, "jpeg", quality=quality)
    return Image.open(stream)


CHANGES = {
    "saved as JPEG": jpeg,
    "made smaller": lambda image: image.resize((24, 24)).resize(image.size),
    "a little lighter": lambda image: Image.eval(image, lambda value: min(255, value + 3)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_copies_are_found_and_nothing_else(change):
    x = photos()
    changed = np.stack([np.asarray(CHANGES[change](Image.fromarray(p))) for p in x])
    same, alike, _hashes = find_copies([x, changed])
    np.testing.assert_array_equal(alike, np.tile(np.arange(40), 2))
    np.testing.assert_array_equal(same, np.arange(80))


@pytest.mark.parametrize(
    ("size", "quality"), [(48, 50), (48, None), (24, None), (20, None), (8, None)]
)
def test_mirrored_copies_are_found_within_a_class_alone(size, quality):
    x = photos(size=size)
    changed = np.stack([
        np.asarray(jpeg(Image.fromarray(p), quality) if quality else p)[:, ::-1] for p in x
    ])  # fmt: skip
    labels = np.tile(np.arange(40) % 3, 2)
    alike = find_copies([x, changed], labels).alike
    np.testing.assert_array_equal(alike, np.tile(np.arange(40), 2))
    labels[40:] += 3
    np.testing.assert_array_equal(find_copies([x, changed], labels).alike, np.arange(80))


def test_blocks_of_any_size_give_the_same_as_comparing_all_with_all():
    x = photos(30)
    x[[7, 20]] = x[3]
    whole = find_copies([x])
    for parts in (find_copies([x[:5], x[5:6], x[6:]]), find_copies(p[None] for p in x)):
        for expected, found in zip(whole, parts):
            np.testing.assert_array_equal(found, expected)
    assert np.flatnonzero(whole[0] == 3).tolist() == [3, 7, 20]
    np.testing.assert_array_equal(whole.same, whole.alike)


def test_drawings_that_are_alike_and_digits_are_no_copies():
    rng = np.random.default_rng(1)
    shapes = np.stack([np.asarray(draw("disc", rng, 24)) for _ in range(60)])
    from sklearn.datasets import load_digits

    digits = np.minimum(load_digits().images[:400, :, :, None] * 16, 255).astype(np.uint8)
    for x in (shapes, digits):
        alike = find_copies([x], np.zeros(len(x))).alike
        assert (alike != np.arange(len(x))).mean() < 0.02


def test_blank_images_are_copies_only_if_they_are_the_same():
    x = np.stack([np.full((8, 8, 1), value, np.uint8) for value in (0, 1, 0)])
    same, alike, _hashes = find_copies([x])
    assert same.tolist() == alike.tolist() == [0, 1, 0]


def part_of(pixels, labels):
    return Part.read(ImageSet(pixels=pixels, labels=labels), Reading(pixels.shape[1:3]), "skip")


def arrows(n=60, size=16):
    """Bright bars at the left (0) or right (1) side."""
    x = np.random.default_rng(0).integers(0, 60, (n, size, size, 1)).astype(np.uint8)
    y = np.arange(n) % 2
    x[y == 0, :, :5] += 150
    x[y == 1, :, -5:] += 150
    return x, y


def test_left_and_right_matter_where_a_mirrored_image_looks_like_another_class():
    x, y = arrows()
    assert mirrors_alike(part_of(x, y)) is False
    turned = np.moveaxis(x, 1, 2)  # above and below: a mirror changes nothing
    assert mirrors_alike(part_of(np.ascontiguousarray(turned), y)) is True
    assert mirrors_alike(part_of(x, np.random.default_rng(1).permutation(y))) is None
