"""Variables: values made late, assigning, arithmetic, and whose memory is whose."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum import initializers
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.variable import Variable, materialize
from maeum.layers import Dense


def test_the_value_is_made_on_first_use():
    calls = []

    def initializer(shape, dtype):
        calls.append(shape)
        return jnp.ones(shape, dtype)

    variable = Variable((2, 3), initializer)
    assert variable.shape == (2, 3)
    assert (variable.ndim, variable.size, len(variable)) == (2, 6, 2)
    assert calls == []
    np.testing.assert_array_equal(variable.numpy(), np.ones((2, 3)))
    variable.numpy()
    assert calls == [(2, 3)]


@pytest.mark.parametrize("start", [3, np.arange(6.0).reshape(2, 3), jnp.ones((2, 3)), [1, 2, 3]])
def test_starting_from_an_array(start):
    variable = Variable(start, (2, 3), "float32")
    np.testing.assert_array_equal(variable.numpy(), np.broadcast_to(start, (2, 3)))
    assert variable.numpy().dtype == np.float32


def test_first_values_follow_from_seed_and_path():
    def made(seed, path):
        variable = Variable((3, 4), initializers.GlorotUniform())
        variable.seed, variable.path = seed, path
        return variable.numpy()

    np.testing.assert_array_equal(made(1, "a"), made(1, "a"))
    assert (made(1, "a") != made(2, "a")).any()
    assert (made(1, "a") != made(1, "b")).any()
    variable = Variable((3, 4), initializers.GlorotUniform())
    np.testing.assert_allclose(variable.initial_value(1, "a"), made(1, "a"), atol=1e-7)


def test_values_do_not_depend_on_what_else_is_made():
    def variables():
        made = [Variable((3,), initializers.RandomNormal(), name=name) for name in "abc"]
        for i, variable in enumerate(made):
            variable.seed = i
        return made

    together, alone = variables(), variables()
    materialize(together)
    for one, other in zip(together, alone):
        materialize([other])
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_assigning():
    variable = Variable((2,), 0.0, name="w")
    assert variable.assign([1.0, 2.0]).tolist() == [1.0, 2.0]
    variable.assign_add([1, 1])
    variable.assign_sub(0.5)
    assert variable.numpy().tolist() == [1.5, 2.5]
    variable.assign(np.array([1, 2]))  # another dtype is cast
    assert variable.value.dtype == jnp.float32
    with pytest.raises(ShapeError, match=r"'w' has shape \(2,\); a value of shape \(3,\)"):
        variable.assign(np.zeros(3))
    with pytest.raises(ShapeError):
        variable.assign(0.0)
    assert variable.numpy().tolist() == [1.0, 2.0]


def test_arithmetic_and_comparison():
    variable = Variable((3,), np.array([1.0, -2.0, 4.0]))
    array = np.array([2.0, 3.0, 5.0], "float32")
    v = variable.numpy()
    for left, right in ((variable, array), (array, variable), (variable, 2), (3.0, variable)):
        a = v if left is variable else left
        b = v if right is variable else right
        np.testing.assert_allclose(left + right, a + b)
        np.testing.assert_allclose(left - right, a - b)
        np.testing.assert_allclose(left * right, a * b)
        np.testing.assert_allclose(left / right, a / b)
        np.testing.assert_allclose(left // right, a // b)
        np.testing.assert_allclose(left % right, a % b)
        assert isinstance(left + right, jax.Array)
    np.testing.assert_allclose(variable**2, v**2)
    np.testing.assert_allclose(2.0**variable, 2**v, rtol=1e-6)
    np.testing.assert_allclose(variable @ array, v @ array)
    np.testing.assert_allclose(array @ variable, v @ array)
    np.testing.assert_allclose(variable + variable, 2 * v)
    np.testing.assert_allclose(-variable, -v)
    np.testing.assert_allclose(abs(variable), abs(v))
    assert (variable > 0).tolist() == [True, False, True]
    assert variable[0] == 1
    assert float(Variable((), 2.5)) == 2.5
    assert int(Variable((), 2, "int32")) == 2
    np.testing.assert_allclose(np.sqrt(Variable((2,), 4.0)), 2)
    np.testing.assert_allclose(mm.ops.sum(variable), 3)
    np.testing.assert_allclose(jnp.sum(variable.value), 3)


def test_a_variable_does_not_share_memory_with_what_it_was_given():
    for offset in range(64):  # some of these are aligned as a device array
        block = np.zeros(64 * 64 + 64, "float32")
        given = block[offset : offset + 64 * 64].reshape(64, 64)
        variable = Variable((64, 64), 1.0)
        variable.assign(given)
        given[:] = 7
        assert not variable.numpy().any()


def test_numpy_returns_a_copy_that_can_be_changed():
    variable = Variable((3,), 1.0)
    array = variable.numpy()
    array += 1
    assert variable.numpy().tolist() == [1, 1, 1]


def test_two_models_that_exchange_arrays_train_on_their_own():
    def model(seed):
        made = mm.Sequential([mm.Input((3,)), Dense(1)], seed=seed)
        made.compile("sgd", "mse")
        return made

    x = np.ones((4, 3))
    learner, target = model(1), model(2)
    for ours, theirs in zip(target.weights, learner.weights):
        ours.assign(theirs)
    expected = target.predict(x)
    learner.train_on_batch(x, x[:, :1])
    learner.fit(x, x[:, :1], verbose=0)
    np.testing.assert_array_equal(target.predict(x), expected)
    target.weights[0].assign(learner.weights[0].value)
    learner.train_on_batch(x, x[:, :1])
    assert np.isfinite(target.predict(x)).all()


def test_assigning_inside_a_pure_run_changes_nothing_outside():
    variable = Variable((), 1.0)

    class Counter(mm.Layer):
        def __init__(self):
            super().__init__()
            self.count = variable

        def call(self, x):
            self.count.assign_add(1.0)
            return x * self.count

    layer = Counter()
    layer.build(None)
    outputs, updates = mm.functional.apply(layer, {"variable": 5.0}, np.ones(2, "f4"))
    assert outputs.tolist() == [6, 6]  # a value that was assigned is read again
    assert float(updates["variable"]) == 6
    assert float(variable) == 1
    layer(np.ones(2, "f4"))
    assert float(variable) == 2


def test_how_it_is_shown():
    assert repr(Variable((2,), 0.0, name="w")) == "<Variable w shape=(2,) dtype=float32>"


def test_an_array_read_before_a_training_outlives_it():
    model = mm.Sequential([mm.Input((3,)), Dense(1)])
    model.compile("sgd", "mse")
    before = model.weights[0].value
    expected = model.get_weights()[0]
    model.fit(np.ones((4, 3)), np.ones(4), epochs=2, verbose=0)
    np.testing.assert_array_equal(before, expected)


def test_predictions_can_be_changed():
    model = mm.Sequential([mm.Input((3,)), Dense(1)])
    for rows in (1, 3, 8):
        predictions = model.predict(np.ones((rows, 3)))
        predictions[predictions != 0] = 1
        assert predictions.all()


def test_a_variable_is_made_as_in_keras_or_in_the_former_order():
    assert Variable(1.0).dtype == np.float32
    assert Variable(1.0).shape == ()
    assert Variable([1, 2]).dtype == np.int32
    assert Variable(np.ones(3), dtype="float16").dtype == np.float16
    assert Variable((), 3).dtype == np.float32
    for made in (Variable("ones", shape=(2, 3)), Variable((2, 3), "ones"), Variable(1.0, (2, 3))):
        np.testing.assert_array_equal(made.value, np.ones((2, 3)))
    with pytest.raises(ConfigError, match="needs a shape"):
        Variable("ones")
    with pytest.raises(ConfigError, match="a tuple of whole numbers; got 'three'"):
        Variable("ones", shape="three")
