"""A network together with how its images are read: it takes files and folders as they are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from maeum.core.former import formerly
from maeum.core.messages import N_, _
from maeum.core.wording import some
from maeum.experiment.classes import predicted, score_classes
from maeum.experiment.model import TaskModel, warnings_as_notes
from maeum.experiment.run import Things
from maeum.experiment.seen import Seen
from maeum.images.experiment.copies import pixel_hashes
from maeum.images.experiment.data import read_quietly
from maeum.images.experiment.part import loader_of
from maeum.images.folders import list_images
from maeum.images.formats import SUFFIXES
from maeum.images.image_set import ImageSet
from maeum.images.layout import folders_in, plain
from maeum.images.loading import ImageLoader
from maeum.images.pixels import as_bytes
from maeum.images.resizing import Reading
from maeum.models import Model

if TYPE_CHECKING:
    import pandas as pd

_LOOKED_AT = 2_048  # images to evaluate that are looked for among those trained on


@dataclass(repr=False)
class ImageModel(TaskModel):
    """A trained network for images.

    Attributes:
        network: the network itself, a `maeum.Model`: pixels from 0 to 255 in, a probability for
            each class out.
        reading: how images become its inputs.
        classes: the names of the classes.
        facts: what is known of its training: metrics, rows, settings.
        seen: which images it was trained on, as hashes of their pixels.

    Example:
        >>> from maeum.images.experiment import train_images
        >>> pixels = np.repeat([[[[0]]], [[[255]]]] * 20, 8, axis=1).repeat(8, axis=2)
        >>> images = ImageSet(pixels=pixels, labels=[0, 1] * 20, class_names=["dark", "light"])
        >>> trained = train_images(images, epochs=2, report=False)
        >>> trained.model.predict(pixels[:2].astype("uint8")).columns.tolist()
        ['picture', 'prediction', 'probability of dark', 'probability of light']
    """

    kind = "images"
    things = Things("{n:,} image", "{n:,} images", N_("images"))
    reads_with = ()

    network: Model
    reading: Reading
    classes: list[str]
    facts: dict[str, Any] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)

    @formerly(pictures="source")
    def predict(self, source: Any, errors: str = "skip") -> pd.DataFrame:  # type: ignore[override]
        """Return a prediction for each image, with a probability for each class.

        Args:
            source: an image, a folder of them at any depth, or a file of many, by its path; a
                list of paths; an `ImageSet`; or an array ``(n, height, width, channels)``.
            errors: ``"skip"`` ignores an image that cannot be read, with a warning; ``"raise"``
                raises `ImageError`.

        Returns:
            A line for each image: its file (or place) in the column ``picture``, the likeliest
            class, the probabilities.

        Raises:
            DataError: if there are no images.
            ImageError: for an image that cannot be read, if asked for.
        """
        import pandas as pd

        images = self._as_set(source)
        probabilities, kept = self.predict_set(images, errors)
        names = [
            images.paths[row] if images.paths is not None else f"picture {row + 1}" for row in kept
        ]
        p = probabilities.astype(np.float64)
        p /= p.sum(axis=1, keepdims=True)  # in float32 they do so only nearly
        # The names of columns are what other programs look for: they stay what they were.
        return pd.DataFrame({"picture": names, **predicted(p, self.classes)})

    def predict_set(self, images: ImageSet, errors: str = "skip") -> tuple[np.ndarray, np.ndarray]:
        """Return the probabilities ``(n, k)`` and the numbers of the images that they are of."""
        return self._predicted(images, errors)[:2]

    def _predicted(
        self, images: ImageSet, errors: str
    ) -> tuple[np.ndarray, np.ndarray, ImageLoader]:
        images = as_bytes(images, self.reading.color_mode)
        loader = loader_of(ImageSet(images.paths, images.pixels), self.reading, errors=errors)
        x = loader.arrays() if loader.fits_memory else loader
        probabilities = self.network.predict(x, verbose=0)
        broken = {path for path, _reason in loader.skipped}
        places: Iterable[Any] = images.paths or range(len(images))
        return probabilities, np.flatnonzero([place not in broken for place in places]), loader

    @formerly(pictures="source")
    def evaluate(self, source: Any, errors: str = "skip") -> dict[str, Any]:  # type: ignore[override]
        """Return the metrics on labelled images, how many there were, and what was ignored.

        Args:
            source: a folder with one folder for each class (some of the model's classes are
                enough), a file with labels, or an `ImageSet`. That they were trained on is told in
                the notes.
            errors: as for `predict`.

        Raises:
            DataError: if there are no labels, or none of the model's classes.
        """
        images, notes = self._labelled(source)
        with warnings_as_notes() as told:
            probabilities, kept, loader = self._predicted(images, errors)
        looked_at = kept[np.linspace(0, len(kept) - 1, min(len(kept), _LOOKED_AT)).astype(int)]
        seen = self.seen.told(pixel_hashes(loader.take(looked_at)), self.things)
        notes = [*seen, *notes, *told]
        assert images.labels is not None
        metrics = score_classes(images.labels[kept].astype(int), probabilities, self.classes)
        skipped = len(images) - len(kept)
        return {"rows": len(kept), "skipped": skipped, "notes": notes, **metrics}

    def _as_set(self, source: Any) -> ImageSet:
        if isinstance(source, (ImageSet, str, os.PathLike)):
            return read_quietly(source, labelled=False)
        if isinstance(source, (list, tuple)):
            if all(isinstance(path, (str, os.PathLike)) for path in source):
                return ImageSet([os.fspath(path) for path in source])
            source = np.stack([np.asarray(image) for image in source])
        return ImageSet(pixels=source)

    def _labelled(self, source: Any) -> tuple[ImageSet, list[str]]:
        """Return images with the model's class numbers, and what was ignored."""
        if isinstance(source, (str, os.PathLike)) and Path(source).is_dir():
            found = self._folders(Path(source))
            if found is not None:
                return found
        images = read_quietly(source, labelled=True)
        notes = list(images.notes)
        if "test" in images.parts:  # those were kept from the training
            notes.append(_("Only the images of the test part are used."))
            images = images.subset(images.parts["test"])
        return images.renumbered(self.classes), notes

    def _folders(self, top: Path) -> tuple[ImageSet, list[str]] | None:
        """Return the images in the class folders; None if no folder is named like a class."""
        paths: list[str] = []
        labels: list[int] = []
        notes: list[str] = []
        unknown: list[str] = []
        known = {plain(name): k for k, name in enumerate(self.classes)}
        for child in folders_in(top):
            label = known.get(plain(child.name))
            found = list_images(child, False, notes if label is not None else [])
            if label is not None:
                paths += found
                labels += [label] * len(found)
            elif found:
                unknown.append(child.name)
        if not paths:
            return None
        if unknown:
            notes.append(_("Ignored, as no class of the model: {names}.", names=some(unknown, 5)))
        return ImageSet(paths, labels=labels, class_names=self.classes), notes

    def is_single(self, source: Any) -> bool:
        """Tell whether this is the file of one image."""
        path = Path(source)
        return path.is_file() and path.name.lower().endswith(SUFFIXES)

    def describe(self) -> list[str]:
        """Return what the network predicts, and from what, as sentences."""
        height, width = self.reading.size
        grey = self.reading.color_mode == "grayscale"
        said = N_("Reads images of any size as {height}x{width}, in colour")
        said = N_("Reads images of any size as {height}x{width}, grey") if grey else said
        return [
            _("Predicts one of {n} classes of an image", n=len(self.classes)),
            _("Classes: {names}", names=some(self.classes, 8, 40)),
            _(said, height=height, width=width),
        ]

    def to_json(self) -> dict[str, Any]:
        """Return how images are read, and the classes, as plain data."""
        return {**asdict(self.reading), "classes": self.classes}

    @classmethod
    def from_json(cls, network: Model, saved: Mapping[str, Any]) -> ImageModel:
        """Return the model that `to_json` described."""
        reading = Reading(saved["size"], saved["color_mode"], saved["resize"])
        classes = [str(name) for name in saved["classes"]]
        if network.output_shape[-1] != len(classes):
            raise ValueError(f"{len(classes)} classes for {network.output_shape[-1]} outputs")
        return cls(network, reading, classes)
