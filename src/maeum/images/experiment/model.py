"""A network together with how its pictures are read: it takes files and folders as they are."""

from __future__ import annotations

import json
import os
import unicodedata
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError, ModelFileError, nearest
from maeum.core.wording import plural, some
from maeum.images.experiment.baselines import score_pictures
from maeum.images.experiment.sources import as_bytes, read_pictures
from maeum.images.folders import list_pictures
from maeum.images.image_set import ImageSet
from maeum.images.loading import ImageLoader
from maeum.images.options import CHANNELS, check_size
from maeum.images.reading import RESIZES, shown
from maeum.models import Model
from maeum.saving import archive

if TYPE_CHECKING:
    import pandas as pd

_ENTRY = "preprocessing.json"
KIND = "images"


@dataclass(frozen=True)
class Reading:
    """How a picture becomes the network's input.

    Attributes:
        size: its ``(height, width)``.
        color_mode: ``"rgb"`` or ``"grayscale"``.
        resize: ``"crop"``, ``"pad"`` or ``"stretch"``; see `load_image`.
    """

    size: tuple[int, int]
    color_mode: str
    resize: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", check_size(self.size))
        check_choice(self.color_mode, CHANNELS, "color_mode")
        check_choice(self.resize, RESIZES, "resize")


@dataclass
class ImageModel:
    """A trained network for pictures.

    Attributes:
        network: the network itself, a `maeum.Model`: pixels from 0 to 255 in, a probability for
            each class out.
        reading: how pictures become its inputs.
        classes: the names of the classes.
        facts: what is known of its training: metrics, rows, settings.

    Example:
        >>> from maeum.images.experiment import train_images
        >>> pixels = np.repeat([[[[0]]], [[[255]]]] * 20, 8, axis=1).repeat(8, axis=2)
        >>> pictures = ImageSet(pixels=pixels, labels=[0, 1] * 20, class_names=["dark", "light"])
        >>> trained = train_images(pictures, epochs=2, report=False)
        >>> trained.model.predict(pixels[:2].astype("uint8")).columns.tolist()
        ['picture', 'prediction', 'probability of dark', 'probability of light']
    """

    network: Model
    reading: Reading
    classes: list[str]
    facts: dict[str, Any] = field(default_factory=dict)

    def predict(self, pictures: Any, errors: str = "skip") -> pd.DataFrame:
        """Return a prediction for each picture, with a probability for each class.

        Args:
            pictures: a picture, a folder of them at any depth, or a file of many, by its path; a
                list of paths; an `ImageSet`; or an array ``(n, height, width, channels)``.
            errors: ``"skip"`` leaves out a picture that cannot be read, with a warning;
                ``"raise"`` raises `PictureError`.

        Returns:
            A line for each picture: its file (or place), the likeliest class, the probabilities.

        Raises:
            DataError: if there are no pictures.
            PictureError: for a picture that cannot be read, if asked for.
        """
        import pandas as pd

        images = self._as_set(pictures)
        probabilities, kept = self.predict_set(images, errors)
        names = [
            images.paths[row] if images.paths is not None else f"picture {row + 1}" for row in kept
        ]
        p = probabilities.astype(np.float64)
        p /= p.sum(axis=1, keepdims=True)  # in float32 they do so only nearly
        answers = [self.classes[k] for k in p.argmax(axis=1)]
        columns: dict[str, Any] = {"picture": names, "prediction": answers}
        columns |= {f"probability of {name}": p[:, k] for k, name in enumerate(self.classes)}
        return pd.DataFrame(columns)

    def predict_set(self, images: ImageSet, errors: str = "skip") -> tuple[np.ndarray, np.ndarray]:
        """Return the probabilities ``(n, k)`` and the numbers of the pictures that they are of."""
        reading = self.reading
        images = as_bytes(images, reading.color_mode)
        loader = ImageLoader(
            ImageSet(images.paths, images.pixels),
            reading.size,
            256,
            color_mode=reading.color_mode,
            resize=reading.resize,
            errors=errors,
        )
        x = loader.arrays() if loader.fits_memory else loader
        probabilities = self.network.predict(x, verbose=0)
        broken = {path for path, _ in loader.skipped}
        kept = [
            row
            for row in range(len(images))
            if images.paths is None or images.paths[row] not in broken
        ]
        return probabilities, np.array(kept, np.int64)

    def evaluate(self, pictures: Any, errors: str = "skip") -> dict[str, Any]:
        """Return the metrics on labelled pictures, how many there were, and what was left out.

        Args:
            pictures: a folder with one folder for each class (some of the model's classes are
                enough), a file with labels, or an `ImageSet`.
            errors: as for `predict`.

        Raises:
            DataError: if there are no labels, or none of the model's classes.
        """
        images, notes = self._labelled(pictures)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            probabilities, kept = self.predict_set(images, errors)
        notes += [str(warning.message) for warning in told]
        assert images.labels is not None
        metrics = score_pictures(images.labels[kept].astype(int), probabilities, self.classes)
        skipped = len(images) - len(kept)
        return {"rows": len(kept), "skipped": skipped, "notes": notes, **metrics}

    def _as_set(self, pictures: Any) -> ImageSet:
        if isinstance(pictures, ImageSet):
            return pictures
        if isinstance(pictures, (str, os.PathLike)):
            return read_pictures(pictures, labelled=False)
        if isinstance(pictures, (list, tuple)):
            if all(isinstance(path, (str, os.PathLike)) for path in pictures):
                return ImageSet([os.fspath(path) for path in pictures])
            pictures = np.stack([np.asarray(picture) for picture in pictures])
        return ImageSet(pixels=pictures)

    def _labelled(self, pictures: Any) -> tuple[ImageSet, list[str]]:
        """Return pictures with the model's class numbers, and what was left out."""
        if isinstance(pictures, (str, os.PathLike)) and Path(pictures).is_dir():
            found = self._folders(Path(pictures))
            if found is not None:
                return found
        images = pictures if isinstance(pictures, ImageSet) else read_pictures(pictures)
        if images.labels is None:
            raise DataError("The pictures have no labels to compare the predictions with.")
        if "test" in images.parts:  # those were kept from the training
            notes = [*images.notes, "Only the pictures of the test part are looked at."]
            return self._renumbered(images.subset(images.parts["test"])), notes
        return self._renumbered(images), list(images.notes)

    def _folders(self, top: Path) -> tuple[ImageSet, list[str]] | None:
        """Return the pictures in the class folders; None if no folder is named like a class."""
        paths: list[str] = []
        labels: list[int] = []
        notes: list[str] = []
        unknown: list[str] = []
        known = {unicodedata.normalize("NFC", name): k for k, name in enumerate(self.classes)}
        for child in sorted(p for p in top.iterdir() if p.is_dir() and p.name[0] != "."):
            label = known.get(unicodedata.normalize("NFC", child.name))
            found = list_pictures(child, False, notes if label is not None else [])
            if label is not None:
                paths += found
                labels += [label] * len(found)
            elif found:
                unknown.append(child.name)
        if not paths:
            return None
        if unknown:
            notes.append(f"Left out, as no class of the model: {some(unknown, 5)}.")
        return ImageSet(paths, labels=labels, class_names=self.classes), notes

    def _renumbered(self, images: ImageSet) -> ImageSet:
        unknown = [name for name in images.class_names if name not in self.classes]
        if unknown:
            raise DataError(
                f"The pictures have the class {unknown[0]!r}, which the model does not know."
                f"{nearest(unknown[0], self.classes)} Its classes: {some(self.classes, 8)}."
            )
        numbers = np.array([self.classes.index(name) for name in images.class_names])
        return ImageSet(images.paths, images.pixels, numbers[images.labels], self.classes)

    def save(self, path: str | os.PathLike) -> None:
        """Save everything in one model file; see `maeum.Model.save`."""
        description = {
            "kind": KIND,
            "size": list(self.reading.size),
            "color_mode": self.reading.color_mode,
            "resize": self.reading.resize,
            "classes": self.classes,
            "facts": self.facts,
        }
        text = json.dumps(description, ensure_ascii=False, indent=1)
        archive.save_model(self.network, path, extras={_ENTRY: text.encode()})

    @classmethod
    def load(cls, path: str | os.PathLike) -> ImageModel:
        """Load what `save` wrote.

        Raises:
            ModelFileError: if the file is no model, or not one for pictures.
        """
        return cls.from_entries(archive.read_entries(path), str(path))

    @classmethod
    def from_entries(cls, entries: Mapping[str, bytes], what: str) -> ImageModel:
        """Return the model of an archive's entries."""
        if not is_for_images(entries):
            raise ModelFileError(
                f"{what!r} is a model, but not one for pictures: it does not say how they are "
                "read. Load it with maeum.load_model and give it arrays."
            )
        network = archive.from_entries(entries, what)
        try:
            description = json.loads(entries[_ENTRY])
            reading = Reading(description["size"], description["color_mode"], description["resize"])
            classes = [str(name) for name in description["classes"]]
            facts = dict(description.get("facts", {}))
            if network.output_shape[-1] != len(classes):
                raise ValueError(
                    f"{plural(len(classes), 'class', 'classes')} for {network.output_shape[-1]} "
                    "outputs"
                )
        except (ValueError, KeyError, TypeError, ConfigError) as error:
            raise ModelFileError(f"{what!r} is damaged: {shown(repr(error))}.") from error
        return cls(network, reading, classes, facts)


def is_for_images(entries: Mapping[str, bytes]) -> bool:
    """Tell whether the model of an archive's entries also holds how its pictures are read."""
    try:
        return bool(json.loads(entries.get(_ENTRY, b"{}")).get("kind") == KIND)
    except (ValueError, AttributeError):
        return False
