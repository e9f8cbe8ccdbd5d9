import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError
from maeum.layers import Dense, FeatureScale, NTKDense, ParametricActivation
from maeum.testing import check_layer


def test_ntk_dense_is_a_dense_layer_with_other_weights():
    x = np.random.default_rng(0).normal(size=(5, 9)).astype("float32")
    ours, plain = NTKDense(4, "tanh", bias_rate=0.5), Dense(4, "tanh")
    ours.build((None, 9))
    plain.build((None, 9))
    kernel = ours.get_weights()[0]
    ours.set_weights([kernel, np.arange(4.0, dtype="float32")])
    plain.set_weights([kernel / 3, np.arange(4.0, dtype="float32") / 2])
    np.testing.assert_allclose(ours(x), plain(x), rtol=1e-5, atol=1e-6)


def test_ntk_kernels_begin_as_standard_normal_numbers():
    layer = NTKDense(200)
    layer.build((None, 300))
    kernel, bias = layer.get_weights()
    assert (kernel.mean(), kernel.std()) == pytest.approx((0, 1), abs=0.02)
    assert not bias.any()


def test_adam_moves_an_output_as_far_however_many_inputs_there_are():
    """A step of Adam changes each weight by the rate; 1 / sqrt(n) of n inputs of 1 / sqrt(n)."""
    moved = []
    for n in (4, 400):
        x = np.full((1, n), n**-0.5, "float32")
        model = mm.Sequential([mm.Input((n,)), NTKDense(1, use_bias=False)])
        model.compile(mm.optimizers.Adam(0.1), "mae")
        before = model.predict(x, verbose=0)
        model.fit(x, before + 10, epochs=1, verbose=0)
        moved.append(float((model.predict(x, verbose=0) - before)[0, 0]))
    assert moved == pytest.approx([0.1, 0.1], rel=0.01)


def test_scale_and_activation_begin_without_effect():
    x = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    np.testing.assert_array_equal(FeatureScale()(x), x)
    np.testing.assert_array_equal(ParametricActivation("relu")(x), np.maximum(x, 0))
    scale, activation = FeatureScale(rate=2.0), ParametricActivation("relu", rate=0.5)
    for layer in (scale, activation):
        layer.build((None, 3))
        layer.set_weights([np.array([1, 0, -2], "float32")])
    np.testing.assert_allclose(scale(x), x * [3, 1, -3], rtol=1e-6)
    amount = np.array([1.5, 1, 0], "float32")
    np.testing.assert_allclose(activation(x), x + amount * (np.maximum(x, 0) - x), rtol=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        lambda: NTKDense(3, "tanh"),
        lambda: NTKDense(3, input_rate=2.0),
        FeatureScale,
        lambda: ParametricActivation("tanh"),
        lambda: ParametricActivation("silu"),
    ],
)
def test_they_keep_the_contract_of_layers(make):
    check_layer(make, (4,))


@pytest.mark.parametrize(
    "make",
    [lambda: NTKDense(0), lambda: NTKDense(2, bias_rate=-1), lambda: FeatureScale("x"),
     lambda: ParametricActivation("nothing")],
)  # fmt: skip
def test_what_makes_no_sense_is_told(make):
    with pytest.raises((ConfigError, ValueError, TypeError)):
        make()
