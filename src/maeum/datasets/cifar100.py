"""CIFAR-100: small colour images of a hundred kinds of things (Krizhevsky, 2009)."""

from __future__ import annotations

from maeum.core.checks import check_choice
from maeum.datasets.cifar import read_records
from maeum.datasets.download import fetch
from maeum.datasets.files import DataFile, Split

_FINE = """apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus
    butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab
    crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard
    lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom
    oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine
    possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake
    spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor
    train trout tulip turtle wardrobe whale willow_tree wolf woman worm"""
_COARSE = """aquatic_mammals fish flowers food_containers fruit_and_vegetables
    household_electrical_devices household_furniture insects large_carnivores
    large_man-made_outdoor_things large_natural_outdoor_scenes large_omnivores_and_herbivores
    medium_mammals non-insect_invertebrates people reptiles small_mammals trees vehicles_1
    vehicles_2"""
CLASS_NAMES = tuple(_FINE.split())
COARSE_CLASS_NAMES = tuple(_COARSE.split())
FILES = (
    DataFile(
        "cifar-100-binary.tar.gz",
        "md5:03b5dce01913d631647c71ecec9e9cb8",
        (
            "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
            "https://cave.cs.toronto.edu/kriz/cifar-100-binary.tar.gz",
        ),
        ("cifar100", "cifar-100"),
    ),
)


def load_data(label_mode: str = "fine") -> tuple[Split, Split]:
    """Return ``(x_train, y_train), (x_test, y_test)``: 50,000 and 10,000 images.

    Images are uint8 of shape ``(n, 32, 32, 3)``; labels are uint8 of shape ``(n, 1)``.

    Args:
        label_mode: ``"fine"`` for the 100 classes of `CLASS_NAMES`, ``"coarse"`` for the 20
            groups of `COARSE_CLASS_NAMES`.

    Raises:
        DataError: if the archive is not here and cannot be downloaded, or is damaged.
    """
    modes = {"coarse": (0, len(COARSE_CLASS_NAMES)), "fine": (1, len(CLASS_NAMES))}
    check_choice(label_mode, modes, "label_mode")
    path = fetch(FILES[0])
    return (
        read_records(path, ["train.bin"], 2, *modes[label_mode]),
        read_records(path, ["test.bin"], 2, *modes[label_mode]),
    )
