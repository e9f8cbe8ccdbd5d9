"""How many rows are predicted at once, where the caller leaves it open."""

import numpy as np
import pytest

import maeum as mm
from maeum.layers import Conv2D, Dense, GlobalAveragePooling2D


def facts(model):
    [compiled] = model.compiled_functions.values()
    return compiled.facts


def test_blocks_follow_the_largest_array_on_the_way():
    model = mm.Sequential([mm.Input((26, 26, 1)), Conv2D(8, 3), GlobalAveragePooling2D()])
    x = np.random.default_rng(0).random((700, 26, 26, 1)).astype("float32")
    outputs = model.predict(x, verbose=0)
    predictor = model.trainer.predictor
    assert facts(model)["entries"] == 24 * 24 * 8  # of the convolution, not the 676 of the input
    (_, sizes, _) = zip(*predictor._batches(x, None, None))
    assert {len(block) for block in sizes} == {512}  # 2**22 / 4608 rows, a power of two
    np.testing.assert_allclose(outputs, model.predict(x, batch_size=100, verbose=0), atol=1e-6)


def test_arrays_that_have_no_rows_do_not_count():
    model = mm.Sequential([mm.Input((3,)), Dense(2000, activation="relu"), Dense(1)])
    model.predict(np.zeros((40, 3), "float32"), verbose=0)
    assert facts(model)["entries"] == 2000


def test_a_large_batch_is_computed_piece_by_piece_with_the_same_outputs():
    model = mm.Sequential([mm.Input((26, 26, 1)), Conv2D(32, 3), GlobalAveragePooling2D()])
    x = np.random.default_rng(0).random((600, 26, 26, 1)).astype("float32")
    outputs = model.predict(x, batch_size=600, verbose=0)
    predictor = model.trainer.predictor
    pieces = [predictor._pieces(np.empty((rows, 26, 26, 1))) for rows in (128, 600, 1024, 601)]
    assert pieces == [1, 5, 8, 1]  # of at most 2**22 / 18432 rows; 601 is a prime number
    expected = [model.predict_on_batch(x[start : start + 50]) for start in range(0, 600, 50)]
    np.testing.assert_allclose(outputs, np.concatenate(expected), atol=1e-6)


@pytest.mark.parametrize("mixing", ["layer", "function", "op"])
def test_a_batch_whose_rows_may_depend_on_each_other_stays_whole(mixing):
    class Centred(mm.Layer):
        def call(self, x):
            return x - mm.ops.mean(x, 0)

    inputs = mm.Input((40_000,))
    wide = mm.layers.Activation("relu")(inputs)
    centred = {
        "layer": lambda: Centred()(wide),
        "function": lambda: mm.layers.Lambda(lambda x: x - mm.ops.mean(x, 0))(wide),
        "op": lambda: wide - mm.ops.mean(wide, 0),
    }[mixing]()
    model = mm.Model(inputs, centred)
    x = np.random.default_rng(0).random((256, 40_000)).astype("float32")
    outputs = model.predict(x, batch_size=256, verbose=0)
    np.testing.assert_allclose(outputs, x - x.mean(0), atol=1e-5)
