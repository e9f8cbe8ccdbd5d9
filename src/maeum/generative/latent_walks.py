"""Ways through latent codes: from one to another, and round trips."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError
from maeum.generative.labels import labels_for


class LatentWalks:
    """The part of a model that decodes normally distributed codes, which leads through them."""

    draw_codes: Any  # of the model: so many codes
    decode: Any  # what it makes of codes, and of labels if it has classes

    def interpolate(self, a: Any, b: Any, steps: int = 9, labels: Any = None) -> np.ndarray:
        """Return what lies on the way from one latent code to another.

        The way is an arc, along which codes are as long as normal ones are; a straight line leads
        through codes that are shorter than any that was learnt from (White, 2016).

        Args:
            a, b: latent codes, such as rows of `draw_codes`.
            steps: how many, both ends included.
            labels: see `decode`; of a pair ``(from, to)`` the label changes on the way. Only of
                models with classes.

        Returns:
            An array of so many images (or rows).
        """
        count = check_whole(steps, "steps", 2)
        shape, fractions = np.shape(a), np.linspace(0, 1, count)
        begin, end = (np.asarray(code, np.float64).reshape(-1) for code in (a, b))
        if isinstance(labels, tuple) and len(labels) == 2:
            one, two = (labels_for(self, label, 1) for label in labels)
            labels = one + fractions[:, None] * (two - one)
        return self.decoded_as(arc(begin, end, fractions).reshape(count, *shape), labels)

    def walk(
        self, stops: int = 6, steps: int = 8, labels: Any = None, seed: int | None = None
    ) -> np.ndarray:
        """Return what lies on a walk through the latent codes that ends where it began.

        Args:
            stops: how many codes are drawn and visited.
            steps: the images from each stop to the next.
            labels: see `decode`. Only of models with classes.
            seed: the seed of what is drawn; another one each time by default.

        Returns:
            An array of ``stops * steps`` images (or rows).
        """
        return self.decoded_as(self.walk_codes(stops, steps, seed), labels)

    def walk_codes(self, stops: int = 6, steps: int = 8, seed: int | None = None) -> np.ndarray:
        """Return the latent codes of a `walk`."""
        codes = self.draw_codes(check_whole(stops, "stops", 2), seed)
        flat, fractions = codes.reshape(len(codes), -1).astype(float), _parts(steps)
        ways = [arc(flat[i - 1], flat[i], fractions) for i in range(len(flat))]
        return np.concatenate(ways).reshape(-1, *codes.shape[1:]).astype(codes.dtype)

    def decoded_as(self, codes: np.ndarray, labels: Any) -> np.ndarray:
        """Return what is made of latent codes, of these labels if there are any.

        Raises:
            ConfigError: for labels of a model without classes.
        """
        if labels is None:
            return self.decode(codes)
        if getattr(self, "classes", None) is None:
            raise ConfigError("{kind} was made without classes, so that no labels can be asked "
                              "for.", kind=type(self).__name__)  # fmt: skip
        return self.decode(codes, labels)


def _parts(steps: int) -> np.ndarray:
    return np.arange(check_whole(steps, "steps")) / steps


def arc(a: np.ndarray, b: np.ndarray, fractions: np.ndarray) -> np.ndarray:
    """Return points between two vectors, on an arc whose length changes evenly (Shoemake, 1985)."""
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    cosine = np.clip(a @ b / max(lengths[0] * lengths[1], 1e-12), -1, 1)
    angle = np.arccos(cosine)
    t = fractions[:, None]
    if np.sin(angle) < 1e-6:
        return a + t * (b - a)
    return (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)
