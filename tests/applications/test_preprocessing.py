"""Pixels scaled and predictions named as Keras does it."""

import json
import subprocess
import sys

import jax.numpy as jnp
import keras
import numpy as np
import pytest

import maeum as mm
from maeum import applications
from maeum.applications import imagenet_utils
from maeum.core.errors import ConfigError, DataError, ShapeError

MODULES = [
    *("vgg16", "vgg19", "resnet", "resnet50", "inception_v3", "xception", "densenet"),
    *("mobilenet", "mobilenet_v2", "mobilenet_v3", "nasnet", "resnet_v2", "inception_resnet_v2"),
    *("convnext", "efficientnet", "efficientnet_v2"),
]
rng = np.random.default_rng(0)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_pixels_are_scaled_as_keras_does(module, dtype):
    pixels = rng.integers(0, 256, (2, 4, 5, 3)).astype(dtype)
    expected = getattr(keras.applications, module).preprocess_input(pixels.copy())
    scale = getattr(applications, module).preprocess_input
    before = pixels.copy()
    got = scale(pixels)
    assert isinstance(got, np.ndarray)
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-4)
    np.testing.assert_array_equal(pixels, before)
    np.testing.assert_allclose(scale(pixels[0]), expected[0], rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(scale(jnp.asarray(pixels)), expected, rtol=1e-5, atol=1e-4)
    first = scale(np.moveaxis(pixels, -1, 1), data_format="channels_first")
    np.testing.assert_allclose(np.moveaxis(first, 1, -1), expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("mode", ["caffe", "tf", "torch", "unit", "lenet"])
def test_scaling_within_a_model_is_the_same_and_is_saved(tmp_path, mode):
    pixels = rng.integers(0, 256, (2, 4, 5, 3)).astype("uint8")
    x = mm.Input((4, 5, 3), dtype="uint8")
    model = mm.Model(x, imagenet_utils.preprocess_input(x, mode=mode))
    expected = imagenet_utils.preprocess_input(pixels, mode=mode)
    np.testing.assert_allclose(model(pixels), expected, rtol=1e-5, atol=1e-5)
    model.save(tmp_path / "m.maeum")
    np.testing.assert_array_equal(mm.load_model(tmp_path / "m.maeum")(pixels), model(pixels))


def test_a_model_that_scales_pixels_is_loaded_without_this_room(tmp_path):
    x = mm.Input((4, 5, 3))
    mm.Model(x, imagenet_utils.preprocess_input(x)).save(tmp_path / "m.maeum")
    code = (
        f"import maeum, sys; maeum.load_model({str(tmp_path / 'm.maeum')!r}); "
        "print('maeum.applications' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_digits_are_scaled_as_their_networks_expect():
    ends = np.array([0, 255], "uint8").reshape(1, 2, 1)
    assert applications.lenet.preprocess_input(ends).ravel() == pytest.approx([-0.1, 1.175])
    assert applications.small_resnet.preprocess_input(ends).ravel().tolist() == [0, 1]


@pytest.mark.parametrize(
    ("pixels", "arguments", "error", "message"),
    [
        (np.zeros((4, 4)), {}, ShapeError, "rows, columns, channels"),
        (np.zeros((4, 4, 1)), {}, ShapeError, "got 1 channels"),
        (np.zeros((3, 4, 4)), {}, ShapeError, "got 4 channels"),
        (np.zeros((1, 4, 4, 3)), {"data_format": "channels_first"}, ShapeError, "got 4 channels"),
        (np.zeros((4, 4, 3)), {"mode": "cafe"}, ConfigError, "'caffe', 'tf', 'torch'"),
        (np.zeros((4, 4, 3)), {"data_format": "last"}, ConfigError, "channels_last"),
        ([[["a"] * 3]], {}, DataError, "numbers"),
        (np.full((1, 1, 3), None), {}, DataError, "numbers"),
    ],
)
def test_what_is_no_picture_is_refused(pixels, arguments, error, message):
    with pytest.raises(error, match=message):
        imagenet_utils.preprocess_input(pixels, **arguments)


class TestPredictions:
    @pytest.fixture
    def index(self, tmp_path, monkeypatch):
        """Put a list of classes where Keras and Maeum look for it; return its path."""
        monkeypatch.setenv("MAEUM_DATA", str(tmp_path))
        path = tmp_path / "imagenet_class_index.json"
        table = {str(i): [f"n{i:08}", f"thing_{i}"] for i in range(1000)}
        path.write_text(json.dumps(table))
        return path

    def test_the_best_classes_are_named_as_keras_names_them(self, index, monkeypatch):
        from keras.src.applications import imagenet_utils as theirs

        monkeypatch.setattr(theirs, "CLASS_INDEX", json.loads(index.read_text()))
        scores = rng.random((3, 1000), "float32")
        for top in (1, 5, 2000):
            assert imagenet_utils.decode_predictions(scores, top) == theirs.decode_predictions(
                scores, top
            )

    def test_every_module_has_it(self, index):
        scores = np.eye(1000, dtype="float32")[[7]]
        for module in (*MODULES, "lenet", "alexnet", "googlenet", "squeezenet", "small_resnet"):
            decode = getattr(applications, module).decode_predictions
            assert decode(jnp.asarray(scores), top=1) == [[("n00000007", "thing_7", 1.0)]]

    def test_classes_of_your_own(self):
        scores = np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]])
        assert imagenet_utils.decode_predictions(scores, 2, class_names=["a", "b", "c"]) == [
            [(1, "b", 0.5), (2, "c", 0.3)],
            [(0, "a", 0.4), (1, "b", 0.4)],
        ]

    @pytest.mark.parametrize("shape", [(1000,), (1, 999), (1, 10), (1, 1, 1000)])
    def test_another_number_of_classes_is_refused(self, shape):
        with pytest.raises(ShapeError, match=r"\(images, 1000\).*class_names"):
            imagenet_utils.decode_predictions(np.zeros(shape))
        with pytest.raises(ShapeError, match=r"\(images, 2\)"):
            imagenet_utils.decode_predictions(np.zeros(shape), class_names=["cat", "dog"])

    def test_top_is_a_number_of_classes(self):
        for top in (0, -1, 1.5, "5"):
            with pytest.raises(ConfigError, match="top"):
                imagenet_utils.decode_predictions(np.zeros((1, 1000)), top)

    def test_a_missing_list_is_named_with_what_to_do(self, tmp_path, monkeypatch):
        monkeypatch.delenv("MAEUM_DATA", raising=False)
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
        with pytest.raises(ConfigError, match=r"imagenet_class_index\.json.*MAEUM_DATA") as caught:
            imagenet_utils.decode_predictions(np.zeros((1, 1000)))
        assert str(tmp_path / "models") in str(caught.value)

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"0": ["n1"]}', "\x00", '{"0": 5}'])
    def test_a_broken_list_is_an_error(self, index, text):
        index.write_text(text)
        with pytest.raises(DataError, match="Download it again"):
            imagenet_utils.decode_predictions(np.zeros((1, 1000)))
