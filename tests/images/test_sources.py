"""Images are read from whatever holds them."""

import gzip
import shutil
import struct
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from maeum.core.errors import DataError
from maeum.images import ImageSet, read_images
from maeum.images.experiment import read_pictures
from maeum.images.sources import holds_images

PIXELS, LABELS = np.zeros((4, 5, 6), np.uint8), np.array([0, 1, 1, 0])


def idx(path, array):
    """Write an IDX file of bytes."""
    head = struct.pack(">4B", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    data = head + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def test_every_source_is_known_by_its_kind(tmp_path, classes):
    top = classes(cat=2, dog=2)
    np.savez(tmp_path / "a.npz", x=PIXELS, y=LABELS)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"], file["y"] = PIXELS, LABELS
    header = bytes([0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6])
    (tmp_path / "a-idx3-ubyte").write_bytes(header + PIXELS.tobytes())
    frame = pd.DataFrame({"path": ["cat/00.png", "dog/00.png"], "label": ["cat", "dog"]})
    frame.to_csv(top / "a.csv", index=False)
    for source in (top, str(top), tmp_path / "a.npz", tmp_path / "a.h5", (PIXELS, LABELS)):
        assert list(read_images(source).class_counts.values()) == [2, 2]
    assert len(read_images(tmp_path / "a-idx3-ubyte")) == 4
    assert read_images(top / "a.csv").class_names == ["cat", "dog"]
    assert read_images(frame, folder=top).class_names == ["cat", "dog"]
    whole = ImageSet(pixels=PIXELS)
    assert read_images(whole) is whole
    assert read_images(top, class_names=["dog", "cat"]).class_names == ["dog", "cat"]


def test_what_holds_no_images_is_refused(tmp_path, save):
    with pytest.raises(DataError, match="is a single image"):
        read_images(save("a.png"))
    with pytest.raises(DataError, match="no such folder"):
        read_images(tmp_path / "no")
    with pytest.raises(DataError, match="got int"):
        read_images(3)
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(DataError, match="not a set of images"):
        read_images(tmp_path / "notes.txt")


def test_labels_of_an_idx_file_lie_beside_it(tmp_path):
    pixels = np.arange(20 * 36).reshape(20, 6, 6) % 256
    idx(tmp_path / "t-images-idx3-ubyte.gz", pixels)
    assert read_images(tmp_path / "t-images-idx3-ubyte.gz").labels is None
    with pytest.raises(DataError, match="labels-idx1-ubyte"):
        read_images(tmp_path / "t-images-idx3-ubyte.gz", labelled=True)
    idx(tmp_path / "t-labels-idx1-ubyte.gz", np.arange(20) % 2)
    found = read_images(tmp_path / "t-images-idx3-ubyte.gz", labelled=True)
    np.testing.assert_array_equal(found.pixels[..., 0], pixels)


def test_idx_is_known_by_its_content(tmp_path):
    idx(tmp_path / "digits", np.zeros((4, 6, 6)))
    assert holds_images(tmp_path / "digits")
    assert len(read_images(tmp_path / "digits")) == 4
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    assert not holds_images(tmp_path / "table.csv")


def test_without_labels_a_single_image_and_a_folder_of_any_depth_will_do(classes):
    top = classes(cat=2, dog=1)
    assert len(read_images(top / "cat" / "00.png", labelled=False)) == 1
    assert read_images(top.parent, labelled=False).labels is None
    assert len(read_images(top.parent, labelled=False)) == 3
    assert read_pictures(top).labels is not None  # the former name


def test_a_table_that_lists_images_holds_images(classes, tmp_path):
    top = classes(cat=1, dog=1)
    (top / "list.csv").write_text("what,kind\ncat/00.png,a\ndog/00.png,b\n")
    assert holds_images(top / "list.csv")
    assert read_images(top / "list.csv").class_names == ["a", "b"]
    (top / "elsewhere.csv").write_text("file,kind\nno.png,a\n")
    assert not holds_images(top / "elsewhere.csv")


def test_a_kind_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "a.heic").touch()
    assert holds_images(tmp_path / "a.heic")
    for labelled in (True, False):
        with pytest.raises(
            DataError, match=r"a\.heic cannot be read: .* pip install 'maeum\[heic\]'"
        ):
            read_images(tmp_path / "a.heic", labelled=labelled)


@pytest.mark.parametrize("kind", ["zip", "tar", "gztar"])
def test_an_archive_of_images_is_to_be_unpacked(classes, tmp_path, kind):
    path = Path(shutil.make_archive(str(tmp_path / "photos"), kind, classes(cat=2, dog=1)))
    assert holds_images(path)
    with pytest.raises(DataError, match=r"is an archive of images\. Unpack it"):
        read_images(path)
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "a.csv").write_text("a,b\n1,2\n")
    other = Path(shutil.make_archive(str(tmp_path / "other"), kind, tmp_path / "tables"))
    assert not holds_images(other)
