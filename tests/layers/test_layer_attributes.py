"""What is read of a layer besides calling it, beside Keras's layers."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum import layers
from maeum.core.errors import ConfigError, ShapeError

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")


def test_stateless_calls_are_pure_functions_as_in_keras(k):
    ours, theirs = (room.BatchNormalization() for room in (layers, k))
    for layer in (ours, theirs):
        layer.build((None, 3))
    trainable = [np.full(3, 2.0, "float32"), np.full(3, -1.0, "float32")]
    fixed = [np.zeros(3, "float32"), np.ones(3, "float32")]
    got, state = ours.stateless_call(trainable, fixed, X, training=True)
    expected, their_state = theirs.stateless_call(trainable, fixed, X, training=True)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
    for one, two in zip(state, their_state, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(ours.moving_mean.numpy(), 0)  # nothing was assigned

    def loss(weights):
        return ours.stateless_call(weights, fixed, X, training=True)[0].sum()

    slopes = jax.jit(jax.grad(loss))([jnp.asarray(w) for w in trainable])
    np.testing.assert_allclose(slopes[1], 4.0, rtol=1e-5)
    dense = layers.Dense(2, kernel_regularizer="l2")
    dense.build((None, 3))
    values = [v.numpy() for v in dense.trainable_variables]
    *_, losses = dense.stateless_call(values, [], X, return_losses=True)
    np.testing.assert_allclose(losses[0], 0.01 * (values[0] ** 2).sum(), rtol=1e-5)
    with pytest.raises(ShapeError, match="2 such variables"):
        dense.stateless_call(values[:1], [], X)
    with pytest.raises(ConfigError, match="not built"):
        layers.Dense(2).stateless_call([], [], X)


def test_a_layer_tells_its_dtypes_its_metrics_and_how_it_was_built():
    class Counting(layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = layers.Dense(2)
            self.seen = [mm.metrics.Mean("seen")]

        def call(self, x):
            return self.inner(x)

    layer = Counting()
    assert [metric.name for metric in layer.metrics] == ["seen"]
    assert layer.metrics_variables == layer.seen[0].variables
    dense = layers.Dense(2, dtype="bfloat16")
    assert dense.compute_dtype == dense.variable_dtype == dense.dtype_policy.name == "bfloat16"
    assert dense.input_spec.min_ndim == 2
    with pytest.raises(ConfigError, match="not built"):
        dense.count_params()
    dense.build((None, 3))
    assert dense.count_params() == 8
    assert dense.input_spec.axes == {-1: 3}
    again = layers.Dense(2)
    again.build_from_config(dense.get_build_config())
    assert again.kernel.shape == (3, 2)
    with pytest.raises(ConfigError, match="quantized"):
        dense.quantize("int8")
    spec = dense.compute_output_spec(mm.Input((3,)))
    assert spec.shape == (None, 2)


def test_own_variables_go_through_a_store():
    dense, other = layers.Dense(2), layers.Dense(2)
    for layer in (dense, other):
        layer.build((None, 3))
    store = {}
    dense.save_own_variables(store)
    assert sorted(store) == ["0", "1"]
    other.load_own_variables(store)
    np.testing.assert_array_equal(other.kernel.numpy(), dense.kernel.numpy())
    with pytest.raises(ShapeError, match="holds 2 variables"):
        other.load_own_variables({"0": store["0"]})


@pytest.mark.parametrize(
    "call",
    [
        lambda layer: layer.add_weight((3, 2), "ones", "float32", name="w"),
        lambda layer: layer.add_weight("w", (3, 2), "ones"),
        lambda layer: layer.add_weight(shape=(3, 2), initializer="ones", name="w"),
        lambda layer: layer.add_variable((3, 2), "ones", name="w"),
    ],
)
def test_weights_are_added_in_either_order(call):
    weight = call(layers.Layer())
    assert (weight.name, weight.shape) == ("w", (3, 2))
    np.testing.assert_array_equal(weight.numpy(), 1)


def test_layers_without_weights_are_built_from_the_beginning(k):
    names = ("Dropout", "ReLU", "MaxPooling2D", "GlobalAveragePooling1D", "Identity", "Masking")
    for name in names:
        arguments = [0.5] if name == "Dropout" else []
        ours, theirs = (getattr(room, name)(*arguments) for room in (layers, k))
        assert ours.built
        assert theirs.built

    class Mine(layers.ReLU):
        def build(self, input_shape):
            self.built = True

    assert not Mine().built
    with pytest.raises(ShapeError, match="4 axes"):
        layers.MaxPooling2D()(X)


@pytest.mark.parametrize(
    ("spec", "shape", "fits"),
    [
        ({"ndim": 2}, (4, 3), True),
        ({"ndim": 3}, (4, 3), False),
        ({"min_ndim": 3}, (4, 3), False),
        ({"max_ndim": 1}, (4, 3), False),
        ({"axes": {-1: 3}}, (4, 3), True),
        ({"axes": {-1: 4}}, (4, 3), False),
        ({"shape": (None, 3)}, (4, 3), True),
        ({"shape": (None, 4)}, (4, 3), False),
        ({"dtype": "int32"}, (4, 3), False),
        ({"shape": (None, 3, 1), "allow_last_axis_squeeze": True}, (4, 3), True),
    ],
)
def test_an_input_spec_is_kept_as_in_keras(k, spec, shape, fits):
    for room in (layers, k):

        class Mine(room.Layer):
            def call(self, x):
                return x

        layer = Mine()
        layer.input_spec = room.InputSpec(**spec)
        if fits:
            layer(np.ones(shape, "float32"))
        else:
            with pytest.raises(ValueError, match=r"."):
                layer(np.ones(shape, "float32"))
    assert layers.InputSpec(**spec).get_config() == k.InputSpec(**spec).get_config()


def test_what_call_has_as_its_default_counts_where_nobody_said_training():
    class Telling(layers.Layer):
        def call(self, x, training=True):
            return x * float(training)

    class Holding(layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = Telling()

        def call(self, x):
            return self.inner(x)

    one = np.ones((1, 1), "float32")
    for layer in (Telling(), Holding(), mm.Sequential([Telling()])):
        assert float(layer(one)[0, 0]) == 1
        assert float(layer(one, training=False)[0, 0]) == 0
    model = mm.Sequential([Telling()])
    assert model.predict(one, verbose=0)[0, 0] == 0
    assert float(layers.Dropout(0.5)(one)[0, 0]) == 1


def test_a_penalty_on_the_outputs_of_no_rows_is_zero():
    layer = layers.ActivityRegularization(l2=1.0)
    layer(np.ones((0, 3), "float32"))
    assert [float(loss) for loss in layer.losses] == [0.0]


@pytest.mark.parametrize("renorm_clipping", [None, {"rmin": 0.5, "rmax": 1.1, "dmax": 0.1}])
def test_batch_renormalization_is_that_of_keras(agree, k, renorm_clipping):
    options = {"renorm": True, "renorm_clipping": renorm_clipping, "momentum": 0.8}
    ours, theirs = (room.BatchNormalization(**options) for room in (layers, k))
    agree(ours, theirs, agree.floats(6, 3), training=True, atol=1e-4)


def test_rms_normalization_is_that_of_keras(agree, k):
    for axis, shape in ((-1, (4, 5)), ((1, 2), (4, 3, 5))):
        agree(layers.RMSNormalization(axis), k.RMSNormalization(axis), agree.floats(*shape))


def test_spectral_normalization_is_that_of_keras(k):
    ours, theirs = (room.SpectralNormalization(room.Dense(5), 3) for room in (layers, k))
    for layer in (ours, theirs):
        layer.build((None, 3))
    weights = [w.numpy() for w in ours.weights]
    by_name = {w.name: v for w, v in zip(ours.weights, weights)}
    for w in theirs.weights:
        w.assign(by_name[w.name])
    for training in (False, True, True):
        expected = theirs(X, training=training)
        np.testing.assert_allclose(ours(X, training=training), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("tie_weights", [True, False])
def test_an_embedding_goes_back_as_in_keras(k, tie_weights):
    options = {"tie_weights": tie_weights, "logit_soft_cap": 2.0, "mask_zero": True}
    ours, theirs = (room.ReversibleEmbedding(7, 3, **options) for room in (layers, k))
    for layer in (ours, theirs):
        layer.build((None, 4))
    theirs.set_weights(ours.get_weights())
    indices = np.array([[1, 0, 6]])
    vectors = theirs(indices)
    np.testing.assert_allclose(ours(indices), vectors)
    expected = theirs(np.asarray(vectors) * 90, reverse=True)
    np.testing.assert_allclose(ours(np.asarray(vectors) * 90, reverse=True), expected, rtol=1e-5)


def test_a_layer_that_says_what_it_returns_is_not_called_while_a_graph_is_built():
    class Doubling(layers.Layer):
        def call(self, x, training=False):
            called.append(training)
            return mm.ops.concatenate([x, x], axis=-1)

        def compute_output_spec(self, x, training=False):
            return mm.KerasTensor((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)

    class Undecided(Doubling):
        def compute_output_spec(self, x, training=False):
            raise NotImplementedError

    called = []
    x = mm.Input((3,))
    model = mm.Model(x, Doubling()(x))
    assert not called
    assert model.output_shape == (None, 6)
    assert model(X, training=True).shape == (4, 6)
    assert called == [True]
    assert Undecided()(x).shape == (None, 6)


def test_a_configuration_has_the_tuples_that_keras_has(k):
    for made in (
        lambda room: room.Conv2D(4, 3, strides=(2, 1), name="a"),
        lambda room: room.ZeroPadding2D((1, 2), name="a"),
        lambda room: room.MaxPooling2D(2, name="a"),
        lambda room: room.ZeroPadding1D((1, 2), name="a"),
        lambda room: room.Cropping1D(1, name="a"),
        lambda room: room.Conv1DTranspose(4, 3, strides=2, name="a"),
    ):
        ours, theirs = made(layers).get_config(), made(k).get_config()
        shared = {name for name, value in theirs.items() if isinstance(value, tuple)}
        assert shared
        assert {name: ours[name] for name in shared} == {name: theirs[name] for name in shared}
        again = type(made(layers)).from_config(json.loads(json.dumps(ours)))
        assert again.get_config() == ours
    assert layers.UpSampling1D(3).get_config()["size"] == 3


def test_arguments_of_a_wrong_type_are_type_errors_too():
    for make in (
        lambda: layers.RepeatVector("3"),
        lambda: layers.UpSampling1D(2.5),
        lambda: layers.Dense("units"),
        lambda: layers.Conv2D(3, "kernel"),
        lambda: layers.Dropout("0.5"),
        lambda: layers.LayerNormalization(axis={"axis": -1}),
        lambda: layers.UnitNormalization(axis="last"),
        lambda: layers.RMSNormalization(axis=1.5),
    ):
        for kind in (TypeError, ValueError, ConfigError):
            with pytest.raises(kind):
                make()
    for make in (lambda: layers.RepeatVector(0), lambda: layers.Dropout(2.0)):
        with pytest.raises(ConfigError) as caught:
            make()
        assert not isinstance(caught.value, TypeError)
