"""What is no text, no vocabulary and no vector: one clear error each."""

import zlib

import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.text import BytePairEncoding, TextLines, Vocabulary, pad_sequences
from maeum.text.vectors import LSA, KeyedVectors, Word2Vec, read_corpus


def test_utf_16_without_a_mark_is_told(tmp_path):
    path = tmp_path / "t.txt"
    path.write_bytes("to be or not".encode("utf-16-le"))
    with pytest.raises(DataError, match="50% of its bytes are 0"):
        TextLines(path)


@pytest.mark.parametrize("encoding", ["base64", "rot13", "utf-16"])
def test_codecs_that_have_no_lines_are_refused(tmp_path, encoding):
    path = tmp_path / "t.txt"
    path.write_text("a\n")
    for read in (TextLines, lambda p, encoding: read_corpus(p, encoding=encoding)):
        with pytest.raises(ConfigError):
            read(path, encoding=encoding)


def test_a_damaged_archive_is_told_wherever_it_breaks(tmp_path, monkeypatch):
    path = tmp_path / "t.txt.gz"
    path.write_bytes(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + b"\xff" * 50)
    with pytest.raises(zlib.error):
        zlib.decompress(path.read_bytes()[10:], -15)
    for read in (TextLines, read_corpus, KeyedVectors.load_word2vec_format):
        with pytest.raises(DataError, match=r"damaged|cannot be read"):
            read(path)


@pytest.mark.parametrize(
    "options", [{"dtype": "foo"}, {"value": 300, "dtype": "int8"}, {"value": float("nan")}]
)
def test_padding_that_fits_no_type(options):
    with pytest.raises(ConfigError):
        pad_sequences([[1], [2, 3]], **options)


def test_entries_too_large_for_their_type():
    with pytest.raises(DataError, match="not int32"):
        pad_sequences([[2**40]])


@pytest.mark.parametrize("number", ["a", 1.5, None, float("inf")])
def test_numbers_of_tokens_are_whole(number):
    with pytest.raises(DataError, match="whole number"):
        Vocabulary(["a"]).decode([number])


@pytest.mark.parametrize("size", ["x", 300.5, 0])
def test_sizes_of_vocabularies_are_whole(size):
    with pytest.raises(ConfigError, match="vocabulary_size"):
        BytePairEncoding.train(["a b"], vocabulary_size=size)


@pytest.fixture(scope="module")
def wv():
    return KeyedVectors(["a", "b", "c"], [[1, 0], [0.9, 0.1], [0, 1]])


@pytest.mark.parametrize(
    ("words", "vectors", "error"),
    [
        (["a"], [["x"]], DataError),
        (["a", "b"], [[1], [2, 3]], DataError),
        ([1, 2], [[1], [2]], DataError),
        (["a", "b"], [[1e300], [2]], DataError),
    ],
)
def test_vectors_that_are_none(words, vectors, error):
    with pytest.raises(error):
        KeyedVectors(words, vectors)


def test_counts_are_one_for_each_word():
    with pytest.raises(ShapeError, match="counts"):
        KeyedVectors(["a", "b"], [[1], [2]], counts=[1])


def test_looking_up_what_is_no_word(wv):
    assert wv[[]].shape == (0, 2)
    for ask in (lambda: wv[5], lambda: wv.most_similar([np.full(2, np.nan)])):
        with pytest.raises(DataError):
            ask()
    for ask in (lambda: wv.most_similar("a", topn=2.5), lambda: wv.matrix({"a": -1})):
        with pytest.raises(ConfigError):
            ask()


@pytest.mark.parametrize(
    "pairs",
    [[("a", "b", "x"), ("a", "c", 1)], [("a", "b"), ("a", "c")], [("a", "b", float("nan"))] * 2],
)
def test_pairs_without_a_score(wv, pairs):
    with pytest.raises(DataError, match="is not a pair"):
        wv.evaluate_word_pairs(pairs)


@pytest.mark.parametrize(
    "setting",
    [{"alpha": float("inf")}, {"alpha": "x"}, {"sample": "x"}, {"ns_exponent": float("nan")}],
)
def test_settings_that_are_no_numbers(setting):
    with pytest.raises(ConfigError, match="number"):
        Word2Vec(**setting)


@pytest.mark.parametrize("header", [b"2 99999999999999\n", b"2 " + b"9" * 5000 + b"\n"])
def test_headers_that_announce_too_much(tmp_path, header):
    path = tmp_path / "v.bin"
    path.write_bytes(header + b"a 1 2\n")
    with pytest.raises(DataError):
        KeyedVectors.load_word2vec_format(path, binary=True)


def test_a_byte_order_mark_is_no_word(tmp_path):
    path = tmp_path / "v.txt"
    path.write_text("2 2\na 1 2\nb 3 4\n", encoding="utf-8-sig")
    assert KeyedVectors.load_word2vec_format(path).index_to_key == ["a", "b"]


def test_half_a_character_cannot_be_written(tmp_path):
    path = tmp_path / "v.txt"
    with pytest.raises(DataError, match="surrogate"):
        KeyedVectors(["\ud800", "b"], [[1], [2]]).save_word2vec_format(path)
    assert not path.exists()


def test_one_method_of_a_map_needs_no_list(wv, tmp_path):
    assert wv.map(tmp_path / "map.html", methods="pca").is_file()


@pytest.mark.filterwarnings("error")
def test_texts_that_are_all_the_same_are_analysed_in_silence():
    assert len(LSA(["a b c"] * 5, min_count=1, vector_size=2).wv) == 3
