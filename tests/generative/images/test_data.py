"""How images of any kind become what a network that makes images learns."""

import numpy as np
import pytest
from PIL import Image

from maeum.core.errors import DataError, MaeumError
from maeum.generative.images import GenerateOptions
from maeum.generative.images.data import GenerateData, UnitRows
from maeum.images.image_set import ImageSet
from maeum.images.reading import MissingImageError

RNG = np.random.default_rng(0)
VAE = GenerateOptions(network="vae")


@pytest.fixture(autouse=True)
def no_cache(monkeypatch):
    monkeypatch.setenv("MAEUM_CACHE", "0")


def write(folder, count, size=(20, 24), color=True):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        pixels = RNG.integers(0, 255, (*size, 3) if color else size, np.uint8)
        Image.fromarray(pixels).save(folder / f"{i}.png")
    return folder


def test_a_flat_folder_needs_no_labels(tmp_path):
    data = GenerateData.prepare(write(tmp_path / "photos", 6))
    assert data.classes == []
    assert data.shape == (20, 24, 3)  # all of one size that suits
    assert data.sizes == {"train": 6}
    x = data.to_fit()["x"]
    assert x.dtype == np.float32
    assert 0 <= x.min() < x.max() <= 1


def test_folders_of_classes_are_labels(tmp_path):
    for name in "ab":
        write(tmp_path / name, 4, color=False)
    data = GenerateData.prepare(tmp_path, GenerateOptions(conditional=True))
    assert data.classes == ["a", "b"]
    assert data.shape[-1] == 1
    assert sorted(data.to_fit()["y"].tolist()) == [0, 0, 0, 0, 1, 1, 1, 1]
    assert "y" not in GenerateData.prepare(tmp_path).to_fit()


def test_images_beside_the_folders_are_learnt_too_without_labels(tmp_path):
    for name in "ab":
        write(tmp_path / name, 2)
    write(tmp_path, 3)
    data = GenerateData.prepare(tmp_path)
    assert len(data.train) == 7
    assert data.classes == []
    assert any("3 images are in no class folder" in note for note in data.notes)
    labelled = GenerateData.prepare(tmp_path, GenerateOptions(conditional=True))
    assert len(labelled.train) == 4


def test_classes_without_images_are_not_learnt():
    pixels = RNG.integers(0, 255, (6, 8, 8), np.uint8)
    images = ImageSet(pixels=pixels, labels=[0, 2, 2, 0, 2, 0], class_names=["x", "y", "z"])
    data = GenerateData.prepare(images, GenerateOptions(conditional=True))
    assert data.classes == ["x", "z"]
    assert data.to_fit()["y"].tolist() == [0, 1, 1, 0, 1, 0]


def test_a_part_is_held_out_where_there_are_enough():
    pixels = RNG.integers(0, 255, (500, 8, 8), np.uint8)
    data = GenerateData.prepare(ImageSet(pixels=pixels, labels=[0, 1] * 250))
    assert data.sizes == {"train": 425, "test": 75}
    together = np.concatenate([data.train.which, data.held_out.which])
    assert sorted(together.tolist()) == list(range(500))
    assert len(set(data.held_out.y[:30].tolist())) == 2  # not one class behind the other
    few = GenerateData.prepare(ImageSet(pixels=pixels[:400]))
    assert few.sizes == {"train": 400}
    assert any("no figures of quality" in note for note in few.notes)


def test_parts_of_a_file_stay_what_they_are(tmp_path):
    pixels = RNG.integers(0, 255, (100, 8, 8), np.uint8)
    np.savez(tmp_path / "d.npz", x_train=pixels, x_test=pixels[:70])
    assert GenerateData.prepare(tmp_path / "d.npz").sizes == {"train": 100, "test": 70}


def test_small_images_are_enlarged_and_that_is_told(tmp_path):
    data = GenerateData.prepare(write(tmp_path / "p", 4), GenerateOptions(size=32))
    assert data.shape == (32, 32, 3)
    assert any("24x20" in note and "enlarged" in note for note in data.notes)


def test_damaged_files_are_told_and_skipped(tmp_path):
    write(tmp_path / "p", 4)
    (tmp_path / "p" / "bad.jpg").write_bytes(b"no image")
    (tmp_path / "p" / "read me.txt").write_text("hello")
    data = GenerateData.prepare(tmp_path / "p")
    assert len(data.train) == 4
    assert [path.rpartition("/")[2] for path, _why in data.skipped] == ["bad.jpg"]
    assert any("bad.jpg" in note for note in data.notes)
    with pytest.raises(MaeumError, match=r"bad\.jpg"):
        GenerateData.prepare(tmp_path / "p", GenerateOptions(errors="raise"))


def test_what_cannot_be_learnt_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"1 image\. A network learns"):
        GenerateData.prepare(write(tmp_path / "one", 1))
    with pytest.raises(DataError, match="1 image"):
        GenerateData.prepare(tmp_path / "one" / "0.png")
    (tmp_path / "none").mkdir()
    with pytest.raises(DataError, match="holds no images"):
        GenerateData.prepare(tmp_path / "none")
    with pytest.raises(MissingImageError, match="no such folder"):
        GenerateData.prepare(tmp_path / "missing")
    write(tmp_path / "flat", 3)
    with pytest.raises(DataError, match="class folders"):
        GenerateData.prepare(tmp_path / "flat", GenerateOptions(conditional=True))
    images = ImageSet(pixels=np.zeros((4, 8, 8), np.uint8))
    with pytest.raises(DataError, match="no labels of two classes"):
        GenerateData.prepare(images, GenerateOptions(conditional=True))
    with pytest.raises(DataError, match="nan"):
        GenerateData.prepare(ImageSet(pixels=np.full((4, 8, 8), np.nan)))
    for name in "ab":
        (tmp_path / "bad" / name).mkdir(parents=True)
        (tmp_path / "bad" / name / "x.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"can(not)? be read"):
        GenerateData.prepare(tmp_path / "bad")


def test_more_images_than_the_memory_holds_come_in_batches(monkeypatch):
    monkeypatch.setattr("maeum.generative.images.data._AT_ONCE", 0)
    pixels = RNG.integers(0, 255, (10, 8, 8), np.uint8)
    labels = np.arange(10) % 2
    images = ImageSet(pixels=pixels, labels=labels)
    options = GenerateOptions(conditional=True, batch_size=4, validation_size=0)
    rows = GenerateData.prepare(images, options).to_fit()["x"]
    assert isinstance(rows, UnitRows)
    x, y = (np.concatenate(parts) for parts in zip(*rows))
    known = {pixels[i].tobytes(): labels[i] for i in range(10)}
    assert [known[np.rint(255 * one).astype(np.uint8).tobytes()] for one in x] == y.tolist()
