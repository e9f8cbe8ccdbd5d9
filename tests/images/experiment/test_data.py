"""What is chosen by the pictures, what is read, and what is refused."""

import gzip
import struct

import numpy as np
import pytest
from PIL import Image

from maeum.core.errors import ConfigError, DataError, UnknownNameError
from maeum.images import ImageSet, PictureError
from maeum.images.experiment import ImageData, ImageOptions, read_pictures
from maeum.images.experiment.sources import as_bytes, holds_pictures


def idx(path, array):
    """Write an IDX file of bytes."""
    head = struct.pack(">4B", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    data = head + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


class TestChoices:
    def test_small_pictures_of_one_size_keep_it(self, make):
        data = ImageData.prepare(make(size=24))
        assert data.shape == (24, 24, 3)

    def test_large_pictures_are_made_smaller_and_grey_ones_stay_grey(self, make):
        data = ImageData.prepare(make(size=120, mode="L", each=4))
        assert data.shape == (96, 96, 1)
        assert data.options.color == "grey"
        assert data.options.flip is False

    def test_a_grey_picture_stored_in_colour_is_grey(self, tmp_path):
        for name in "ab":
            (tmp_path / name).mkdir()
            for i in range(4):
                pixels = np.full((16, 16), 40 * i, np.uint8)
                Image.fromarray(pixels).convert("RGB").save(tmp_path / name / f"{i}.jpg")
        assert ImageData.prepare(tmp_path).shape == (16, 16, 1)

    def test_what_is_chosen_by_hand_stays(self, folder):
        data = ImageData.prepare(folder, ImageOptions(size=(12, 18), color="grey", flip=True))
        assert data.shape == (12, 18, 1)
        assert data.options.flip is True

    def test_few_pictures_are_changed_more(self):
        choices = [ImageOptions().resolved(n, (28, 28), "rgb") for n in (200, 5_000, 100_000)]
        assert [c.augment for c in choices] == ["strong", "light", "none"]
        assert choices[0].epochs > choices[1].epochs
        assert choices[0].batch_size < choices[1].batch_size

    def test_shares(self, folder):
        data = ImageData.prepare(folder, ImageOptions(test_size=0.25, validation_size=0.125))
        assert {name: len(part) for name, part in data.parts.items()} == {
            "train": 30,
            "validation": 6,
            "test": 12,
        }
        for counts in data.counts.values():
            assert len(set(counts.values())) == 1  # every class in the same shares

    def test_pictures_of_an_array_are_called_by_their_place_in_it(self):
        pixels = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 1), dtype=np.uint8)
        data = ImageData.prepare(ImageSet(pixels=pixels, labels=np.arange(40) % 2))
        for part in data.parts.values():
            place = int(part.name(1).removeprefix("picture ")) - 1
            np.testing.assert_array_equal(part.x[1], pixels[place])

    def test_a_divided_folder_stays_divided(self, make, tmp_path):
        for part, each in [("train", 6), ("test", 3)]:
            make(f"set/{part}", each=each, seed=each)
        data = ImageData.prepare(tmp_path / "set", ImageOptions(validation_size=0.1))
        assert len(data.test) == 9
        assert all("/test/" in path for path in data.test.images.paths)


class TestSources:
    def test_idx_pair(self, tmp_path):
        pixels = np.arange(20 * 36).reshape(20, 6, 6) % 256
        idx(tmp_path / "t-images-idx3-ubyte.gz", pixels)
        with pytest.raises(DataError, match="labels-idx1-ubyte"):
            read_pictures(tmp_path / "t-images-idx3-ubyte.gz")
        idx(tmp_path / "t-labels-idx1-ubyte.gz", np.arange(20) % 2)
        found = read_pictures(tmp_path / "t-images-idx3-ubyte.gz")
        np.testing.assert_array_equal(found.pixels[..., 0], pixels)

    def test_idx_is_known_by_its_content(self, tmp_path):
        idx(tmp_path / "digits", np.zeros((4, 6, 6)))
        assert holds_pictures(tmp_path / "digits")
        (tmp_path / "table.csv").write_text("a,b\n1,2\n")
        assert not holds_pictures(tmp_path / "table.csv")

    def test_numpy_archive_with_floats(self, tmp_path):
        x = np.linspace(0, 1, 40 * 64).reshape(40, 8, 8)
        np.savez(tmp_path / "d.npz", images=x, labels=np.arange(40) % 2)
        data = ImageData.prepare(tmp_path / "d.npz")
        assert data.train.x.dtype == np.uint8
        assert data.train.x.max() > 200

    @pytest.mark.parametrize(
        ("dtype", "scale", "last"),
        [("uint8", 255, 200), ("float32", 1, 200), ("float64", 255, 200), ("int64", 255, 200),
         ("uint16", 65535, 200)],
    )  # fmt: skip
    def test_pixels_of_any_kind_become_bytes(self, dtype, scale, last):
        value = last / 255 * scale
        pixels = np.array([0, value, scale]).astype(dtype).reshape(3, 1, 1, 1)
        found = as_bytes(ImageSet(pixels=pixels), "grayscale").pixels
        assert found.ravel().tolist() == [0, last, 255]

    def test_colours_are_converted_as_pillow_does(self):
        x = np.random.default_rng(0).integers(0, 256, (2, 5, 4, 3), dtype=np.uint8)
        grey = as_bytes(ImageSet(pixels=x), "grayscale").pixels
        for ours, pixels in zip(grey, x):
            theirs = np.asarray(Image.fromarray(pixels).convert("L"))
            assert np.abs(ours[..., 0].astype(int) - theirs).max() <= 1
        np.testing.assert_array_equal(
            as_bytes(ImageSet(pixels=x[..., :1]), "rgb").pixels, np.repeat(x[..., :1], 3, axis=3)
        )
        glass = np.concatenate([x, np.zeros_like(x[..., :1])], axis=3)
        assert as_bytes(ImageSet(pixels=glass), "rgb").pixels.min() == 255

    def test_pixels_of_no_known_scale(self):
        with pytest.raises(DataError, match="go from -3 to 7"):
            as_bytes(ImageSet(pixels=np.array([-3.0, 7.0]).reshape(2, 1, 1, 1)), None)

    def test_what_is_no_set_of_pictures(self, tmp_path, folder):
        one = folder / "원" / "원00.png"
        with pytest.raises(DataError, match="single picture"):
            read_pictures(one)
        assert len(read_pictures(one, labelled=False)) == 1
        (tmp_path / "notes.txt").write_text("x")
        with pytest.raises(DataError, match="no set of pictures"):
            read_pictures(tmp_path / "notes.txt")
        with pytest.raises(DataError, match="no such folder"):
            read_pictures(tmp_path / "nothing")


class TestRefusals:
    def test_one_class_only(self, make):
        with pytest.raises(DataError, match="Only the class '원'"):
            ImageData.prepare(make(names={"원": "disc"}))

    def test_classes_lost_with_their_broken_pictures(self, make):
        top = make(names={"원": "disc", "네모": "square"}, each=6)
        for path in (top / "네모").iterdir():
            path.write_bytes(b"broken")
        with pytest.raises(DataError):
            ImageData.prepare(top)

    def test_a_broken_picture_can_be_an_error(self, folder):
        (folder / "원" / "원99.png").write_bytes(b"")
        with pytest.raises(PictureError, match=r"원99\.png"):
            ImageData.prepare(folder, ImageOptions(errors="raise"))

    def test_too_few_pictures(self, make):
        with pytest.raises(DataError, match="too few"):
            ImageData.prepare(make(each=1))

    def test_no_labels(self):
        with pytest.raises(DataError, match="no labels"):
            ImageData.prepare(ImageSet(pixels=np.zeros((9, 8, 8))))

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"size": 0}, "size"),
            ({"size": (8, 8, 8)}, "size"),
            ({"color": "gray8"}, "Did you mean 'gray'"),
            ({"resize": "croop"}, "Did you mean 'crop'"),
            ({"network": "smal"}, "Did you mean 'small'"),
            ({"augment": "heavy"}, "augment is one of"),
            ({"errors": "ignore"}, "errors is one of"),
            ({"epochs": 0}, "epochs is a whole number of 1 or more"),
            ({"patience": -1}, "patience is a whole number of 0 or more"),
            ({"batch_size": 2.5}, "batch_size is a whole number"),
            ({"learning_rate": 0}, "learning_rate takes numbers above 0"),
            ({"test_size": 0}, "test_size takes shares above 0"),
            ({"validation_size": 1}, "validation_size takes shares from 0"),
            ({"test_size": 0.5, "validation_size": 0.5}, "leave nothing to train on"),
            ({"seed": -1}, "A seed lies between 0"),
            ({"weights": "w.h5"}, "the network is 'small'"),
        ],
    )
    def test_options_that_make_no_sense(self, options, said):
        with pytest.raises((ConfigError, UnknownNameError), match=said):
            ImageOptions(**options)
