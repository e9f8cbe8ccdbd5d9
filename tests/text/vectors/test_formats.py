import gzip
import struct
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from maeum.core.errors import ConfigError, DataError, ModelFileError, SaveError
from maeum.text.vectors import KeyedVectors, formats

words = st.text(st.characters(exclude_categories=("Cs", "Z", "C")), min_size=1, max_size=8).filter(
    lambda word: word.split() == [word]
)
load = KeyedVectors.load_word2vec_format


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(words, min_size=1, max_size=6, unique=True), st.integers(1, 5), st.data())
def test_round_trips_are_exact(tmp_path, names, size, data):
    finite = st.floats(allow_nan=False, allow_infinity=False, width=32)
    vectors = data.draw(arrays.arrays(np.float32, (len(names), size), elements=finite))
    wv = KeyedVectors(names, vectors, range(len(names)))
    for binary in (False, True):
        for name in ("v.txt", "v.txt.gz"):
            wv.save_word2vec_format(tmp_path / name, tmp_path / "counts", binary=binary)
            again = load(tmp_path / name, tmp_path / "counts", binary=binary)
            assert again.index_to_key == names
            np.testing.assert_array_equal(again.vectors, vectors)
            assert again.counts.tolist() == list(range(len(names)))
    wv.save(tmp_path / "v.maeum")
    again = KeyedVectors.load(tmp_path / "v.maeum")
    assert again.index_to_key == names
    assert again.counts.tolist() == wv.counts.tolist()
    np.testing.assert_array_equal(again.vectors, vectors)


def test_files_written_by_hand(tmp_path):
    path = tmp_path / "v"
    path.write_text("2 3\n마음 1 -2.5 3e-2\nmind 4 5 6 \n\n", encoding="utf-8")
    wv = load(path)
    assert wv.index_to_key == ["마음", "mind"]
    np.testing.assert_allclose(wv.vectors, [[1, -2.5, 0.03], [4, 5, 6]])
    assert load(path, limit=1).index_to_key == ["마음"]
    path.write_text("the 1 2\nof 3 4\n")  # GloVe's files have no first line
    assert load(path)["of"].tolist() == [3, 4]
    rows = b"".join(w + struct.pack("<2f", *v) for w, v in ((b"a ", (1, 2)), (b"\nb ", (3, 4))))
    path.write_bytes(b"2 2\n" + rows)  # as the authors' program and gensim part the words
    assert load(path, binary=True)["b"].tolist() == [3, 4]
    path.write_bytes(b"2 2\n" + rows.replace(b"\n", b""))
    assert load(path, binary=True).index_to_key == ["a", "b"]
    assert load(path, binary=True, limit=1).index_to_key == ["a"]


def test_long_binary_files_are_read_in_blocks(tmp_path):
    vectors = np.random.default_rng(0).normal(size=(3000, 150)).astype(np.float32)  # 1.8 MB
    wv = KeyedVectors([f"word{i}" for i in range(3000)], vectors)
    wv.save_word2vec_format(tmp_path / "v.bin", binary=True)
    np.testing.assert_array_equal(load(tmp_path / "v.bin", binary=True).vectors, vectors)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("2 3\na 1 2 3\nb 1 2\n", "Line 3"),
        ("2 3\na 1 2 3\nb 1 2 x\n", "Line 3"),
        ("2 2\na 1 2 3\nb 1 2 3\n", "a word and 2 numbers"),
        ("2 2\na 1 2\nb 1 2 3\n", None),  # a word may have spaces: 'b 1' is read as one
        ("3 2\na 1 2\nb 1 2\n", "announces 3 words"),
        ("1 2\na 1 2\nb 1 2\n", "announces 1 words"),
        ("a 1 2\nb 1\n", "Line 2"),
        ("a\n", "Line 1"),
        ("", "no vectors"),
        ("0 5\n", "no vectors"),
        ("1 2\na nan 2\n", "finite"),
    ],
)
def test_damaged_text_files(tmp_path, content, says):
    path = tmp_path / "v.txt"
    path.write_text(content)
    if says is None:
        assert load(path).index_to_key == ["a", "b 1"]
        return
    with pytest.raises(DataError, match=says):
        load(path)


@pytest.mark.parametrize("cut", [1, 9, 30, 41])
def test_binary_files_that_were_cut_off(tmp_path, cut):
    path = tmp_path / "v.bin"
    KeyedVectors(["one", "two", "three"], np.ones((3, 4))).save_word2vec_format(path, binary=True)
    whole = path.read_bytes()
    path.write_bytes(whole[: -cut - 1])
    with pytest.raises(DataError, match="of the 3 words"):
        load(path, binary=True)
    packed = tmp_path / "v.bin.gz"
    packed.write_bytes(gzip.compress(whole)[:-cut])
    with pytest.raises(DataError, match=r"cannot be read|of the 3 words"):
        load(packed, binary=True)


def test_a_text_file_is_no_binary_file(tmp_path):
    path = tmp_path / "v"
    path.write_text("the 1 2\n")
    with pytest.raises(DataError, match="first line"):
        load(path, binary=True)
    with pytest.raises(ConfigError):
        load(path, binary=True, no_header=True)
    with pytest.raises(DataError, match="cannot be read"):
        load(tmp_path / "nothing")


def test_words_that_come_again_are_left_out_with_a_warning(tmp_path):
    path = tmp_path / "v"
    path.write_text("3 1\na 1\nb 2\na 3\n")
    with pytest.warns(UserWarning, match="'a'"):
        wv = load(path)
    assert wv.index_to_key == ["a", "b"]
    assert wv["a"] == 1


def test_words_in_another_encoding(tmp_path):
    path = tmp_path / "v"
    path.write_bytes(b"1 1\n" + "마음".encode("cp949") + b" 1\n")
    with pytest.raises(DataError, match="not text in utf-8"):
        load(path)
    assert load(path, encoding="cp949").index_to_key == ["마음"]
    assert "\ufffd" in load(path, unicode_errors="replace").index_to_key[0]
    with pytest.raises(ConfigError):
        load(path, unicode_errors="maybe")
    with pytest.raises(ConfigError):
        load(path, encoding="utf-99")


def test_what_the_format_cannot_hold(tmp_path):
    for word in ("new york", "", "a\n"):
        wv = KeyedVectors([word], [[1.0]])
        with pytest.raises(DataError, match="cannot hold"):
            wv.save_word2vec_format(tmp_path / "v")
        wv.save(tmp_path / "v.maeum")
        assert KeyedVectors.load(tmp_path / "v.maeum").index_to_key == [word]
    with pytest.raises(DataError, match="no counts"):
        KeyedVectors(["a"], [[1.0]]).save_word2vec_format(tmp_path / "v", tmp_path / "c")
    assert not list(tmp_path.glob(".maeum-*"))


def test_a_failure_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "v.txt"
    KeyedVectors(["a"], [[1.0]]).save_word2vec_format(path)
    before = path.read_bytes()
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(SaveError, match="disk full"):
        KeyedVectors(["b"], [[1.0]]).save_word2vec_format(path)
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1
    monkeypatch.undo()
    with pytest.raises(SaveError, match="folder"):
        KeyedVectors(["b"], [[1.0]]).save(tmp_path)


def test_other_files_are_no_archive(tmp_path):
    path = tmp_path / "v.txt"
    KeyedVectors(["a"], [[1.0]]).save_word2vec_format(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for wrong in (path, tmp_path / "nothing"):
            with pytest.raises(ModelFileError, match="load_word2vec_format"):
                KeyedVectors.load(wrong)
    formats.write_archive(path, {"kind": "KeyedVectors", "words": ["a", "b"]}, {})
    with pytest.raises(ModelFileError, match="damaged"):
        KeyedVectors.load(path)
    formats.write_archive(path, {"kind": "Word2Vec"}, {})
    with pytest.raises(ModelFileError, match="holds 'Word2Vec'"):
        KeyedVectors.load(path)
