"""What is chosen by the images, what is read, and what is refused."""

import numpy as np
import pytest
from PIL import Image

from maeum.core.errors import DataError
from maeum.images import ImageError, ImageSet
from maeum.images.experiment import ImageData, ImageOptions
from maeum.images.experiment.data import choose_size


class TestChoices:
    def test_small_images_of_one_size_keep_it(self, make):
        data = ImageData.prepare(make(size=24))
        assert data.shape == (24, 24, 3)

    def test_large_images_are_made_smaller_and_grey_ones_stay_grey(self, make):
        data = ImageData.prepare(make(size=120, mode="L", each=4))
        assert data.shape == (96, 96, 1)
        assert data.options.color == "grey"
        assert data.options.flip is False

    def test_a_grey_image_stored_in_colour_is_grey(self, tmp_path):
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

    def test_fractions(self, folder):
        data = ImageData.prepare(
            folder, ImageOptions(test_size=0.25, validation_size=0.125, folds=1)
        )
        assert {name: len(part) for name, part in data.parts.items()} == {
            "train": 30,
            "validation": 6,
            "test": 12,
        }
        for counts in data.counts.values():
            assert len(set(counts.values())) == 1  # every class in the same fractions

    def test_images_of_an_array_are_called_by_their_place_in_it(self):
        pixels = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 1), dtype=np.uint8)
        data = ImageData.prepare(ImageSet(pixels=pixels, labels=np.arange(40) % 2))
        for part in data.parts.values():
            place = int(part.name(1).removeprefix("image ")) - 1
            np.testing.assert_array_equal(part.x[1], pixels[place])

    def test_a_table_of_files_and_labels_will_do(self, folder):
        lines = [f"{p.parent.name}/{p.name},{p.parent.name}" for p in folder.glob("*/*.png")]
        (folder / "list.csv").write_text("\n".join(["file,label", *lines]))
        data = ImageData.prepare(folder / "list.csv")
        assert data.source == "list.csv"
        assert sum(data.sizes.values()) == 48

    def test_a_divided_folder_stays_divided(self, make, tmp_path):
        for part, each in [("train", 6), ("test", 3)]:
            make(f"set/{part}", each=each, seed=each)
        data = ImageData.prepare(tmp_path / "set", ImageOptions(validation_size=0.1))
        assert len(data.test) == 9
        assert all("/test/" in path for path in data.test.images.paths)


@pytest.mark.parametrize(
    ("sizes", "network", "size"),
    [
        ([(8, 8)], "small", (8, 8)),
        ([(8, 8)], "resnet18", (32, 32)),
        ([(20, 90)], "small", (20, 90)),
        ([(640, 480)], "small", (96, 96)),
        ([(50, 400)], "small", (32, 256)),
        ([(400, 50), (390, 52)], "small", (248, 32)),
        ([(100, 3000)], "small", (32, 256)),
    ],
)
def test_sizes(sizes, network, size):
    assert choose_size(sizes, network) == size


class TestRefusals:
    def test_one_class_only(self, make):
        with pytest.raises(DataError, match="Only the class '원'"):
            ImageData.prepare(make(names={"원": "disc"}))

    def test_classes_lost_with_their_broken_images(self, make):
        top = make(names={"원": "disc", "네모": "square"}, each=6)
        for path in (top / "네모").iterdir():
            path.write_bytes(b"broken")
        with pytest.raises(DataError):
            ImageData.prepare(top)

    def test_a_broken_image_can_be_an_error(self, folder):
        (folder / "원" / "원99.png").write_bytes(b"")
        with pytest.raises(ImageError, match=r"원99\.png"):
            ImageData.prepare(folder, ImageOptions(errors="raise"))

    def test_too_few_images(self, make):
        with pytest.raises(DataError, match="too few"):
            ImageData.prepare(make(each=1))

    def test_no_labels(self):
        with pytest.raises(DataError, match="no labels"):
            ImageData.prepare(ImageSet(pixels=np.zeros((9, 8, 8))))
