"""The networks that Keras has too: the same layers, numbers and outputs."""

import inspect
import re

import jax
import numpy as np
import pytest

from maeum import applications
from maeum.applications import convnext, efficientnet, efficientnet_v2, nasnet
from maeum.applications.frame import network

# Keras numbers the layers that nobody named on and on, and gives pooling layers a name or not.
UNNAMED = re.compile(
    r"(input_layer|conv2d|batch_normalization|activation|max_pooling2d|average_pooling2d"
    r"|concatenate|add|zero_padding2d|cropping2d|re_lu|dropout|flatten|rescaling|normalization"
    r"|layer_normalization|custom_scale_layer)(_\d+)?|(global_(average|max)_pooling2d|avg_pool|max_pool).*"
)
UNNAMED_WEIGHT = re.compile(r"variable(_\d+)?")  # of LayerScale
FACTS = (
    *("kernel_size", "strides", "padding", "dilation_rate", "use_bias", "pool_size", "epsilon"),
    *("momentum", "center", "scale", "max_value", "rate", "data_format"),
    *("offset", "noise_shape", "groups", "keepdims", "init_values", "projection_dim"),
)

# A name, arguments, and the rows of pictures: odd ones, and the least that the network takes.
# The large ones take long to build in Keras.
SMALL = [
    ("VGG16", {}, 32),
    ("ResNet50", {}, 33),
    ("Xception", {}, 71),
    ("MobileNet", {"alpha": 0.5, "depth_multiplier": 2, "dropout": 0.25}, 33),
    ("MobileNetV2", {"alpha": 0.75}, 32),
    ("MobileNetV3Small", {"alpha": 0.75}, 33),
    ("ResNet50V2", {}, 33),
]
LARGE = [
    ("InceptionV3", {}, 75),
    ("InceptionResNetV2", {}, 76),
    ("EfficientNetB0", {}, 33),
    ("EfficientNetV2B0", {}, 32),
    ("ConvNeXtTiny", {}, 35),
    ("NASNetMobile", {}, 32),
    ("MobileNetV3Large", {"minimalistic": True, "alpha": 1.25}, 40),
    ("MobileNetV3Large", {"include_preprocessing": False, "dropout_rate": 0}, 32),
    ("EfficientNetB2", {}, 40),
    ("EfficientNetV2B3", {"include_preprocessing": False}, 33),
    ("EfficientNetV2S", {}, 32),
    ("ConvNeXtSmall", {"include_preprocessing": False}, 32),
    ("ResNet101V2", {}, 33),
    ("NASNetLarge", {}, 33),
    ("DenseNet121", {}, 35),
    ("MobileNetV2", {"alpha": 1.3}, 75),
    ("VGG19", {}, 32),
    ("ResNet101", {}, 40),
    ("ResNet152", {}, 32),
    ("DenseNet169", {}, 32),
    ("DenseNet201", {}, 33),
]


# Networks of the same kind, by the functions within both sides that make them of any size.
TINY = {
    "convnext": (
        lambda frame: convnext._convnext(frame, True, (1, 2, 1, 1), 8),
        lambda k: (k.convnext.ConvNeXt, [1, 2, 1, 1], [8, 16, 32, 64]),
    ),
    "efficientnet": (
        lambda frame: efficientnet._efficientnet(frame, 0.2, 0.4, 0.2),
        lambda k: (k.efficientnet.EfficientNet, 0.2, 0.4, 224, 0.2),
    ),
    "efficientnetv2-b0": (
        lambda frame: efficientnet_v2._efficientnet(frame, efficientnet_v2._B, True, 0.2, 0.4),
        lambda k: (k.efficientnet_v2.EfficientNetV2, 0.2, 0.4, 224),
    ),
    "efficientnetv2-s": (
        lambda frame: efficientnet_v2._efficientnet(frame, efficientnet_v2._S, True, 0.3, 0.2),
        lambda k: (k.efficientnet_v2.EfficientNetV2, 0.3, 0.2, 224),
    ),
    "nasnet_mobile": (
        lambda frame: nasnet._nasnet(frame, 1, 6, 8, skips=False),
        lambda k: (k.nasnet.NASNet, None, 8 * 24, 1, 6, False),
    ),
    "nasnet_large": (
        lambda frame: nasnet._nasnet(frame, 1, 6, 8, skips=True),
        lambda k: (k.nasnet.NASNet, None, 8 * 24, 1, 6, True),
    ),
}


def facts(layer):
    found = {name: getattr(layer, name) for name in FACTS if hasattr(layer, name)}
    activation = getattr(layer, "activation", None)
    return found | {"activation": getattr(activation, "__name__", None) or "linear"}


def named(layer):
    return "unnamed" if UNNAMED.fullmatch(layer.name) else layer.name


def check_structure(ours, theirs):
    assert [named(a) for a in ours.layers] == [named(b) for b in theirs.layers]
    assert ours.name == theirs.name
    for a, b in zip(ours.layers, theirs.layers):
        assert type(a).__name__ == type(b).__name__
        assert a.output.shape == b.output.shape, a.name
        expected = facts(b)
        assert {name: value for name, value in facts(a).items() if name in expected} == expected
    assert [(w.name, w.shape) for w in ours.weights] == [
        (UNNAMED_WEIGHT.sub("gamma", w.name), tuple(w.shape)) for w in theirs.weights
    ]
    assert ours.count_params() == theirs.count_params()


def check_outputs(ours, theirs, draw):
    weights = draw(ours)
    ours.set_weights(weights)
    theirs.set_weights(weights)
    for layer in theirs.layers:
        if hasattr(layer, "finalize_state"):  # Normalization looks at its weights only then
            layer.finalize_state()
    x = np.random.default_rng(1).normal(size=(2, *ours.input_shape[1:])).astype("float32")
    # One compiled program each: op by op it takes several times longer.
    expected = np.asarray(jax.jit(lambda x: theirs(x, training=False))(x))
    assert expected.std() > 0
    # A deep network amplifies the last bit of its first layers: the tolerance follows the size.
    np.testing.assert_allclose(
        jax.jit(ours)(x), expected, rtol=1e-4, atol=2e-5 * np.abs(expected).max()
    )


def check_files(ours, theirs, folder):
    """Both kinds of files in which Keras keeps weights give them to our network."""
    expected = ours.get_weights()
    for name, save in (("w.weights.h5", theirs.save_weights), ("w.h5", theirs.save)):
        save(folder / name)
        ours.set_weights([np.zeros_like(w) for w in expected])
        ours.load_weights(folder / name)
        for weight, value in zip(ours.weights, expected):
            np.testing.assert_array_equal(weight.numpy(), value, weight.path)


def both(theirs, name, arguments):
    # Random weights here are None's on both sides; only Keras has to be told.
    return getattr(applications, name)(**arguments), getattr(theirs, name)(
        weights=None, **arguments
    )


def check_everything(theirs, draw, name, arguments, rows, tmp_path):
    shape = (rows, rows, 3)
    check_structure(*both(theirs, name, {**arguments, "input_shape": shape, "classes": 7}))
    features = {**arguments, "input_shape": shape, "include_top": False}
    pair = both(theirs, name, features)
    check_structure(*pair)
    check_outputs(*pair, draw)
    check_files(*pair, tmp_path)


@pytest.mark.parametrize(("name", "arguments", "rows"), SMALL)
def test_layers_and_weights_are_keras_s(theirs, name, arguments, rows):
    check_structure(
        *both(theirs, name, {**arguments, "input_shape": (rows, rows, 3), "classes": 7})
    )


@pytest.mark.parametrize("pooling", [None, "avg", "max"])
def test_without_the_classifier_it_is_keras_s_too(theirs, pooling):
    arguments = {"include_top": False, "pooling": pooling, "alpha": 0.25}
    check_structure(*both(theirs, "MobileNet", arguments))


def test_outputs_are_keras_s(theirs, draw):
    arguments = {"alpha": 0.25, "input_shape": (32, 40, 1), "classes": 5}
    check_outputs(*both(theirs, "MobileNet", arguments), draw)


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
@pytest.mark.parametrize(
    ("name", "include_top"),
    [
        *(("convnext", True), ("convnext", False), ("efficientnet", True)),
        *(("efficientnetv2-b0", False), ("efficientnetv2-s", True)),
        *(("nasnet_mobile", True), ("nasnet_large", False)),
    ],
)
def test_small_members_of_a_family_are_keras_s(theirs, draw, name, include_top, tmp_path):
    build, arguments = TINY[name]
    common = {"include_top": include_top, "classes": 5, "input_shape": (40, 35, 3)}
    if not include_top:
        common["pooling"] = "avg"
    from keras.src import applications as k

    make, *own = arguments(k)
    own = dict(zip(inspect.signature(make).parameters, own), name=name, weights=None)
    pair = network(name)(build)(**common), make(**own | common)
    check_structure(*pair)
    check_outputs(*pair, draw)
    if name in ("convnext", "efficientnet") and include_top:
        check_files(*pair, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("name", ["nasnet_mobile", "nasnet_large"])
@pytest.mark.parametrize("rows", [64, 65, 83])
def test_nasnet_takes_images_of_any_size(name, rows):
    make = network(name)(TINY[name][0])  # Keras's fails at every call
    free, fixed = (
        make(include_top=False, input_shape=shape) for shape in ((None, None, 3), (rows, rows, 3))
    )
    free.set_weights(fixed.get_weights())
    x = np.random.default_rng(0).normal(size=(2, rows, rows, 3)).astype("float32")
    np.testing.assert_allclose(free.predict(x), fixed.predict(x), rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
@pytest.mark.soak
@pytest.mark.parametrize(("name", "arguments", "rows"), [*SMALL, *LARGE])
def test_everything_is_keras_s(theirs, draw, name, arguments, rows, tmp_path):
    check_everything(theirs, draw, name, arguments, rows, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("name", ["VGG16", "VGG19"])
def test_the_large_classifiers_count_as_keras_s(theirs, name):
    ours, other = both(theirs, name, {})
    assert ours.count_params() == other.count_params()
