"""Padding as Keras does it, and bucketing."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import maeum as mm
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.text import bucket_by_length, pad_sequences

SEQUENCES = st.lists(st.lists(st.integers(-5, 9), max_size=6), min_size=1, max_size=5)
SIDE = st.sampled_from(["pre", "post"])


@given(SEQUENCES, st.none() | st.integers(1, 7), SIDE, SIDE, st.sampled_from([0, -1]))
@settings(max_examples=60)
def test_padding_agrees_with_keras(sequences, maxlen, padding, truncating, value):
    from keras.utils import pad_sequences as theirs

    for dtype in ("int32", "float32"):
        options = {"maxlen": maxlen, "dtype": dtype, "padding": padding}
        options |= {"truncating": truncating, "value": value}
        got, expected = pad_sequences(sequences, **options), theirs(sequences, **options)
        assert got.dtype == expected.dtype
        np.testing.assert_array_equal(got, expected)


def test_padding_of_vectors_and_texts():
    got = pad_sequences([np.ones((2, 3)), np.zeros((1, 3))], dtype="float32", value=7)
    assert got.shape == (2, 2, 3)
    assert got[1, 0].tolist() == [7, 7, 7]
    assert pad_sequences([["a"], []], dtype=object, value="")[1].tolist() == [""]
    assert pad_sequences([], maxlen=3).shape == (0, 3)
    assert mm.utils.pad_sequences is mm.preprocessing.sequence.pad_sequences is pad_sequences


@pytest.mark.parametrize(
    ("error", "arguments"),
    [
        (DataError, {"sequences": 3}),
        (DataError, {"sequences": "abc"}),
        (DataError, {"sequences": [1, 2]}),
        (DataError, {"sequences": [["a"]]}),
        (ShapeError, {"sequences": [np.ones((1, 2)), np.ones((1, 3))]}),
        (ConfigError, {"sequences": [[1]], "padding": "left"}),
        (ConfigError, {"sequences": [[1]], "truncating": "end"}),
        (ConfigError, {"sequences": [[1]], "maxlen": 0}),
        (ConfigError, {"sequences": [[1]], "value": "x"}),
    ],
)
def test_bad_padding(error, arguments):
    with pytest.raises(error):
        pad_sequences(**arguments)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=40), st.integers(1, 5), st.integers(1, 4))
@settings(max_examples=50)
def test_buckets_hold_every_sequence_once(lengths, batch_size, buckets):
    sequences = [[row + 1] * n for row, n in enumerate(lengths)]
    y = np.arange(len(lengths))
    batches = bucket_by_length(sequences, y, batch_size, buckets, seed=3)
    seen = []
    for x, rows in batches:
        for entries, row in zip(x, rows):
            assert entries[entries > 0].tolist() == sequences[row]
            assert (entries[lengths[row] :] == 0).all()
        seen += rows.tolist()
        assert x.shape[1] in batches.boundaries
    assert sorted(seen) == y.tolist()
    shapes = {x.shape for x, _ in batches}
    assert len(shapes) <= len(batches.boundaries) + 1
    assert len(batches) == -(-len(lengths) // batch_size)


def test_the_order_follows_from_seed_and_epoch():
    sequences = [[1] * (1 + i % 7) for i in range(50)]

    def order(seed, epoch, shuffle=True):
        batches = bucket_by_length(sequences, np.arange(50), 8, seed=seed)
        return [rows.tolist() for _, rows in batches.batches(epoch, None, shuffle)]

    assert order(1, 0) == order(1, 0)
    assert order(1, 0) != order(1, 1)
    assert order(1, 0) != order(2, 0)
    assert order(1, 0, False) == order(5, 3, False)
    batches = bucket_by_length(sequences, None, 8, seed=1)
    assert batches[-1].shape == batches[len(batches) - 1].shape
    with pytest.raises(IndexError):
        batches[len(batches)]


def test_longer_ones_are_cut_only_where_boundaries_say_so():
    batches = bucket_by_length([[1], [2] * 9], None, 1, [4], shuffle=False, padding="pre")
    assert [x.tolist() for x in batches] == [[[0, 0, 0, 1]], [[2, 2, 2, 2]]]
    assert "4" in repr(batches)
    for wrong in ([], [3, 2], [0, 1], 0):
        with pytest.raises(ConfigError):
            bucket_by_length([[1]], None, 1, wrong)
    with pytest.raises(DataError, match="no sequences"):
        bucket_by_length([])
    with pytest.raises(DataError, match="one entry for each"):
        bucket_by_length([[1]], [1, 2])
    with pytest.raises(ConfigError, match="batch_size"):
        bucket_by_length([[1]], batch_size=0)


def test_fit_takes_buckets():
    rng = np.random.default_rng(0)
    sequences = [rng.integers(1, 9, n) for n in rng.integers(1, 20, 40)]
    y = np.array([np.mean(s) for s in sequences], "float32")
    model = mm.Sequential(
        [
            mm.Input((None,)),
            mm.layers.Embedding(9, 4, mask_zero=True),
            mm.layers.GlobalAveragePooling1D(),
            mm.layers.Dense(1),
        ]
    )
    model.compile("adam", "mse")
    history = model.fit(bucket_by_length(sequences, y, 8, 3), epochs=2, verbose=0)
    assert history.history["loss"][1] < history.history["loss"][0]
    assert model.predict(bucket_by_length(sequences, None, 8, 3)).shape == (40, 1)
