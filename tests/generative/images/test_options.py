"""What is chosen for networks that make images, and what is refused."""

import pytest

from maeum.core.errors import ConfigError, UnknownNameError
from maeum.generative.adversarial_parts import usual_filters
from maeum.generative.images import GenerateOptions
from maeum.generative.images.data import choose_size
from maeum.generative.images.options import check_size


@pytest.mark.parametrize(
    ("sizes", "chosen"),
    [
        ([(28, 28)], (28, 28)),
        ([(16, 16)], (16, 16)),
        ([(32, 64)], (32, 64)),
        ([(30, 30)], (28, 28)),  # 30 / 4 is no whole number
        ([(47, 90), (47, 50)], (32, 32)),
        ([(48, 60), (60, 48)], (48, 48)),
        ([(4, 4)], (28, 28)),
        ([(1080, 1920)], (64, 64)),
    ],
)
def test_the_size_is_the_nearest_that_suits(sizes, chosen):
    assert choose_size(sizes) == chosen


@pytest.mark.parametrize("size", [(30, 30), (4, 4), (32, 30), (256, 256)])
def test_sizes_that_cannot_be_halved_are_refused(size):
    with pytest.raises(ConfigError, match="do not suit the network"):
        check_size(size, None)
    check_size((24, 36), None)
    with pytest.raises(ConfigError, match="divided by 8"):
        check_size((28, 28), (8, 8, 8))


def test_stages_halve_both_sides():
    assert usual_filters((32, 36, 3)) == (64, 32)  # 36, 18, 9
    assert usual_filters((28, 28, 1)) == (64, 32)
    assert usual_filters((64, 64, 3)) == (64, 32, 32, 16)


@pytest.mark.parametrize(("rows", "epochs"), [(8_500, 28), (200, 266), (10**6, 1), (2, 1000)])
def test_epochs_make_some_thousand_steps(rows, epochs):
    assert GenerateOptions().resolved(rows, (28, 28), "grey").epochs == epochs


def test_few_images_are_augmented_for_the_discriminator():
    for rows, said in ((1_999, True), (2_000, False)):
        assert GenerateOptions().resolved(rows, (28, 28), "grey").augmentation is said
    assert GenerateOptions(network="vae").resolved(9, (28, 28), "grey").augmentation is None


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"network": "vae", "loss": "minimax"}, "loss is for network='gan'"),
        ({"network": "vae", "augmentation": True}, "augmentation is for"),
        ({"patience": 3}, "patience is for network='vae'"),
        ({"minutes": 0}, "minutes"),
        ({"latent_size": 0}, "latent_size"),
    ],
)
def test_what_makes_no_sense_is_refused(chosen, said):
    with pytest.raises(ConfigError, match=said):
        GenerateOptions(**chosen)


def test_unknown_names_are_told_with_the_nearest():
    with pytest.raises(UnknownNameError, match="relativistic"):
        GenerateOptions(loss="relativstic")
