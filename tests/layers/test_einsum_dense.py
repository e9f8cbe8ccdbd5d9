"""EinsumDense beside Keras's: every form of equation, its weights, outputs and gradients."""

import numpy as np
import pytest

from maeum import layers
from maeum.core.errors import ConfigError, ShapeError


@pytest.mark.parametrize(
    ("equation", "output_shape", "bias_axes", "shape"),
    [
        ("ab,bc->ac", 4, None, (2, 3)),
        ("ab,bc->ac", (4,), "c", (2, 3)),
        ("abc,cd->abd", (5, 4), "d", (2, 5, 3)),
        ("abc,cde->abde", (5, 2, 3), "de", (2, 5, 4)),
        ("abc,de->abcde", (5, 4, 2, 3), "e", (2, 5, 4)),
        ("abc,cde->aebd", (3, 5, 2), "bd", (2, 5, 4)),
        ("...b,bc->...c", 4, "c", (2, 5, 3)),
        ("ab...,bc->ac...", 4, "c", (2, 3, 5, 2)),
        ("...x,xy->...y", (4,), None, (2, 3)),
    ],
)
def test_outputs_and_gradients_are_those_of_keras(
    agree, k, equation, output_shape, bias_axes, shape
):
    options = {"bias_axes": bias_axes, "activation": "tanh"}
    ours = layers.EinsumDense(equation, output_shape, **options)
    theirs = k.EinsumDense(equation, output_shape, **options)
    agree(ours, theirs, agree.floats(*shape))


def test_several_axes_stay_in_their_order():
    layer = layers.EinsumDense("...b,bc->...c", 4)
    assert layer.compute_output_shape((None, 5, 6, 3)) == (None, 5, 6, 4)
    assert layer(np.ones((2, 5, 6, 3), "float32")).shape == (2, 5, 6, 4)
    unknown = layers.EinsumDense("abc,cd->abd", (None, 4))
    assert unknown.compute_output_shape((None, 5, 3)) == (None, 5, 4)
    assert unknown(np.ones((2, 5, 3), "float32")).shape == (2, 5, 4)


def test_the_initial_kernel_knows_which_axes_are_inputs():
    layer = layers.EinsumDense("abc,cde->abde", (None, 8, 64))
    layer.build((2, 5, 32))  # Glorot's limit for 32 inputs and 512 outputs
    assert np.abs(layer.kernel.numpy()).max() <= (6 / (32 + 512)) ** 0.5
    assert np.abs(layer.kernel.numpy()).max() > 0.9 * (6 / (32 + 512)) ** 0.5


@pytest.mark.parametrize(
    ("equation", "output_shape", "bias_axes", "error", "words"),
    [
        ("ab,bc,cd->ad", 4, None, ConfigError, "equation"),
        ("ab,cd->ad", 4, None, ConfigError, "'c'"),
        ("ab,bc->ad", 4, None, ConfigError, "'d'"),
        ("ab,bc->ac", 4, "z", ConfigError, "'z'"),
        ("ab,bc->acd", 4, None, ShapeError, "axes"),
        ("abc,cd->abd", (9, 4), None, ShapeError, "'b'"),
    ],
)
def test_equations_that_do_not_fit_are_refused(equation, output_shape, bias_axes, error, words):
    shape = (2, 3) if equation.startswith("ab,") else (2, 5, 3)
    with pytest.raises(error, match=words):
        layers.EinsumDense(equation, output_shape, bias_axes=bias_axes).build(shape)
