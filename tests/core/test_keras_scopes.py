"""Keras's scopes: pure runs, devices, and layers that are computed again for their gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError
from maeum.layers import LSTM, BatchNormalization, Dense, Dropout, Embedding


def trained(scope=None):
    ids = np.random.default_rng(0).integers(0, 5, (16, 6))
    with scope or mm.RematScope(None):
        made = [
            Embedding(5, 4, mask_zero=True), LSTM(3, return_sequences=True, name="steps"), LSTM(4),
            BatchNormalization(), Dropout(0.3), Dense(1, kernel_regularizer="l2"),
        ]  # fmt: skip
    model = mm.Sequential([mm.Input((6,), dtype="int32"), *made], seed=4)
    model.compile("sgd", "mse")
    return model.fit(ids, ids.sum(1), epochs=2, verbose=0).history, model.get_weights()


@pytest.mark.parametrize("scope", [
    mm.RematScope(), mm.RematScope("activations"), mm.RematScope("larger_than", 20),
    mm.RematScope("list_of_layers", layer_names=["steps"]),
], ids=lambda scope: scope.mode)  # fmt: skip
def test_recomputed_layers_learn_the_same(scope):
    (history, weights), (expected, others) = trained(scope), trained()
    np.testing.assert_allclose(history["loss"], expected["loss"], rtol=1e-5)
    for one, two in zip(weights, others):
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-6)


def test_less_is_kept_for_the_gradient():
    def kept(scope):
        with scope:
            layer = Dense(64, activation="tanh")
        layer.build((None, 8))
        values = mm.functional.values(layer)

        def loss(x):
            return mm.functional.apply(layer, values, x)[0].sum()

        program = jax.make_jaxpr(lambda x: jax.vjp(loss, x)[1](1.0))(jnp.ones((4, 8)))
        return "remat" in str(program) or "checkpoint" in str(program)

    assert kept(mm.RematScope())
    assert not kept(mm.RematScope(None))
    assert not kept(mm.RematScope("larger_than", 10**6))


def test_variables_in_a_stateless_scope():
    a, b = mm.Variable(np.zeros(2)), mm.Variable(np.zeros(2))
    with mm.StatelessScope([(a, jnp.ones(2))]) as scope:
        b.assign(a + 2)
        scope.add_update((a, jnp.full(2, 7.0)))
        np.testing.assert_array_equal(b.value, [3, 3])
    np.testing.assert_array_equal(b.value, [0, 0])
    np.testing.assert_array_equal(scope.get_current_value(b), [3, 3])
    np.testing.assert_array_equal(scope.get_current_value(a), [7, 7])
    with pytest.raises(ConfigError, match="Invalid reference variable"):
        mm.StatelessScope([("a", 1)])
    with pytest.raises(ValueError, match="Invalid variable value"):
        mm.StatelessScope([(a, jnp.ones(3))])
    with mm.SymbolicScope():
        np.testing.assert_array_equal(a.value, [0, 0])


def test_names_and_devices():
    with mm.name_scope("outer"), mm.device("cpu:0"):
        assert jnp.ones(1).devices() == {jax.devices("cpu")[0]}
    for wrong in ("a/b", 4):
        with pytest.raises(ConfigError, match="string"), mm.name_scope(wrong):
            pass
    with pytest.raises(ConfigError, match="There is no device"):
        mm.device("abacus:0")
    np.testing.assert_allclose(jax.grad(mm.remat(lambda x: jnp.sin(x) ** 2))(1.0), np.sin(2.0))


def test_a_function_and_an_operation():
    class Twice(mm.Operation):
        def call(self, x):
            return x, 2 * x

    x = mm.KerasTensor((None, 3))
    _one, two = Twice()(x)
    function = mm.Function({"x": x}, {"y": mm.ops.tanh(two)}, name="f")
    given = np.ones((2, 3), "float32")
    np.testing.assert_allclose(function({"x": given})["y"], np.tanh(2 * given), rtol=1e-6)
    assert [operation.name for operation in function.operations] == ["twice", "tanh"]
    again = function({"x": mm.KerasTensor((4, 3))})["y"]
    assert again.shape == (4, 3)
    with pytest.raises(ValueError, match="incompatible inputs"):
        function({"x": np.ones((2, 4))})
    with pytest.raises(ValueError, match="invalid input structure"):
        function(given)
    with pytest.raises(ValueError, match="cannot be empty"):
        mm.Function([], x)
    assert isinstance(Dense(1), mm.Operation)
    assert not isinstance(Dense(1), mm.Function)


def test_scopes_name_free_variables_but_no_models():
    with mm.name_scope("outer") as outer:
        assert outer.name == "outer"
        assert mm.Variable(1.0, name="w").path == "outer/w"
        with mm.name_scope("inner", caller=1), mm.name_scope("inner", caller=1):
            assert mm.Variable(1.0, name="w").path == "outer/inner/w"
        with mm.name_scope("other", override_parent="/absolute/path"):
            assert mm.Variable(1.0, name="w").path == "absolute/path/other/w"
        inside = mm.Sequential([mm.Input((2,)), mm.layers.Dense(1, name="dense")], seed=1)
        inside.predict(np.ones((1, 2)), verbose=0)
    assert mm.Variable(1.0, name="w").path == "w"
    outside = mm.Sequential([mm.Input((2,)), mm.layers.Dense(1, name="dense")], seed=1)
    assert list(inside.named_variables()) == list(outside.named_variables())
    for ours, theirs in zip(inside.get_weights(), outside.get_weights()):
        np.testing.assert_array_equal(ours, theirs)
