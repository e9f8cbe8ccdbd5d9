"""Weights that a layer declares: arguments, defaults, and where add_weight takes them from."""

import inspect

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError
from maeum.layers import LSTM, BatchNormalization, Dense, DepthwiseConv2D, MultiHeadAttention
from maeum.layers.declared_weights import declares_weights
from maeum.testing import check_layer


@mm.register(package="test_declared_weights")
@declares_weights("table", "gamma", after="rows")
class Table(mm.Layer):
    def __init__(self, rows, scale=1.0, **kwargs):
        super().__init__(**kwargs)
        self.rows, self.scale = rows, scale

    def build(self, input_shape):
        self.table = self.add_weight("table", (self.rows, input_shape[-1]))
        self.factor = self.add_weight("factor", (), declared="gamma")
        self.plain = self.add_weight("plain", (2,), "ones")

    def call(self, x):
        return self.scale * self.factor * x @ self.table.value.T


def test_a_layer_of_ones_own_declares_weights():
    assert list(inspect.signature(Table).parameters) == [
        "rows", "table_initializer", "gamma_initializer", "table_regularizer",
        "gamma_regularizer", "activity_regularizer", "table_constraint", "gamma_constraint",
        "scale", "kwargs",
    ]  # fmt: skip
    layer = Table(2, "zeros", table_regularizer="l2", gamma_constraint="non_neg", scale=3.0)
    layer(np.ones((1, 4), "float32"))
    assert layer.table.numpy().tolist() == [[0.0] * 4] * 2
    assert layer.table.regularizer.get_config() == {"l2": 0.01}
    assert layer.factor.numpy() == 1
    assert type(layer.factor.constraint).__name__ == "NonNeg"
    assert layer.plain.regularizer is None
    check_layer(Table, (4,), init={"rows": 2, "table_regularizer": "l1"})


def test_an_initializer_that_is_given_to_add_weight_wins():
    class Ones(Dense):
        def build(self, input_shape):
            self.kernel = self.add_weight("kernel", (2, 2), "ones")
            self.bias = None

    assert Ones(2, kernel_initializer="zeros")(np.ones((1, 2))).tolist() == [[2.0, 2.0]]


@pytest.mark.parametrize(
    ("layer", "shape", "argument", "weight"),
    [
        (Dense(2), (3,), "kernel_regularizer", "kernel"),
        (DepthwiseConv2D(2), (4, 4, 2), "depthwise_constraint", "kernel"),
        (BatchNormalization(), (3,), "gamma_regularizer", "gamma"),
        (LSTM(2), (3, 2), "recurrent_regularizer", "cell.recurrent_kernel"),
        (MultiHeadAttention(1, 2), (3, 2), "bias_regularizer", "query_dense.bias"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_penalty_may_be_given_to_a_built_layer(layer, shape, argument, weight):
    x = np.ones((1, *shape), "float32")
    layer(*[x] * (2 if isinstance(layer, MultiHeadAttention) else 1))
    given = "l1" if argument.endswith("regularizer") else "non_neg"
    setattr(layer, argument, given)
    variable = layer
    for name in weight.split("."):
        variable = getattr(variable, name)
    kind = argument.rpartition("_")[2]
    assert getattr(variable, kind) is not None
    again = type(layer).from_config(layer.get_config())
    assert type(getattr(again, argument)) is type(getattr(variable, kind))


def test_what_build_used_up_cannot_be_assigned():
    layer = Dense(2)
    layer.units = 3
    assert layer(np.ones((1, 2))).shape == (1, 3)
    assert layer.get_config()["units"] == 3
    layer.units = 3  # the same
    with pytest.raises(ConfigError, match=r"'dense'.* was built with units=3; assigning 4"):
        layer.units = 4
    lstm = LSTM(2)
    lstm(np.ones((1, 2, 2), "float32"))
    with pytest.raises(ConfigError, match="built with units=2"):
        lstm.units = 3


def test_what_another_argument_stood_for_stays_what_it_is():
    pool = mm.layers.MaxPooling2D(2)
    pool.pool_size = (3, 3)
    x = np.arange(49.0).reshape(1, 7, 7, 1)
    again = mm.layers.MaxPooling2D.from_config(pool.get_config())
    assert again(x).tolist() == pool(x).tolist()
    assert pool(x).shape == (1, 3, 3, 1)  # the strides are still 2
    lookup = mm.layers.Embedding(5, 2)
    lookup.mask_zero = True
    assert lookup.supports_masking
