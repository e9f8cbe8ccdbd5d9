"""The worked examples of a first course on convolutional networks, with the numbers it arrives at.

Each test says what is given; the results are worked out by hand beside it.
"""

import numpy as np
import pytest

import maeum as mm
from maeum.layers import AveragePooling2D, Conv2D, MaxPooling2D, ZeroPadding2D


def picture(*rows):
    """Return rows of one-digit numbers as a batch with one grey picture."""
    return np.array([[int(n) for n in row] for row in rows], "float32")[None, :, :, None]


def plain(y):
    """Return the one channel of the one picture."""
    return np.asarray(y)[0, :, :, 0].tolist()


def convolve(x, *kernel):
    kernel = picture(*kernel)[0, :, :, 0]
    layer = Conv2D(1, kernel.shape, use_bias=False)
    layer.build(x.shape)
    layer.set_weights([kernel[:, :, None, None]])
    return layer(x)


def test_20_a_cross_slides_over_a_picture_and_the_greatest_is_4():
    # In the top left corner the cross covers 1.1 / .1. / 0.1: 1 + 1 + 1 + 0 + 1 = 4.
    y = convolve(picture("11100", "01110", "00111", "00110", "01100"), "101", "010", "101")
    assert plain(y) == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    assert plain(MaxPooling2D(3)(y)) == [[4]]


def test_21_a_diagonal_mask_adds_an_entry_and_the_one_below_to_the_right():
    x = picture("1010", "0110", "0011", "0010")
    y = plain(convolve(x, "10", "01"))
    assert y == [[2, 1, 1], [0, 2, 2], [0, 1, 1]]
    assert y == (x[0, :-1, :-1, 0] + x[0, 1:, 1:, 0]).tolist()


def test_22_windows_that_overlap():
    x = picture("123", "021", "203")
    assert plain(MaxPooling2D(2, strides=1)(x)) == [[2, 3], [2, 3]]
    # (1 + 2 + 0 + 2) / 4, (2 + 3 + 2 + 1) / 4; (0 + 2 + 2 + 0) / 4, (2 + 1 + 0 + 3) / 4.
    assert plain(AveragePooling2D(2, strides=1)(x)) == [[1.25, 2], [1, 1.5]]


def test_23_max_pooling_keeps_the_greatest_of_four():
    x = np.array([[1, 4, 8, 3], [6, 9, 2, 1], [11, 13, 6, 7], [8, 19, 8, 2]], "float32")
    assert plain(MaxPooling2D(2)(x[None, :, :, None])) == [[9, 8], [19, 8]]


def test_24_a_border_of_zeros_lets_a_kernel_of_three_keep_the_size():
    x = np.ones((1, 5, 5, 1), "float32")
    padded = ZeroPadding2D(1)(x)
    assert padded.shape == (1, 7, 7, 1)
    assert Conv2D(1, 3)(padded).shape == Conv2D(1, 3, padding="same")(x).shape == x.shape


@pytest.mark.parametrize(("channels", "size", "filters"), [(1, 3, 32), (3, 5, 8), (16, 1, 4)])
def test_25_a_convolution_has_c_k2_n_plus_n_parameters(capsys, channels, size, filters):
    model = mm.Sequential([mm.Input((28, 28, channels)), Conv2D(filters, size)])
    expected = channels * size**2 * filters + filters
    assert model.count_params() == expected
    model.summary()
    assert f"Total params: {expected:,}" in capsys.readouterr().out
