"""Pooling layers against Keras's."""

import jax
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import maeum as mm
import maeum.layers as layers
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.masks import with_mask
from maeum.layers import AveragePooling2D, GlobalAveragePooling1D, MaxPooling2D
from maeum.testing import check_layer

NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]  # an example takes a while
SIZES = {1: (9,), 2: (7, 8), 3: (5, 6, 4)}
FORMATS = st.sampled_from([None, "channels_last", "channels_first"])


def compare(agree, k, name, arguments):
    """Compare shapes, outputs and gradients."""
    sizes = SIZES[int(name[-2])]
    first = arguments["data_format"] == "channels_first"
    x = agree.floats(*((2, 3, *sizes) if first else (2, *sizes, 3)))
    agree(getattr(layers, name)(**arguments), getattr(k, name)(**arguments), x)


@settings(max_examples=6, phases=NO_SHRINKING)
@given(
    st.sampled_from(["Max", "Average"]), st.sampled_from([1, 2, 2, 3]), st.data(),
    st.sampled_from([None, 1, 2, 3]), st.sampled_from(["valid", "same"]), FORMATS,
)  # fmt: skip
def test_pooling_agrees_with_keras(agree, k, kind, rank, data, strides, padding, data_format):
    size = data.draw(st.sampled_from([2, 3, (3, 2, 1)[:rank]]))
    arguments = {"pool_size": size, "strides": strides, "padding": padding,
                 "data_format": data_format}  # fmt: skip
    compare(agree, k, f"{kind}Pooling{rank}D", arguments)


@settings(max_examples=5, phases=NO_SHRINKING)
@given(st.sampled_from(["Max", "Average"]), st.sampled_from([1, 2, 3]), st.booleans(), FORMATS)
def test_global_pooling_agrees_with_keras(agree, k, kind, rank, keepdims, data_format):
    arguments = {"keepdims": keepdims, "data_format": data_format}
    compare(agree, k, f"Global{kind}Pooling{rank}D", arguments)


@pytest.mark.parametrize(
    ("name", "size", "data_format"),
    [
        ("AdaptiveMaxPooling1D", 4, None),
        ("AdaptiveAveragePooling1D", 2, "channels_first"),
        ("AdaptiveAveragePooling2D", 3, None),
    ],
)
def test_adaptive_pooling_agrees_with_keras(agree, k, name, size, data_format):
    compare(agree, k, name, {"output_size": size, "data_format": data_format})


def test_short_names():
    for rank in "123":
        for short, long in (("MaxPool", "MaxPooling"), ("AvgPool", "AveragePooling")):
            for prefix in ("", "Global"):
                name = f"{prefix}{short}{rank}D"
                assert getattr(layers, name) is getattr(layers, f"{prefix}{long}{rank}D")
                assert name in layers.__all__


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: MaxPooling2D(2, padding="same"), (5, 4, 2)),
        (lambda: AveragePooling2D((3, 2), 1, "same"), (5, 4, 2)),
        (lambda: layers.AdaptiveMaxPooling1D(2), (5, 2)),
        (lambda: layers.AdaptiveAveragePooling2D((2, 3)), (5, 4, 2)),
        (lambda: layers.GlobalMaxPooling2D(keepdims=True), (3, 2, 2)),
        (GlobalAveragePooling1D, (5, 2)),
        (lambda: layers.GlobalAveragePooling3D("channels_first"), (2, 3, 2, 2)),
    ],
)
def test_the_contract_of_a_layer(make, shape):
    check_layer(make, shape)


def test_sizes_that_are_unknown_stay_unknown():
    inputs = layers.Input((None, None, 3))
    for layer in (MaxPooling2D(), MaxPooling2D(3, 2, "same"), AveragePooling2D(2, 1)):
        assert layer(inputs).shape == (None, None, None, 3)
    volume = layers.Input((None, None, None, 64))
    assert layers.AveragePooling3D(2, 1, "same")(volume).shape == (None, None, None, None, 64)
    assert layers.GlobalAveragePooling3D()(volume).shape == (None, 64)
    assert layers.AdaptiveMaxPooling2D((2, 5))(inputs).shape == (None, 2, 5, 3)
    assert layers.GlobalAveragePooling2D()(inputs).shape == (None, 3)
    assert layers.GlobalMaxPooling2D(keepdims=True)(inputs).shape == (None, 1, 1, 3)


def test_masked_steps_do_not_count(k):
    x = np.random.default_rng(0).normal(size=(3, 4, 2)).astype("float32")
    mask = np.array([[1, 1, 0, 0], [0, 1, 1, 1], [1, 1, 1, 1]], bool)
    for arguments in ({}, {"keepdims": True}, {"data_format": "channels_first"}):
        seen = np.moveaxis(x, 1, 2) if "data_format" in arguments else x
        got = GlobalAveragePooling1D(**arguments)(seen, mask=mask)
        expected = k.GlobalAveragePooling1D(**arguments)(seen, mask=mask)
        np.testing.assert_allclose(got, expected, atol=1e-6)
    np.testing.assert_allclose(
        GlobalAveragePooling1D()(with_mask(jax.numpy.asarray(x), mask))[0], x[0, :2].mean(0),
        atol=1e-6,
    )  # fmt: skip


def test_the_mean_of_nothing_is_zero_with_a_zero_gradient():
    layer = GlobalAveragePooling1D()
    x = np.ones((1, 3, 2), "float32")
    mask = np.zeros((1, 3), bool)
    assert (layer(x, mask=mask) == 0).all()
    assert (jax.grad(lambda x: layer(x, mask=mask).sum())(x) == 0).all()


def test_global_max_pooling_knows_no_masks():
    x = layers.Masking()(np.ones((2, 4, 3), "float32"))
    with pytest.warns(UserWarning, match="mask of its input ends here"):
        layers.GlobalMaxPooling1D()(x)


def test_pictures_of_bytes():
    x = np.arange(16, dtype="uint8").reshape(1, 4, 4, 1)
    assert MaxPooling2D()(x).ravel().tolist() == [5, 7, 13, 15]
    assert MaxPooling2D()(x).dtype == "uint8"
    assert AveragePooling2D()(x).ravel().tolist() == [2.5, 4.5, 10.5, 12.5]
    assert layers.GlobalAveragePooling2D()(x).tolist() == [[7.5]]


def test_a_stack_is_saved_and_loaded(tmp_path):
    model = mm.Sequential(
        [
            MaxPooling2D((2, 3), strides=(2, 1), padding="SAME", input_shape=(9, 8, 2)),
            AveragePooling2D(2, 1),
            layers.AdaptiveAveragePooling2D((3, 2)),
            layers.GlobalMaxPooling2D(keepdims=True),
        ]
    )
    x = np.random.default_rng(0).normal(size=(3, 9, 8, 2)).astype("float32")
    model.save(tmp_path / "model.maeum")
    again = mm.load_model(tmp_path / "model.maeum")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: MaxPooling2D(0), "pool_size"),
        (lambda: MaxPooling2D((2, 2, 2)), "pool_size"),
        (lambda: MaxPooling2D("2"), "pool_size"),
        (lambda: MaxPooling2D(2, 0), "strides"),
        (lambda: AveragePooling2D(2, (1, 2, 3)), "strides"),
        (lambda: MaxPooling2D(2, padding="causal"), "padding"),
        (lambda: MaxPooling2D(2, padding=None), "padding"),
        (lambda: MaxPooling2D(data_format="last"), "data_format"),
        (lambda: layers.GlobalMaxPooling2D("last"), "data_format"),
        (lambda: layers.AdaptiveMaxPooling2D(0), "output_size"),
        (lambda: layers.AdaptiveMaxPooling2D((1, 2, 3)), "output_size"),
    ],
)
def test_arguments_that_make_no_sense(make, words):
    with pytest.raises(ConfigError, match=words):
        make()


@pytest.mark.parametrize(
    ("layer", "shape", "words"),
    [
        (MaxPooling2D(), (2, 9, 9), "4 axes"),
        (MaxPooling2D(5), (2, 9, 4, 3), r"does not fit into an input of \(4,\)"),
        (layers.AdaptiveMaxPooling2D(2), (2, 9, 3), "4 axes"),
        (layers.AdaptiveMaxPooling2D(2), (2, 0, 4, 3), "nothing to pool"),
        (layers.GlobalMaxPooling2D(), (2, 9, 3), "4 axes"),
        (layers.GlobalMaxPooling2D(), (2, 0, 4, 3), "nothing to pool"),
        (GlobalAveragePooling1D(), (2, 0, 3), "nothing to pool"),
    ],
)
def test_inputs_that_do_not_fit(layer, shape, words):
    with pytest.raises(ShapeError, match=words):
        layer(np.ones(shape, "float32"))


def test_later_inputs_are_checked_too():
    layer = MaxPooling2D(3)
    layer(np.ones((1, 5, 5, 3), "float32"))
    for shape, words in (((1, 2, 5, 3), "does not fit"), ((1, 5, 3), "4 axes")):
        with pytest.raises(ShapeError, match=words):
            layer(np.ones(shape, "float32"))
    with pytest.raises(ShapeError, match=r"into an input of \(2,\)"):
        MaxPooling2D(3)(layers.Input((None, 2, 3)))
