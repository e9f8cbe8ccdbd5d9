"""The networks, their weights, and how images are changed in training."""

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError
from maeum.images.experiment import ImageOptions
from maeum.images.experiment.network import augmentation, build_network


def test_grows_with_the_images_and_their_number():
    def size(rows, side):
        options = ImageOptions().resolved(rows, (side, side), "rgb")
        return build_network((side, side, 3), 4, rows, options).count_params()

    assert size(100, 28) < size(5_000, 28)
    assert size(100, 28) < size(100, 64)


@pytest.mark.parametrize("side", [1, 4, 5, 8, 12, 16, 28, 48, 64, 96])
def test_the_last_convolutions_see_most_of_an_image_of_any_size(side):
    options = ImageOptions().resolved(500, (side, side), "grey")
    model = build_network((side, side, 1), 10, 500, options)
    seen, step = 1, 1  # how far a map of the last convolution sees, in pixels
    for layer in model.layers:
        if isinstance(layer, mm.layers.Conv2D):
            seen += 2 * step
        elif isinstance(layer, mm.layers.MaxPooling2D):
            seen, step = seen + step, 2 * step
    assert seen >= min(side, 5)
    assert seen >= 0.7 * side
    assert side // step >= min(side, 4)


@pytest.mark.parametrize("network", ["residual", "resnet18", "mobilenet"])
def test_others_take_images_and_end_in_the_classes(network):
    options = ImageOptions(network=network).resolved(100, (32, 32), "rgb")
    model = build_network((32, 32, 3), 4, 100, options)
    assert model.output_shape == (None, 4)


def test_weights_of_others_are_kept_and_a_new_classifier_learns(tmp_path):
    path = tmp_path / "base.safetensors"
    base = mm.applications.MobileNet(include_top=False, input_shape=(32, 32, 3))
    base.save_weights(path)

    def build(weights, channels=3):
        options = ImageOptions(network="mobilenet", weights=weights)
        options = options.resolved(100, (32, 32), "rgb")
        return build_network((32, 32, channels), 4, 100, options)

    network = build(path)
    inside = next(layer for layer in network.layers if isinstance(layer, mm.Model))
    for ours, theirs in zip(inside.get_weights(), base.get_weights()):
        np.testing.assert_array_equal(ours, theirs)
    assert [w.path for w in network.trainable_weights] == [
        "probability/kernel",
        "probability/bias",
    ]
    with pytest.raises(ConfigError, match="There is no file"):
        build(tmp_path / "none.weights.h5")
    with pytest.raises(ConfigError, match="images in colour"):
        build(path, channels=1)


def test_letters_are_not_mirrored():
    kinds = [type(layer).__name__ for layer in augmentation("light", flip=False)]
    assert kinds == ["RandomRotation", "RandomTranslation", "RandomZoom"]
    assert type(augmentation("strong", flip=True)[0]).__name__ == "RandomFlip"
    assert augmentation("none", flip=True) == []
