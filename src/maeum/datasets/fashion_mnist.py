"""Fashion-MNIST: articles of clothing in the format of MNIST (Xiao, Rasul, Vollgraf, 2017)."""

from __future__ import annotations

from maeum.datasets.digit_files import four_files, load_both, load_split
from maeum.datasets.files import SOURCE, Split

CLASS_NAMES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
FILES = four_files(
    (
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79",
        "bb300cfdad3c16e7a12a480ee83cd310",
    ),
    (
        SOURCE,
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    ("fashion_mnist", "fashion-mnist", "FashionMNIST/raw"),
)


def load_data() -> tuple[Split, Split]:
    """Return ``(x_train, y_train), (x_test, y_test)``: 60,000 and 10,000 images.

    Images are uint8 of shape ``(n, 28, 28)``; labels are uint8 of shape ``(n,)``, from 0 to 9,
    and `CLASS_NAMES` says what they mean.

    Raises:
        DataError: if the files are not here and cannot be downloaded, or are damaged.
    """
    return load_both(FILES, "fashion_mnist")


def load_test_data() -> Split:
    """Return ``x_test, y_test``: the 10,000 test images alone.

    Raises:
        DataError: as `load_data`.
    """
    return load_split(*FILES[2:])
