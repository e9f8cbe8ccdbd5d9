"""Word numbers and tables: the arrays that Keras returns, from the same small files; safely."""

import hashlib
import inspect
import io
import json
import os
import pickle
import zipfile

import numpy as np
import pytest

from maeum import datasets
from maeum.core.errors import ConfigError, DataError, UnknownNameError
from maeum.datasets import boston_housing, california_housing, imdb, reuters
from maeum.datasets.archives import read_arrays

rng = np.random.default_rng(0)


def texts(count, longest=12):
    """Return ragged lists of word numbers, as the files have them: the frequent ones are low."""
    lengths = rng.integers(1, longest, count)
    return np.array([[int(w) for w in rng.geometric(0.1, n)] for n in lengths], dtype=object)


TEXTS = {
    "x_train": texts(40), "y_train": np.arange(40) % 2,
    "x_test": texts(30), "y_test": np.arange(30) % 2,
    "x": texts(50), "y": rng.integers(0, 46, 50),
}  # fmt: skip
TABLES = {
    "boston_housing": {"x": rng.normal(size=(53, 13)), "y": rng.normal(size=53)},
    "california_housing": {
        "x": rng.normal(size=(711, 8)).astype("float32"),
        "y": rng.normal(size=711).astype("float32"),
    },
}


@pytest.fixture
def archive(tmp_path):
    """Write an archive of arrays, and return its path."""

    def write(**arrays):
        np.savez(tmp_path / "own.npz", **arrays)
        return str(tmp_path / "own.npz")

    return write


@pytest.fixture
def theirs(monkeypatch):
    """Return the module of Keras's that reads a data set, from a file of ours."""
    import keras

    def module(name, path):
        found = getattr(keras.src.datasets, name)
        monkeypatch.setattr(found, "get_file", lambda *args, **kwargs: path)
        return found

    return module


CODINGS = [
    {},
    {"num_words": 20, "skip_top": 5},
    {"num_words": 20, "oov_char": None},
    {"maxlen": 6, "seed": 1},
    {"start_char": None},
    {"start_char": None, "index_from": 0},
    {"start_char": None, "index_from": None},
    {"start_char": 7, "oov_char": 9, "index_from": 10, "num_words": 30, "skip_top": 12},
]


@pytest.mark.parametrize("name", ["imdb", "reuters"])
@pytest.mark.parametrize("arguments", CODINGS, ids=repr)
def test_texts_are_keras_s(archive, theirs, name, arguments):
    path = archive(**TEXTS)
    ours = getattr(datasets, name).load_data(path, **arguments)
    expected = theirs(name, path).load_data(path, **arguments)
    for (x, y), (their_x, their_y) in zip(ours, expected):
        assert (x.dtype, y.dtype) == (their_x.dtype, their_y.dtype)
        assert x.tolist() == their_x.tolist()
        assert y.tolist() == their_y.tolist()
        assert all(type(w) is int for text in x for w in text)


@pytest.mark.parametrize("test_split", [0, 0.2, 0.5, 0.99])
def test_reuters_is_split_as_in_keras(archive, theirs, test_split):
    path = archive(**TEXTS)
    ours = reuters.load_data(path, test_split=test_split, maxlen=9)
    expected = theirs("reuters", path).load_data(path, test_split=test_split, maxlen=9)
    assert [[a.tolist() for a in part] for part in ours] == [
        [a.tolist() for a in part] for part in expected
    ]


def test_texts_of_one_length_become_one_array_as_in_keras(archive, theirs):
    x = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]], dtype=object)
    path = archive(x=x, y=np.arange(4))
    (ours, _), _ = reuters.load_data(path)
    (expected, _), _ = theirs("reuters", path).load_data(path)
    assert ours.shape == expected.shape == (3, 4)
    assert ours.tolist() == expected.tolist()


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize(
    "arguments", [{}, {"test_split": 0.5, "seed": 7}, {"test_split": 0}], ids=repr
)
def test_tables_are_keras_s(archive, theirs, name, arguments):
    path = archive(**TABLES[name])
    module = getattr(datasets, name)
    versions = [{}] if name == "boston_housing" else [{}, {"version": "small"}]
    for version in versions:
        ours = module.load_data(path=path, **arguments, **version)
        expected = theirs(name, path).load_data(path=path, **arguments, **version)
        for part, their_part in zip(ours, expected):
            for a, b in zip(part, their_part):
                assert a.dtype == b.dtype
                np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("module", "function"),
    [(m, f) for m in datasets.NAMES for f in ("load_data", "get_word_index", "get_label_names")],
)
def test_arguments_are_keras_s(module, function):
    import keras

    theirs = getattr(getattr(keras.datasets, module, None), function, None)
    if theirs is not None:
        ours = inspect.signature(getattr(getattr(datasets, module), function)).parameters
        expected = dict(inspect.signature(theirs).parameters)
        expected.pop("kwargs", None)  # which swallow what is misspelt
        assert [(p.name, p.default) for p in ours.values()] == [
            (p.name, p.default) for p in expected.values()
        ]


def test_topics_are_keras_s():
    from keras.datasets import reuters as theirs

    assert reuters.get_label_names() == theirs.get_label_names()
    assert len(set(reuters.CLASS_NAMES)) == 46
    assert len(imdb.CLASS_NAMES) == 2


class TestWhereTheFilesAre:
    @pytest.fixture(autouse=True)
    def folders(self, cache, offline, tmp_path, monkeypatch):
        monkeypatch.setenv("MAEUM_DATA", str(tmp_path / "data"))
        monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
        (tmp_path / "keras" / "datasets").mkdir(parents=True)
        self.keras = tmp_path / "keras" / "datasets"
        self.data = tmp_path / "data"

    def test_one_in_the_data_folder_is_read(self, archive):
        for name in ("reuters", "boston_housing"):
            (self.data / name).mkdir(parents=True)
            assert not datasets.available_offline(name)
            path = archive(**(TABLES.get(name) or TEXTS))
            os.replace(path, self.data / name / f"{name}.npz")
            assert datasets.available_offline(name)
            assert len(datasets.load(name)[0][0]) in (40, 42)

    def test_one_that_keras_downloaded_is_read_if_it_is_whole(self, archive, monkeypatch):
        path = self.keras / "california_housing.npz"
        os.replace(archive(**TABLES["california_housing"]), path)
        with pytest.raises(DataError, match="another file or damaged"):
            california_housing.load_data()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        file = california_housing.FILES[0]
        whole = type(file)(file.name, f"sha256:{digest}", file.urls, file.folders)
        monkeypatch.setattr(california_housing, "FILES", (whole,))
        assert california_housing.load_data()[0][0].shape == (568, 8)

    def test_one_of_yours_may_be_in_keras_s_folder(self, archive):
        os.replace(archive(**TEXTS), self.keras / "mine.npz")
        assert len(reuters.load_data("mine.npz")[0][0]) == 40
        with pytest.raises(DataError, match=r"no file 'nobodys\.npz'"):
            reuters.load_data("nobodys.npz")

    @pytest.mark.parametrize("name", ["imdb", "reuters", *TABLES])
    def test_a_missing_one_is_named_with_what_to_do(self, name):
        with pytest.raises(DataError) as caught:
            datasets.load(name)
        message = str(caught.value)
        for said in (f"{name}.npz", "tf-keras-datasets", "MAEUM_DATA", str(self.data)):
            assert said in message

    @pytest.mark.parametrize("module", [imdb, reuters])
    def test_word_numbers(self, module, tmp_path):
        name = f"{module.__name__.rpartition('.')[2]}_word_index.json"
        with pytest.raises(DataError, match=f"{name}.*could not be downloaded"):
            module.get_word_index()
        path = tmp_path / "words.json"
        path.write_text(json.dumps({"the": 1, "마음": 2}), encoding="utf-8")
        assert module.get_word_index(str(path)) == {"the": 1, "마음": 2}
        for text in ("", "[]", '{"the": "1"}', "\x00", "[" * 100_000):
            path.write_text(text)
            with pytest.raises(DataError, match="a table of words"):
                module.get_word_index(str(path))


@pytest.mark.parametrize(
    ("load", "arrays", "message"),
    [
        (imdb.load_data, {"x": [1]}, "an archive with x_train, y_train"),
        (imdb.load_data, TEXTS | {"y_test": np.arange(3)}, r"30 texts, but labels of shape \(3,\)"),
        (reuters.load_data, TEXTS | {"y": np.zeros((50, 2))}, r"labels of shape \(50, 2\)"),
        (reuters.load_data, TEXTS | {"x": np.ones(50)}, "x holds float64"),
        (
            reuters.load_data,
            TEXTS | {"x": np.array([["a", "b"], ["c"]], object)},
            "lists of whole numbers",
        ),
        (reuters.load_data, TEXTS | {"x": np.array([{}, 3, None], object)}, "lists of whole"),
        (reuters.load_data, TEXTS | {"y": np.array([[1], [2, 3]], object)}, "allow_pickle"),
        (boston_housing.load_data, {"x": np.ones((5, 8)), "y": np.ones(5)}, r"\(n, 13\)"),
        (california_housing.load_data, {"x": np.ones((5, 8)), "y": np.ones(4)}, r"y of shape"),
    ],
)
def test_archives_of_something_else_are_errors(archive, load, arrays, message):
    with pytest.raises(DataError, match=message):
        load(path=archive(**arrays))


def test_arguments_that_make_no_sense_are_errors(archive):
    with pytest.raises(UnknownNameError, match="'large', 'small'; got 'tiny'"):
        california_housing.load_data("tiny")
    for load in (boston_housing.load_data, california_housing.load_data, reuters.load_data):
        for fraction in (1, -0.1, "half", None):
            with pytest.raises(ConfigError, match="test_split"):
                load(test_split=fraction)
    for load in (imdb.load_data, reuters.load_data):
        with pytest.raises(DataError, match=r"shorter than maxlen=1; the shortest has \d"):
            load(archive(**TEXTS), maxlen=1)
        with pytest.raises(TypeError, match="nb_words"):
            load(nb_words=3)


class Malicious:
    """Writes a file when it is unpickled."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


def write_pickle(path, name, content, shape=(1,)):
    """Write an archive with one array of objects, whose pickle is ``content``."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|O", "fortran_order": False, "shape": shape}
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.npy", header.getvalue() + content)


class TestSafety:
    def test_a_file_s_code_is_never_run(self, archive, tmp_path):
        marker = tmp_path / "marker"
        for evil in (
            np.array([Malicious(marker)], object),
            np.array([[1, 2], Malicious(marker)], object),
            np.array([[1, [Malicious(marker)]], [3]], object),
        ):
            path = archive(**TEXTS | {"x": evil, "x_train": evil})
            for load in (reuters.load_data, imdb.load_data):
                with pytest.raises(DataError, match=r"asks for '(posix|nt)\.system'"):
                    load(path)
        assert not marker.exists()

    @pytest.mark.parametrize(
        "name",
        [
            *("os.system", "builtins.eval", "builtins.getattr", "numpy.load", "numpy.memmap"),
            *("numpy.core.multiarray.fromfile", "numpy._core.multiarray.frombuffer"),
            *("numpy.ndarray.tofile", "numpy.core.multiarray._reconstruct.__globals__"),
            *("maeum.datasets.archives._Pickled", "numpy.f2py.diagnose.os.system"),
        ],
    )
    def test_names_beside_those_of_an_array_are_refused(self, tmp_path, name):
        module, _, attribute = name.rpartition(".")
        # Protocol 4 takes dotted attributes, too, so each way to take the name apart is tried.
        parts = name.split(".")
        for cut in range(1, len(parts)):
            module, attribute = ".".join(parts[:cut]), ".".join(parts[cut:])
            path = tmp_path / "evil.npz"
            texts = [
                pickle.SHORT_BINUNICODE + bytes([len(t)]) + t.encode() for t in (module, attribute)
            ]
            for opcodes in (
                b"".join(texts) + pickle.STACK_GLOBAL,
                f"c{module}\n{attribute}\n".encode(),
            ):
                write_pickle(path, "x", pickle.PROTO + b"\x04" + opcodes + pickle.STOP)
                with pytest.raises(DataError, match="which no data set needs"):
                    read_arrays(path, ["x"], ["x"])

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\x80\x04N.",
            b"\x80\x04]\x94.",
            pickle.dumps([1, 2]),
            b"cnumpy\nndarray\n.",  # a name itself
            b"cnumpy\nndarray\n(t}b.",  # the state of a name
            b"cnumpy\nndarray\n)R.",  # an array without a state
            b"cnumpy\nndarray\n)R(I1\ntb.",
            b"cnumpy\nndarray\n)RI5\nb.",
            b"cnumpy.core.multiarray\n_reconstruct\n)R(lp0\nI1\na(I2\nltb.",
            b"(" * 100_000,
            b"P5\n.",  # a persistent object
            b"\x82\x01.",  # an extension
        ],
        ids=repr,
    )
    def test_broken_pickles_are_errors(self, tmp_path, content):
        write_pickle(tmp_path / "broken.npz", "x", content)
        with pytest.raises(DataError, match=r"broken\.npz' is not an archive with x"):
            read_arrays(tmp_path / "broken.npz", ["x"], ["x"])

    @pytest.mark.parametrize(
        ("protocol", "older"),
        [*((n, False) for n in range(6)), *((n, True) for n in range(4))],
    )
    def test_arrays_of_every_numpy_are_read(self, tmp_path, protocol, older):
        array = np.empty(3, object)
        array[:] = [[1, 2], [], [3, 70_000, 2**40]]
        content = pickle.dumps(array, protocol)
        if older:  # before NumPy 2
            content = content.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
        write_pickle(tmp_path / "own.npz", "x", content, array.shape)
        assert read_arrays(tmp_path / "own.npz", ["x"], ["x"]) == [array.tolist()]

    def test_an_archive_that_is_cut_short_is_an_error(self, archive):
        path = archive(**TEXTS)
        with open(path, "rb") as file:
            content = file.read()
        for length in (0, 10, 500, len(content) - 30):
            with open(path, "wb") as file:
                file.write(content[:length])
            for load in (imdb.load_data, reuters.load_data):
                with pytest.raises(DataError, match="damaged"):
                    load(path)
