import os
import warnings

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, DataError
from maeum.images import ImageError, ImageLoader, ImageSet, load_image, read_folder


@pytest.fixture
def images(classes):
    return read_folder(classes(cat=7, dog=4))


@pytest.fixture
def damaged(classes):
    """Eleven images, of which the second cat is empty and the last dog a text."""
    top = classes(cat=7, dog=4)
    (top / "cat" / "01.png").write_bytes(b"")
    (top / "dog" / "03.png").write_text("no image")
    return read_folder(top)


def quiet(loader):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(loader)


@pytest.mark.parametrize("cache", [True, False])
@pytest.mark.parametrize("memory_limit", [2**30, 0])
@pytest.mark.parametrize("workers", [1, 3])
def test_batches_hold_the_images_in_order(images, cache, memory_limit, workers):
    loader = ImageLoader(
        images, 8, batch_size=4, cache=cache, memory_limit=memory_limit, workers=workers
    )
    expected = np.stack([load_image(path, 8) for path in images.paths])
    for _ in range(2):  # decoded, and then kept
        batches = list(loader)
        assert [len(x) for x, _ in batches] == [4, 4, 3]
        assert (np.concatenate([x for x, _ in batches]) == expected).all()
        assert (np.concatenate([y for _, y in batches]) == images.labels).all()
    assert len(loader) == 3
    assert (loader[1][0] == expected[4:8]).all()
    assert (loader[-1][0] == expected[8:]).all()
    x, y = loader.arrays()
    assert x.dtype == np.uint8
    assert (x == expected).all()
    assert (y == images.labels).all()
    with pytest.raises(IndexError):
        loader[3]


def test_the_order_is_a_function_of_seed_and_epoch(images):
    def labels(loader, epoch):
        return [loader.file_paths[row] for row in np.concatenate(loader.parts(epoch, True))]

    first, again = (ImageLoader(images, 8, 4, shuffle=True, seed=5) for _ in range(2))
    assert labels(first, 0) == labels(again, 0) != labels(first, 1)
    assert labels(first, 0) != labels(ImageLoader(images, 8, 4, shuffle=True, seed=6), 0)
    assert sorted(labels(first, 3)) == sorted(images.paths)
    passes = [np.concatenate([x for x, _ in first]) for _ in range(2)]
    assert (passes[0] != passes[1]).any()
    assert (np.concatenate([x for x, _ in again.batches(1)]) == passes[1]).all()
    assert (next(again.batches(1, [2]))[0] == passes[1][8:]).all()
    assert (next(again.batches(1, [2], shuffle=False))[1] == images.labels[8:]).all()


def test_labels_of_every_kind(images):
    def y(mode):
        return next(iter(ImageLoader(images, 8, 11, label_mode=mode)))[1]

    assert y("int").dtype == np.int32
    assert y("categorical").tolist() == np.eye(2)[images.labels].tolist()
    assert y("binary").tolist() == images.labels[:, None].tolist()
    assert next(iter(ImageLoader(images, 8, 11, label_mode=None))).shape == (11, 8, 8, 3)
    assert next(iter(ImageLoader(images, 8, dtype="float32")))[0].dtype == np.float32


@pytest.mark.parametrize("cache", [True, False])
@pytest.mark.parametrize("memory_limit", [2**30, 0])
def test_what_cannot_be_read_is_skipped_and_named_once(damaged, cache, memory_limit):
    loader = ImageLoader(damaged, 8, batch_size=4, cache=cache, memory_limit=memory_limit)
    with pytest.warns(UserWarning, match=r"2 images of 11 skipped.*01\.png .*empty") as caught:
        sizes = [len(x) for x, _ in loader]
    assert len(caught) == 1
    assert sizes == [3, 4, 2]
    assert [os.path.basename(path) for path, _ in loader.skipped] == ["01.png", "03.png"]
    assert loader.skipped[0][1] == "the file is empty (0 bytes)"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [len(x) for x, _ in loader] == [3, 4, 2]
        assert len(loader.arrays()[1]) == 9
        whole = loader.readable()
    assert whole.class_counts == {"cat": 6, "dog": 3}
    assert "2 images of 11 skipped" in loader.notes[-1]


@pytest.mark.parametrize("cache", [True, False])
def test_errors_raise_names_the_first_image(damaged, cache):
    quiet(ImageLoader(damaged, 8, cache=cache))  # also when the cache knows it already
    with pytest.raises(ImageError, match=r"01\.png cannot be read: the file is empty"):
        list(ImageLoader(damaged, 8, batch_size=4, cache=cache, errors="raise"))


def test_a_batch_that_cannot_be_read_at_all(damaged):
    loader = ImageLoader(damaged, 8, batch_size=1)
    assert len(quiet(loader)) == 9
    with pytest.raises(DataError, match=r"The image cannot be read: .*01\.png"):
        loader[1]
    bad = damaged.subset([1, 10])
    with (
        pytest.warns(UserWarning, match="2 images of 2"),
        pytest.raises(DataError, match="None of 2 images"),
    ):
        ImageLoader(bad, 8).arrays()
    with (
        pytest.warns(UserWarning, match="2 images of 2"),
        pytest.raises(DataError, match="None of 2 images"),
    ):
        ImageLoader(bad, 8, cache=False).readable()


def test_remarks_are_counted(save):
    red = np.full((4, 4, 4), 100, np.uint8)
    paths = [save(f"{i}.png", red) for i in range(3)]
    loader = ImageLoader(ImageSet([*map(str, paths)]), 4)
    list(loader)
    list(loader)
    assert loader.notes == ["3 images: transparent, shown on white."]
    again = ImageLoader(ImageSet([*map(str, paths)]), 4)
    assert again.notes == loader.notes


def test_arrays_are_resized_or_handed_over():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 10, 20, 3), dtype=np.uint8)
    same = ImageLoader(ImageSet(pixels=pixels), batch_size=2)
    assert (np.concatenate(list(same)) == pixels).all()
    assert next(iter(ImageLoader(ImageSet(pixels=pixels[..., 0]), 6))).shape == (5, 6, 6, 1)
    floats = ImageSet(pixels=pixels / 255)
    with pytest.raises(ConfigError, match="cannot be resized"):
        ImageLoader(floats, 6)


def test_floats_are_handed_over_as_they_are():
    pixels = np.random.default_rng(0).random((5, 4, 4, 1), np.float32)
    loader = ImageLoader(ImageSet(pixels=pixels), batch_size=2)
    assert (np.concatenate(list(loader)) == pixels).all()
    assert (loader.arrays() == pixels).all()


def test_memory_is_counted(images):
    assert ImageLoader(images, 10, memory_limit=11 * 300).fits_memory
    assert not ImageLoader(images, 10, memory_limit=11 * 300 - 1).fits_memory
    assert not ImageLoader(images, 10, memory_limit=11 * 300, dtype="float32").fits_memory


@pytest.mark.parametrize("errors", ["skip", "raise"])
def test_fit_learns_from_a_loader(classes, save, errors):
    for label, name in enumerate(["blue", "red"]):
        for i in range(20):
            pixels = np.zeros((8, 8, 3), np.uint8)
            pixels[..., 2 - 2 * label] = 100 + i
            top = save(f"s/{name}/{i}.png", pixels).parents[1]
    loader = ImageLoader(
        read_folder(top), 8, batch_size=8, label_mode="binary", shuffle=True, errors=errors
    )
    model = mm.Sequential(
        [
            mm.Input((8, 8, 3)),
            mm.layers.Flatten(),
            mm.layers.Dense(1, "sigmoid", kernel_initializer="zeros"),
        ]
    )
    model.compile(mm.optimizers.Adam(1e-3), "binary_crossentropy", metrics=["accuracy"])
    model.fit(loader, epochs=10, verbose=0)
    assert model.evaluate(loader, verbose=0, return_dict=True)["accuracy"] == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "say which size they get"),
        ({"size": 8, "batch_size": 0}, "batch_size"),
        ({"size": 8, "errors": "ignore"}, "errors"),
        ({"size": 8, "label_mode": "onehot"}, "label_mode"),
        ({"size": 8, "dtype": "float16"}, "dtype"),
        ({"size": 8, "workers": 0}, "workers"),
        ({"size": 8, "seed": -1}, "seed"),
        ({"size": 8, "color_mode": "bgr"}, "color_mode"),
    ],
)
def test_unknown_options_are_refused(images, options, said):
    with pytest.raises(ConfigError, match=said):
        ImageLoader(images, **options)


def test_binary_labels_need_two_classes(classes):
    with pytest.raises(ConfigError, match="needs two classes; there are 3: a, b, c"):
        ImageLoader(read_folder(classes(a=1, b=1, c=1)), 8, label_mode="binary")
    with pytest.raises(ConfigError, match="got str"):
        ImageLoader("photos", 8)
