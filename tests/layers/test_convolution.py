"""Convolutions, transposed, depthwise and separable ones, against Keras's."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import maeum as mm
import maeum.layers as layers
from maeum import ops
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.hints import hint_of
from maeum.layers import Conv1D, Conv2D, Conv2DTranspose, DepthwiseConv2D, SeparableConv2D
from maeum.testing import check_layer

NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]  # an example takes a while
SIZES = {1: (9,), 2: (7, 8), 3: (5, 6, 5)}


@st.composite
def windows(draw, rank, causal=False, both=False):
    """Draw how a kernel slides, as Keras allows it."""
    strides = draw(st.sampled_from([1, 1, 2, 3]))
    dilation = draw(st.sampled_from([1, 2])) if strides == 1 or both else 1
    taps = [draw(st.integers(1, 3 if rank < 3 else 2)) for _ in range(rank)]
    return {
        "kernel_size": taps[0] if draw(st.booleans()) else tuple(taps),
        "strides": strides,
        "padding": draw(st.sampled_from(["valid", "same", "SAME"] + ["causal"] * causal)),
        "data_format": draw(st.sampled_from([None, "channels_last", "channels_first"])),
        "dilation_rate": dilation,
        "activation": draw(st.sampled_from([None, "relu", "tanh"])),
        "use_bias": draw(st.booleans()),
    }


def compare(agree, k, name, arguments, channels):
    """Compare names, counts, shapes, outputs and gradients."""
    rank = int(name.removesuffix("Transpose")[-2])
    first = arguments["data_format"] == "channels_first"
    x = agree.floats(*((2, channels, *SIZES[rank]) if first else (2, *SIZES[rank], channels)))
    agree(getattr(layers, name)(**arguments), getattr(k, name)(**arguments), x, atol=1e-4)


@settings(max_examples=6, phases=NO_SHRINKING)
@given(st.data(), st.sampled_from([1, 2, 2, 3]), st.sampled_from([1, 2]), st.integers(1, 2))
def test_conv_agrees_with_keras(agree, k, data, rank, groups, each):
    window = data.draw(windows(rank, causal=rank == 1))
    arguments = {"filters": groups * each, "groups": groups, **window}
    compare(agree, k, f"Conv{rank}D", arguments, channels=2 * groups)


@settings(max_examples=6, phases=NO_SHRINKING)
@given(st.data(), st.sampled_from([1, 2, 2, 3]), st.booleans())
def test_conv_transpose_agrees_with_keras(agree, k, data, rank, padded):
    window = data.draw(windows(rank))
    extra = window["strides"] - 1 if padded else None
    arguments = {"filters": 3, "output_padding": extra, **window}
    compare(agree, k, f"Conv{rank}DTranspose", arguments, channels=2)


@settings(max_examples=4, phases=NO_SHRINKING)
@given(st.data(), st.sampled_from([1, 2]), st.integers(1, 2))
def test_depthwise_conv_agrees_with_keras(agree, k, data, rank, multiplier):
    window = data.draw(windows(rank, both=True))
    compare(agree, k, f"DepthwiseConv{rank}D", {"depth_multiplier": multiplier, **window}, 3)


@settings(max_examples=4, phases=NO_SHRINKING)
@given(st.data(), st.sampled_from([1, 2]), st.integers(1, 2))
def test_separable_conv_agrees_with_keras(agree, k, data, rank, multiplier):
    window = data.draw(windows(rank, both=True))
    arguments = {"filters": 4, "depth_multiplier": multiplier, **window}
    compare(agree, k, f"SeparableConv{rank}D", arguments, 3)


def test_arguments_come_in_keras_s_order(k):
    for name in ("Conv2D", "Conv1DTranspose", "DepthwiseConv2D", "SeparableConv1D"):
        theirs = getattr(k, name)
        code = theirs.__init__.__code__
        expected = code.co_varnames[1 : code.co_argcount]
        accepted = mm.core.config.accepted_arguments(getattr(layers, name))
        assert tuple(accepted[: len(expected)]) == expected


def test_initial_weights_spread_as_keras_s():
    # Glorot & Bengio (2010): 6 / (fan_in + fan_out), each fan the taps times the channels.
    layer = Conv2D(32, 3)
    layer.build((None, 8, 8, 16))
    limit = np.sqrt(6 / (9 * 16 + 9 * 32))
    kernel = layer.get_weights()[0]
    assert limit * 0.95 < np.abs(kernel).max() <= limit


@pytest.mark.parametrize(
    "name", ["Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "SeparableConv2D"]
)
def test_older_names_stay(name):
    older = name.replace("Conv", "Convolution")
    assert getattr(layers, older) is getattr(layers, name)
    assert older in layers.__all__


CASES = {
    "plain": (lambda: Conv2D(4, 3, 2, "same", groups=2, activation="relu"), (4, 5, 4)),
    "causal": (lambda: Conv1D(3, 2, padding="causal", dilation_rate=2), (5, 2)),
    "transposed": (lambda: Conv2DTranspose(3, 3, 2, "same", activation="relu"), (3, 2, 2)),
    "depthwise": (lambda: DepthwiseConv2D(2, depth_multiplier=2), (4, 3, 2)),
    "separable": (lambda: SeparableConv2D(3, 2, data_format="channels_first"), (2, 4, 3)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_contract_of_a_layer(case):
    check_layer(*CASES[case])


def test_a_stack_is_saved_and_loaded(tmp_path):
    model = mm.Sequential(
        [
            Conv2D(4, 3, activation="relu", input_shape=(9, 9, 2), kernel_regularizer="l2"),
            DepthwiseConv2D((3, 1), padding="same", depthwise_constraint="max_norm"),
            SeparableConv2D(3, 3, strides=2, dilation_rate=1),
            Conv2DTranspose(2, 3, 2, "same", output_padding=(1, 0), activation="softmax"),
        ]
    )
    x = np.random.default_rng(0).normal(size=(3, 9, 9, 2)).astype("float32")
    expected = model.predict(x, verbose=0)
    model.save(tmp_path / "model.maeum")
    again = mm.load_model(tmp_path / "model.maeum")
    assert [layer.get_config() for layer in again.layers] == [
        layer.get_config() for layer in model.layers
    ]
    np.testing.assert_array_equal(again.predict(x, verbose=0), expected)


def test_sizes_that_are_unknown_stay_unknown():
    inputs = layers.Input((None, None, 3))
    for layer in (Conv2D(4, 3), Conv2D(4, 3, 2, "same"), Conv2DTranspose(4, 3, 2),
                  DepthwiseConv2D(3, depth_multiplier=2), SeparableConv2D(6, 3)):  # fmt: skip
        channels = 6 if "depth" in layer.name or "sep" in layer.name else 4
        assert layer(inputs).shape == (None, None, None, channels)
    volume = layers.Input((None, None, None, 3))
    for layer in (layers.Conv3D(64, 3), layers.Conv3DTranspose(64, 3, 2)):
        assert layer(volume).shape == (None, None, None, None, 64)
    assert Conv2D(4, 3, 2)(layers.Input((9, None, 3))).shape == (None, 4, None, 4)
    assert Conv1D(4, 3, padding="causal").compute_output_shape((None, 7, 2)) == (None, 7, 4)


def test_a_causal_convolution_sees_no_later_step():
    x = np.random.default_rng(0).normal(size=(1, 8, 2)).astype("float32")
    layer = Conv1D(3, 3, padding="causal", dilation_rate=2)
    before = np.asarray(layer(x))
    x[:, 5:] += 1
    after = np.asarray(layer(x))
    np.testing.assert_array_equal(before[:, :5], after[:, :5])
    assert (before[:, 5:] != after[:, 5:]).any()


def test_parameters_are_those_of_the_formula():
    # C K^2 N + N: 3 * 25 * 8 + 8.
    layer = Conv2D(8, 5)
    layer.build((None, 32, 32, 3))
    assert layer.count_params() == 608


def test_a_relu_is_the_same_inside_and_outside():
    x = np.random.default_rng(0).normal(size=(2, 6, 6, 2)).astype("float32")
    inside = Conv2D(3, 3, activation="relu")
    inside.build(x.shape)
    outside = Conv2D(3, 3, activation=lambda y: ops.relu(y))
    outside.build(x.shape)
    outside.set_weights(inside.get_weights())
    np.testing.assert_allclose(inside(x), outside(x), atol=1e-6)


def test_outputs_keep_their_logits():
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 3)).astype("float32")
    y = Conv2D(5, 1, activation="softmax")(x)
    np.testing.assert_allclose(ops.softmax(hint_of(y, "softmax_logits")), y, atol=1e-6)


def test_pictures_of_bytes_and_small_floats():
    pictures = np.arange(32, dtype="uint8").reshape(1, 4, 4, 2)
    layer = Conv2D(3, 2)
    expected = layer(pictures.astype("float32"))
    np.testing.assert_allclose(layer(pictures), expected, rtol=1e-6)
    assert Conv2D(3, 2, dtype="bfloat16")(pictures.astype("float32")).dtype == "bfloat16"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Conv2D(0, 3), "filters of Conv2D"),
        (lambda: Conv2D(4.5, 3), "filters"),
        (lambda: Conv2D(4, 0), "kernel_size"),
        (lambda: Conv2D(4, (3, 3, 3)), "kernel_size"),
        (lambda: Conv2D(4, "3"), "kernel_size"),
        (lambda: Conv2D(4, None), "kernel_size"),
        (lambda: Conv2D(4, 3, 0), "strides"),
        (lambda: Conv2D(4, 3, True), "strides"),
        (lambda: Conv2D(4, 3, padding="causal"), "'valid', 'same'"),
        (lambda: Conv2D(4, 3, padding=1), "padding"),
        (lambda: DepthwiseConv2D(3, padding="causal"), "'valid', 'same'"),
        (lambda: Conv2D(4, 3, data_format="first"), "data_format"),
        (lambda: Conv2D(4, 3, dilation_rate=0), "dilation_rate"),
        (lambda: Conv2D(4, 3, strides=2, dilation_rate=2), "not both"),
        (lambda: Conv2DTranspose(4, 3, strides=2, dilation_rate=2), "not both"),
        (lambda: Conv2D(4, 3, groups=3), "groups=3 and filters=4"),
        (lambda: Conv2D(4, 3, groups=0), "groups"),
        (lambda: Conv2DTranspose(4, 3, 2, output_padding=2), "less than the strides"),
        (lambda: Conv2DTranspose(4, 3, output_padding=1), "less than the strides"),
        (lambda: DepthwiseConv2D(3, depth_multiplier=0), "depth_multiplier"),
        (lambda: SeparableConv2D(4, 3, depth_multiplier=-1), "depth_multiplier"),
        (lambda: Conv2D(4, 3, activation="rleu"), "relu"),
    ],
)
def test_arguments_that_make_no_sense(make, words):
    with pytest.raises(ConfigError, match=words):
        make()


@pytest.mark.parametrize(
    ("layer", "shape", "words"),
    [
        (Conv2D(4, 3), (2, 9, 9), "4 axes"),
        (Conv2D(4, 3), (2, 9), "4 axes"),
        (Conv2D(4, 3), (2, 9, 2, 3), r"into an input of \(2,\)"),
        (Conv2D(4, 3, dilation_rate=2), (2, 4, 9, 3), "dilation"),
        (Conv2D(4, 3, groups=2), (2, 9, 9, 3), "do not divide the 3 channels"),
        (Conv2D(4, 3), (2, 9, 9, 0), "without channels"),
        (DepthwiseConv2D(5), (2, 9, 4, 3), "does not fit"),
        (SeparableConv2D(4, 5), (2, 9, 4, 3), "does not fit"),
        (Conv2DTranspose(4, 2, 1, "same", 0), (2, 1, 4, 3), "nothing left"),
    ],
)
def test_inputs_that_do_not_fit(layer, shape, words):
    with pytest.raises(ShapeError, match=words):
        layer(np.ones(shape, "float32"))


def test_sizes_that_have_to_be_known_and_to_stay():
    with pytest.raises(ShapeError, match="needs to know the size"):
        Conv2D(4, 3)(layers.Input((9, 9, None)))
    with pytest.raises(ShapeError, match=r"does not fit into an input of \(2,\)"):
        Conv2D(4, 3)(layers.Input((None, 2, 3)))
    layer = Conv2D(4, 3)
    layer(np.ones((1, 5, 5, 3), "float32"))
    assert layer(np.ones((2, 7, 4, 3), "float32")).shape == (2, 5, 2, 4)
    for shape, words in (
        ((1, 5, 5, 2), "size 3 along axis -1"),
        ((1, 5, 2, 3), "does not fit"),
        ((1, 5, 5, 5, 3), "4 axes"),
    ):
        with pytest.raises(ShapeError, match=words):
            layer(np.ones(shape, "float32"))


def test_several_inputs_are_refused():
    x = np.ones((1, 5, 5, 3), "float32")
    layer = Conv2D(4, 3)
    for _ in range(2):  # before and after it is built
        with pytest.raises(ShapeError, match="takes one array"):
            layer([x, x, x, x])
        layer(x)


def test_masks_end_here():
    x = layers.Masking()(np.ones((2, 4, 3), "float32"))
    with pytest.warns(UserWarning, match="mask of its input ends here"):
        Conv1D(2, 3)(x)
