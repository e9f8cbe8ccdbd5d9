"""Which options there are, what they refuse, and what is chosen by the images."""

import pytest

from maeum.core.errors import ConfigError, UnknownNameError
from maeum.images.experiment import ImageOptions


def test_few_images_are_changed_more():
    choices = [ImageOptions().resolved(n, (28, 28), "rgb") for n in (200, 5_000, 100_000)]
    assert [c.augment for c in choices] == ["strong", "light", "none"]
    assert choices[0].epochs > choices[1].epochs
    assert choices[0].batch_size < choices[1].batch_size


@pytest.mark.parametrize(
    ("rows", "side", "augment"),
    [(200, 20, "strong"), (200, 19, "light"), (200, 7, "none"), (5_000, 8, "light")],
)
def test_small_images_are_changed_less(rows, side, augment):
    assert ImageOptions().resolved(rows, (side, 64), "rgb").augment == augment


def test_few_images_are_seen_so_often_that_there_are_some_hundreds_of_steps():
    for rows in (4, 8, 30, 100, 300):
        made = ImageOptions().resolved(rows, (32, 32), "rgb")
        assert made.epochs * -(-rows // made.batch_size) >= 300


@pytest.mark.parametrize(
    ("color", "mirrored", "flip"),
    [("rgb", None, True), ("rgb", False, False), ("grey", None, False), ("grey", True, True)],
)
def test_images_are_mirrored_if_they_still_look_alike(color, mirrored, flip):
    assert ImageOptions().resolved(200, (32, 32), color, mirrored).flip is flip
    assert ImageOptions(flip=True).resolved(200, (32, 32), color, mirrored).flip


def test_what_is_chosen_stays():
    chosen = ImageOptions(size=32, color="gray", flip=True, epochs=50, seed=7)
    made = chosen.resolved(200, (32, 32), "grey")
    assert (made.size, made.color, made.flip, made.epochs) == ((32, 32), "gray", True, 50)
    assert made.patience == 10  # a fifth of the epochs
    assert made.to_json()["size"] == [32, 32]


def test_weights_are_told_by_the_name_of_their_file(tmp_path):
    options = ImageOptions(network="vgg16", weights=tmp_path / "vgg16.weights.h5")
    assert options.to_json()["weights"] == "vgg16.weights.h5"


@pytest.mark.parametrize(
    ("text", "size"), [("64", (64, 64)), ("48x64", (48, 64)), ("48,64", (48, 64))]
)
def test_size_on_the_command_line(text, size):
    assert ImageOptions.fields()["size"].metadata["check"].read(text, "--size") == size


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"size": 0}, "size"),
        ({"size": (8, 8, 8)}, "size"),
        ({"color": "gray8"}, "Did you mean 'gray'"),
        ({"resize": "croop"}, "Did you mean 'crop'"),
        ({"network": "smal"}, "Did you mean 'small'"),
        ({"augment": "heavy"}, "augment is one of"),
        ({"errors": "ignore"}, "errors is one of"),
        ({"epochs": 0}, "epochs is a whole number of 1 or more"),
        ({"patience": -1}, "patience is a whole number of 0 or more"),
        ({"batch_size": 2.5}, "batch_size is a whole number"),
        ({"learning_rate": 0}, "learning_rate takes numbers above 0"),
        ({"test_size": 0}, "test_size takes numbers above 0"),
        ({"validation_size": 1}, "validation_size takes numbers from 0"),
        ({"test_size": 0.5, "validation_size": 0.5}, "leave nothing to train on"),
        ({"seed": -1}, "A seed lies between 0"),
        ({"weights": "w.h5"}, "the network is 'small'"),
    ],
)
def test_options_that_make_no_sense(options, said):
    with pytest.raises((ConfigError, UnknownNameError), match=said):
        ImageOptions(**options)
