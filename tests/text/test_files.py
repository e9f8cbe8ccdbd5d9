"""Text files: lines, encodings, windows over tokens."""

import gzip
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import maeum as mm
from maeum.core.errors import ConfigError, DataError
from maeum.text import BytePairEncoding, TextEncoder, TextLines, TokenWindows, read_text
from maeum.text import token_stream as stream
from maeum.text.lines import tell_encoding
from maeum.text.token_files import file_tokens

KOREAN = "나의 마음은 바다와 같이 넓고\n안녕하세요\n"


def written(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@given(st.lists(st.text(st.characters(exclude_characters="\n\r", codec="utf-8")), max_size=8))
@settings(max_examples=40)
def test_lines_by_iteration_and_by_index(tmp_path_factory, texts):
    texts = [text.removeprefix("\ufeff") for text in texts]
    path = written(tmp_path_factory.mktemp("l") / "a.txt", "".join(f"{t}\n" for t in texts))
    lines = TextLines(path, "utf-8")
    assert list(lines) == texts
    assert list(lines) == texts  # once more, from the beginning
    assert len(lines) == len(texts)
    assert [lines[i] for i in range(len(lines))] == texts
    assert lines[::-1] == texts[::-1]


def test_line_ends_and_marks(tmp_path):
    path = written(tmp_path / "a.txt", b"\xef\xbb\xbfone\r\n\r\ntwo")
    lines = TextLines(path)
    assert list(lines) == ["one", "", "two"]
    assert (lines[0], lines[-1], len(lines)) == ("one", "two", 3)
    with pytest.raises(IndexError):
        lines[3]
    assert list(TextLines(written(tmp_path / "empty.txt", ""))) == []
    assert len(TextLines(tmp_path / "empty.txt")) == 0
    assert read_text(path) == "one\r\n\r\ntwo"


def test_packed_files(tmp_path):
    path = written(tmp_path / "a.txt.gz", gzip.compress(KOREAN.encode("cp949")))
    lines = TextLines(path)
    assert list(lines) == KOREAN.split("\n")[:-1]
    assert lines[1] == "안녕하세요"
    written(path, gzip.compress(KOREAN.encode())[:-9])
    with pytest.raises(DataError, match="damaged"):
        list(TextLines(path))
    with pytest.raises(DataError, match="damaged"):
        TextLines(written(path, b"plain"))


def test_encodings_are_told_or_asked_for(tmp_path):
    path = tmp_path / "a.txt"
    for encoding in ("utf-8", "cp949", "euc-kr"):
        lines = TextLines(written(path, KOREAN.encode(encoding)))
        assert list(lines) == KOREAN.split("\n")[:-1]
        assert lines.encoding == ("utf-8" if encoding == "utf-8" else "cp949")
    french = "un café très fort\n".encode("latin-1")
    with pytest.raises(DataError, match=r"utf-8 \(byte 0xe9 at offset 6\).*cp949.*latin-1"):
        TextLines(written(path, french))
    assert list(TextLines(path, "latin-1")) == ["un café très fort"]
    quotes = "it’s what’s there".encode("cp1252")  # passes for CP949, letter by letter
    with pytest.raises(DataError, match="Korean text"):
        TextLines(written(path, quotes))
    assert tell_encoding("마음".encode()[:-1], whole=False) == "utf-8"  # cut within a letter
    for wide in ("utf-16", "utf-16-le"):
        with pytest.raises((DataError, ConfigError), match="UTF-8 first"):
            TextLines(written(path, "a\n".encode("utf-16")), None if wide == "utf-16" else wide)
    with pytest.raises(ConfigError, match="no encoding 'utf-9'"):
        TextLines(path, "utf-9")


def test_a_wrong_byte_further_on_is_named(tmp_path):
    path = written(tmp_path / "a.txt", b"one\ntw\xe9o\n")
    for read in (list, lambda lines: lines[1]):
        with pytest.raises(DataError, match=r"Line 2 .* 0xe9 at offset 6"):
            read(TextLines(path, "utf-8"))
    with pytest.raises(DataError, match="0xe9 at offset 6"):
        read_text(path, "ascii")
    with pytest.raises(DataError, match="cannot be read"):
        TextLines(tmp_path / "missing.txt")
    with pytest.raises(DataError, match="is a folder"):
        TextLines(tmp_path)


def test_windows_over_tokens():
    windows = TokenWindows(np.arange(11), 4, stride=3, batch_size=2)
    x, y = (np.concatenate(parts) for parts in zip(*windows))
    assert x.tolist() == [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]]
    np.testing.assert_array_equal(y, x + 1)
    assert (x.dtype, len(windows)) == (np.int32, 2)
    assert len(TokenWindows(np.arange(5), 4)) == 1
    with pytest.raises(DataError, match="too few for one window"):
        TokenWindows(np.arange(4), 4)
    for wrong in ({"length": 0}, {"length": 2, "stride": 0}):
        with pytest.raises(ConfigError):
            TokenWindows(np.arange(9), **wrong)


def test_a_token_stream_is_encoded_once(tmp_path):
    path = written(tmp_path / "a.txt", KOREAN * 50)
    letters = TextEncoder.train([KOREAN], "characters")
    windows = stream(path, letters, 16, batch_size=4, cache=tmp_path / "kept")
    assert letters.decode(windows.tokens) == KOREAN * 50
    [kept] = (tmp_path / "kept").glob("*.npy")
    assert windows.tokens.dtype == np.uint16
    assert isinstance(windows.tokens, np.memmap)
    before = kept.stat().st_mtime_ns
    stream(path, letters, 8, cache=tmp_path / "kept")
    assert kept.stat().st_mtime_ns == before
    kept.write_bytes(b"damaged")
    assert letters.decode(file_tokens(path, letters, cache=tmp_path / "kept")) == KOREAN * 50
    written(path, "마음\n")
    os.utime(path, (1, 1))
    assert letters.decode(file_tokens(path, letters, cache=tmp_path / "kept")) == "마음\n"
    assert len(list((tmp_path / "kept").iterdir())) == 2


def test_a_token_stream_without_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MAEUM_CACHE", "0")
    path = written(tmp_path / "a.txt", KOREAN)
    pairs = BytePairEncoding.train([KOREAN], 270)
    assert pairs.decode(file_tokens(path, pairs)) == KOREAN
    with pytest.raises(ConfigError, match="are encoded by"):
        stream(path, "words", 4)
    with pytest.raises(DataError, match="too few"):
        stream(path, pairs, 1000)


def test_fit_takes_a_token_stream(tmp_path):
    path = written(tmp_path / "a.txt", "hihello " * 60)
    letters = TextEncoder.train(["hihello "], "characters")
    windows = stream(path, letters, 8, batch_size=8, seed=1, cache=tmp_path)
    size = len(letters.vocabulary)
    model = mm.Sequential(
        [mm.Input((8,)), mm.layers.Embedding(size, 8), mm.layers.Dense(size, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    history = model.fit(windows, epochs=2, verbose=0)
    assert history.history["loss"][1] < history.history["loss"][0]
