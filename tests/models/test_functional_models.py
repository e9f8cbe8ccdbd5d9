"""Functional models: graphs of layers and ops, shared and nested, and what goes wrong."""

import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum import ops
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.layers import Add, Concatenate, Dense, Dropout, Embedding, Flatten, Lambda


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_several_inputs_and_outputs(rng):
    a, b = mm.Input((3,), name="a"), mm.Input((2,), name="b")
    both = Concatenate()([a, b])
    model = mm.Model([a, b], [Dense(4, name="x")(both), Dense(1, name="y")(both)])
    xa, xb = rng.normal(size=(5, 3)).astype("f4"), rng.normal(size=(5, 2)).astype("f4")
    k1, b1, k2, b2 = model.get_weights()
    x = np.concatenate([xa, xb], 1)
    expected = [x @ k1 + b1, x @ k2 + b2]
    given = [[xa, xb], (xa, xb), {"b": xb, "a": xa}, {"a": xa, "b": xb, "unused": xb}]
    for inputs in given:
        for outputs in (model.predict(inputs), model(inputs)):
            assert isinstance(outputs, list)
            for got, want in zip(outputs, expected):
                np.testing.assert_allclose(got, want, atol=1e-5)
    assert model.input_names == ["a", "b"]
    assert model.output_names == ["x", "y"]
    assert model.input_shape == [(None, 3), (None, 2)]
    assert model.output_shape == [(None, 4), (None, 1)]
    assert [t.shape for t in model.inputs] == [(None, 3), (None, 2)]


def test_dicts_of_inputs_and_outputs(rng):
    inputs = {"left": mm.Input((3,)), "right": mm.Input((3,))}
    total = inputs["left"] + inputs["right"]
    model = mm.Model(inputs, {"sum": total, "double": total * 2})
    left, right = rng.normal(size=(2, 5, 3)).astype("f4")
    out = model.predict({"right": right, "left": left})
    np.testing.assert_allclose(out["sum"], left + right, atol=1e-6)
    np.testing.assert_allclose(out["double"], 2 * (left + right), atol=1e-6)
    assert model.output_names == ["double", "sum"]
    with pytest.raises(DataError, match="lacks 'right'"):
        model.predict({"left": left})


def test_a_list_of_one_is_that_one(rng):
    x = mm.Input((3,))
    model = mm.Model([x], [Dense(2)(x)])
    assert model.predict(np.ones((4, 3))).shape == (4, 2)
    assert model.output_shape == (None, 2)


def test_a_shared_layer_has_one_set_of_weights(rng):
    a, b = mm.Input((3,)), mm.Input((3,))
    shared = Dense(2)
    model = mm.Model([a, b], shared(a) - shared(b))
    assert len(model.weights) == 2
    xa, xb = rng.normal(size=(2, 5, 3)).astype("f4")
    kernel = model.get_weights()[0]
    np.testing.assert_allclose(model.predict([xa, xb]), (xa - xb) @ kernel, atol=1e-5)


def test_nested_models_share_weights_where_they_are_called_twice(rng):
    x = mm.Input((3,))
    tower = mm.Model(x, Dense(2, activation="tanh")(x), name="tower")
    a, b = mm.Input((3,)), mm.Input((3,))
    model = mm.Model([a, b], Dense(1)(Concatenate()([tower(a), tower(b)])))
    assert list(model.named_variables()) == [
        "tower/dense/kernel", "tower/dense/bias", "dense/kernel", "dense/bias"
    ]  # fmt: skip
    xa, xb = rng.normal(size=(2, 5, 3)).astype("f4")
    k1, b1, k2, b2 = model.get_weights()
    expected = np.concatenate([np.tanh(xa @ k1 + b1), np.tanh(xb @ k1 + b1)], 1) @ k2 + b2
    np.testing.assert_allclose(model.predict([xa, xb]), expected, atol=1e-5)
    assert model.get_layer("tower") is tower


def test_two_towers_of_one_seed_begin_alike_and_others_differ():
    def tower(seed):
        return mm.Sequential([Dense(2, input_shape=(3,))], seed=seed)

    a, b, c = tower(1), tower(1), tower(2)
    assert (a.get_weights()[0] == b.get_weights()[0]).all()
    assert (a.get_weights()[0] != c.get_weights()[0]).any()


OPERATORS = {
    "arithmetic": (lambda x: (1 - x) * 2 + x / 3 - -x, None),
    "power": (lambda x: abs(x) ** 2 + 2**x, None),
    "floor": (lambda x: x // 0.5 + x % 0.3, None),
    "index": (lambda x: x[:, 1] + x[..., 0] * x[:, -1], None),
    "slices": (lambda x: x[:, ::-1][:, 1:], None),
    "new axis": (lambda x: x[:, None] * x[..., None], None),
    "matmul": (lambda x: x @ np.arange(6.0, dtype="f4").reshape(3, 2), None),
    "array on the left": (lambda x: np.arange(3.0, dtype="f4") + np.float64(2) * x, None),
    "compare": (lambda x: ops.where(x > 0, x, 0.0), lambda x: np.where(x > 0, x, 0.0)),
    "ops": (
        lambda x: ops.concatenate([ops.exp(x), ops.sum(x, axis=-1, keepdims=True)], axis=-1),
        lambda x: np.concatenate([np.exp(x), x.sum(-1, keepdims=True)], -1),
    ),
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_on_symbolic_tensors_compute_what_numpy_computes(name, rng):
    symbolic, by_numpy = OPERATORS[name]
    x = mm.Input((3,))
    y = symbolic(x)
    model = mm.Model(x, y)
    data = rng.normal(size=(4, 3)).astype("f4")
    expected = (by_numpy or symbolic)(data)
    np.testing.assert_allclose(model.predict(data), expected, atol=1e-5)
    assert y.shape == (None, *expected.shape[1:])
    again = mm.models.model_from_json(model.to_json())
    np.testing.assert_array_equal(again.predict(data), model.predict(data))


def test_symbolic_tensors_say_what_they_cannot_do():
    x = mm.Input((3,))
    with pytest.raises(TypeError, match="cannot decide"):
        bool(x > 0)
    with pytest.raises(TypeError, match=r"maeum.ops"):
        np.exp(x)
    with pytest.raises(TypeError, match="index it instead"):
        list(x)


def test_lambda_and_dtypes(rng):
    words = mm.Input((4,), dtype="int32")
    y = Lambda(lambda e: e.mean(1))(Embedding(9, 5)(words))
    model = mm.Model(words, y)
    data = rng.integers(0, 9, (3, 4))
    table = model.get_weights()[0]
    np.testing.assert_allclose(model.predict(data), table[data].mean(1), atol=1e-6)
    # Whole numbers that come as floats are taken as what the Input declares.
    np.testing.assert_allclose(model.predict(data.astype(float)), table[data].mean(1), atol=1e-6)


def test_a_model_from_the_middle_of_another(rng):
    x = mm.Input((3,))
    h = Dense(4, name="a")(x)
    y = Dense(2, name="c")(Dense(5, name="b")(h))
    whole = mm.Model(x, y)
    head = mm.Model(whole.get_layer("a").output, whole.output)
    assert list(head.named_variables()) == ["b/kernel", "b/bias", "c/kernel", "c/bias"]
    data = rng.normal(size=(6, 3)).astype("f4")
    middle = mm.Model(x, h).predict(data)
    np.testing.assert_allclose(head.predict(middle), whole.predict(data), atol=1e-5)
    again = mm.models.clone_model(head)
    again.set_weights(head.get_weights())
    np.testing.assert_array_equal(again.predict(middle), head.predict(middle))


def test_an_input_may_be_an_output_and_one_may_be_unused(rng):
    x, unused = mm.Input((3,)), mm.Input((2,))
    model = mm.Model([x, unused], [x, Dense(1)(x)])
    data = rng.normal(size=(4, 3)).astype("f4")
    np.testing.assert_array_equal(model.predict([data, np.zeros((4, 2))])[0], data)


def test_layers_and_outputs_by_name():
    x = mm.Input((3,), name="row")
    model = mm.Model(x, Dense(1, name="out")(Dense(2, name="hidden")(x)))
    assert [layer.name for layer in model.layers] == ["row", "hidden", "out"]
    assert model.get_layer("hidden").output.shape == (None, 2)
    assert model.get_layer("hidden").input is x
    assert model.output is model.get_layer("out").output
    shared = model.get_layer("hidden")
    shared(mm.Input((3,)))  # called again elsewhere: what .output means stays the same
    assert mm.Model(model.input, shared.output).output_shape == (None, 2)


def test_dropout_that_never_rests_draws_anew_for_every_prediction():
    def predictions():
        x = mm.Input((50,))
        model = mm.Model(x, Dropout(0.5)(x, training=True), seed=1)
        return model, [model.predict(np.ones((2, 50))) for _ in range(2)]

    model, (first, second) = predictions()
    assert set(np.unique(first)) == {0.0, 2.0}
    assert (first != second).any()
    again = predictions()[1]
    np.testing.assert_array_equal(again, [first, second])
    assert (model(np.ones((2, 50), "f4")) != model(np.ones((2, 50), "f4"))).any()


def test_dtypes_as_arguments_of_ops_survive_json():
    x = mm.Input((2,))
    for dtype in ("int32", np.int32, jnp.int32, np.dtype("int32")):
        model = mm.models.model_from_json(mm.Model(x, ops.cast(x, dtype)).to_json())
        assert model.predict(np.ones((1, 2))).dtype == np.int32


def test_a_subclass_may_make_its_graph_itself(rng):
    class Net(mm.Model):
        def __init__(self, units):
            x = mm.Input((3,))
            super().__init__(x, Dense(units)(x), name="net")

        def call(self, inputs):
            return super().call(inputs) * 2

    model = Net(4)
    data = rng.normal(size=(5, 3)).astype("f4")
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(model.predict(data), 2 * (data @ kernel + bias), atol=1e-5)


def test_what_is_no_graph():
    x, other = mm.Input((3,)), mm.Input((3,))
    with pytest.raises(ConfigError, match="not among the inputs"):
        mm.Model(x, Dense(1)(Add()([x, other])))
    with pytest.raises(ConfigError, match="needs both"):
        mm.Model(x)
    with pytest.raises(ConfigError, match="symbolic outputs; got <Dense"):
        mm.Model(x, [Dense(1)(x), Dense(1)])
    with pytest.raises(ConfigError, match=r"maeum.Input"):
        mm.Model(np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(ConfigError, match="give each once"):
        mm.Model([x, x], Dense(1)(x))
    with pytest.raises(ConfigError, match="two layers named 'a'"):
        mm.Model(x, Dense(1, name="a")(Dense(2, name="a")(x)))
    with pytest.raises(ConfigError, match="was not made from symbolic inputs"):
        print(mm.Model().inputs)
    with pytest.raises(ConfigError, match="not been called on a symbolic input"):
        print(Dense(2).output)


def test_data_that_do_not_fit_the_inputs(rng):
    a, b = mm.Input((3,), name="a"), mm.Input((2, 2), name="b")
    model = mm.Model([a, b], Concatenate()([a, Flatten()(b)]))
    good = [np.ones((4, 3)), np.ones((4, 2, 2))]
    assert model.predict(good).shape == (4, 7)
    with pytest.raises(DataError, match="takes these inputs: a, b; got 1"):
        model.predict(good[0])
    with pytest.raises(ShapeError, match=r"'b' .* takes arrays of shape \(rows, 2, 2\)"):
        model.predict([good[0], np.ones((4, 2, 3))])
    with pytest.raises(DataError, match="same number of rows"):
        model.predict([good[0], np.ones((5, 2, 2))])
    with pytest.raises(DataError, match="lacks 'b'"):
        model.predict({"a": good[0]})
    with pytest.raises(ShapeError, match=r"\(rows, 2, 2\)"):
        model([good[0], np.ones((4, 2))])


def test_errors_name_the_layer_in_which_they_happen():
    x = mm.Input((3,))
    with pytest.raises(ValueError, match=r".") as caught:
        Add(name="sum")([Dense(2)(x), Dense(4)(x)])
    assert "sum" in str(caught.value) + "".join(getattr(caught.value, "__notes__", []))
