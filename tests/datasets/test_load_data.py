"""What ``load_data`` of each data set returns, from small files made here and from real ones."""

import gzip
import io
import subprocess
import sys
import tarfile

import numpy as np
import pytest
from sklearn.datasets import load_digits

from maeum import datasets
from maeum.core.errors import ConfigError, DataError, UnknownNameError
from maeum.datasets import cats, cifar10, cifar100, digits, fashion_mnist, mnist

from .test_idx import idx_bytes

rng = np.random.default_rng(0)
X = rng.integers(0, 256, (6, 28, 28), dtype="uint8")
Y = np.array([0, 9, 3, 1, 1, 2], "uint8")


@pytest.fixture
def data(cache, offline, tmp_path, monkeypatch):
    """An empty folder that MAEUM_DATA names; no cache, no network."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("MAEUM_DATA", str(folder))
    return folder


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def write_four(folder, x=X, y=Y, ending=".gz", dot="-"):
    pack = gzip.compress if ending else bytes
    for name, kind in (("train", slice(0, 4)), ("t10k", slice(4, 6))):
        write(folder / f"{name}-images{dot}idx3-ubyte{ending}", pack(idx_bytes(x[kind])))
        write(folder / f"{name}-labels{dot}idx1-ubyte{ending}", pack(idx_bytes(y[kind])))


@pytest.mark.parametrize("module", [mnist, fashion_mnist])
@pytest.mark.parametrize(("ending", "dot"), [(".gz", "-"), ("", "-"), ("", ".")])
@pytest.mark.parametrize("number", [0, 1])
def test_four_files_become_two_splits(data, module, ending, dot, number):
    write_four(data / module.FILES[0].folders[number], ending=ending, dot=dot)
    (x, y), (x_test, y_test) = module.load_data()
    for got, expected in zip((x, y, x_test, y_test), (X[:4], Y[:4], X[4:], Y[4:])):
        np.testing.assert_array_equal(got, expected)
        assert got.dtype == np.uint8
    for got, expected in zip(module.load_test_data(), (X[4:], Y[4:])):
        np.testing.assert_array_equal(got, expected)
    assert datasets.available_offline(module.__name__.rpartition(".")[2])


@pytest.mark.parametrize("module", [mnist, fashion_mnist])
def test_test_files_alone_are_used_or_mentioned(data, module):
    name = module.__name__.rpartition(".")[2]
    write_four(data / name)
    for path in (data / name).glob("train*"):
        path.unlink()
    x, y = module.load_test_data()
    assert x.shape == (2, 28, 28)
    assert y.tolist() == [1, 2]
    assert not datasets.available_offline(name)
    with pytest.raises(DataError) as caught:
        module.load_data()
    message = str(caught.value)
    for said in ("train-images-idx3-ubyte.gz", "Name or service not known", "MAEUM_DATA",
                 str(data / name / "t10k-images-idx3-ubyte.gz"), f"{name}.load_test_data()",
                 *module.FILES[0].urls):  # fmt: skip
        assert said in message


def test_digits_do_not_pass_as_clothes(data):
    write_four(data)  # flat: the names are those of both data sets, the hash those of none
    for module in (mnist, fashion_mnist):
        with pytest.raises(DataError, match="is there, but it is another file or damaged"):
            module.load_data()


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X[:, :20], Y, r"holds uint8 of shape \(4, 20, 28\).*; expected \(n, 28, 28\) of uint8"),
        (X.astype("i2"), Y, "holds int16"),
        (X, Y.astype("i4"), r"holds int32 .* expected \(4,\) of uint8"),
        (X, np.stack([Y, Y], 1), r"holds uint8 of shape \(4, 2\).*; expected \(4,\)"),
        (X, Y + 1, "up to 10; expected labels from 0 to 9"),
        (Y, X, "expected .* of uint8. Is it the file of another data set"),
    ],
)
def test_files_that_are_those_of_something_else_are_an_error(data, x, y, message):
    write_four(data / "mnist", x, y)
    with pytest.raises(DataError, match=message):
        mnist.load_data()


class TestArchiveOfMnist:
    def arrays(self):
        return {"x_train": X[:4], "y_train": Y[:4], "x_test": X[4:], "y_test": Y[4:]}

    def check(self, splits):
        np.testing.assert_array_equal(splits[0][0], X[:4])
        np.testing.assert_array_equal(splits[1][1], Y[4:])

    def test_one_in_the_data_folder_is_read(self, data):
        (data / "mnist").mkdir()
        np.savez(data / "mnist" / "mnist.npz", **self.arrays())
        self.check(mnist.load_data())
        assert datasets.available_offline("mnist")

    def test_one_of_the_users_is_read(self, data, tmp_path):
        np.savez(tmp_path / "own.npz", **self.arrays())
        self.check(mnist.load_data(str(tmp_path / "own.npz")))
        self.check(datasets.load("mnist", path=str(tmp_path / "own.npz")))

    def test_bad_ones_are_errors(self, data, tmp_path):
        with pytest.raises(DataError, match=r"no file 'none\.npz'"):
            mnist.load_data("none.npz")
        path = tmp_path / "bad.npz"
        path.write_bytes(b"no zip")
        with pytest.raises(DataError, match=r"bad\.npz' is not an archive with x_train"):
            mnist.load_data(str(path))
        np.savez(path, x_train=X)
        with pytest.raises(DataError, match="y_train"):
            mnist.load_data(str(path))
        np.savez(path, **{**self.arrays(), "y_test": np.array([{}, []], object)})
        with pytest.raises(DataError, match="pickle"):  # which is never opened
            mnist.load_data(str(path))
        np.savez(path, **{**self.arrays(), "y_test": Y})
        with pytest.raises(DataError, match=r"\(4, 2\) images, but \(4, 6\) labels"):
            mnist.load_data(str(path))
        path.write_bytes(path.read_bytes()[:2000])
        with pytest.raises(DataError, match="damaged"):
            mnist.load_data(str(path))


def tar(path, files, kind=tarfile.REGTYPE):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.type = len(content), kind
            archive.addfile(member, io.BytesIO(content))


def records(pictures, *labels):
    """Write CIFAR's records by the book: the labels, then all red, green and blue bytes."""
    return b"".join(
        bytes([*label]) + picture[..., 0].tobytes() + picture[..., 1].tobytes()
        + picture[..., 2].tobytes()
        for picture, *label in zip(pictures, *labels)
    )  # fmt: skip


PICTURES = rng.integers(0, 256, (12, 32, 32, 3), dtype="uint8")


def ten():
    """Return the files of a CIFAR-10 with two pictures a file."""
    names = [f"data_batch_{i}.bin" for i in (1, 2, 3, 4, 5)] + ["test_batch.bin"]
    return {
        f"cifar-10-batches-bin/{name}": records(PICTURES[2 * i : 2 * i + 2], [i, 9 - i])
        for i, name in enumerate(names)
    } | {"cifar-10-batches-bin/readme.html": b"<html>"}


def hundred():
    return {
        "cifar-100-binary/train.bin": records(PICTURES[:8], [19] * 8, range(92, 100)),
        "cifar-100-binary/test.bin": records(PICTURES[8:], [0, 1, 2, 3], [5, 6, 7, 8]),
    }


@pytest.mark.parametrize("folder", ["cifar10", "cifar-10"])
def test_cifar10_is_read_from_its_archive(data, folder):
    files = ten()
    tar(data / folder / "cifar-10-binary.tar.gz", dict(reversed(files.items())))
    (x, y), (x_test, y_test) = datasets.load("cifar10")
    np.testing.assert_array_equal(x, PICTURES[:10])
    np.testing.assert_array_equal(x_test, PICTURES[10:])
    assert y.tolist() == [[n] for i in range(5) for n in (i, 9 - i)]
    assert y_test.tolist() == [[5], [4]]
    assert (x.dtype, y.dtype, y.shape) == (np.uint8, np.uint8, (10, 1))
    x[0] = 0  # they are arrays of one's own


def test_cifar100_has_two_kinds_of_labels(data):
    tar(data / "cifar100" / "cifar-100-binary.tar.gz", hundred())
    (x, y), (_, y_test) = cifar100.load_data()
    np.testing.assert_array_equal(x, PICTURES[:8])
    assert y[:, 0].tolist() == list(range(92, 100))
    assert y_test.tolist() == [[5], [6], [7], [8]]
    (_, y), (_, y_test) = cifar100.load_data("coarse")
    assert y[:, 0].tolist() == [19] * 8
    assert y_test.tolist() == [[0], [1], [2], [3]]
    with pytest.raises(ConfigError, match=r"'coarse', 'fine'; got 'coarce'.* 'coarse'"):
        cifar100.load_data("coarce")


class TestBadArchives:
    def load(self, data, change):
        path = data / "cifar10" / "cifar-10-binary.tar.gz"
        files = ten()
        change(files)
        tar(path, files)
        return path

    def test_a_file_is_missing(self, data):
        self.load(data, lambda files: files.pop("cifar-10-batches-bin/data_batch_3.bin"))
        with pytest.raises(DataError, match=r"no file 'data_batch_3\.bin'; .* binary version"):
            cifar10.load_data()

    def test_a_record_is_cut_short(self, data):
        name = "cifar-10-batches-bin/test_batch.bin"
        self.load(data, lambda files: files.update({name: files[name][:-1]}))
        with pytest.raises(DataError, match=r"has 6145 bytes; expected records of 3073"):
            cifar10.load_data()

    def test_a_file_is_empty(self, data):
        self.load(data, lambda files: files.update({"cifar-10-batches-bin/test_batch.bin": b""}))
        with pytest.raises(DataError, match="has 0 bytes"):
            cifar10.load_data()

    def test_a_label_is_too_high(self, data):
        bad = records(PICTURES[:1], [10])
        self.load(data, lambda files: files.update({"cifar-10-batches-bin/test_batch.bin": bad}))
        with pytest.raises(DataError, match="label 10; expected 0 to 9"):
            cifar10.load_data()

    def test_links_are_not_followed(self, data):
        tar(data / "cifar10" / "cifar-10-binary.tar.gz", dict.fromkeys(ten(), b""), tarfile.SYMTYPE)
        with pytest.raises(DataError, match="no file"):
            cifar10.load_data()

    @pytest.mark.parametrize("length", [0, 3, 30, 5000, 30000])
    def test_the_archive_is_cut_short(self, data, length):
        path = self.load(data, lambda files: None)
        path.write_bytes(path.read_bytes()[:length])
        with pytest.raises(DataError, match="damaged"):
            cifar10.load_data()

    def test_it_is_something_else(self, data):
        write(data / "cifar10" / "cifar-10-binary.tar.gz", b"<html>Not found</html>" * 50)
        with pytest.raises(DataError, match="not an archive of CIFAR"):
            cifar10.load_data()


class TestCats:
    h5py = pytest.importorskip("h5py")

    def write(self, folder, **changes):
        folder.mkdir(parents=True, exist_ok=True)
        photos = rng.integers(0, 256, (5, 64, 64, 3), dtype="uint8")
        arrays = {"train_set_x": photos[:3], "train_set_y": np.array([0, 1, 1]),
                  "test_set_x": photos[3:], "test_set_y": np.array([1, 0]), **changes}  # fmt: skip
        for split in ("train", "test"):
            with self.h5py.File(folder / f"{split}_catvnoncat.h5", "w") as file:
                for name, array in arrays.items():
                    if name.startswith(split) and array is not None:
                        file[name] = array
        return photos

    @pytest.mark.parametrize("folder", ["cats", "images"])
    def test_pictures_and_labels_are_those_of_the_file(self, data, folder):
        photos = self.write(data / folder)
        (x, y), (x_test, y_test) = cats.load_data()
        np.testing.assert_array_equal(np.concatenate([x, x_test]), photos)
        assert (y.tolist(), y_test.tolist()) == ([0, 1, 1], [1, 0])
        assert x.dtype == np.uint8

    @pytest.mark.parametrize("length", [0, 100, 5000, -1])
    def test_a_file_that_is_cut_short_is_an_error(self, data, length):
        self.write(data / "cats")
        path = data / "cats" / "train_catvnoncat.h5"
        path.write_bytes(path.read_bytes()[:length])
        with pytest.raises(DataError, match=r"train_catvnoncat\.h5' is not .* damaged"):
            cats.load_data()

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"train_set_y": None}, "not an HDF5 file with train_set_x and train_set_y"),
            ({"test_set_x": np.zeros((2, 64, 64), "uint8")}, r"uint8 of shape \(2, 64, 64\)"),
            ({"train_set_x": np.zeros((3, 64, 64, 3))}, "holds float64"),
            ({"train_set_y": np.zeros(4)}, r"labels of shape \(4,\)"),
        ],
    )
    def test_a_file_of_something_else_is_an_error(self, data, changes, message):
        self.write(data / "cats", **changes)
        with pytest.raises(DataError, match=message):
            cats.load_data()


class TestDigits:
    def test_they_are_those_of_scikit_learn_in_the_shades_of_mnist(self):
        (x, y), (x_test, y_test) = digits.load_data()
        known = load_digits()
        assert (x.shape, x_test.shape, x.dtype) == ((1437, 8, 8), (360, 8, 8), np.uint8)
        ink = np.concatenate([x, x_test]) * (16 / 255)
        assert np.abs(ink - known.images).max() < 0.04  # half a shade of 255, in shades of 16
        np.testing.assert_array_equal(np.concatenate([y, y_test]), known.target)
        assert np.bincount(y_test).min() > 30  # every digit is tested

    def test_they_take_the_size_of_mnist(self):
        (x, _), (x_test, _) = digits.load_data((28, 28))
        assert (x.shape, x_test.shape, x.dtype) == ((1437, 28, 28), (360, 28, 28), np.uint8)
        small = digits.load_data()[0][0]
        means = np.abs(x.mean((1, 2)) - small.mean((1, 2)))
        assert means.max() < 3  # as much ink as before
        assert digits.load_data((9, 4))[1][0].shape == (360, 9, 4)

    @pytest.mark.parametrize("size", [0, -3, (28,), (28, 28, 1), (2.5, 3), "big"])
    def test_a_size_that_is_none_is_an_error(self, size):
        with pytest.raises(ConfigError, match="height and a width"):
            digits.load_data(size)

    def test_they_need_no_network_and_no_folder(self, cache, offline):
        assert datasets.available_offline() == ["digits"]
        datasets.load("digits", size=16)
        assert not cache.exists()


def test_names_are_forgiving_and_unknown_ones_are_errors(data):
    write_four(data / "fashion_mnist")
    for name in ("fashion_mnist", "Fashion-MNIST"):
        assert datasets.load(name)[0][0].shape == (4, 28, 28)
    tar(data / "cifar10" / "cifar-10-binary.tar.gz", ten())
    assert datasets.load("CIFAR-10")[0][0].shape == (10, 32, 32, 3)
    assert datasets.available_offline() == ["fashion_mnist", "cifar10", "digits"]
    with pytest.raises(UnknownNameError, match=r"no data set 'mnits'. Did you mean 'mnist'.*cats"):
        datasets.load("mnits")
    with pytest.raises(UnknownNameError, match="Known: mnist"):
        datasets.available_offline("")
    with pytest.raises(TypeError):
        datasets.load("digits", sise=3)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10", "cifar100", "cats"])
def test_offline_every_data_set_says_what_to_do(cache, offline, name):
    with pytest.raises(DataError, match=r"not be downloaded.*Tried: http.*Connect.*put it into"):
        datasets.load(name)


def test_class_names_are_as_many_as_there_are_classes():
    counts = {mnist: 10, fashion_mnist: 10, cifar10: 10, cifar100: 100, cats: 2, digits: 10}
    for module, count in counts.items():
        assert len(set(module.CLASS_NAMES)) == count
    assert len(set(cifar100.COARSE_CLASS_NAMES)) == 20
    assert list(cifar100.CLASS_NAMES) == sorted(cifar100.CLASS_NAMES)


def test_importing_the_room_stays_light():
    code = (
        "import maeum.datasets, sys; "
        "print({'h5py', 'sklearn', 'rich', 'PIL', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.usefixtures("public_data")
def test_the_real_digits():
    x, y = mnist.load_test_data()
    assert (x.shape, y.shape) == ((10000, 28, 28), (10000,))
    assert y[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]  # as every course shows them
    assert x[0, 7, 6:12].tolist() == [84, 185, 159, 151, 60, 36]


@pytest.mark.usefixtures("public_data")
def test_the_real_cats():
    (x, y), (x_test, y_test) = cats.load_data()
    assert (x.shape, x_test.shape) == ((209, 64, 64, 3), (50, 64, 64, 3))
    assert (y.sum(), y_test.sum()) == (72, 33)  # as the course counts them: 34% and 66% cats
    assert all(file.matches(file.find()) for file in cats.FILES)
