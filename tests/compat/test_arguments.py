"""What would change a result is taken or refused, never passed over."""

import gzip

import pytest

from maeum.compat.data.files import FixedLengthRecordDataset, TextLineDataset, TFRecordDataset
from maeum.compat.layers.metrics import mean_squared_error
from maeum.compat.ops.cells import BasicRNNCell, LayerNormBasicLSTMCell
from maeum.core.errors import ArgumentError, ConfigError


def test_a_misspelt_argument_is_refused_with_the_nearest():
    with pytest.raises(ArgumentError, match="updates_collections"):
        mean_squared_error([1], [1], updates_colections=["a"])


def test_what_would_change_the_numbers_is_refused():
    with pytest.raises(ArgumentError, match="kernel_initializer"):
        BasicRNNCell(2, kernel_initializer="zeros")
    with pytest.raises(ArgumentError, match="norm_gain"):
        LayerNormBasicLSTMCell(2, norm_gain=2.0)


def test_packed_files_are_unpacked_or_refused(tmp_path):
    path = str(tmp_path / "lines.gz")
    with gzip.open(path, "wb") as file:
        file.write(b"one\ntwo\n")
    assert [*TextLineDataset(path, "GZIP")] == [b"one", b"two"]
    with pytest.raises(ConfigError, match="'GZIP' or 'ZLIB'"):
        TextLineDataset(path, "ZIP")
    with pytest.raises(ConfigError, match="Unpack them first"):
        TFRecordDataset(path, compression_type="GZIP")


def test_pieces_leave_out_what_stands_around_them(tmp_path):
    path = tmp_path / "pieces"
    path.write_bytes(b"H" + b"aabb" + b"FF")
    found = FixedLengthRecordDataset(str(path), 2, header_bytes=1, footer_bytes=2)
    assert [*found] == [b"aa", b"bb"]
