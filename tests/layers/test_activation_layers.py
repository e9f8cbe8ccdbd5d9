import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core.errors import ConfigError, ShapeError
from maeum.core.masks import mask_of, with_mask
from maeum.layers import ELU, Activation, Input, LeakyReLU, Maxout, PReLU, ReLU, Softmax

shapes = st.sampled_from([(3, 4), (2, 3, 4)])


@settings(max_examples=8)
@given(
    shape=shapes,
    top=st.sampled_from([None, 1.0]),
    slope=st.sampled_from([0.0, 0.2]),
    threshold=st.sampled_from([0.0, 0.5]),
)
def test_relu_agrees_with_keras(agree, k, shape, top, slope, threshold):
    arguments = (top, slope, threshold)
    agree(ReLU(*arguments), k.ReLU(*arguments), agree.floats(*shape))


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4)])
def test_layers_agree_with_keras(agree, k, shape):
    x = agree.floats(*shape)
    agree(Activation("gelu"), k.Activation("gelu"), x)
    agree(LeakyReLU(), k.LeakyReLU(), x)
    agree(LeakyReLU(0.1), k.LeakyReLU(0.1), x)
    agree(ELU(0.7), k.ELU(0.7), x)
    agree(PReLU(), k.PReLU(), x)
    agree(PReLU(shared_axes=[1]), k.PReLU(shared_axes=[1]), x)
    agree(Softmax(), k.Softmax(), x)
    agree(Softmax(axis=1), k.Softmax(axis=1), x)


def test_older_spelling_of_the_slope():
    assert LeakyReLU(alpha=0.1)(np.array([-1.0])).tolist() == pytest.approx([-0.1])


def test_softmax_leaves_out_what_is_masked(k):
    x = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    mask = np.array([[1, 1, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1]], bool)
    got = Softmax()(x, mask=mask)
    np.testing.assert_allclose(got, k.Softmax()(x, mask=mask), atol=1e-6)
    np.testing.assert_allclose(got.sum(-1), [1, 0, 1], atol=1e-6)
    with pytest.raises(ShapeError, match="broadcasts"):
        Softmax()(x, mask=np.ones(3, bool))


def test_softmax_over_several_axes(k):
    x = np.random.default_rng(0).normal(size=(3, 4, 5)).astype("float32")
    np.testing.assert_allclose(Softmax((1, 2))(x), k.Softmax((1, 2))(x), atol=1e-6)


def test_masks_pass_through():
    mask = jnp.array([True, False])
    for layer in (Activation("relu"), ReLU(), LeakyReLU(), ELU(), PReLU()):
        x = with_mask(jnp.ones((2, 3)), mask)
        assert mask_of(layer(x)) is mask


def test_maxout_is_the_largest_of_each_group():
    x = np.random.default_rng(0).normal(size=(2, 6)).astype("float32")
    np.testing.assert_array_equal(Maxout(3)(x), x.reshape(2, 3, 2).max(-1))
    assert Maxout(3)(Input((6,))).shape == (None, 3)
    with pytest.raises(ConfigError, match="divisor of 6"):
        Maxout(4)(x)


def test_arguments_that_make_no_sense():
    for make in (
        lambda: ReLU(max_value=-1),
        lambda: ReLU(negative_slope=None),
        lambda: LeakyReLU(-0.1),
        lambda: Maxout(0),
        lambda: PReLU(shared_axes=[0]),
    ):
        with pytest.raises(ConfigError):
            make()
    with pytest.raises(ShapeError, match="axis=2"):
        Softmax(axis=2)(np.ones((2, 3)))
    with pytest.raises(ShapeError, match="needs to know the size"):
        PReLU()(Input((None, 3)))
    assert PReLU(shared_axes=[1])(Input((None, 3))).shape == (None, None, 3)
