import gzip
import struct

import numpy as np
import pytest

from maeum.core.errors import DataError, UnknownNameError
from maeum.images import read_hdf5, read_idx, read_npz

h5py = pytest.importorskip("h5py")
PIXELS = np.arange(4 * 5 * 6, dtype=np.uint8).reshape(4, 5, 6)
LABELS = np.array([1, 0, 2, 1], np.uint8)


def idx(array, code=0x08):
    header = struct.pack(">BBBB", 0, 0, code, array.ndim)
    return header + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def test_idx_with_the_labels_beside_it(tmp_path):
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(idx(PIXELS))
    assert read_idx(path).labels is None
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(LABELS))
    images = read_idx(path)
    assert (images.pixels[..., 0] == PIXELS).all()
    assert images.labels.tolist() == LABELS.tolist()


def test_idx_compressed_and_cut_short(tmp_path):
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(idx(PIXELS)))
    labels = tmp_path / "labels"
    labels.write_bytes(idx(LABELS))
    assert read_idx(path, labels, ["a", "b", "c"]).class_counts == {"a": 1, "b": 2, "c": 1}
    path.write_bytes(idx(PIXELS)[:-20])
    with pytest.raises(DataError, match=r"expected 120 bytes.*only 100"):
        read_idx(path, labels)
    path.write_bytes(idx(PIXELS[:3]))
    with pytest.raises(DataError, match="3 images and labels of shape"):
        read_idx(path, labels)


def test_npz_is_divided_as_its_names_say(tmp_path):
    path = tmp_path / "mnist.npz"
    np.savez(path, x_test=PIXELS[:1], y_test=LABELS[:1], x_train=PIXELS[1:], y_train=LABELS[1:])
    images = read_npz(path)
    assert images.parts["train"].tolist() == [0, 1, 2]
    assert images.parts["test"].tolist() == [3]
    assert (images.pixels[3, ..., 0] == PIXELS[0]).all()
    parts = images.split(validation=0)
    assert parts.test.labels.tolist() == [1]


def test_npz_with_names_given_or_found_by_shape(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, stuff=PIXELS, kinds=LABELS)
    assert read_npz(path).labels.tolist() == LABELS.tolist()
    np.savez(path, stuff=PIXELS, more=PIXELS, kinds=LABELS)
    with pytest.raises(UnknownNameError, match=r"which of its arrays.*'more' \(4, 5, 6\)"):
        read_npz(path)
    assert read_npz(path, "stuff", "kinds").labels.tolist() == LABELS.tolist()
    with pytest.raises(UnknownNameError, match="Did you mean 'stuff'"):
        read_npz(path, "stuf")
    np.save(tmp_path / "a.npy", PIXELS)
    assert read_npz(tmp_path / "a.npy").pixels.shape == (4, 5, 6, 1)


def test_damaged_archives_are_refused(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, x=PIXELS, y=LABELS)
    whole = path.read_bytes()
    for content in (b"", b"no archive", whole[: len(whole) // 2], whole[:-1]):
        path.write_bytes(content)
        with pytest.raises(DataError, match="no whole file of NumPy arrays"):
            read_npz(path)
    np.savez(path, x=np.array([{"code": 1}], object))
    with pytest.raises(DataError, match="no whole file"):
        read_npz(path)
    np.savez(path, x=PIXELS, y=LABELS[:3])
    with pytest.raises(DataError, match="'x' has 4 rows and 'y' has shape"):
        read_npz(path)
    with pytest.raises(FileNotFoundError, match=r"Did you mean 'a\.npz'"):
        read_npz(tmp_path / "b.npz")


def test_hdf5_as_the_cats_are_kept(tmp_path):
    path = tmp_path / "train_catvnoncat.h5"
    with h5py.File(path, "w") as file:
        file["train_set_x"] = np.repeat(PIXELS[..., None], 3, -1)
        file["train_set_y"] = np.array([0, 1, 1, 0])
        file["list_classes"] = np.array([b"non-cat", b"cat"])
    images = read_hdf5(path)
    assert images.class_names == ["non-cat", "cat"]
    assert images.pixels.shape == (4, 5, 6, 3)
    assert not images.parts


def test_hdf5_in_groups_and_with_names(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["train/images"], file["train/labels"] = PIXELS, LABELS
        file["test/images"], file["test/labels"] = PIXELS[:2], LABELS[:2]
    assert {part: len(rows) for part, rows in read_hdf5(path).parts.items()} == {
        "train": 4,
        "test": 2,
    }
    assert len(read_hdf5(path, "test/images", "test/labels")) == 2
    with pytest.raises(UnknownNameError, match="Did you mean 'test/images'"):
        read_hdf5(path, "test/image")


def test_hdf5_cut_short_is_named(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["x"], file["y"] = np.zeros((50, 20, 20), np.uint8), np.zeros(50, np.uint8)
    whole = path.read_bytes()
    for content in (b"", b"no HDF5", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"a\.h5 is no HDF5 file, or is cut short or damaged"):
            read_hdf5(path)
    with pytest.raises(DataError, match="is a folder"):
        read_hdf5(tmp_path)


def test_the_public_files_are_read(public_data):
    digits = read_idx(public_data("mnist", "t10k-images-idx3-ubyte.gz"))
    assert digits.pixels.shape == (10_000, 28, 28, 1)
    assert digits.class_counts["7"] == 1028
    cats = read_hdf5(public_data("images", "train_catvnoncat.h5"))
    assert cats.class_counts == {"non-cat": 137, "cat": 72}
