"""IDX files: every dtype, plain and packed, and every way in which they can be damaged."""

import gzip
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core.errors import DataError
from maeum.datasets import read_idx

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def idx_bytes(array):
    """Write IDX by the book: magic, sizes, numbers, all big-endian."""
    array = np.asarray(array)
    magic = bytes([0, 0, CODES[array.dtype.str[1:]], array.ndim])
    return (
        magic
        + b"".join(struct.pack(">I", n) for n in array.shape)
        + array.astype(array.dtype.newbyteorder(">")).tobytes()
    )


@given(
    st.sampled_from(sorted(CODES)),
    st.lists(st.integers(0, 4), min_size=1, max_size=4),
    st.booleans(),
    st.integers(0, 2**31),
)
@settings(max_examples=30)
def test_every_dtype_and_shape_comes_back(tmp_path_factory, dtype, shape, packed, seed):
    path = tmp_path_factory.mktemp("idx") / "file"
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    array = np.frombuffer(np.random.default_rng(seed).bytes(size), dtype).reshape(shape)
    data = idx_bytes(array)
    path.write_bytes(gzip.compress(data) if packed else data)
    got = read_idx(path)
    assert got.dtype == array.dtype
    assert got.flags.writeable
    np.testing.assert_array_equal(got, array)


GOOD = idx_bytes(np.arange(24, dtype="i2").reshape(2, 3, 4))


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"not an IDX file: it begins with the bytes ''"),
        (b"\0\0", "begins with the bytes 00 00; expected 00 00, a dtype"),
        (b"\x89PNG" + GOOD, "begins with the bytes 89 50 4e 47"),
        (b"\0\0\x0a\x01" + GOOD, "begins with the bytes 00 00 0a 01"),
        (b"\0\0\x08\x00\x05", "begins with the bytes 00 00 08 00"),
        (b"\0\0\x08\xff" + GOOD, "begins with the bytes 00 00 08 ff"),
        (GOOD[:10], "expected 16 bytes of header for 3 axes, found 10"),
        (GOOD[:-1], r"expected 48 bytes .* int16 of shape \(2, 3, 4\); only 47 are there"),
        (GOOD[:16], "expected 48 bytes .* only 0 are there"),
        (GOOD + b"\0", "expected 48 bytes .* there are more"),
        (b"\0\0\x0e\x04" + b"\xff" * 40, "only 24 are there"),  # 10^39 bytes, says the header
    ],
)
def test_a_damaged_file_is_an_error_that_says_what_was_expected(tmp_path, data, message, pack):
    path = tmp_path / "t10k-images-idx3-ubyte"
    path.write_bytes(pack(data))
    with pytest.raises(DataError, match=message) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("length", [5, 15, -12, -4, -1])
def test_a_gzip_file_that_is_cut_short_is_an_error(tmp_path, length):
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(idx_bytes(np.arange(5000, dtype="i4")))[:length])
    with pytest.raises(DataError, match=r"cut\.gz' is not a gzip file, or it is damaged"):
        read_idx(path)


def test_a_gzip_file_with_a_wrong_byte_is_an_error(tmp_path):
    data = bytearray(gzip.compress(idx_bytes(np.arange(5000, dtype="i4"))))
    data[len(data) // 2] ^= 0xFF
    (tmp_path / "wrong.gz").write_bytes(data)
    with pytest.raises(DataError, match="damaged"):
        read_idx(tmp_path / "wrong.gz")


def test_a_file_that_is_not_there_names_one_that_is(tmp_path):
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(GOOD))
    with pytest.raises(DataError, match=r"No such file.*Did you mean 't10k-labels-idx1-ubyte\.gz'"):
        read_idx(tmp_path / "t10k-label-idx1-ubyte.gz")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_idx(tmp_path)
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(tmp_path / "nowhere" / "file")
