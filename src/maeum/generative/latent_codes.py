"""What a GAN makes of latent codes."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.compiling import compiled
from maeum.core.errors import ConfigError, ShapeError
from maeum.generative.labels import in_turn, labels_for
from maeum.generative.latent_walks import LatentWalks
from maeum.generative.own_objective import key_for
from maeum.models.model import Model
from maeum.ops import random

_ROWS = 64  # that are made at once


class LatentCodes(LatentWalks, Model):
    """The part of a GAN that makes images of latent codes, which are normally distributed."""

    latent_size: int
    classes: int | None

    def draw_codes(self, count: int, seed: int | None = None) -> np.ndarray:
        """Return latent codes, ``(count, latent_size)``.

        Args:
            count: how many.
            seed: the seed of what is drawn; another one each time by default.
        """
        shape = check_whole(count, "count"), self.latent_size
        return np.asarray(random.normal(key_for(seed, "codes"), shape))

    def sample(
        self, count: int, labels: Any = None, seed: int | None = None, *, averaged: bool = True
    ) -> np.ndarray:
        """Return new images, ``(count, *image_shape)``.

        Args:
            count: how many.
            labels: of which classes: a label, or one for each image; by default all classes in
                turn. Only where there are classes.
            seed: the seed of what is drawn; another one each time by default.
            averaged: whether the generator has the moving averages of its weights, which make
                better images than those of the last step.

        Raises:
            ConfigError: for labels of a model without classes.
            DataError: for labels that no class has.
        """
        if labels is None and self.classes is not None:
            labels = in_turn(check_whole(count, "count"), self.classes)
        return self.decode(self.draw_codes(count, seed), labels, averaged=averaged)

    def decode(self, codes: Any, labels: Any = None, *, averaged: bool = True) -> np.ndarray:
        """Return the images that the generator makes of latent codes.

        Args:
            codes: ``(rows, latent_size)``.
            labels: a label, or one for each row: a number, or one-hot (which may be mixtures).
            averaged: see `sample`.

        Raises:
            ShapeError: for codes of another size, or another number of labels.
            ConfigError: for labels of a model without classes, or none of one with classes.
        """
        codes = np.asarray(codes, np.float32)
        if codes.ndim != 2 or codes.shape[1] != self.latent_size or not len(codes):
            raise ShapeError("Latent codes have the shape (rows, {size}); got {shape}.",
                             size=self.latent_size, shape=codes.shape)  # fmt: skip
        given = [codes] if self.classes is None else [codes, labels_for(self, labels, len(codes))]
        if self.classes is None and labels is not None:
            raise ConfigError("{kind} was made without classes, so that no labels can be asked "
                              "for.", kind=type(self).__name__)  # fmt: skip

        def made(codes: Any, labels: Any) -> Any:
            images = self.averaged if averaged else lambda function: function()  # type: ignore
            return images(lambda: self.generate(codes, labels, False))  # type: ignore

        program = compiled(self, ("decode", averaged, len(given)), made)
        found = []
        for start in range(0, len(codes), _ROWS):
            parts = [_filled(array[start : start + _ROWS]) for array in given]
            found.append(np.asarray(program(parts[0], parts[1] if parts[1:] else None)))
        return np.concatenate(found)[: len(codes)]


def _filled(rows: np.ndarray) -> np.ndarray:
    """Return rows, filled up to those that a program is compiled for."""
    return np.pad(rows, [(0, _ROWS - len(rows)), *[(0, 0)] * (rows.ndim - 1)])
