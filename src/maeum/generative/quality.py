"""How good and how varied made images are, on features of a classifier that is trained here.

Each figure is computed twice: of made images against real ones, and of other real images against
the same ones. The second tells what a perfect generator would reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.core.messages import N_
from maeum.generative.autoencoder import Autoencoder
from maeum.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D
from maeum.models.model import Model
from maeum.models.sequential import Sequential

_FEATURES = "features"  # the name of the layer whose outputs they are
_BLOCK = 1024  # rows whose distances are computed at once


class Quality(NamedTuple):
    """How good images are; see `quality`.

    Attributes:
        frechet_distance: between the features of both, 0 for the same distribution.
        precision: the fraction of images that look like some real one.
        recall: the fraction of real images that some image looks like.
        modes: how many classes there are among the images; 0 without labels.
        classes: how many classes there are; 0 without labels.
        rows: how many images were compared with how many real ones.
    """

    frechet_distance: float
    precision: float
    recall: float
    modes: int
    classes: int
    rows: tuple[int, int]


class Comparison(NamedTuple):
    """The quality of made images, and that of real images beside it.

    Attributes:
        made: that of the made images.
        real: that of other real images against the same ones: what can be reached.
    """

    made: Quality
    real: Quality


def feature_classifier(
    x: Any, y: Any, *, epochs: int = 4, features: int = 64, seed: int = 0, verbose: Any = 0
) -> Sequential:
    """Train a small convolutional network whose features judge images; nothing is downloaded.

    Args:
        x: images, ``(rows, height, width, channels)`` (or without channels).
        y: their labels, whole numbers from 0 on.
        epochs: how often it sees them.
        features: the units of its last hidden layer.
        seed: the seed of its training.
        verbose: see `maeum.Model.fit`.

    Returns:
        The trained classifier; its logits have one column for each class.

    Raises:
        DataError: for labels that are no classes, or fewer than two classes.

    Example:
        >>> import numpy as np
        >>> x, y = np.zeros((8, 8, 8, 1), "float32"), np.arange(8) % 2
        >>> feature_classifier(x, y, epochs=1).output_shape
        (None, 2)
    """
    x, y = _images(x), np.asarray(y)
    if y.ndim != 1 or y.dtype.kind not in "iub" or len(y) != len(x):
        raise DataError("Labels are whole numbers, one for each image: {rows} of them; y is "
                        "{dtype} of shape {shape}.", rows=len(x), dtype=y.dtype.name,
                        shape=y.shape)  # fmt: skip
    count = int(y.max()) + 1 if len(y) and y.min() >= 0 else 0
    if count < 2:
        raise DataError("A classifier needs labels of at least two classes, from 0 on.")
    stages: list[Any] = []
    for filters in (32, 64):
        stages.append(Conv2D(filters, 3, padding="same", activation="relu"))
        if min(x.shape[1:3]) >= 2 ** (len(stages) // 2 + 1):
            stages.append(MaxPooling2D(2))
    model = Sequential(
        [
            Input(x.shape[1:]),
            *stages,
            Flatten(),
            Dense(features, activation="relu", name=_FEATURES),
            Dense(count),
        ],
        seed=seed,
    )
    from maeum.losses import SparseCategoricalCrossentropy

    model.compile("adam", SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    model.fit(x, y, batch_size=64, epochs=check_whole(epochs, "epochs"), verbose=verbose)
    return model


def feature_autoencoder(
    x: Any, *, epochs: int = 4, features: int = 64, seed: int = 0, verbose: Any = 0
) -> Autoencoder:
    """Train a small convolutional autoencoder whose codes judge images that have no labels.

    They say less of what is in an image than the features of `feature_classifier`.

    Args:
        x: images with pixels from 0 to 1, ``(rows, height, width, channels)``; both sides can be
            divided by 4.
        epochs, seed, verbose: see `feature_classifier`.
        features: the numbers of a code.

    Example:
        >>> import numpy as np
        >>> feature_autoencoder(np.zeros((8, 8, 8, 1), "float32"), epochs=1).code_shape
        (64,)
    """
    x = _images(x)
    model = Autoencoder.convolutional(
        x.shape[1:], (16, 32), code=features, output_activation="sigmoid", seed=seed
    )
    model.compile("adam", "mse")
    model.fit(x, batch_size=64, epochs=check_whole(epochs, "epochs"), verbose=verbose)
    return model


def quality(classifier: Any, real: Any, made: Any, held_out: Any, *, k: int = 3) -> Comparison:
    """Judge made images by real ones.

    Args:
        classifier: a network that `feature_classifier` trained, or a functional model with a layer
            called ``"features"``, whose outputs are compared; or an `Autoencoder`, whose codes are.
        real: real images that are compared with, best such as neither network has seen.
        made: made images.
        held_out: further real images, best as many as made ones, which take the place of the made
            ones for the values beside.
        k: see `precision_and_recall`.

    Returns:
        The `Comparison`.

    Raises:
        ConfigError: for a model without such a layer.
        DataError: for too few images.

    Example:
        >>> import numpy as np
        >>> x = np.random.default_rng(0).random((40, 8, 8, 1), "float32")
        >>> classifier = feature_classifier(x, np.arange(40) % 2, epochs=1)
        >>> found = quality(classifier, x[:20], x[:20], x[20:])
        >>> found.made.precision, found.made.recall, abs(found.made.frechet_distance) < 1e-6
        (1.0, 1.0, True)
    """
    reader = _reader(classifier)
    classes = 0 if isinstance(classifier, Autoencoder) else classifier.output_shape[-1]
    known = _read(reader, real)[0]

    def judged(images: Any) -> Quality:
        features, logits = _read(reader, images)
        precision, recall = precision_and_recall(known, features, k)
        return Quality(
            frechet_distance(known, features),
            precision,
            recall,
            mode_count(logits) if classes else 0,
            classes,
            (len(features), len(known)),
        )

    return Comparison(judged(made), judged(held_out))


def _reader(classifier: Any) -> Model:
    """Return a model of the features and the logits of images; of an autoencoder, of codes."""
    if isinstance(classifier, Autoencoder):
        return classifier.encoder
    named = {layer.name: layer for layer in getattr(classifier, "layers", ())}
    if getattr(classifier, "graph", None) is None or _FEATURES not in named:
        raise ConfigError("The classifier is a model with a layer called {name!r}, such as "
                          "feature_classifier returns; got {given!r}.", name=_FEATURES,
                          given=classifier)  # fmt: skip
    return Model(classifier.inputs, [named[_FEATURES].output, classifier.outputs[0]])


def _read(reader: Model, images: Any) -> tuple[np.ndarray, np.ndarray]:
    found = reader.predict(_images(images), verbose=0)
    features, logits = found if isinstance(found, (list, tuple)) else (found, found)
    return features.reshape(len(features), -1).astype(float), logits


def _images(x: Any) -> np.ndarray:
    x = np.asarray(x)
    if x.ndim not in (3, 4):
        raise ShapeError("Images have the shape (rows, height, width, channels); got "
                         "{shape}.", shape=x.shape)  # fmt: skip
    return x[..., None] if x.ndim == 3 else x


def frechet_distance(a: Any, b: Any) -> float:
    """Return the Fréchet distance of two normal distributions fitted to features.

    ``|m1 - m2|^2 + trace(C1 + C2 - 2 (C1 C2)^(1/2))`` for means ``m`` and covariances ``C`` (Heusel
    et al., 2017). It is the smaller, the more images there are: compare equal numbers only.

    Args:
        a, b: features, ``(rows, features)``.

    Raises:
        ShapeError: for features of different sizes.
        DataError: for fewer than two rows, or values that are not finite.

    Example:
        >>> import numpy as np
        >>> x = np.random.default_rng(0).normal(size=(50, 3))
        >>> round(frechet_distance(x, x + [3, 4, 0]), 6)
        25.0
    """
    a, b = _features(a, b)
    covariances = [np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (a, b)]
    # (C1 C2) and (R C2 R), where R R = C1, have the same eigenvalues; the latter is symmetric.
    values, vectors = np.linalg.eigh(covariances[0])
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    product = np.linalg.eigvalsh(root @ covariances[1] @ root)
    apart = np.square(a.mean(0) - b.mean(0)).sum()
    spread = sum(np.trace(one) for one in covariances)
    return float(apart + spread - 2 * np.sqrt(np.maximum(product, 0)).sum())


def precision_and_recall(real: Any, made: Any, k: int = 3) -> tuple[float, float]:
    """Return how many made features lie among real ones, and how many real ones among made ones.

    A point lies among others if it is no farther from one of them than that one's ``k``-th nearest
    neighbour among them (Kynkäänniemi et al., "Improved precision and recall metric for assessing
    generative models", 2019).

    Args:
        real, made: features, ``(rows, features)``; equal numbers of both are best.
        k: which neighbour.

    Raises:
        ShapeError: for features of different sizes.
        DataError: for ``k`` rows or fewer, or values that are not finite.

    Example:
        >>> import numpy as np
        >>> line = np.arange(10.0)[:, None]
        >>> precision_and_recall(line, line[:4], k=1)
        (1.0, 0.5)
    """
    real, made = _features(real, made)
    k = check_whole(k, "k")
    fewest = min(len(real), len(made))
    if fewest <= k:
        raise DataError("The {k}-th nearest neighbours are among more than {k} images; there are "
                        "{n}.", k=k, n=fewest)  # fmt: skip
    return _covered(made, real, k), _covered(real, made, k)


def _covered(points: np.ndarray, others: np.ndarray, k: int) -> float:
    """Return the fraction of points that lie among others."""
    radii = np.concatenate(
        [np.partition(d, k, axis=1)[:, k] for d in squared_distances(others, others)]
    )
    # Squares that differ by rounding alone are equal, so that a copy lies among the originals.
    slack = 1e-9 * max(1.0, float(np.square(others).sum(1).max()))
    within = [(d <= radii + slack).any(1) for d in squared_distances(points, others)]
    return float(np.concatenate(within).mean())


def squared_distances(a: np.ndarray, b: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the squared distances of blocks of rows to all others."""
    lengths = np.square(b).sum(1)
    for start in range(0, len(a), _BLOCK):
        block = a[start : start + _BLOCK]
        yield np.maximum(np.square(block).sum(1)[:, None] + lengths - 2 * block @ b.T, 0)


def mode_count(logits: Any, least: float = 0.01) -> int:
    """Return how many classes there are among images.

    Args:
        logits: what a classifier says of them, ``(rows, classes)``.
        least: how many images a class needs to count, in parts of what it would have if all were
            equally frequent; at least one.
    """
    logits = np.asarray(logits)
    counts = np.bincount(logits.argmax(-1), minlength=logits.shape[-1])
    return int((counts >= max(1, least * len(logits) / logits.shape[-1])).sum())


def _features(*given: Any) -> list[np.ndarray]:
    arrays = [np.asarray(one, float) for one in given]
    if any(one.ndim != 2 for one in arrays) or len({one.shape[1] for one in arrays}) > 1:
        raise ShapeError("Features are (rows, features), with equal numbers of features; got "
                         "{shapes}.", shapes=[one.shape for one in arrays])  # fmt: skip
    for array, name in zip(arrays, (N_("the first"), N_("the second"))):
        if len(array) < 2 or not np.isfinite(array).all():
            raise DataError("Distributions are compared by at least two rows each, all of them "
                            "finite; {which} are not.", which=name)  # fmt: skip
    return arrays
