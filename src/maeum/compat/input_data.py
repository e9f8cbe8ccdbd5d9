"""``tensorflow.examples.tutorials.mnist.input_data``: MNIST in batches, as old tutorials read it.

The files are those of `maeum.datasets.mnist`; the folder that is asked for is looked into first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from maeum.compat.graph.errors import InvalidArgumentError
from maeum.core.randomness import generator, next_seed
from maeum.datasets import mnist
from maeum.datasets.digit_files import NAMES
from maeum.datasets.idx import read_idx

__all__ = ["DataSet", "Datasets", "read_data_sets"]


class DataSet:
    """Images and labels, handed out in batches.

    Args:
        images: uint8 (n, 28, 28), or float32 of whatever shape.
        labels: whole numbers, or one-hot rows.
        reshape: whether an image is a row of 784 numbers rather than (28, 28, 1).
        seed: the seed of the orders.
    """

    def __init__(self, images: np.ndarray, labels: np.ndarray, reshape: bool = True,
                 seed: int | None = None):  # fmt: skip
        if images.dtype == np.uint8:
            images = images.astype(np.float32) / np.float32(255)
            images = images.reshape(len(images), -1) if reshape else images[..., None]
        self.images, self.labels = images, labels
        self.num_examples, self.epochs_completed = len(images), 0
        self._seed = next_seed() if seed is None else seed
        self._place, self._order = 0, np.arange(len(images))

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True) -> Any:
        """Return the next images and labels; each epoch has another order.

        Raises:
            InvalidArgumentError: for a batch larger than all.
        """
        if not 0 < batch_size <= self.num_examples:
            raise InvalidArgumentError("A batch has between 1 and {most} examples; got {n}.",
                                       most=self.num_examples, n=batch_size)  # fmt: skip
        if self._place == 0 and shuffle and self.epochs_completed == 0:
            self._shuffle()
        chosen = self._order[self._place : self._place + batch_size]
        self._place += batch_size
        if self._place >= self.num_examples:
            over = self._place - self.num_examples
            self.epochs_completed += 1
            if shuffle:
                self._shuffle()
            chosen = np.concatenate([chosen, self._order[:over]]) if over else chosen
            self._place = over
        return self.images[chosen], self.labels[chosen]

    def _shuffle(self) -> None:
        random = generator(self._seed, "batches", self.epochs_completed)
        self._order = random.permutation(self.num_examples)


class Datasets(NamedTuple):
    """The three parts of a data set."""

    train: DataSet
    validation: DataSet
    test: DataSet


def read_data_sets(
    train_dir: str, fake_data: bool = False, one_hot: bool = False, dtype: Any = "float32",
    reshape: bool = True, validation_size: int = 5000, seed: int | None = None,
    source_url: str = "",
) -> Datasets:  # fmt: skip
    """Return MNIST: 55,000 digits to train, 5,000 to validate and 10,000 to test with.

    Args:
        train_dir: a folder that may have the four files.
        one_hot: whether labels are rows with a 1 at the place of the digit.
        reshape: whether an image is a row of 784 numbers rather than (28, 28, 1).
        validation_size: how many of the first images validate.
        seed: the seed of the orders of the batches.
        fake_data, dtype, source_url: accepted.

    Raises:
        DataError: if the files are nowhere, and cannot be downloaded.
    """
    (x, y), (x_test, y_test) = _files(Path(train_dir)) or mnist.load_data()
    if not 0 <= validation_size <= len(x):
        raise InvalidArgumentError("validation_size lies between 0 and {most}; got {n}.",
                                   most=len(x), n=validation_size)  # fmt: skip
    if one_hot:
        y, y_test = (np.eye(10)[labels] for labels in (y, y_test))
    n = validation_size
    parts = [(x[n:], y[n:]), (x[:n], y[:n]), (x_test, y_test)]
    return Datasets(*(DataSet(images, labels, reshape, seed) for images, labels in parts))


def _files(folder: Path) -> Any:
    paths = []
    for name in NAMES:
        known = [folder / name, folder / name.removesuffix(".gz")]
        found = next((path for path in known if path.is_file()), None)
        if found is None:
            return None
        paths.append(found)
    x, y, x_test, y_test = map(read_idx, paths)
    return (x, y), (x_test, y_test)
