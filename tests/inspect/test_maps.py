"""Filters, feature maps and Grad-CAM, against models cut off at a layer and hand formulas."""

import jax
import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, UnknownNameError
from maeum.inspect import feature_maps, filters, grad_cam
from maeum.layers import Conv2D, Dense, Flatten, GlobalAveragePooling2D, Input


class TestFilters:
    def test_are_the_kernel_with_the_filters_first(self, sequential):
        kernel = sequential.get_layer("second").kernel.numpy()
        found = filters(sequential, "second")
        assert found.shape == (5, 3, 3, 4)
        np.testing.assert_array_equal(found[2], kernel[..., 2])

    def test_of_every_kind_of_convolution(self):
        layers = mm.layers
        for layer, shape in [
            (layers.DepthwiseConv2D(3, depth_multiplier=2), (6, 3, 3, 1)),
            (layers.SeparableConv2D(5, 3), (3, 3, 3, 1)),
            (layers.Conv2DTranspose(5, 2), (5, 2, 2, 3)),
        ]:
            model = mm.Sequential([Input((8, 8, 3)), layer])
            assert filters(model, layer).shape == shape
        deep = mm.Sequential([Input((8, 8, 3)), layers.DepthwiseConv2D(3, depth_multiplier=2)])
        kernel = deep.get_weights()[0]  # (3, 3, 3, 2): channel 1's second filter is the fourth
        np.testing.assert_array_equal(
            filters(deep, "depthwise_conv2d")[3, ..., 0], kernel[..., 1, 1]
        )

    def test_inside_a_base_model(self, transfer):
        assert filters(transfer, "base/last").shape == (6, 3, 3, 4)
        assert filters(transfer, "last").shape == (6, 3, 3, 4)  # unique without its path

    def test_bad_layers(self, sequential):
        with pytest.raises(UnknownNameError, match="Did you mean 'second'"):
            filters(sequential, "secnd")
        with pytest.raises(ConfigError, match=r"no filters.*first, second"):
            filters(sequential, "pool")
        with pytest.raises(UnknownNameError, match="not among"):
            filters(sequential, Dense(2))


class TestFeatureMaps:
    def test_equal_a_model_that_ends_there(self, sequential, pictures):
        found = feature_maps(sequential, pictures)
        assert list(found) == ["first", "pool", "second", "norm", "relu"]
        for name, maps in found.items():
            cut = mm.Model(sequential.inputs, sequential.get_layer(name).output)
            np.testing.assert_allclose(maps, cut.predict(pictures, verbose=0), rtol=1e-5, atol=1e-6)

    def test_of_layers_inside_a_base_model(self, transfer, pictures):
        found = feature_maps(transfer, pictures, ["base/last", transfer.get_layer("base")])
        assert list(found) == ["base/last", "base"]
        np.testing.assert_array_equal(found["base"], found["base/last"])
        expected = transfer.get_layer("base").predict(pictures, verbose=0)
        np.testing.assert_allclose(found["base"], expected, rtol=1e-5, atol=1e-6)

    def test_any_layer_can_be_asked_for(self, sequential, pictures):
        found = feature_maps(sequential, pictures, "answer")
        expected = sequential.predict(pictures, verbose=0)
        np.testing.assert_allclose(found["answer"], expected, rtol=1e-5, atol=1e-7)

    def test_both_calls_of_a_shared_layer(self):
        x = Input((6, 6, 2))
        layer = Conv2D(2, 3, padding="same", name="twice")
        model = mm.Model(x, Flatten()(layer(layer(x))))
        pictures = np.random.default_rng(0).normal(size=(2, 6, 6, 2)).astype("float32")
        found = feature_maps(model, pictures)
        assert list(found) == ["twice", "twice:2"]
        np.testing.assert_allclose(
            model.predict(pictures, verbose=0), found["twice:2"].reshape(2, -1), rtol=1e-5
        )

    def test_models_and_layers_that_have_none(self, sequential, pictures):
        with pytest.raises(UnknownNameError, match="Did you mean 'relu'"):
            feature_maps(sequential, pictures, ["relo"])
        table = mm.Sequential([Input((4,)), Dense(2, name="out")])
        with pytest.raises(ConfigError, match=r"No layer .* has maps"):
            feature_maps(table, np.ones((1, 4)))

        class Own(mm.Model):
            def __init__(self):
                super().__init__()
                self.out = Dense(2)

            def call(self, x):
                return self.out(x)

        own = Own()
        own.predict(np.ones((1, 4)), verbose=0)
        with pytest.raises(ConfigError, match="Sequential or Model"):
            feature_maps(own, np.ones((1, 4)))


class TestGradCam:
    def test_equals_its_formula_where_the_gradient_is_known(self):
        """With a mean over places, the gradient by a map is the head's kernel over the places."""
        model = mm.Sequential(
            [
                Input((8, 8, 3)),
                Conv2D(4, 3, activation="relu", name="conv"),
                GlobalAveragePooling2D(),
                Dense(3, activation="softmax"),
            ],
            seed=5,
        )
        x = np.random.default_rng(0).normal(size=(3, 8, 8, 3)).astype("float32")
        kernel = model.get_weights()[2]
        maps = feature_maps(model, x)["conv"]
        weights = kernel[:, [2, 0, 1]].T / 36
        expected = np.maximum(np.einsum("nrck,nk->nrc", maps, weights), 0)
        found = grad_cam(model, x, [2, 0, 1], resize=False)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)
        resized = grad_cam(model, x, [2, 0, 1])
        np.testing.assert_allclose(
            resized, jax.image.resize(expected, (3, 8, 8), "linear"), rtol=1e-4, atol=1e-6
        )

    def test_takes_what_becomes_of_the_last_convolution(self, sequential, pictures):
        np.testing.assert_array_equal(
            grad_cam(sequential, pictures), grad_cam(sequential, pictures, layer="relu")
        )

    def test_looks_into_a_base_model(self, transfer, pictures):
        own = grad_cam(transfer, pictures)
        assert own.shape == (3, 12, 10)
        np.testing.assert_array_equal(own, grad_cam(transfer, pictures, layer="base/last"))
        np.testing.assert_array_equal(own, grad_cam(transfer, pictures, layer="base"))

    def test_layers_and_models_without_maps(self, sequential, pictures):
        with pytest.raises(ConfigError, match="has no feature maps"):
            grad_cam(sequential, pictures, layer="answer")
        with pytest.raises(UnknownNameError, match="has no layer"):
            grad_cam(sequential, pictures, layer="nothing like it")
        flat = mm.Sequential([Input((4, 4, 3)), Flatten(), Dense(2)])
        with pytest.raises(ConfigError, match="no convolution"):
            grad_cam(flat, np.ones((1, 4, 4, 3)))

    def test_shows_where_the_pattern_is(self):
        """A network that counts bright squares looks at the bright square."""
        model = mm.Sequential(
            [
                Input((16, 16, 1)),
                Conv2D(1, 3, padding="same", name="conv"),
                GlobalAveragePooling2D(),
                Dense(1, activation="sigmoid"),
            ]
        )
        model.set_weights([np.ones((3, 3, 1, 1)), [0.0], [[1.0]], [0.0]])
        x = np.zeros((1, 16, 16, 1), "float32")
        x[0, 2:5, 9:12] = 1
        found = grad_cam(model, x, 1)[0]
        assert np.unravel_index(found.argmax(), found.shape) == (3, 10)
        assert found[8:].max() == 0
