"""Batches of augmented images; this file: in general, and of an array."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import DataError
from maeum.core.randomness import generator, next_seed
from maeum.images.batches import BatchSequence
from maeum.images.conversion import check_format, save_img


class ImageIterator(BatchSequence):
    """Batches of augmented images, by number, or one after the other without an end.

    Attributes:
        samples: the number of images; also ``n``.
        class_indices: the number of every class, by its name.
        classes: ``(samples,)`` the class numbers.
        filenames: the files, from the folder on.
        image_shape: that of each image.
    """

    image_data_generator: Any
    save_to_dir: str | None
    save_prefix: str
    save_format: str
    data_format: Any
    dtype: Any
    image_shape: tuple[int, ...]

    def _set_up(self, samples: int) -> None:
        """Begin with so many images; the dataclasses below have the arguments as attributes."""
        seed = next_seed() if self.seed is None else self.seed
        super().__init__(samples, self.batch_size, self.shuffle, seed)
        self.n = self.samples = samples
        self.data_format = check_format(self.data_format)
        self.dtype = np.dtype(self.dtype or np.float32)
        self._going: Iterator[Any] | None = None
        self._given = 0

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if not self.samples:
            raise DataError("There are no images to iterate over.")
        if self._going is None or self._given == len(self):
            if self._going is not None:
                self.on_epoch_end()
            self._going, self._given = self.batches(self.epoch), 0
        self._given += 1
        return next(self._going)

    next = __next__

    def reset(self) -> None:
        """Begin again with the first batch of this epoch."""
        self._going = None

    def _begin(self, rows: np.ndarray, epoch: int) -> Callable[[], Any]:
        x = np.empty((len(rows), *self.image_shape), self.dtype)

        def work(number: int) -> None:
            image = self._image(int(rows[number]))
            if self.image_data_generator is not None:
                draw = generator(self.seed, "augment", epoch, int(rows[number]))
                image = self.image_data_generator.random_transform(image, draw)
                image = self.image_data_generator.standardize(image)
            x[number] = image

        wait = self._spread(work, len(rows))

        def finish() -> Any:
            wait()
            if self.save_to_dir is not None:
                for image, row in zip(x, rows):
                    name = f"{self.save_prefix}_{row}_{epoch}.{self.save_format}"
                    save_img(os.path.join(self.save_to_dir, name), image, self.data_format)
            return self._batch(rows, x)

        return finish

    def _image(self, row: int) -> np.ndarray:
        """Return one image as it is."""
        raise NotImplementedError

    def _batch(self, rows: np.ndarray, x: np.ndarray) -> Any:
        """Put what belongs to a batch beside its images."""
        raise NotImplementedError


@dataclass(eq=False, repr=False)
class NumpyArrayIterator(ImageIterator):
    """Batches of the augmented images of an array.

    Args:
        x: ``(n, height, width, channels)``; or ``(x, others)`` with arrays that go along.
        y: the labels, if any.
        image_data_generator: what augments the images; None leaves them unchanged.
        batch_size: the images of a batch.
        shuffle: whether every epoch has its own order.
        sample_weight: ``(n,)``, if any.
        seed: of the order and of the augmentation.
        data_format: where the channels are.
        save_to_dir: a folder to which all images are written, for inspection.
        save_prefix: how their names begin.
        save_format: ``"png"`` or ``"jpeg"``.
        subset: ``"training"`` or ``"validation"``, if the generator has a ``validation_split``;
            the first images are those for validation.
        ignore_class_split: whether the two may have different classes.
        dtype: of the images.

    Raises:
        DataError: for arrays that do not fit each other, or are not images.
    """

    x: Any
    y: Any = None
    image_data_generator: Any = None
    batch_size: int = 32
    shuffle: bool = False
    sample_weight: Any = None
    seed: Any = None
    data_format: str | None = None
    save_to_dir: str | None = None
    save_prefix: str = ""
    save_format: str = "png"
    subset: str | None = None
    ignore_class_split: bool = False
    dtype: Any = None

    def __post_init__(self) -> None:
        x, others = self.x, list[Any]()
        if isinstance(x, (tuple, list)) and len(x) == 2 and not np.isscalar(x[0]):
            x, rest = x
            others = list(rest) if isinstance(rest, list) else [rest]
        pixels = np.asarray(x)
        if pixels.ndim != 4:
            raise DataError("x has four axes, one for the images; got shape {shape}.",
                            shape=pixels.shape)  # fmt: skip
        beside = {"y": self.y, "sample_weight": self.sample_weight}
        beside.update({f"x[1][{i}]": other for i, other in enumerate(others)})
        arrays = {name: np.asarray(a) for name, a in beside.items() if a is not None}
        for name, array in arrays.items():
            if len(array) != len(pixels):
                raise DataError("x has {n} rows and {name} has {found}.", n=len(pixels), name=name,
                                found=len(array))  # fmt: skip
        part = slice(None)
        if self.subset is not None:
            part = subset_rows(self.subset, self.image_data_generator, len(pixels))
            whole = arrays.get("y")
            cut = part.start or part.stop or 0
            if whole is not None and not self.ignore_class_split:
                first, second = np.unique(whole[:cut]), np.unique(whole[cut:])
                if not np.array_equal(first, second):
                    raise DataError("The training and the validation subset have different "
                                    "classes. Shuffle x and y first, or pass "
                                    "ignore_class_split=True.")  # fmt: skip
        self.x = pixels[part]
        arrays = {name: array[part] for name, array in arrays.items()}
        self.y, self.sample_weight = arrays.pop("y", None), arrays.pop("sample_weight", None)
        self.x_misc = list(arrays.values())
        self.image_shape = self.x.shape[1:]
        self._set_up(len(self.x))

    def _image(self, row: int) -> np.ndarray:
        return self.x[row].astype(self.dtype)

    def _batch(self, rows: np.ndarray, x: np.ndarray) -> Any:
        first = [x, *(array[rows] for array in self.x_misc)] if self.x_misc else x
        if self.y is None:
            return first
        batch = (first, self.y[rows])
        return batch if self.sample_weight is None else (*batch, self.sample_weight[rows])


def subset_rows(subset: str, image_data_generator: Any, rows: int) -> slice:
    """Return the rows of the training or of the validation subset: the latter are the first."""
    check_choice(subset, ("training", "validation"), "subset")
    cut = int(rows * getattr(image_data_generator, "validation_split", 0.0))
    return slice(cut) if subset == "validation" else slice(cut, None)
