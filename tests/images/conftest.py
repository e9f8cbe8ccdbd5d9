"""Little images of every kind, made in the test's own folder."""

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    """Keep caches in a folder of the test's own, and return it."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("MAEUM_CACHE", str(folder))
    return folder / "images"


@pytest.fixture
def colours():
    """Return pixels (height, width, 3) that are smooth, so that JPEG keeps them nearly."""

    def colours(height=24, width=32, seed=0):
        small = np.random.default_rng(seed).integers(0, 256, (3, 4, 3), dtype=np.uint8)
        return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))

    return colours


@pytest.fixture
def save(tmp_path, colours):
    """Write an image into the test's folder and return its path."""

    def save(name, pixels=None, mode=None, **options):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(colours() if pixels is None else pixels)
        (image.convert(mode) if mode else image).save(path, **options)
        return path

    return save


@pytest.fixture
def classes(save, tmp_path, colours):
    """Make a folder of classes with so many images each, and return it."""

    def classes(top="photos", **counts):
        for label, (name, number) in enumerate(counts.items()):
            (tmp_path / top / name).mkdir(parents=True, exist_ok=True)
            for i in range(number):
                save(f"{top}/{name}/{i:02}.png", colours(12, 16, 100 * label + i))
        return tmp_path / top

    return classes


@pytest.fixture
def keras(monkeypatch):
    """Return Keras, on JAX."""
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    return pytest.importorskip("keras")
