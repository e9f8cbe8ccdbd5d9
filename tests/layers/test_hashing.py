"""Hashing and HashedCrossing: the bins that Keras's documentation and tests show."""

import numpy as np
import pytest

import maeum as mm
from maeum import layers
from maeum.core.errors import ConfigError, DataError, ShapeError

NAMES = [["omar"], ["stringer"], ["marlo"], ["wire"], ["skywalker"]]


@pytest.mark.parametrize(
    ("options", "inputs", "expected"),
    [
        ({"num_bins": 2}, NAMES, [[0], [0], [1], [0], [0]]),
        ({"num_bins": 2, "salt": [133, 137]}, NAMES, [[0], [1], [0], [1], [0]]),
        ({"num_bins": 3, "mask_value": ""}, [["A"], ["B"], [""], ["C"], ["D"]],
         [[1], [1], [0], [2], [2]]),
        ({"num_bins": 3}, [[0], [1], [2], [3], [4]], [[1], [0], [1], [0], [2]]),
        ({"num_bins": 3}, [["0"], ["1"], ["2"], ["3"], ["4"]], [[1], [0], [1], [0], [2]]),
        ({"num_bins": 1}, NAMES, [[0]] * 5),
    ],
)  # fmt: skip
def test_bins_are_those_of_keras(options, inputs, expected):
    out = layers.Hashing(**options)(inputs)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("mode", ["one_hot", "multi_hot", "count"])
def test_the_other_modes_encode_the_bins(mode):
    words = np.array([["a", "b", "a"], ["c", "c", "c"]])
    bins = layers.Hashing(4)(words)
    out = layers.Hashing(4, output_mode=mode)(words)
    rows = np.eye(4, dtype="float32")[bins]
    expected = {"one_hot": rows, "multi_hot": rows.max(1), "count": rows.sum(1)}[mode]
    np.testing.assert_array_equal(out, expected)
    assert layers.Hashing(4, output_mode=mode).compute_output_shape((2, 3)) == expected.shape


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (["A", "B", "A", "B", "A"], [101, 101, 101, 102, 102], [1, 4, 1, 1, 3]),
        ([["A"], ["B"]], [[101], [101]], [[1], [4]]),
    ],
)
def test_crossed_bins_are_those_of_keras(first, second, expected):
    out = layers.HashedCrossing(5)([np.array(first), np.array(second)])
    np.testing.assert_array_equal(out, expected)
    hot = layers.HashedCrossing(5, output_mode="one_hot")([np.array(first), np.array(second)])
    np.testing.assert_array_equal(hot, np.eye(5)[np.ravel(expected)])


@pytest.mark.parametrize("dtype", ["string", "int32"])
def test_models_hash_texts_before_the_program_and_numbers_in_it(dtype):
    given = np.array([["3"], ["14"], ["15"]]) if dtype == "string" else np.array([[3], [14], [15]])
    x = mm.Input((1,), dtype=dtype)
    bins = layers.Hashing(7)(x)
    model = mm.Model(x, layers.Embedding(7, 2)(bins))
    table = model.get_weights()[0]
    expected = table[layers.Hashing(7)(given)]
    np.testing.assert_allclose(model.predict(given, verbose=0), expected)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: layers.Hashing(0), ConfigError, "num_bins of Hashing"),
        (lambda: layers.Hashing(3, salt="x"), ConfigError, "salt of Hashing"),
        (lambda: layers.Hashing(3, sparse=True), ConfigError, "dense"),
        (lambda: layers.Hashing(3, dtype="float32"), ConfigError, "int64"),
        (lambda: layers.Hashing(3)([[None]]), DataError, "not text"),
        (lambda: layers.HashedCrossing(3)([np.array([1])]), ShapeError, "two inputs"),
        (lambda: layers.HashedCrossing(3)([np.array([1]), np.array([1, 2])]), ShapeError, "shape"),
        (lambda: layers.HashedCrossing(3)([np.array([1.0])] * 2), DataError, "whole numbers"),
    ],
)
def test_what_cannot_be_hashed_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_unknown_entries_get_the_numbers_of_keras():
    texts = layers.StringLookup(vocabulary=["v"], num_oov_indices=3)
    assert texts(list("ABCDE")).tolist() == [1, 0, 1, 1, 2]
    salted = layers.StringLookup(vocabulary=["v"], num_oov_indices=3, salt=[133, 137])
    assert salted(list("ABCDE")).tolist() == [1, 2, 1, 0, 2]
    hashed = layers.IntegerLookup(vocabulary=[9], num_oov_indices=3, oov_method="farmhash")
    x = mm.Input((1,), dtype="int32")
    model = mm.Model(x, hashed(x))
    numbers = np.arange(5)[:, None]
    assert np.ravel(hashed(numbers)).tolist() == [1, 0, 1, 0, 2]
    np.testing.assert_array_equal(model.predict(numbers, verbose=0), hashed(numbers))
    with pytest.raises(ConfigError, match="farmhash"):
        layers.IntegerLookup(vocabulary=[9], salt=3)


def test_whole_numbers_that_an_input_made_floats_of_are_hashed():
    given = np.array([[3], [14], [15]])
    x = mm.Input((1,))
    model = mm.Model(x, layers.Hashing(7)(x + 0))
    np.testing.assert_array_equal(model.predict(given, verbose=0), layers.Hashing(7)(given))
    for wrong in (1.5, 2.0**25):
        with pytest.raises(Exception, match="lost digits"):
            model.predict(np.array([[wrong]]), verbose=0)
    with pytest.raises(ConfigError, match="dtype='string' or 'int32'"):
        layers.HashedCrossing(7)([mm.Input((1,)), mm.Input((1,))])
