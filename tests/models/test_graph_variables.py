"""Variables in graphs: an op's variable is a weight of the model, as a layer's is."""

import pickle
import re
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum import ops
from maeum.core import functional
from maeum.core.errors import ModelFileError
from maeum.initializers import RandomNormal
from maeum.layers import Dense, Lambda, Layer
from maeum.models import clone_model, load_model, model_from_json

RNG = np.random.default_rng(0)
X = RNG.normal(size=(16, 3)).astype("f4")
Y = RNG.normal(size=(16, 2)).astype("f4")
KERNEL = RNG.normal(size=(3, 2)).astype("f4")


def variable(shape, name, **options):
    return mm.Variable(shape, RandomNormal(), name=name, **options)


def affine(**options):
    """``x @ w + b``, of ops alone."""
    x = mm.Input((3,))
    w = mm.Variable((3, 2), KERNEL, name="w", **options)
    b = mm.Variable((2,), np.zeros(2, "f4"), name="b")
    return mm.Model(x, ops.matmul(x, w) + b, seed=1), w


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_model_of_ops_trains_as_the_layer_does(optimizer):
    model, _ = affine()
    dense = mm.Sequential([mm.Input((3,)), Dense(2)], seed=1)
    dense.set_weights([KERNEL, np.zeros(2, "f4")])
    for each in (model, dense):
        each.compile(optimizer, "mse")
    ours, theirs = (each.fit(X, Y, epochs=2, batch_size=8, verbose=0) for each in (model, dense))
    np.testing.assert_allclose(ours.history["loss"], theirs.history["loss"], rtol=1e-6)
    for got, want in zip(model.get_weights(), dense.get_weights()):
        np.testing.assert_allclose(got, want, atol=1e-6)
    assert list(model.named_variables()) == ["w", "b"]
    assert model.count_params() == dense.count_params() == 8


W3 = np.array([0.5, -1.5, 2.0], "f4")
S3 = np.arange(9, dtype="f4").reshape(3, 3) / 9
EXPRESSIONS = {
    "x + w": (W3, lambda x, w: x + w),
    "w + x": (W3, lambda x, w: w + x),
    "w - x": (W3, lambda x, w: w - x),
    "w * x / w": (W3, lambda x, w: w * x / w),
    "w / (x * x + 1)": (W3, lambda x, w: w / (x * x + 1)),
    "x % w": (W3, lambda x, w: x % w),
    "w ** x": (abs(W3), lambda x, w: w**x),
    "x @ w": (S3, lambda x, w: x @ w),
    "w < x": (W3, lambda x, w: w < x),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_operators_of_variables_compute_what_numpy_computes(name):
    value, expression = EXPRESSIONS[name]
    x, w = mm.Input((3,)), mm.Variable(value.shape, value, name="w")
    model = mm.Model(x, expression(x, w))
    assert model.weights == [w]
    np.testing.assert_allclose(model.predict(X), expression(X, value), rtol=2e-5, atol=1e-5)
    again = model_from_json(model.to_json())
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_variables_are_found_in_nested_arguments():
    x = mm.Input((3,))
    rows, columns = variable((1, 3), "rows"), variable((2, 4), "columns")
    below = ops.concatenate([x, rows], axis=0)
    model = mm.Model(x, ops.einsum("ij,jk->ik", ops.concatenate([below[:, :2]]), columns))
    r, c = (v.numpy() for v in (rows, columns))
    expected = np.concatenate([X, r])[:, :2] @ c
    np.testing.assert_allclose(model(X), expected, atol=1e-6)
    assert list(model.named_variables()) == ["rows", "columns"]


def test_variables_are_arguments_of_layers_too():
    class Product(Layer):
        def call(self, x, factor):
            return x * factor

    x, factor = mm.Input((3,)), variable((3,), "factor")
    model = mm.Model(x, Product()(x, factor))
    np.testing.assert_allclose(model.predict(X), X * factor.numpy(), atol=1e-6)
    assert model.weights == [factor]


def test_gradients_agree_with_finite_differences():
    x = mm.Input((3,))
    w, b = variable((3, 3), "w"), variable((3,), "b")
    model = mm.Model(x, ops.tanh(x @ w + b) @ w)  # one of them twice
    values = functional.values(model)

    def loss(values):
        return jnp.sum(functional.apply(model, values, X)[0] ** 2)

    def by_numpy(w, b):
        return ((np.tanh(X.astype("f8") @ w + b) @ w) ** 2).sum()

    gradients = jax.grad(loss)(values)
    start = {name: np.asarray(value, "f8") for name, value in values.items()}
    for name, gradient in gradients.items():
        for index in np.ndindex(gradient.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = {key: value.copy() for key, value in start.items()}
                moved[name][index] += step
                ends.append(by_numpy(**moved))
            slope = (ends[0] - ends[1]) / 2e-5
            np.testing.assert_allclose(gradient[index], slope, rtol=1e-4, atol=1e-4)


def test_a_variable_begins_with_what_the_seed_of_its_model_gives():
    def made():
        x = mm.Input((3,))
        return mm.Model(x, x @ variable((3, 2), "w") + variable((2,), "b"), seed=7)

    first, second = made(), made()
    for one, two in zip(first.get_weights(), second.get_weights()):
        np.testing.assert_array_equal(one, two)
    given = functional.init(first, 7)
    np.testing.assert_allclose(first.get_weights()[0], given["w"], rtol=1e-6)


def test_a_saved_model_predicts_and_trains_on_as_before(tmp_path):
    x = mm.Input((3,))
    w = variable((3, 2), "w", regularizer=mm.regularizers.L2(0.1))
    b = variable((2,), "b", trainable=False)
    h = Dense(3, activation="tanh")(x * variable((3,), "w"))
    model = mm.Model(x, h @ w + b)
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "m.maeum")
    loaded = load_model(tmp_path / "m.maeum")
    assert list(loaded.named_variables()) == ["w", "w_1", "b", "dense/kernel", "dense/bias"]
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    histories = [each.fit(X, Y, verbose=0).history for each in (model, loaded)]
    assert histories[0] == histories[1]
    for one, two in zip(model.get_weights(), loaded.get_weights()):
        np.testing.assert_array_equal(one, two)
    model.save_weights(tmp_path / "w.safetensors")
    clone = clone_model(model, seed=3)
    assert clone.get_config()["variables"] == model.get_config()["variables"]
    assert (clone.get_weights()[0] != model.get_weights()[0]).any()
    clone.load_weights(tmp_path / "w.safetensors")
    np.testing.assert_array_equal(clone.predict(X), model.predict(X))
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(X), model.predict(X))


def test_arrays_stay_constants():
    x = mm.Input((3,))
    model = mm.Model(x, x @ KERNEL + jnp.ones(2))
    assert model.weights == []
    again = model_from_json(model.to_json())
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_frozen_variables_are_not_trained():
    frozen, w = affine(trainable=False)
    assert [v.name for v in frozen.trainable_weights] == ["b"]
    frozen.compile("sgd", "mse")
    frozen.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(w.numpy(), KERNEL)
    part, _ = affine()
    x = mm.Input((3,))
    part.trainable = False
    model = mm.Model(x, Dense(1)(part(x)))
    assert [v.name for v in model.trainable_weights] == ["kernel", "bias"]
    assert [v.name for v in clone_model(model).trainable_weights] == ["kernel", "bias"]


def test_a_variable_of_two_models_has_one_value(tmp_path):
    x, z = mm.Input((3,)), mm.Input((3,))
    w = mm.Variable((3, 2), KERNEL, name="w")
    one, two = mm.Model(x, x @ w), mm.Model(z, ops.tanh(z @ w))
    one.compile("sgd", "mse")
    one.fit(X, Y, verbose=0)
    assert (w.numpy() != KERNEL).any()
    np.testing.assert_allclose(two.predict(X), np.tanh(X @ w.numpy()), atol=1e-6)
    for model, name in ((one, "one"), (two, "two")):
        model.save(tmp_path / f"{name}.maeum")
        loaded = load_model(tmp_path / f"{name}.maeum")
        np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
        assert loaded.weights[0] is not w  # those of a file are its own
    before = w.numpy()
    two.compile("sgd", "mse")
    two.fit(X, Y, verbose=0)
    assert (one.get_weights()[0] != before).any()
    one.load_weights(tmp_path / "two.maeum")
    np.testing.assert_array_equal(two.get_weights()[0], before)


def test_what_a_model_and_one_inside_it_share_stays_shared(tmp_path):
    a, x = mm.Input((3,)), mm.Input((3,))
    w, dense = variable((3, 3), "w"), Dense(3)
    inner = mm.Model(a, dense(a @ w), name="inner")
    model = mm.Model(x, Dense(1)(dense(inner(x)) + x @ w))
    names = ["inner/w", "inner/dense/kernel", "inner/dense/bias", "dense_1/kernel", "dense_1/bias"]
    assert list(model.named_variables()) == names
    model.save(tmp_path / "m.maeum")
    for copy in (load_model(tmp_path / "m.maeum"), clone_model(model)):
        assert list(copy.named_variables()) == names
        copy.set_weights(model.get_weights())
        np.testing.assert_array_equal(copy.predict(X), model.predict(X))
        inside = copy.get_layer("inner").weights
        assert inside[0] is copy.weights[0]
    text = model.to_json()
    assert '"same_as": ' in text
    for wrong in ('"same_as": 99', '"same_as": null'):
        with pytest.raises(ModelFileError, match="not described before"):
            model_from_json(re.sub('"same_as": [0-9]+', wrong, text))


def test_a_variable_that_is_held_in_two_places_counts_once():
    class Net(mm.Model):
        def __init__(self):
            x, w = mm.Input((3,)), variable((3, 2), "w")
            super().__init__(x, x @ w)
            self.w, self.same = w, [w]

    model = Net()
    assert list(model.named_variables()) == ["w"]
    assert model.count_params() == 6


def test_a_weight_of_a_layer_can_be_used_again(tmp_path):
    @mm.register(package="graph_variables")
    class Outer(Layer):
        def __init__(self, **options):
            super().__init__(**options)
            self.inner = Dense(3, use_bias=False)

        def call(self, x):
            return self.inner(x)

    x = mm.Input((3,))
    encoder, outer, last = Dense(2, activation="tanh"), Outer(), Dense(3, use_bias=False)
    outer(x)
    last.build((None, 3))
    again = ops.einsum("ij,kj->ik", encoder(x), encoder.kernel)  # tied, as in an autoencoder
    again = again @ last.kernel @ outer.inner.kernel  # before these layers are called
    model = mm.Model(x, last(outer(again)))
    names = ["dense/kernel", "dense/bias", "outer/inner/kernel", "dense_1/kernel"]
    assert list(model.named_variables()) == names
    kernel, bias, inner, end = (w.astype("f8") for w in model.get_weights())
    expected = np.tanh(X @ kernel + bias) @ kernel.T @ end @ inner @ inner @ end
    np.testing.assert_allclose(model.predict(X), expected, atol=1e-5)
    model.compile("sgd", "mse")
    model.fit(X, X, verbose=0)
    model.save(tmp_path / "m.maeum")
    for copy in (load_model(tmp_path / "m.maeum"), clone_model(model)):
        assert list(copy.named_variables()) == names
        copy.set_weights(model.get_weights())
        np.testing.assert_array_equal(copy.predict(X), model.predict(X))


def test_a_layer_with_variables_inside_a_model_inside_a_model(tmp_path):
    @mm.register(package="graph_variables")
    class Scale(Layer):
        def build(self, input_shape):
            self.factor = self.add_weight("factor", (input_shape[-1],), "ones")

        def call(self, x):
            return ops.multiply(x, self.factor)

    a, x = mm.Input((3,)), mm.Input((3,))
    inner = mm.Model(a, Scale()(a) + variable((3,), "offset"), name="inner")
    model = mm.Model(x, Dense(2)(inner(x)))
    assert list(model.named_variables())[:2] == ["inner/offset", "inner/scale/factor"]
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    assert (model.get_weights()[1] != 1).all()
    model.save(tmp_path / "m.maeum")
    loaded = load_model(tmp_path / "m.maeum")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


def test_a_layer_that_reads_a_variable_of_nobody_says_so():
    w = variable((3,), "w")
    with pytest.warns(UserWarning, match="reads the variable 'w' but does not hold it"):
        Lambda(lambda x: x * w)(mm.Input((3,)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Dense(2)(mm.Input((3,)))


def test_the_summary_counts_variables():
    x = mm.Input((3,))
    model = mm.Model(x, Dense(2)(x * variable((3,), "w") + variable((3,), "w", trainable=False)))
    text: list[str] = []
    model.summary(print_fn=text.append, show_trainable=True)
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in text[0].split("\n")]
    assert ["w (Variable)", "(3,)", "3", "yes"] in rows
    assert ["w_1 (Variable)", "(3,)", "3", "no"] in rows
    assert "Total params: 14" in text[0]
    assert "Non-trainable params: 3" in text[0]


def test_a_damaged_variable_is_an_error():
    config = affine()[0].to_json()
    for wrong in ('"variable": 9', '"variable": "w"'):
        with pytest.raises(ModelFileError):
            model_from_json(config.replace('"variable": 0', wrong))
