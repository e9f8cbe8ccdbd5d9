"""Windows over series and pairs of words, against Keras's where that has them."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import maeum as mm
from maeum.core.errors import ConfigError, DataError
from maeum.preprocessing import timeseries_dataset_from_array
from maeum.preprocessing.sequence import TimeseriesGenerator, make_sampling_table, skipgrams

SMALL = st.integers(1, 4)


@pytest.fixture(scope="module")
def theirs():
    from keras.src.legacy.preprocessing import sequence

    return sequence


@given(
    length=st.integers(1, 6),
    sampling_rate=SMALL,
    stride=SMALL,
    batch_size=st.integers(1, 5),
    start_index=st.integers(0, 3),
    end_index=st.sampled_from([None, 15, 19]),
    reverse=st.booleans(),
)
@settings(max_examples=60)
def test_generator_agrees_with_keras(theirs, **options):
    data, targets = np.arange(40).reshape(20, 2), np.arange(20) * 10
    one = TimeseriesGenerator(data, targets, **options)
    two = theirs.TimeseriesGenerator(data, targets, **options)
    assert len(one) == len(two)
    for index in range(len(one)):
        for a, b in zip(one[index], two[index]):
            np.testing.assert_array_equal(a, b)


def test_a_shuffled_generator_gives_each_window_once():
    windows = TimeseriesGenerator(np.arange(20), np.arange(20), 3, shuffle=True, batch_size=4)
    first, second = ([y.tolist() for _, y in windows] for _ in range(2))
    assert first != second
    for epoch in (first, second):
        assert sorted(itertools.chain(*epoch)) == list(range(3, 20))


@given(st.integers(1, 5), SMALL, SMALL, st.integers(1, 9), st.booleans())
@settings(max_examples=60)
def test_windows_by_their_definition(length, stride, rate, batch_size, bounded):
    data = np.arange(30)
    options = {"start_index": 3, "end_index": 25} if bounded else {}
    windows = timeseries_dataset_from_array(
        data, data * 10, length, stride, rate, batch_size, **options
    )
    first, last = (3, 25) if bounded else (0, 30)
    begins = [b for b in range(first, last, stride) if b + (length - 1) * rate < last]
    x, y = (np.concatenate(parts) for parts in zip(*windows))
    assert x.tolist() == [[b + i * rate for i in range(length)] for b in begins]
    assert y.tolist() == [10 * b for b in begins]


def test_fewer_targets_and_none():
    series = np.arange(20.0)
    windows = timeseries_dataset_from_array(series, series[8:], 3, batch_size=50)
    x, y = windows[0]
    assert len(x) == 12
    assert y[0] == 8
    assert timeseries_dataset_from_array(series, None, 3, shuffle=True, seed=1)[0].shape == (18, 3)
    model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(1)])
    model.compile("sgd", "mae")
    model.fit(timeseries_dataset_from_array(series, series[3:], 3, batch_size=4), verbose=0)


@pytest.mark.parametrize(
    ("error", "options"),
    [
        (ConfigError, {"sequence_length": 0}),
        (ConfigError, {"sequence_length": 3, "sampling_rate": 0}),
        (ConfigError, {"sequence_length": 3, "sequence_stride": 0}),
        (ConfigError, {"sequence_length": 3, "start_index": 20}),
        (ConfigError, {"sequence_length": 3, "start_index": 5, "end_index": 5}),
        (ConfigError, {"sequence_length": 3, "end_index": 21}),
        (ConfigError, {"sequence_length": 3, "batch_size": None}),
        (DataError, {"sequence_length": 21}),
    ],
)
def test_bad_windows(error, options):
    with pytest.raises(error):
        timeseries_dataset_from_array(np.arange(20), None, **options)


def test_bad_generators():
    with pytest.raises(DataError, match="one target for each"):
        TimeseriesGenerator([1, 2], [1], 1)
    with pytest.raises(DataError, match="no whole window"):
        TimeseriesGenerator(np.arange(3), np.arange(3), 3)


def test_skipgrams_are_the_pairs_of_keras(theirs):
    words = [1, 2, 0, 3, 4, 2]
    options = {"negative_samples": 0, "shuffle": False}
    for window in (1, 2, 4):
        expected = theirs.skipgrams(words, 5, window, **options)
        assert skipgrams(words, 5, window, **options) == expected
    pairs, labels = skipgrams(words, 5, 2, negative_samples=2.0, categorical=True, seed=3)
    positive, _ = skipgrams(words, 5, 2, **options)
    assert len(pairs) == 3 * len(positive)
    assert sorted(p for p, (_, yes) in zip(pairs, labels) if yes) == sorted(positive)
    assert all(1 <= word < 5 for pair in pairs for word in pair)
    assert skipgrams(words, 5, seed=3) == skipgrams(words, 5, seed=3)
    assert skipgrams([], 5) == ([], [])
    np.testing.assert_allclose(make_sampling_table(50), theirs.make_sampling_table(50))
    never = np.zeros(5)
    assert skipgrams(words, 5, sampling_table=never) == ([], [])
