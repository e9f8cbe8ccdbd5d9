"""How good made images are, by images that were held out."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from maeum.generative.images.network import sample, unit
from maeum.generative.quality import (
    Comparison,
    feature_autoencoder,
    feature_classifier,
    quality,
)
from maeum.images.experiment.part import Part

FEWEST = 32  # images that are compared with as many
MOST = 2_000
_LEARNT = 20_000  # images that what judges learns from
_STEPS = 600  # of its training, at least


class Judged(NamedTuple):
    """How good made images are.

    Attributes:
        comparison: the figures, and those of real images beside.
        accuracy: how often the classifier that judges is right about images that it has not learnt
            from; None where an autoencoder judges, as there are no labels.
    """

    comparison: Comparison
    accuracy: float | None

    @property
    def metrics(self) -> dict[str, Any]:
        """The figures of the made images, by name."""
        made = self.comparison.made._asdict()
        names = ("frechet_distance", "precision", "recall", *(["modes"] if made["classes"] else []))
        return {name: made[name] for name in names}


def judge(
    network: Any, train: Part, held_out: Part | None, classes: int, seed: int
) -> Judged | None:
    """Judge images that a network makes; None if nothing was held out.

    One half of what was held out is compared with; as many images are made, of the same classes
    as the other half, which stands beside them. Features are those of a classifier of the labels,
    or without labels of an autoencoder, both trained here on the images that the network learnt
    from.

    Args:
        network: a trained one.
        train: the images that it learnt from.
        held_out: others, in random order.
        classes: how many classes they have; 0 without labels.
        seed: the seed of all that is drawn.
    """
    if held_out is None:
        return None
    half = min(len(held_out) // 2, MOST)
    x = unit(held_out.pixels(np.arange(2 * half)))
    rows = np.arange(len(train))[:: max(1, len(train) // _LEARNT)][:_LEARNT]
    learnt = unit(train.pixels(rows))
    epochs = max(4, -(-_STEPS * 64 // len(learnt)))
    accuracy, labels = None, None
    if classes > 1:
        judging: Any = feature_classifier(learnt, train.y[rows], epochs=epochs, seed=seed)
        truth = held_out.y[: 2 * half]
        accuracy = float((judging.predict(x, verbose=0).argmax(-1) == truth).mean())
        labels = truth[half:] if getattr(network, "classes", None) is not None else None
    else:
        judging = feature_autoencoder(learnt, epochs=epochs, seed=seed)
    made = sample(network, half, seed ^ 1, labels)
    return Judged(quality(judging, x[:half], made, x[half:]), accuracy)
