"""CIFAR-10: small colour images of ten kinds of things (Krizhevsky, 2009)."""

from __future__ import annotations

from maeum.datasets.cifar import read_records
from maeum.datasets.download import fetch
from maeum.datasets.files import DataFile, Split

CLASS_NAMES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
FILES = (
    DataFile(
        "cifar-10-binary.tar.gz",
        "md5:c32a1d4ab5d03f1284b67883e8d87530",
        (
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            "https://cave.cs.toronto.edu/kriz/cifar-10-binary.tar.gz",
            "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/"
            "cifar-10-binary.tar.gz",
        ),
        ("cifar10", "cifar-10"),
    ),
)


def load_data() -> tuple[Split, Split]:
    """Return ``(x_train, y_train), (x_test, y_test)``: 50,000 and 10,000 images.

    Images are uint8 of shape ``(n, 32, 32, 3)``; labels are uint8 of shape ``(n, 1)``, from 0
    to 9, and `CLASS_NAMES` says what they mean. The binary version of the data set is read, which
    holds the same as the pickles of the Python version and runs nothing.

    Raises:
        DataError: if the archive is not here and cannot be downloaded, or is damaged.
    """
    path = fetch(FILES[0])
    training = [f"data_batch_{i}.bin" for i in range(1, 6)]
    return (
        read_records(path, training, 1, 0, 10),
        read_records(path, ["test_batch.bin"], 1, 0, 10),
    )
