import jax.numpy as jnp
import numpy as np
import pytest

from maeum.core import registry
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.masks import mask_of, with_mask
from maeum.layers import Input, Lambda


def test_runs_its_function():
    assert Lambda(lambda x: x**2)(np.array([3.0])).tolist() == [9.0]
    assert Lambda(lambda x, power: x**power, arguments={"power": 3})(np.array([2.0]))[0] == 8.0
    assert Lambda(lambda x: x[:, :2])(Input((5,))).shape == (None, 2)


def test_training_and_mask_are_handed_over():
    layer = Lambda(lambda x, training: x + 1 if training else x)
    assert layer(jnp.zeros(1)).tolist() == [0.0]
    assert layer(jnp.zeros(1), training=True).tolist() == [1.0]
    mask = jnp.array([True, False])
    x = with_mask(jnp.ones(2), mask)
    layer = Lambda(lambda x, mask: jnp.where(mask, x, -1.0), mask=lambda inputs, mask: ~mask)
    assert layer(x).tolist() == [1.0, -1.0]
    assert mask_of(layer(x)).tolist() == [False, True]


def test_a_registered_function_can_be_saved():
    @registry.register(package="test")
    def double(x):
        return 2 * x

    config = Lambda(double, name="twice").get_config()
    assert config["function"] == {"function": "test>double"}
    assert config["name"] == "twice"
    assert Lambda.from_config(config)(jnp.ones(1)).tolist() == [2.0]


def test_another_function_cannot():
    with pytest.raises(ConfigError, match=r"'squared' \(Lambda\) cannot be saved.*register"):
        Lambda(lambda x: x**2, name="squared").get_config()


def test_what_is_declared_is_checked():
    assert Lambda(lambda x: x, output_shape=(None,))(jnp.ones((2, 3))).shape == (2, 3)
    with pytest.raises(ShapeError, match=r"\(4,\).*\(3,\)"):
        Lambda(lambda x: x, output_shape=(4,))(jnp.ones((2, 3)))
    with pytest.raises(ConfigError, match="takes a function"):
        Lambda(3)
