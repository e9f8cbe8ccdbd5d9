"""How many rows are predicted at once, where the caller leaves it open."""

import numpy as np

import maeum as mm
from maeum.layers import Conv2D, Dense, GlobalAveragePooling2D


def test_blocks_follow_the_largest_array_on_the_way():
    model = mm.Sequential([mm.Input((26, 26, 1)), Conv2D(8, 3), GlobalAveragePooling2D()])
    x = np.random.default_rng(0).random((700, 26, 26, 1)).astype("float32")
    outputs = model.predict(x, verbose=0)
    predictor = model._predictor()
    assert predictor.entries == 24 * 24 * 8  # of the convolution, not the 676 of the input
    (sizes, _) = zip(*predictor._batches(x, None, None))
    assert {len(block) for block in sizes} == {512}  # 2**22 / 4608 rows, a power of two
    np.testing.assert_allclose(outputs, model.predict(x, batch_size=100, verbose=0), atol=1e-6)


def test_arrays_that_have_no_rows_do_not_count():
    model = mm.Sequential([mm.Input((3,)), Dense(2000, activation="relu"), Dense(1)])
    model.predict(np.zeros((40, 3), "float32"), verbose=0)
    assert model._predictor().entries == 2000
