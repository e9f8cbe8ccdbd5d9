"""What every network does with its arguments, and what it says about those that make no sense."""

import re

import jax
import keras
import numpy as np
import pytest

import maeum as mm
from maeum import applications
from maeum.applications import (
    VGG16,
    AlexNet,
    ConvNeXtTiny,
    DenseNet121,
    GoogLeNet,
    InceptionResNetV2,
    InceptionV3,
    LeNet5,
    MobileNet,
    MobileNetV2,
    MobileNetV3Small,
    NASNetMobile,
    ResNet18,
    SmallResNet,
    SqueezeNet,
    Xception,
)
from maeum.core.errors import ConfigError, ModelFileError, ShapeError

# The fewest rows of each network, as the docstrings say.
LEAST = [
    (VGG16, 32, {}),
    (ResNet18, 32, {}),
    (DenseNet121, 32, {}),
    (InceptionV3, 75, {}),
    (Xception, 71, {}),
    (MobileNet, 32, {}),
    (MobileNetV2, 32, {}),
    (LeNet5, 28, {}),
    (AlexNet, 67, {}),
    (MobileNetV3Small, 32, {}),
    (ConvNeXtTiny, 32, {}),
    (InceptionResNetV2, 75, {}),
    (GoogLeNet, 32, {}),
    (GoogLeNet, 65, {"auxiliary": True}),
    (SqueezeNet, 35, {"version": "1.0"}),
    (SqueezeNet, 31, {"version": "1.1"}),
    (SmallResNet, 4, {}),
]


@pytest.mark.parametrize(("network", "least", "arguments"), LEAST)
def test_the_smallest_pictures_work_and_smaller_ones_are_refused(network, least, arguments):
    shape = network(**arguments, input_shape=(least, least, 3)).output_shape
    assert all(size is None or size > 0 for size in np.ravel(shape))
    with pytest.raises(ShapeError, match=f"at least {least}x{least}"):
        network(**arguments, input_shape=(least, least - 1, 3))


@pytest.mark.parametrize("network", [MobileNet, SqueezeNet, ResNet18, GoogLeNet])
def test_pictures_of_any_size_where_the_classifier_takes_a_mean(network):
    assert network(input_shape=(None, None, 3), classes=4).output_shape == (None, 4)


def test_pictures_of_several_sizes_are_predicted():
    model = SmallResNet(input_shape=(None, None, 3), classes=4, blocks=1, filters=4)
    for shape in ((2, 8, 6, 3), (1, 5, 12, 3)):
        probabilities = model.predict(np.ones(shape, "float32"), verbose=0)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("network", [VGG16, AlexNet, LeNet5])
def test_a_dense_classifier_needs_the_size(network):
    with pytest.raises(ShapeError, match="depends on the size"):
        network(input_shape=(None, 80, 3))
    assert network(input_shape=(None, None, 3), include_top=False).output_shape[1:3] == (None, None)


def test_one_channel_and_classes_of_your_own():
    model = ResNet18(input_shape=(32, 32, 1), classes=3, classifier_activation=None, name="mine")
    assert (model.name, model.input_shape, model.output_shape) == (
        "mine",
        (None, 32, 32, 1),
        (None, 3),
    )
    assert model.layers[-1].activation.__name__ == "linear"


@pytest.mark.parametrize("network", [VGG16, ResNet18, SmallResNet, AlexNet])
def test_without_the_classifier_features_are_pooled_as_asked(network):
    shape = (67, 67, 3)
    maps = network(include_top=False, input_shape=shape).output_shape
    assert len(maps) == 4
    for pooling in ("avg", "max"):
        model = network(include_top=False, input_shape=shape, pooling=pooling)
        assert model.output_shape == (None, maps[-1])


class TestInputTensor:
    def test_it_becomes_the_input(self):
        x = mm.Input((32, 32, 3))
        model = MobileNet(input_tensor=x, include_top=False, alpha=0.25)
        assert model.input is x

    def test_what_comes_before_it_belongs_to_the_model(self):
        pixels = mm.Input((8, 8, 3), dtype="uint8")
        scaled = applications.small_resnet.preprocess_input(pixels)
        model = SmallResNet(input_tensor=scaled, classes=4, blocks=1, filters=4)
        assert model.input is pixels
        plain = SmallResNet(input_shape=(8, 8, 3), classes=4, blocks=1, filters=4)
        plain.set_weights(model.get_weights())
        white = np.full((1, 8, 8, 3), 255, "uint8")
        expected = jax.jit(plain)(np.ones((1, 8, 8, 3), "float32"))
        np.testing.assert_allclose(jax.jit(model)(white), expected, atol=1e-6)

    def test_its_shape_counts(self):
        with pytest.raises(ShapeError, match="at least 32x32"):
            MobileNet(input_tensor=mm.Input((31, 31, 3)))
        with pytest.raises(ShapeError, match="Give one of the two"):
            MobileNet(input_tensor=mm.Input((32, 32, 3)), input_shape=(64, 64, 3))
        with pytest.raises(ConfigError, match="symbolic tensor"):
            MobileNet(input_tensor=np.zeros((1, 32, 32, 3)))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"input_shape": (32, 32)}, ShapeError, "rows, columns, channels"),
        ({"input_shape": (1, 32, 32, 3)}, ShapeError, "no batch axis"),
        ({"input_shape": (32, 32, None)}, ShapeError, "channels known"),
        ({"input_shape": (32, 32, 0)}, ShapeError, "channels known"),
        ({"input_shape": "large"}, ShapeError, "large"),
        ({"classes": 0}, ConfigError, "classes"),
        ({"classes": 2.5}, ConfigError, "classes"),
        ({"pooling": "mean"}, ConfigError, "'avg', 'max'"),
        ({"weights": "nowhere.h5"}, ConfigError, "no file 'nowhere.h5'"),
        ({"classifier_activation": "sofmax"}, ConfigError, "softmax"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        SmallResNet(**arguments)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MobileNet(alpha=0.01), "leaves every layer a filter"),
        (lambda: MobileNet(alpha=float("nan")), "leaves every layer a filter"),
        (lambda: MobileNet(alpha=float("inf")), "leaves every layer a filter"),
        (lambda: MobileNetV2(alpha="wide"), "leaves every layer a filter"),
        (lambda: MobileNetV2(alpha=-1), "leaves every layer a filter"),
        (lambda: MobileNetV3Small(alpha=0), "leaves every layer a filter"),
        (lambda: MobileNetV3Small(dropout_rate=2), "between 0 and 1"),
        (lambda: MobileNet(depth_multiplier=0), "depth_multiplier"),
        (lambda: MobileNet(dropout=1.5), "between 0 and 1"),
        (lambda: SqueezeNet(version="2"), "'1.0', '1.1'"),
        (lambda: GoogLeNet(auxiliary=True, include_top=False), "include_top=True"),
        (lambda: AlexNet(groups=0), "groups"),
        (lambda: AlexNet(groups=5), "groups"),
        (lambda: SmallResNet(blocks=0), "blocks"),
        (lambda: SmallResNet(filters=1.5), "filters"),
    ],
)
def test_the_arguments_of_single_networks_are_checked(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


class TestWeights:
    @pytest.fixture(autouse=True)
    def folders(self, tmp_path, monkeypatch):
        monkeypatch.setenv("MAEUM_DATA", str(tmp_path / "data"))
        monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
        (tmp_path / "data" / "models").mkdir(parents=True)
        (tmp_path / "keras" / "models").mkdir(parents=True)

    @pytest.fixture
    def written(self, theirs, draw):
        """Write the weights of Keras's MobileNet without classifier; return how to, and them."""
        arguments = {"alpha": 0.25, "include_top": False, "input_shape": (128, 128, 3)}
        other = theirs.MobileNet(weights=None, **arguments)
        weights = draw(other)
        other.set_weights(weights)

        def write(path):
            if str(path).endswith(".weights.h5"):
                other.save_weights(path)
            else:
                other.save(path)
            return path

        return write, weights, arguments

    @pytest.mark.filterwarnings("ignore")  # Keras says that .h5 is an old format
    @pytest.mark.parametrize("name", ["w.weights.h5", "w.h5", "w.keras"])
    def test_a_file_of_keras_is_read(self, written, tmp_path, name):
        write, weights, arguments = written
        model = MobileNet(weights=write(tmp_path / name), **arguments)
        for mine, expected in zip(model.get_weights(), weights):
            np.testing.assert_array_equal(mine, expected)

    @pytest.mark.filterwarnings("ignore")
    @pytest.mark.parametrize("folder", ["data", "data/models", "keras/models"])
    def test_imagenet_means_the_file_of_keras_s_name(self, written, tmp_path, folder):
        write, weights, arguments = written
        write(tmp_path / folder / "mobilenet_2_5_128_tf_no_top.h5")
        model = MobileNet(weights="imagenet", **arguments)
        np.testing.assert_array_equal(model.get_weights()[0], weights[0])

    def test_a_file_may_have_the_name_that_keras_gives_it(self, tmp_path):
        (tmp_path / "keras" / "models" / "nasnet_mobile_no_top.h5").write_text("no weights")
        with pytest.raises(ModelFileError, match="nasnet_mobile_no_top"):
            NASNetMobile(weights="imagenet", include_top=False, input_shape=(32, 32, 3))

    def test_a_file_of_our_own_is_read(self, tmp_path):
        first = LeNet5()
        first.save_weights(tmp_path / "lenet.safetensors")
        second = LeNet5(weights=tmp_path / "lenet.safetensors")
        for mine, expected in zip(second.get_weights(), first.get_weights()):
            np.testing.assert_array_equal(mine, expected)

    def test_a_file_that_does_not_fit_is_an_error(self, tmp_path):
        LeNet5(classes=3).save_weights(tmp_path / "lenet.safetensors")
        with pytest.raises(ModelFileError):
            LeNet5(weights=tmp_path / "lenet.safetensors")
        (tmp_path / "text.h5").write_text("no weights")
        with pytest.raises(ModelFileError):
            LeNet5(weights=tmp_path / "text.h5")

    # The names under which Keras publishes its files.
    @pytest.mark.parametrize(
        ("name", "arguments", "file"),
        [
            ("VGG16", {}, "vgg16/vgg16_weights_tf_dim_ordering_tf_kernels.h5"),
            (
                "VGG19",
                {"include_top": False},
                "vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
            ),
            ("ResNet50", {}, "resnet/resnet50_weights_tf_dim_ordering_tf_kernels.h5"),
            ("ResNet101", {}, "resnet/resnet101_weights_tf_dim_ordering_tf_kernels.h5"),
            ("ResNet152", {}, "resnet/resnet152_weights_tf_dim_ordering_tf_kernels.h5"),
            ("InceptionV3", {}, "inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels.h5"),
            ("Xception", {}, "xception/xception_weights_tf_dim_ordering_tf_kernels.h5"),
            ("DenseNet121", {}, "densenet/densenet121_weights_tf_dim_ordering_tf_kernels.h5"),
            ("DenseNet169", {}, "densenet/densenet169_weights_tf_dim_ordering_tf_kernels.h5"),
            ("DenseNet201", {}, "densenet/densenet201_weights_tf_dim_ordering_tf_kernels.h5"),
            ("MobileNet", {}, "mobilenet/mobilenet_1_0_224_tf.h5"),
            ("MobileNet", {"alpha": 0.75}, "mobilenet/mobilenet_7_5_224_tf.h5"),
            ("MobileNet", {"input_shape": (160, 160, 3)}, "mobilenet/mobilenet_1_0_160_tf.h5"),
            ("MobileNet", {"input_shape": (100, 160, 3)}, "mobilenet/mobilenet_1_0_224_tf.h5"),
            (
                "MobileNetV2",
                {"alpha": 1.4, "include_top": False},
                "mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.4_224_no_top.h5",
            ),
            ("ResNet50V2", {}, "resnet/resnet50v2_weights_tf_dim_ordering_tf_kernels.h5"),
            (
                "InceptionResNetV2",
                {"include_top": False},
                "inception_resnet_v2/"
                "inception_resnet_v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
            ),
            ("ConvNeXtXLarge", {"name": "mine"}, "convnext/convnext_xlarge.h5"),
            ("EfficientNetV2S", {}, "efficientnet_v2/efficientnetv2-s.h5"),
            ("EfficientNetB7", {"include_top": False}, "efficientnetb7_notop.h5"),
            ("NASNetLarge", {"include_top": False}, "nasnet/NASNet-large-no-top.h5"),
            ("NASNetMobile", {}, "nasnet/NASNet-mobile.h5"),
            (
                "MobileNetV3Large",
                {"alpha": 0.75, "include_top": False},
                "mobilenet_v3/weights_mobilenet_v3_large_224_0.75_float_no_top_v2.h5",
            ),
            (
                "MobileNetV3Small",
                {"minimalistic": True},
                "mobilenet_v3/weights_mobilenet_v3_small_minimalistic_224_1.0_float.h5",
            ),
            (
                "MobileNetV2",
                {"input_shape": (96, 96, 3)},
                "mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_96.h5",
            ),
        ],
    )
    def test_a_missing_file_is_named_with_what_to_do(self, name, arguments, file, tmp_path):
        with pytest.raises(ConfigError) as caught:
            getattr(applications, name)(weights="imagenet", **arguments)
        message = str(caught.value)
        assert f"/keras-applications/{file} " in message
        assert message.count("://") == 1
        assert str(tmp_path / "data") in message
        assert str(tmp_path / "keras" / "models") in message

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: VGG16(weights="imagenet", classes=10), "include_top=False"),
            (
                lambda: VGG16(weights="imagenet", classifier_activation="sigmoid"),
                "'softmax', and give logits with None; got 'sigmoid'",
            ),
            (lambda: LeNet5(weights="imagenet"), "publishes no weights"),
            (lambda: MobileNet(weights="imagenet", alpha=0.3), "alpha .* 0.25, 0.5, 0.75, 1.0"),
            (
                lambda: MobileNet(weights="imagenet", depth_multiplier=2),
                "depth_multiplier .* one of 1",
            ),
            (lambda: MobileNetV2(weights="imagenet", alpha=0.25), "alpha .* 0.35"),
            (lambda: MobileNetV3Small(weights="imagenet", alpha=0.5), "alpha .* 0.75, 1.0"),
            (
                lambda: MobileNetV3Small(weights="imagenet", alpha=0.75, minimalistic=True),
                "alpha .* one of 1.0",
            ),
        ],
    )
    def test_weights_that_nobody_publishes(self, make, message):
        with pytest.raises(ConfigError, match=message):
            make()


def networks():
    return [n for n in applications.__all__ if re.match("[A-Z]", n)]


@pytest.mark.parametrize("name", networks())
def test_arguments_and_their_order_are_keras_s(name):
    import inspect

    ours = inspect.signature(getattr(applications, name)).parameters
    assert "classifier_activation:" in getattr(applications, name).__doc__
    if hasattr(keras.applications, name):
        theirs = inspect.signature(getattr(keras.applications, name)).parameters
        assert list(ours) == list(theirs)
        changed = [n for n in ours if ours[n].default != theirs[n].default]
        assert changed == ["weights"]  # nothing is downloaded here
