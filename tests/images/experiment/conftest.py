"""Drawn shapes: bright discs, squares and triangles at random places, in Korean folders."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from maeum.images.experiment import train_images

SHAPES = {"세모": "triangle", "네모": "square", "원": "disc"}


def draw(shape, rng, size=24, mode="RGB"):
    """Return an image of one shape."""
    back, front = (tuple(int(v) for v in rng.integers(*ends, 3)) for ends in [(0, 60), (180, 256)])
    image = Image.new("RGB", (size, size), back)
    r = size // 4
    x, y = (int(v) for v in rng.integers(r, size - r, 2))
    pen = ImageDraw.Draw(image)
    if shape == "disc":
        pen.ellipse([x - r, y - r, x + r, y + r], fill=front)
    elif shape == "square":
        pen.rectangle([x - r, y - r, x + r, y + r], fill=front)
    else:
        pen.polygon([(x, y - r), (x - r, y + r), (x + r, y + r)], fill=front)
    return image.convert(mode)


def make_folder(top, each=16, size=24, mode="RGB", names=SHAPES, seed=0):
    """Write ``each`` images of every class into ``top``; return it."""
    rng = np.random.default_rng(seed)
    for name, shape in names.items():
        (top / name).mkdir(parents=True, exist_ok=True)
        for i in range(each):
            draw(shape, rng, size, mode).save(top / name / f"{name}{i:02}.png")
    return top


@pytest.fixture
def folder(tmp_path):
    return make_folder(tmp_path / "도형")


@pytest.fixture
def make(tmp_path):
    def make(name="도형", **options):
        return make_folder(tmp_path / name, **options)

    return make


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """A folder with three files that are not images, and one that is none by its name."""
    top = make_folder(tmp_path_factory.mktemp("pictures") / "도형 사진", each=24, size=16)
    (top / "네모" / "빈 파일.jpg").write_bytes(b"")
    (top / "네모" / "text.png").write_text("not an image")
    whole = (top / "원" / "원00.png").read_bytes()
    (top / "원" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (top / "원" / "notes.txt").write_text("ignored")
    return top


@pytest.fixture(scope="session")
def trained(photos):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAEUM_CACHE", "0")
        return train_images(photos, epochs=10, augment="light", seed=1, learning_rate=0.003)
